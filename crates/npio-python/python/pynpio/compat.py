"""Puts this package's functions into NumPy's names, so that programs that do not know of it use it.

It is how NumPy's own tests are run against it. For programs: at your own risk.
"""

import functools
import os

import numpy as np
from numpy.lib import _npyio_impl, format as _format

from . import _core, _load, _map, _npz, _numpy, _save, _text

_FUNCTIONS = {
    "load": _load.load,
    "save": _save.save,
    "savez": _save.savez,
    "savez_compressed": _save.savez_compressed,
    "fromstring": _text.fromstring,
    "loadtxt": _text.loadtxt,
    "savetxt": _text.savetxt,
}


@functools.wraps(_text.fromfile)
def _fromfile(file, dtype=float, count=-1, sep="", offset=0, *, like=None):
    _check_descriptor(file)
    return _text.fromfile(file, dtype, count, sep, offset, like=like)


def _check_descriptor(file):
    """What has no descriptor is an error in NumPy, from which programs learn that they have to read it otherwise."""
    if not isinstance(file, (str, bytes, os.PathLike)):
        file.flush()
        file.fileno()


def install():
    """Replaces NumPy's functions by this package's, and ``ndarray.tofile``."""
    for name, function in {**_FUNCTIONS, "fromfile": _fromfile}.items():
        for module in (np, np.lib.npyio, _npyio_impl, np._core.multiarray):
            if hasattr(module, name):
                setattr(module, name, function)
    for module in (np.lib.npyio, _npyio_impl):
        module.NpzFile = _npz.NpzFile
    for module in (_format, _map_module()):
        module.open_memmap = _map.open_memmap
        module.read_array = _read_array
        module.write_array = _write_array
    _replace_method(np.ndarray, "tofile", _tofile)


def _map_module():
    """The module in which NumPy defines what `numpy.lib.format` exports."""
    try:
        from numpy.lib import _format_impl
    except ImportError:
        return _format
    return _format_impl


def _read_array(fp, allow_pickle=False, pickle_kwargs=None, *, max_header_size=10000):
    position = fp.tell() if hasattr(fp, "seek") and _can_seek(fp) else None
    if allow_pickle or position is None:
        return _numpy.read_array(fp, allow_pickle, pickle_kwargs, max_header_size=max_header_size)
    magic = fp.read(6)
    fp.seek(position)
    if magic != b"\x93NUMPY":
        return _numpy.read_array(fp, allow_pickle, pickle_kwargs, max_header_size=max_header_size)
    return _load.load(fp, max_header_size=max_header_size)


def _can_seek(fp):
    try:
        fp.seek(0, 1)
    except Exception:
        return False
    return True


def _write_array(fp, array, version=None, allow_pickle=True, pickle_kwargs=None):
    if version is not None or pickle_kwargs is not None:
        return _numpy.write_array(fp, array, version, allow_pickle, pickle_kwargs)
    return _save.save(fp, array, allow_pickle)


@functools.wraps(_numpy.tofile)
def _tofile(self, fid, sep="", format="%s"):
    _check_descriptor(fid)
    return _text.tofile(self, fid, sep, format, atomic=False)


def _replace_method(cls, name, function):
    """Replaces a method of a type that is written in C."""
    import ctypes
    import gc

    (methods,) = gc.get_referents(cls.__dict__)
    methods[name] = function
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))
