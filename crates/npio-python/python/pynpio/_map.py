"""Arrays in files as memory: real ``numpy.memmap``, whose headers npio has checked."""

import operator
import os

import numpy as np

from . import _core, _load, _numpy
from ._save import savable


def open_memmap(
    filename,
    mode="r+",
    dtype=None,
    shape=None,
    fortran_order=False,
    version=None,
    *,
    max_header_size=10000,
):
    """As ``numpy.lib.format.open_memmap``: the array in a ``.npy`` file as a ``numpy.memmap``.

    The shape is compared with the length of the file before it is mapped.
    """
    if hasattr(filename, "read"):
        raise ValueError("Filename must be a string or a path-like object.  Memmap cannot use existing file handles.")
    if "w" in mode:
        return _create(filename, mode, dtype, shape, fortran_order, version)
    header = _load.header(filename, max_header_size=max_header_size)
    _core.count("open_memmap")
    return mapped(filename, header, mode)


def _create(path, mode, dtype, shape, fortran_order, version):
    dtype = np.dtype(dtype)
    if version is not None or not isinstance(shape, tuple) or dtype.hasobject or dtype.isbuiltin == 2:
        _core.count_numpy("open_memmap")
        return _numpy.open_memmap(path, mode, dtype, shape, fortran_order, version)
    # Of an array without items, whose dtype may have metadata.
    dtype = savable(np.empty(0, dtype)).dtype
    fortran_order = bool(fortran_order)
    header = _core.encode_header(dtype, [operator.index(length) for length in shape], fortran_order)
    with open(path, mode + "b") as file:
        file.write(header)
    _core.count("open_memmap")
    facts = _load.Header(dtype, shape, fortran_order, "", len(header))
    return mapped(path, facts, mode)


def mapped(path, header, mode):
    """The items that a header describes, as a map of the file."""
    if header.dtype.hasobject:
        raise ValueError("Array can't be memory-mapped: Python objects in dtype.")
    if header.data_offset is None:
        raise ValueError("Array can't be memory-mapped: its bytes are compressed.")
    if mode == "w+":
        mode = "r+"
    return np.memmap(
        path,
        dtype=header.dtype,
        shape=header.shape,
        order="F" if header.fortran_order else "C",
        mode=mode,
        offset=header.data_offset,
    )


def load_mapped(file, mode, options):
    """``load(file, mmap_mode=mode)``. As in NumPy, an archive is opened as ever."""
    if not hasattr(file, "read"):
        path = os.fspath(file)
        with open(path, "rb") as opened:
            first = opened.read(4)
        if not first:
            raise EOFError("No data left in file")
        if first in (b"PK\x03\x04", b"PK\x05\x06"):
            return _core.load(file, **options)
    limit = 2**62 if options["allow_pickle"] else options["max_header_size"]
    return open_memmap(file, mode, max_header_size=limit)
