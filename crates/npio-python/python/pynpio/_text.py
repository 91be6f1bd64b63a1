"""Items and tables as text, and raw items: what of them is a matter of Python."""

import codecs
import io
import operator
import os
import warnings

import numpy as np

from . import _core, _numpy
from ._save import plain
from .errors import FormatError, MismatchError, UnsupportedError

#: A file object of another kind than these is read by NumPy if a part of it is to be read.
_IN_MEMORY = (io.StringIO, io.BytesIO)

#: How much is read at once to find the end of a separator.
_SEPARATOR = 64


def fromfile(file, dtype=float, count=-1, sep="", offset=0, *, like=None, strict=False):
    """As ``numpy.fromfile``. File objects need no descriptor, and are left behind the last item.

    With ``strict``, a text is read to its end, and anything in it that is not an item is an error.
    """
    dtype = np.dtype(dtype)
    if like is not None or dtype.hasobject or dtype.itemsize == 0 or dtype.isbuiltin == 2:
        _core.count_numpy("fromfile")
        return _numpy.fromfile(file, dtype, count, sep, offset, like=like)
    count = operator.index(count)
    offset = operator.index(offset)
    if sep == "":
        array = _core.fromfile_raw(file, dtype, count, offset)
    elif offset != 0:
        raise TypeError("'offset' argument only permitted for binary files")
    else:
        array = _core.fromfile_sep(file, dtype, count, sep, strict)
        if hasattr(file, "read") and 0 < count == len(array):
            _skip_separator(file, sep)
    _core.count("fromfile")
    # Equal in its bytes, but of records as `np.record`, with alignment, or with metadata.
    return array if dtype.subdtype is not None else array.view(dtype)


def _skip_separator(file, sep):
    """Leaves a file after the separator that follows its position, as NumPy does: the next call begins with an item.

    White space in the separator, and before it, is any white space, even none. Of another text as much is skipped as
    is equal.
    """
    at = file.tell()
    text = file.read(_SEPARATOR)
    rest = sep if isinstance(text, str) else [bytes([byte]) for byte in sep.encode()]
    for part in [text[:0], *rest]:
        if not part.strip():
            while text[:1].isspace():
                at, text = at + 1, text[1:] or file.read(_SEPARATOR)
        elif text[:1] == part:
            at, text = at + 1, text[1:] or file.read(_SEPARATOR)
        else:
            break
    file.seek(at)


def fromstring(string, dtype=float, count=-1, *, sep="", like=None, strict=False):
    """As ``numpy.fromstring`` of text. (NumPy's other mode, of bytes, is ``numpy.frombuffer``.)"""
    dtype = np.dtype(dtype)
    if sep == "" or like is not None or dtype.hasobject or dtype.isbuiltin == 2:
        _core.count_numpy("fromstring")
        return _numpy.fromstring(string, dtype, count, sep=sep, like=like)
    text = string.encode() if isinstance(string, str) else bytes(string)
    array = _core.fromstring_sep(text, dtype, operator.index(count), sep, strict)
    _core.count("fromstring")
    return array


def tofile(arr, fid, sep="", format="%s", *, atomic=True):
    """As ``arr.tofile(fid, sep, format)``; a path is replaced only when all is written."""
    arr = plain(arr)
    try:
        if sep == "":
            _core.tofile_raw(arr, fid, atomic=atomic)
        else:
            target = _Encoded(fid) if isinstance(fid, io.TextIOBase) else fid
            _core.tofile_sep(arr, target, sep, format, atomic=atomic)
    except (FormatError, MismatchError, UnsupportedError):
        # A dtype or a format that is Python's own: nothing was written.
        _core.count_numpy("tofile")
        return _numpy.tofile(arr, fid, sep, format)
    _core.count("tofile")
    return None


def loadtxt(
    fname,
    dtype=float,
    comments="#",
    delimiter=None,
    converters=None,
    skiprows=0,
    usecols=None,
    unpack=False,
    ndmin=0,
    encoding=None,
    max_rows=None,
    *,
    quotechar=None,
    like=None,
    strict=False,
):
    """As ``numpy.loadtxt``. ``fname`` is a path, a file object, or a list of lines; compressed files are decompressed.

    With ``strict``, numbers and texts that do not fit their type are errors.
    """
    served = _served(
        fname, dtype, comments, delimiter, converters, skiprows, usecols, encoding, max_rows, quotechar, like
    )
    if served is None or ndmin not in (0, 1, 2):
        _core.count_numpy("loadtxt")
        return _numpy.loadtxt(
            fname,
            dtype,
            comments,
            delimiter,
            converters,
            skiprows,
            usecols,
            unpack,
            ndmin,
            encoding,
            max_rows,
            quotechar=quotechar,
            like=like,
        )
    source, dtype, options = served
    options["strict"] = strict
    array = _read(fname, source, dtype, options)
    _core.count("loadtxt")
    if array.size == 0 and max_rows != 0:
        warnings.warn(f'loadtxt: input contained no data: "{fname}"', category=UserWarning, stacklevel=2)
    return _shaped(array, unpack, ndmin)


def _served(fname, dtype, comments, delimiter, converters, skiprows, usecols, encoding, max_rows, quotechar, like):
    """The source, the dtype and the options; None if they are left to NumPy."""
    if converters is not None or like is not None:
        return None
    dtype = np.dtype(float if dtype is None else dtype)
    if dtype.hasobject or dtype.isbuiltin == 2:
        return None
    if comments is None:
        comments = []
    elif isinstance(comments, (str, bytes)):
        comments = [comments]
    else:
        comments = list(comments)
    comments = [text.decode("latin1") if isinstance(text, bytes) else text for text in comments]
    if not all(isinstance(text, str) and text for text in comments):
        return None
    if isinstance(delimiter, bytes):
        delimiter = delimiter.decode("latin1")
    if isinstance(quotechar, bytes):
        quotechar = quotechar.decode("latin1")
    for char in (delimiter, quotechar):
        # What is wrong with others NumPy says.
        if char is not None and not (isinstance(char, str) and len(char) == 1 and char.isascii()):
            return None
        if char is not None and (char in "\r\n" or any(char in text for text in comments)):
            return None
        if char is not None and char.isspace() and (delimiter is None or char != delimiter):
            return None
    if delimiter is not None and delimiter == quotechar:
        return None
    if any(text[0] in "\r\n" for text in comments):
        return None
    if delimiter is None and any(text[0].isspace() for text in comments):
        return None
    if quotechar is not None and (len(comments) > 1 or any(len(text) > 1 for text in comments)):
        return None
    if dtype.kind in "mM" and np.datetime_data(dtype)[0] == "generic":
        # The texts decide the unit.
        return None
    if encoding is not None and not _core.knows_encoding(encoding):
        return None
    try:
        skiprows = operator.index(skiprows)
        max_rows = None if max_rows is None else operator.index(max_rows)
        if usecols is not None:
            columns = [usecols] if not hasattr(usecols, "__iter__") else list(usecols)
            usecols = [operator.index(column) for column in columns]
    except (TypeError, ValueError):
        return None
    if skiprows < 0 or max_rows is not None and max_rows < 0:
        return None
    if usecols is not None and (not usecols or not all(abs(column) < 2**31 for column in usecols)):
        return None
    if usecols is not None and dtype.names is not None and len(usecols) != len(dtype.names):
        return None
    source = _source(fname, encoding, max_rows)
    if source is None:
        return None
    source, encoding = source
    options = {
        "delimiter": delimiter,
        "comments": comments,
        "quotechar": quotechar,
        "skiprows": skiprows,
        "max_rows": max_rows,
        "usecols": usecols,
        "encoding": encoding,
    }
    return source, dtype, options


def _source(fname, encoding, max_rows):
    """A path, bytes, or an object to read from, and the encoding of its bytes; None if it is left to NumPy."""
    if isinstance(encoding, str) and encoding == "bytes":
        encoding = "latin1"
    if isinstance(fname, (str, os.PathLike)):
        path = os.fspath(fname)
        # NumPy also takes addresses of the web.
        return None if "://" in path else (path, encoding)
    if isinstance(fname, io.StringIO) or isinstance(fname, io.TextIOBase) and max_rows is None:
        return fname, None
    if isinstance(fname, io.BytesIO) or isinstance(fname, io.BufferedIOBase) and max_rows is None:
        return fname, encoding if encoding is not None else "latin1"
    if isinstance(fname, (list, tuple)):
        return _lines(fname)
    return None


def _lines(lines):
    """A list of lines as one text."""
    if all(isinstance(line, bytes) for line in lines):
        lines = [line.decode("latin1") for line in lines]
    if not all(isinstance(line, str) for line in lines):
        return None
    # A line end inside of an item is no line end to NumPy.
    if any("\n" in line[:-1] or "\r" in line[:-1] for line in lines):
        return None
    return "".join(line if line[-1:] in ("\n", "\r") else line + "\n" for line in lines).encode(), None


def _read(fname, source, dtype, options):
    if options["max_rows"] is None or not isinstance(source, (bytes, *_IN_MEMORY)):
        return _core.read_table(source, dtype, options)[0]
    if isinstance(source, bytes):
        array, end = _core.read_table(source, dtype, options)
        _warn_of_empty_lines(lambda: source[: end[0]], end, array, options)
        return array
    # The rest of the file is read by the next call.
    begin = fname.tell()
    text = fname.read()
    encoding = options["encoding"] or "latin1"
    text = text.encode() if isinstance(text, str) else text.decode(encoding).encode()
    options["encoding"] = None
    try:
        array, end = _core.read_table(text, dtype, options)
    except BaseException:
        fname.seek(begin)
        raise
    if end is not None:
        used = text[: end[0]].decode()
        if isinstance(fname, io.BytesIO):
            used = used.encode(encoding)
        fname.seek(begin + len(used))
        _warn_of_empty_lines(lambda: text[: end[0]], end, array, options)
    return array


def _warn_of_empty_lines(text, end, array, options):
    """NumPy's warning that lines without data do not count as rows."""
    rows = len(array) if array.ndim else 1
    if end is None or rows == 0 or end[1] - options["skiprows"] <= rows or options["quotechar"] is not None:
        return
    lines = text().decode("latin1").splitlines()
    for number, line in enumerate(lines[options["skiprows"] :], options["skiprows"] + 1):
        for comment in options["comments"]:
            line = line.partition(comment)[0]
        if not line.strip():
            warnings.warn(
                f"Input line {number} contained no data and will not be counted towards "
                f"`max_rows={options['max_rows']}`.  This differs from the behaviour in NumPy <=1.22 which counted lines "
                "rather than rows.",
                UserWarning,
                stacklevel=4,
            )
            return


def _shaped(array, unpack, ndmin):
    """The rows as `loadtxt` returns them: without axes of one item, unless there are to be some."""
    is_record = array.dtype.names is not None
    if not is_record and array.ndim == 1:
        # One column.
        array = array.reshape(-1, 1)
    if array.ndim > ndmin:
        array = np.squeeze(array)
    if array.ndim < ndmin:
        array = np.atleast_1d(array) if ndmin == 1 else np.atleast_2d(array).T
    if not unpack:
        return array
    if is_record:
        return [array[name] for name in array.dtype.names]
    return array.T


def savetxt(
    fname,
    X,
    fmt="%.18e",
    delimiter=" ",
    newline="\n",
    header="",
    footer="",
    comments="# ",
    encoding=None,
    *,
    atomic=True,
):
    """As ``numpy.savetxt``. A path is replaced only when all is written, and compressed if its name says so."""
    array = plain(X)

    def by_numpy():
        _core.count_numpy("savetxt")
        return _numpy.savetxt(fname, array, fmt, delimiter, newline, header, footer, comments, encoding)

    texts = [
        text.decode("latin1") if isinstance(text, bytes) else text
        for text in (delimiter, newline, header, footer, comments)
    ]
    formats = _formats(array, fmt)
    is_stream = hasattr(fname, "write")
    # An object that is no file of Python's may take text, or bytes: NumPy tries.
    is_unknown = is_stream and not isinstance(fname, io.IOBase)
    if formats is None or is_unknown or not all(isinstance(text, str) for text in texts):
        return by_numpy()
    options = dict(zip(("delimiter", "newline", "header", "footer", "comments"), texts))
    options.update(formats=formats, encoding=encoding)
    target = fname
    if isinstance(fname, io.TextIOBase):
        target = _Encoded(fname)
        # It has an encoding of its own.
        options["encoding"] = None
    elif is_stream:
        options["encoding"] = encoding or "latin1"
    try:
        _core.write_table(target, array, options, atomic=atomic)
    except (FormatError, MismatchError, UnsupportedError):
        # Formats that are Python's own: nothing was written.
        return by_numpy()
    _core.count("savetxt")
    return None


def _formats(array, fmt):
    """One format for all columns, or one for each; None if they are left to NumPy, also for the error."""
    if array.ndim not in (1, 2) or array.dtype.hasobject:
        return None
    if array.dtype.names is not None:
        columns = len(array.dtype.names)
    else:
        columns = 1 if array.ndim == 1 else array.shape[1]
    if isinstance(fmt, str):
        return [fmt] if fmt.count("%") == 1 else None
    if isinstance(fmt, (list, tuple)) and len(fmt) == columns and all(isinstance(one, str) for one in fmt):
        return list(fmt)
    return None


class _Encoded:
    """A text file that takes UTF-8."""

    def __init__(self, file):
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")()

    def write(self, block):
        self._file.write(self._decoder.decode(block))
        return len(block)

    def flush(self):
        self._file.flush()
