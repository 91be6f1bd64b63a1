"""Maps: what cannot be mapped is an error before the file is touched."""

import bz2
import gzip
import io
import lzma
import os

import numpy as np
import pytest
from conftest import same

import pynpio

A = np.arange(12.0).reshape(3, 4)


@pytest.mark.parametrize("suffix, opened", [("gz", gzip.open), ("bz2", bz2.open), ("xz", lzma.open)])
@pytest.mark.parametrize("name", ["x.npy", "x_float64_3_4.dat"])
def test_a_compressed_file_is_not_mapped(suffix, opened, name, tmp_path):
    path = tmp_path / f"{name}.{suffix}"
    stream = io.BytesIO()
    np.save(stream, A)
    with opened(path, "wb") as file:
        file.write(stream.getvalue() if name == "x.npy" else A.tobytes())
    same(pynpio.load(path), A)
    assert pynpio.header(path).data_offset is None and pynpio.header(path).shape == (3, 4)
    before = path.read_bytes()
    for mode in ("r", "r+", "c"):
        with pytest.raises(ValueError, match="compressed"):
            pynpio.load(path, mmap_mode=mode)
        with pytest.raises(ValueError, match="compressed"):
            pynpio.open_memmap(path, mode)
    assert path.read_bytes() == before


def test_a_wrong_mode_leaves_the_file(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, A)
    before = path.read_bytes()
    for mode in ("w+", "w", "x", "rb"):
        with pytest.raises(ValueError, match="mode"):
            pynpio.load(path, mmap_mode=mode)
    for mode in ("w", "write", "x", "rw"):
        with pytest.raises(ValueError, match="mode"):
            pynpio.open_memmap(path, mode, "f8", (3,))
    for wrong in ({}, {"dtype": "f8"}, {"shape": (-1,)}, {"dtype": "O", "shape": (3,)}, {"shape": (3,), "version": (9, 9)}):
        with pytest.raises(ValueError):
            pynpio.open_memmap(path, "w+", **wrong)
    assert path.read_bytes() == before
    assert pynpio.open_memmap(path, "w+", "i4", 3).shape == pynpio.load(path).shape == (3,)
    assert pynpio.open_memmap(path, "w+", "i4", [2, 2], version=(2, 0)).shape == pynpio.load(path).shape == (2, 2)


def test_a_truncated_file_is_not_made_longer(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, A)
    path.write_bytes(path.read_bytes()[:-20])
    for mode in ("r", "r+", "c"):
        with pytest.raises(ValueError):
            pynpio.load(path, mmap_mode=mode)
    assert path.stat().st_size == 128 + 96 - 20


def test_maps_are_of_the_archive_that_is_open(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pynpio.savez("x.npz", a=np.arange(3), b=A)
    pynpio.savez("other.npz", b=A + 1)
    (tmp_path / "folder").mkdir()
    with pynpio.load("x.npz") as npz:
        os.chdir("folder")
        same(npz.mmap("b"), A)
        assert npz.zip.namelist() == ["a.npy", "b.npy"]
        assert os.path.samefile(npz.mmap("b").filename, tmp_path / "x.npz")
        npz.mmap("b", "r+")[0] = 7
        assert npz.mmap("b", "r+")[0, 0] == 7
        npz.mmap("b", "r+")[0] = A[0]
        with pytest.raises(ValueError, match="mode"):
            npz.mmap("b", "w+")
    os.chdir(tmp_path)
    if os.name == "nt":
        # An open file is not replaced there.
        return
    with pynpio.load("x.npz") as npz:
        os.replace("other.npz", "x.npz")
        for of in (lambda: npz.mmap("b"), lambda: npz.mmap("b", "r+"), lambda: npz.zip):
            with pytest.raises(ValueError, match="load it again"):
                of()
        # What is open is what is read.
        same(npz["b"], A)
    with pynpio.load("x.npz") as npz:
        same(npz.mmap("b"), A + 1)
    # Written anew in place.
    with pynpio.load("x.npz") as npz:
        os.utime("x.npz", (1, 1))
        with pytest.raises(ValueError, match="load it again"):
            npz.mmap("b")


def test_arguments_that_do_not_go_together(tmp_path):
    path, npz, objects = tmp_path / "x.npy", tmp_path / "x.npz", tmp_path / "o.npy"
    np.save(path, A)
    np.savez(npz, a=A)
    np.save(objects, np.array([{}]), allow_pickle=True)
    for wrong in ({"order": "F"}, {"dtype": "f4"}, {"out": A.copy()}):
        with pytest.raises(ValueError, match=f"mmap_mode and {next(iter(wrong))}"):
            pynpio.load(path, mmap_mode="r", **wrong)
    for allow_pickle in (False, True):
        with pytest.raises(ValueError, match="out.*an archive"):
            pynpio.load(npz, allow_pickle=allow_pickle, out=A.copy())
        with pytest.raises(ValueError, match="out"):
            pynpio.load(objects, allow_pickle=allow_pickle, out=np.empty(1))
        with pytest.raises(ValueError, match="dtype"):
            pynpio.load(objects, allow_pickle=allow_pickle, dtype="f4")
        with open(objects, "rb") as file, pytest.raises(ValueError, match="out"):
            pynpio.load(file, allow_pickle=allow_pickle, out=np.empty(1))
    masked = np.ma.masked_array(A.copy(), A > 3)
    with pytest.raises(NotImplementedError, match="mask"):
        pynpio.load(path, out=masked)
    assert (masked.data == A).all()


def test_an_archive_is_not_mapped_but_opened(tmp_path):
    np.savez(tmp_path / "x.npz", a=A)
    with open(tmp_path / "x.npz", "rb") as file:
        same(pynpio.load(file, mmap_mode="r")["a"], A)
    same(pynpio.load(io.BytesIO((tmp_path / "x.npz").read_bytes()), mmap_mode="r")["a"], A)
    np.save(tmp_path / "x.npy", A)
    with open(tmp_path / "x.npy", "rb") as file, pytest.raises(ValueError, match="path-like"):
        pynpio.load(file, mmap_mode="r")
