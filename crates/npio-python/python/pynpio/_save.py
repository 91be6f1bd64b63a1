"""`save`, `savez` and `append`: what of them is a matter of Python."""

import io
import operator
import os
import warnings

import numpy as np

from . import _core, _numpy
from .errors import MismatchError

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


def check_options(**options):
    """The names of options cannot be those of arrays: neither may be taken for the other."""
    for name, value in options.items():
        if not isinstance(value, bool):
            raise TypeError(
                f"{name} is an option, True or False, found {type(value).__name__}: an array cannot be saved under this name"
            )


def check_level(level):
    if level is None:
        return
    try:
        level = operator.index(level)
    except TypeError:
        text = f"level is an option, 1 to 9, found {type(level).__name__}: an array cannot be saved under this name"
        raise TypeError(text) from None
    if level not in range(1, 10):
        raise ValueError(f"level: expected 1 to 9, found {level}")


def _savez(function, file, args, kwds, allow_pickle, level, atomic, durable):
    check_level(level)
    check_options(allow_pickle=allow_pickle, atomic=atomic, durable=durable)
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
    check_options(allow_pickle=allow_pickle, durable=durable)
    renamed = _in_order(rename or {})
    for _, new in renamed:
        if new.removesuffix(".npy") in arrays:
            raise ValueError(f"{new}: a member cannot be renamed to the name of an array that is saved")
    names, members = _members("savez", arrays, allow_pickle)
    _core.update(os.fspath(file), names, members, list(remove), renamed, level=level, durable=durable)


def _in_order(rename):
    """The renames one after the other, as if all were made at once: a name is given away before it is taken."""
    left = dict(rename)
    steps = []
    while left:
        free = [old for old, new in left.items() if new not in left or new == old]
        if not free:
            # They go round in a circle: one of them steps aside.
            old, new = left.popitem()
            aside = f"{old}.renamed"
            steps.append((old, aside))
            left[aside] = new
        for old in free:
            steps.append((old, left.pop(old)))
    return steps


def append(file, rows, *, durable=False):
    """Appends rows to the array in a ``.npy`` file, in place: whatever happens, it reads as the old array or the new one.

    The rows have the dtype of the file; a single row may come without its first axis.
    """
    rows = plain(rows)
    dtype, shape, *_ = _core.read_header(file, 2**31)
    if rows.shape == (0,):
        rows = rows.reshape(0, *shape[1:]) if 0 not in shape[1:] else np.empty((0, *shape[1:]), dtype)
    elif rows.ndim + 1 == len(shape):
        rows = rows[np.newaxis]
    if rows.dtype != dtype:
        rows = _cast(rows, dtype)
    _core.append(file, rows, durable=durable)


def _cast(rows, dtype):
    """The rows in the dtype of a file, which has to have room for their values."""
    # Python's integers are of no size.
    is_any = rows.size == 0 or rows.dtype.kind in "iu" and dtype.kind in "iu"
    with np.errstate(all="ignore"):
        cast = rows.astype(dtype, casting="unsafe" if is_any else "same_kind")
    if rows.size and not _fits(rows, cast):
        raise MismatchError(f"the rows have values that do not fit into the dtype of the file, {dtype}")
    return cast


def _fits(rows, cast):
    """Whether a cast left the values as they are, but for the last digits of floats."""
    if cast.dtype.names is not None:
        pairs = zip(rows.dtype.names or (), cast.dtype.names)
        return all(_fits(rows[old], cast[new]) for old, new in pairs)
    if cast.dtype.kind in "fc":
        return bool((np.isfinite(cast) | ~np.isfinite(rows)).all())
    if cast.dtype.kind in "iu":
        limits = np.iinfo(cast.dtype)
        return limits.min <= int(rows.min()) and int(rows.max()) <= limits.max
    # Texts that were cut, and times of another unit; NaT is not equal to itself.
    return bool(((cast.astype(rows.dtype) == rows) | (rows != rows)).all())
