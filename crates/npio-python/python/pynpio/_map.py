"""Arrays in files as memory: real ``numpy.memmap``, whose headers npio has checked."""

import operator
import os

import numpy as np

from . import _core, _load, _numpy
from ._save import savable
from .errors import FormatError

#: How a file that exists is mapped.
_MODES = ("r", "r+", "c", "readonly")


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
    if mode == "w+":
        return _create(filename, dtype, shape, fortran_order, version)
    if mode not in _MODES:
        raise ValueError(f"mode must be one of 'r', 'r+', 'c' and 'w+' (got {mode!r})")
    header = _load.header(filename, max_header_size=max_header_size)
    array = mapped(filename, header, mode)
    _core.count("open_memmap")
    return array


def _create(path, dtype, shape, fortran_order, version):
    # All that may be wrong is found before the file is touched.
    dtype = np.dtype(dtype)
    if shape is None:
        raise ValueError("shape: mode 'w+' makes a new file, whose shape must be given")
    shape = tuple(shape) if hasattr(shape, "__iter__") else (shape,)
    shape = tuple(operator.index(length) for length in shape)
    if any(length < 0 for length in shape):
        raise ValueError(f"shape: expected lengths of 0 or more, found {shape}")
    if version is not None or dtype.hasobject or dtype.isbuiltin == 2:
        _core.count_numpy("open_memmap")
        return _numpy.open_memmap(path, "w+", dtype, shape, fortran_order, version)
    # Of an array without items, whose dtype may have metadata.
    dtype = savable(np.empty(0, dtype)).dtype
    fortran_order = bool(fortran_order)
    header = _core.encode_header(dtype, shape, fortran_order)
    with open(path, "w+b") as file:
        file.write(header)
        _core.count("open_memmap")
        return _memmap(path, _load.Header(dtype, shape, fortran_order, "", len(header)), "r+")


def mapped(file, header, mode):
    """The items that a header describes, as a map of the file: a path, or a file of Python's.

    ``numpy.memmap`` would make a file longer that is too short for them.
    """
    if header.dtype.hasobject:
        raise ValueError("Array can't be memory-mapped: Python objects in dtype.")
    if header.data_offset is None:
        raise ValueError("Array can't be memory-mapped: its bytes are compressed.")
    size = os.fstat(file.fileno()).st_size if hasattr(file, "fileno") else os.stat(file).st_size
    end = header.data_offset + header.nbytes
    if size < end:
        raise FormatError(f"Array can't be memory-mapped: it ends at byte {end}, and the file has {size} bytes.")
    return _memmap(file, header, mode)


def _memmap(file, header, mode):
    return np.memmap(
        file,
        dtype=header.dtype,
        shape=header.shape,
        order="F" if header.fortran_order else "C",
        mode=mode,
        offset=header.data_offset,
    )


def load_mapped(file, mode, options):
    """``load(file, mmap_mode=mode)``. As in NumPy, an archive is opened as ever."""
    if hasattr(file, "read"):
        first = file.read(4)
        file.seek(-len(first), 1)
    else:
        with open(os.fspath(file), "rb") as opened:
            first = opened.read(4)
    if not first:
        raise EOFError("No data left in file")
    if first in (b"PK\x03\x04", b"PK\x05\x06"):
        return _core.load(file, **options)
    if mode not in _MODES:
        raise ValueError(f"mmap_mode must be one of 'r', 'r+' and 'c' (got {mode!r})")
    limit = 2**62 if options["allow_pickle"] else options["max_header_size"]
    return open_memmap(file, mode, max_header_size=limit)
