"""The exceptions of the package. All are ``ValueError``, as NumPy's are.

What the system reports is an ``OSError`` with its number and the path, a missing member of an archive a ``KeyError``, an
empty file an ``EOFError``; what a Python file object raises comes back as it is.
"""

from ._core import FormatError, LimitError, MismatchError, UnsupportedError

__all__ = ["FormatError", "LimitError", "MismatchError", "SliceError", "UnsupportedError"]


class SliceError(MismatchError, IndexError):
    """An index of a slice is out of bounds, or there are more than the array has axes."""
