"""`load`, and what else opens a file."""

import math
import os
from typing import NamedTuple

from . import _core

load = _core.load


class Header(NamedTuple):
    """What the header of an array says."""

    #: The type of one item.
    dtype: object
    #: The length along each axis.
    shape: tuple
    #: Whether the first index varies fastest.
    fortran_order: bool
    #: The version of the format: "1.0", "2.0" or "3.0".
    version: str
    #: Where the items begin, in bytes from the beginning of the file; None if they are compressed.
    data_offset: object

    @property
    def nbytes(self):
        """The number of bytes of all items."""
        return math.prod(self.shape) * self.dtype.itemsize


class Issue(NamedTuple):
    """Something about a file that `verify` noticed."""

    #: What it is, and where.
    text: str
    #: Whether it makes the file wrong, rather than merely unusual.
    is_wrong: bool


def wake(pipe):
    """Ends the waiting of whoever opens or reads a named pipe, by a byte that nobody will look at."""
    try:
        descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        # Nobody has it open.
        return
    try:
        os.write(descriptor, b"\0")
    except OSError:
        pass
    finally:
        os.close(descriptor)


def header(file, *, max_header_size=10000):
    """The header of a ``.npy`` file, without its data, or of raw items whose layout is in the file's name."""
    return Header(*_core.read_header(file, max_header_size))


def load_slice(file, idx, *, order=None, dtype=None):
    """``load(file)[idx]``, of which little else is read.

    ``idx`` is an integer, a slice, ``...``, or a tuple of them (or NumPy's text: ``"0:5, ..., -1"``).
    """
    return _core.load_slice(file, idx, order=order, dtype=dtype)


def verify(file):
    """What is wrong with a ``.npy`` or ``.npz`` file, and what is unusual: a list of `Issue`, empty if all is well.

    Members of archives are read to their ends, and their checksums compared. A file that cannot be opened is an
    ``OSError``; a fault in it is not an exception.
    """
    return [Issue(*issue) for issue in _core.verify_file(os.fspath(file))]
