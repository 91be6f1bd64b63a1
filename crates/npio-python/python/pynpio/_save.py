"""`save`, `savez` and `append`: what of them is a matter of Python."""

import io
import os
import warnings

import numpy as np

from . import _core, _numpy

save = _core.save


def plain(array):
    """An array as an ordinary one. Masked arrays are refused: files have no place for the mask."""
    refuse_masked(array)
    array = np.asanyarray(array)
    refuse_masked(array)
    return np.asarray(array)


def refuse_masked(array):
    # Whoever has one has imported the module.
    if type(array) is not np.ndarray and isinstance(array, np.ma.MaskedArray):
        raise NotImplementedError(
            "a MaskedArray has a mask, for which files have no place: save .filled(), or .data and .mask"
        )


def savable(array):
    """The array without the metadata of its dtype, as NumPy saves it, with NumPy's warning."""
    dtype = _numpy.drop_metadata(array.dtype)
    if dtype is array.dtype:
        return array
    warnings.warn(
        "metadata on a dtype is not saved to an npy/npz. Use another form of storage.",
        UserWarning,
        stacklevel=4,
    )
    return array.view(dtype)


def npy_bytes(array, allow_pickle):
    """The ``.npy`` that NumPy makes of objects, or of another library's dtype."""
    buffer = io.BytesIO()
    _numpy.write_array(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def save_other(file, arr, *, allow_pickle, atomic, durable):
    """`save` of anything but an ordinary array of NumPy's own dtypes."""
    array = savable(plain(arr))
    if _core.can_save(array):
        return _core.save(file, array, allow_pickle, atomic=atomic, durable=durable)
    _core.count_numpy("save")
    if hasattr(file, "write"):
        return _numpy.write_array(file, array, allow_pickle=allow_pickle)
    return _core.save_bytes(file, npy_bytes(array, allow_pickle), atomic, durable)


def savez(file, *args, allow_pickle=True, atomic=True, durable=False, **kwds):
    """As ``numpy.savez``: arrays in an archive, stored as they are, so that they can be mapped.

    With ``atomic`` the file is replaced only when all is written; ``durable`` also waits for the disk.
    """
    _savez("savez", file, args, kwds, allow_pickle, None, atomic, durable)


def savez_compressed(file, *args, level=6, allow_pickle=True, atomic=True, durable=False, **kwds):
    """As ``numpy.savez_compressed``, by all cores; ``level`` is from 1, fast, to 9, small."""
    _savez("savez_compressed", file, args, kwds, allow_pickle, level, atomic, durable)


def check_level(level):
    if level is not None and level not in range(1, 10):
        raise ValueError(f"level: expected 1 to 9, found {level}")


def _savez(function, file, args, kwds, allow_pickle, level, atomic, durable):
    check_level(level)
    named = dict(kwds)
    for index, value in enumerate(args):
        name = f"arr_{index}"
        if name in named:
            raise ValueError(f"Cannot use un-named variables and keyword {name}")
        named[name] = value
    _core.count(function)
    names, arrays = _members(function, named, allow_pickle)
    _core.savez(file, names, arrays, level=level, atomic=atomic, durable=durable)


def _members(function, named, allow_pickle):
    """Names, and arrays, or what NumPy makes of them."""
    arrays = []
    for value in named.values():
        array = savable(plain(value))
        if not _core.can_save(array):
            _core.count_numpy(function)
            array = npy_bytes(array, allow_pickle)
        arrays.append(array)
    return list(named), arrays


def update(file, /, *, remove=(), rename=None, level=None, allow_pickle=True, durable=False, **arrays):
    """Adds, replaces, removes and renames members of the archive ``file``; the others are copied as they are.

    The file is replaced only when all is written. A new member is compressed at ``level``; without it, as the one that it
    replaces, or not.
    """
    check_level(level)
    names, members = _members("savez", arrays, allow_pickle)
    renamed = list((rename or {}).items())
    _core.update(os.fspath(file), names, members, list(remove), renamed, level=level, durable=durable)


def append(file, rows, *, durable=False):
    """Appends rows to the array in a ``.npy`` file, in place: whatever happens, it reads as the old array or the new one.

    The rows have the dtype of the file; a single row may come without its first axis.
    """
    rows = plain(rows)
    dtype, shape, *_ = _core.read_header(file, 2**31)
    if rows.ndim + 1 == len(shape):
        rows = rows[np.newaxis]
    if rows.dtype != dtype:
        rows = rows.astype(dtype, casting="same_kind")
    _core.append(file, rows, durable=durable)
