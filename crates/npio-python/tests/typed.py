"""The whole interface, for type checkers: `mypy --strict` and `pyright`. It also runs."""

import io
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

import pynpio


def arrays(folder: Path) -> None:
    x = np.arange(6.0).reshape(3, 2)
    path = folder / "x.npy"
    pynpio.save(path, x)
    pynpio.save(str(path), [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], allow_pickle=False, atomic=True, durable=False)
    pynpio.save(io.BytesIO(), x)
    pynpio.append(path, [[7, 8]], durable=False)
    y: npt.NDArray[np.float64] = pynpio.load(path)
    y = pynpio.load(path, None, False, True, "ASCII", max_header_size=10_000, order="F", dtype=np.float64)
    out = np.empty((4, 2))
    pynpio.load(path, out=out)
    m: np.memmap[tuple[int, ...], np.dtype[np.float64]] = pynpio.load(path, mmap_mode="r")
    m = pynpio.open_memmap(path, "r", max_header_size=10_000)
    part: npt.NDArray[np.float64] = pynpio.load_slice(path, (slice(None, None, 2), ..., 0), order="C", dtype="f8")
    header: pynpio.Header = pynpio.header(path, max_header_size=10_000)
    size: int = header.nbytes
    shape: tuple[int, ...] = header.shape
    issues: list[pynpio.Issue] = pynpio.verify(path)
    assert not issues and size == 64 and shape == (4, 2) and part.shape == (2,) and m.shape == y.shape


def archives(folder: Path) -> None:
    path = folder / "x.npz"
    pynpio.savez(path, np.arange(3), b=[1, 2], atomic=True, durable=False)
    pynpio.savez_compressed(path, np.arange(3), b=[1, 2], c=1.5, level=1)
    pynpio.update(path, remove=["c"], rename={"b": "d"}, level=6, e=np.zeros(3))
    npz: pynpio.NpzFile
    with pynpio.load(path) as npz:
        names: list[str] = npz.files
        total: float = sum(float(npz[name].sum()) for name in npz)
        everything: dict[str, npt.NDArray[np.generic]] = npz.load_all()
        shape = npz.header("e").shape
        first: float = npz.load_slice("d", 0)
        bad = [issue.text for issue in npz.verify() if issue.is_wrong]
    assert names and total and everything and shape and first and not bad
    pynpio.savez(path, a=np.arange(3))
    with pynpio.load(path) as npz:
        assert npz.mmap("a", "r")[1] == 1


def texts(folder: Path) -> None:
    path = folder / "x.txt"
    pynpio.savetxt(path, [[1, 2], [3, 4]], fmt="%d", delimiter=",", header="a,b", encoding="utf-8", atomic=True)
    table: npt.NDArray[np.int64] = pynpio.loadtxt(
        path, dtype=int, comments="#", delimiter=",", skiprows=0, usecols=(0, 1), unpack=False, ndmin=2, max_rows=9,
        quotechar='"', strict=True
    )
    pynpio.tofile(table, path, sep=" ", format="%d", atomic=True)
    items = pynpio.fromfile(path, dtype=np.int64, count=3, sep=" ", strict=True)
    assert items.tolist() == pynpio.fromstring("1 2 3", int, sep=" ", strict=True).tolist()


def rest() -> None:
    pynpio.set_threads(0)
    served: dict[str, tuple[int, int]] = pynpio.served()
    assert served["load"][0] > 0
    for kind in (pynpio.FormatError, pynpio.UnsupportedError, pynpio.MismatchError, pynpio.LimitError):
        assert issubclass(kind, ValueError)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        arrays(Path(name))
        archives(Path(name))
        texts(Path(name))
    rest()
