"""NumPy's file functions, on npio: faster, safer, and with what NumPy's cannot do.

The functions have NumPy's names and signatures; what they add are keyword-only arguments. Arrays are ordinary
``numpy.ndarray``, over memory that is not copied. What npio does not serve (other libraries' dtypes, pickles that the
caller trusts, converters) is left to NumPy, and counted by `served`.
"""

from ._core import served, set_threads
from ._load import Header, Issue, header, load, load_slice, verify
from ._map import open_memmap
from ._npz import NpzFile
from ._save import append, save, savez, savez_compressed, update
from ._text import fromfile, fromstring, loadtxt, savetxt, tofile
from .errors import FormatError, LimitError, MismatchError, UnsupportedError

__version__ = "0.1.0"

__all__ = [
    "FormatError",
    "Header",
    "Issue",
    "LimitError",
    "MismatchError",
    "NpzFile",
    "UnsupportedError",
    "append",
    "fromfile",
    "fromstring",
    "header",
    "load",
    "load_slice",
    "loadtxt",
    "open_memmap",
    "save",
    "savetxt",
    "savez",
    "savez_compressed",
    "served",
    "set_threads",
    "tofile",
    "update",
    "verify",
]
