import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import EllipsisType, TracebackType
from typing import IO, Any, Literal, NamedTuple, Self, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .errors import FormatError as FormatError
from .errors import LimitError as LimitError
from .errors import MismatchError as MismatchError
from .errors import UnsupportedError as UnsupportedError

_Path: TypeAlias = str | os.PathLike[str]
_File: TypeAlias = _Path | IO[Any]
_Index: TypeAlias = SupportsIndex | slice | EllipsisType | str | tuple[SupportsIndex | slice | EllipsisType, ...]
_Order: TypeAlias = Literal["C", "F", "K", "A"]
_MapMode: TypeAlias = Literal["r", "r+", "c"]
_Mode: TypeAlias = Literal["r", "r+", "w+", "c"]
_Encoding: TypeAlias = Literal["ASCII", "latin1", "bytes"]

__version__: str

class Header(NamedTuple):
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran_order: bool
    version: str
    data_offset: int | None
    @property
    def nbytes(self) -> int: ...

class Issue(NamedTuple):
    text: str
    is_wrong: bool

class NpzFile(Mapping[str, NDArray[Any]]):
    files: list[str]
    f: Any
    allow_pickle: bool
    max_header_size: int
    pickle_kwargs: dict[str, Any]
    def __enter__(self) -> Self: ...
    def __exit__(
        self, exc_type: type[BaseException] | None, exc_value: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def __getitem__(self, key: str) -> NDArray[Any]: ...
    def __iter__(self) -> Iterator[str]: ...
    def __len__(self) -> int: ...
    def close(self) -> None: ...
    @property
    def zip(self) -> Any: ...
    def load_all(self) -> dict[str, NDArray[Any]]: ...
    def header(self, name: str) -> Header: ...
    def mmap(self, name: str, mode: _MapMode = "r") -> np.memmap[Any, Any]: ...
    def load_slice(self, name: str, idx: _Index) -> Any: ...
    def verify(self) -> list[Issue]: ...

def load(
    file: _File,
    mmap_mode: _MapMode | None = None,
    allow_pickle: bool = False,
    fix_imports: bool = True,
    encoding: _Encoding = "ASCII",
    *,
    max_header_size: int = 10000,
    order: _Order | None = None,
    dtype: DTypeLike | None = None,
    out: NDArray[Any] | None = None,
) -> Any: ...
def save(
    file: _File, arr: ArrayLike, allow_pickle: bool = True, *, atomic: bool = True, durable: bool = False
) -> None: ...
def append(file: _Path, rows: ArrayLike, *, durable: bool = False) -> None: ...
def savez(
    file: _File,
    *args: ArrayLike,
    allow_pickle: bool = True,
    atomic: bool = True,
    durable: bool = False,
    **kwds: ArrayLike,
) -> None: ...
def savez_compressed(
    file: _File,
    *args: ArrayLike,
    level: int = 6,
    allow_pickle: bool = True,
    atomic: bool = True,
    durable: bool = False,
    **kwds: ArrayLike,
) -> None: ...
def update(
    file: _Path,
    /,
    *,
    remove: Iterable[str] = (),
    rename: Mapping[str, str] | None = None,
    level: int | None = None,
    allow_pickle: bool = True,
    durable: bool = False,
    **arrays: ArrayLike,
) -> None: ...
def open_memmap(
    filename: _Path,
    mode: _Mode = "r+",
    dtype: DTypeLike | None = None,
    shape: int | Sequence[int] | None = None,
    fortran_order: bool = False,
    version: tuple[int, int] | None = None,
    *,
    max_header_size: int = 10000,
) -> np.memmap[Any, Any]: ...
def header(file: _File, *, max_header_size: int = 10000) -> Header: ...
def load_slice(file: _File, idx: _Index, *, order: _Order | None = None, dtype: DTypeLike | None = None) -> Any: ...
def verify(file: _Path) -> list[Issue]: ...
def fromfile(
    file: _File,
    dtype: DTypeLike = float,
    count: SupportsIndex = -1,
    sep: str = "",
    offset: SupportsIndex = 0,
    *,
    like: Any = None,
    strict: bool = False,
) -> NDArray[Any]: ...
def fromstring(
    string: str | bytes,
    dtype: DTypeLike = float,
    count: SupportsIndex = -1,
    *,
    sep: str = "",
    like: Any = None,
    strict: bool = False,
) -> NDArray[Any]: ...
def tofile(arr: ArrayLike, fid: _File, sep: str = "", format: str = "%s", *, atomic: bool = True) -> None: ...
def loadtxt(
    fname: _File | Iterable[str] | Iterable[bytes],
    dtype: DTypeLike | None = float,
    comments: str | bytes | Sequence[str | bytes] | None = "#",
    delimiter: str | bytes | None = None,
    converters: Any = None,
    skiprows: SupportsIndex = 0,
    usecols: SupportsIndex | Iterable[SupportsIndex] | None = None,
    unpack: bool = False,
    ndmin: Literal[0, 1, 2] = 0,
    encoding: str | None = None,
    max_rows: SupportsIndex | None = None,
    *,
    quotechar: str | None = None,
    like: Any = None,
    strict: bool = False,
) -> Any: ...
def savetxt(
    fname: _File,
    X: ArrayLike,
    fmt: str | Sequence[str] = "%.18e",
    delimiter: str = " ",
    newline: str = "\n",
    header: str = "",
    footer: str = "",
    comments: str = "# ",
    encoding: str | None = None,
    *,
    atomic: bool = True,
) -> None: ...
def served() -> dict[str, tuple[int, int]]: ...
def set_threads(threads: int) -> None: ...
