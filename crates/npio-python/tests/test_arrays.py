"""`load`, `save` and their siblings beside NumPy's."""

import errno
import gc
import gzip
import io
import os
import pickle
import sys
import weakref

import numpy as np
import pytest
from conftest import random_array, same

import pynpio

RNG = np.random.default_rng(7)
SHAPES = [(), (0,), (3,), (2, 0, 3), (3, 4), (2, 3, 4)]


def without_padding(npy, dtype):
    """The header, and the items unless they have bytes between them that nobody set."""
    has_padding = dtype.char in "gG" or dtype.names is not None
    return npy[: npy.index(b"\n") + 1] if has_padding else npy


def views(array):
    """The array in every arrangement of memory."""
    yield array
    yield array.T
    if array.ndim:
        yield array[::-1]
        yield array[::2]
        yield np.broadcast_to(array, (2, *array.shape))


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_each_reads_what_the_other_writes(dtype, shape, tmp_path):
    path, theirs = tmp_path / "x.npy", tmp_path / "y.npy"
    for array in views(random_array(dtype, shape, RNG)):
        pynpio.save(path, array)
        np.save(theirs, array)
        assert without_padding(path.read_bytes(), dtype) == without_padding(theirs.read_bytes(), dtype)
        loaded = pynpio.load(theirs)
        same(loaded, np.load(theirs))
        assert type(loaded) is np.ndarray
        assert loaded.flags.writeable and loaded.flags.aligned == np.load(theirs).flags.aligned
        # Of items without bytes NumPy's versions say different things.
        assert loaded.flags.f_contiguous == np.load(theirs).flags.f_contiguous or not dtype.itemsize
        with open(theirs, "rb") as file:
            same(pynpio.load(file), array)
            assert file.tell() == theirs.stat().st_size
        stream = io.BytesIO()
        pynpio.save(stream, array)
        assert without_padding(stream.getvalue(), dtype) == without_padding(theirs.read_bytes(), dtype)


@pytest.mark.parametrize("compressed", [False, True])
def test_archives(dtype, compressed, tmp_path):
    array = random_array(dtype, (3, 4), RNG)
    ours, theirs = (pynpio.savez_compressed, np.savez_compressed) if compressed else (pynpio.savez, np.savez)
    ours(tmp_path / "a.npz", array, b=array.T, c=array[::2, ::-1])
    theirs(tmp_path / "b.npz", array, b=array.T, c=array[::2, ::-1])
    with np.load(tmp_path / "a.npz") as numpys, pynpio.load(tmp_path / "b.npz") as npz:
        assert sorted(numpys) == sorted(npz.files) == ["arr_0", "b", "c"]
        for name in npz:
            same(numpys[name], npz[name])
        assert set(npz.load_all()) == {"arr_0", "b", "c"}
        same(npz.load_slice("c", (slice(1, None), 0)), numpys["c"][1:, 0])
        assert npz.header("b").dtype == array.dtype
        if not compressed:
            same(npz.mmap("b"), array.T)
            assert isinstance(npz.mmap("b"), np.memmap)


def test_an_archive_in_any_object(tmp_path):
    stream = io.BytesIO()
    pynpio.savez(stream, a=np.arange(3), b=np.ones(100_000))
    stream.seek(0)
    assert np.load(stream)["b"].sum() == 100_000
    stream.seek(0)
    npz = pynpio.load(stream)
    assert npz["a"].tolist() == [0, 1, 2] and npz.f.b.sum() == 100_000 and "c" not in npz
    with pytest.raises(KeyError, match="c is not a file in the archive"):
        npz["c"]
    with pytest.raises(AttributeError):
        npz.f.c
    assert repr(npz) == "NpzFile 'object' with keys: a, b"
    npz.close()
    with pytest.raises(ValueError, match="closed"):
        npz["a"]


def test_members_that_are_no_arrays(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, a=np.arange(3))
    import zipfile

    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("notes.txt", "hello")
    npz = pynpio.load(path)
    assert npz["notes.txt"] == b"hello" and list(npz.load_all()) == ["a"]


def test_several_arrays_in_one_stream(tmp_path):
    arrays = [np.arange(5), np.ones((2, 2), ">f4"), np.array("x")]
    for stream in (io.BytesIO(), open(tmp_path / "x", "w+b")):
        with stream:
            for array in arrays:
                pynpio.save(stream, array)
            stream.seek(0)
            for array in arrays:
                same(pynpio.load(stream), array)
            with pytest.raises(EOFError):
                pynpio.load(stream)


def test_conversions_while_loading(tmp_path):
    array = np.arange(12, dtype=">i4").reshape(3, 4)
    np.save(tmp_path / "x.npy", array)
    loaded = pynpio.load(tmp_path / "x.npy", dtype="f8", order="F")
    assert loaded.dtype == "f8" and loaded.flags.f_contiguous
    assert (loaded == array).all()
    out = np.empty((3, 4), "i4")
    assert pynpio.load(tmp_path / "x.npy", out=out) is out
    assert (out == array).all()
    for wrong in (np.empty((4, 3), "i4"), np.empty((3, 8), "i4")[:, ::2]):
        with pytest.raises(ValueError):
            pynpio.load(tmp_path / "x.npy", out=wrong)
    out.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        pynpio.load(tmp_path / "x.npy", out=out)


def test_memory_is_shared_and_freed(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(1 << 20))
    loaded = pynpio.load(tmp_path / "x.npy")
    memory = loaded.base
    assert not loaded.flags.owndata and sys.getrefcount(memory) == 3
    part = loaded[5:7]
    alive = weakref.ref(loaded)
    del loaded
    gc.collect()
    assert part.tolist() == [5, 6]
    assert sys.getrefcount(memory) == 3 or alive() is None
    del part
    gc.collect()
    assert sys.getrefcount(memory) == 2


def test_references_are_neither_lost_nor_kept(tmp_path):
    """Nothing is left behind by ten thousand calls."""
    np.save(tmp_path / "x.npy", np.zeros(3, [("a", "i4"), ("b", "U3")]))
    pynpio.savez(tmp_path / "x.npz", a=np.arange(3), b=np.zeros(2, "M8[ns]"))
    (tmp_path / "x.txt").write_text("1 2\n3 4\n")
    shared = [np.dtype(kind) for kind in ("f8", "i4", "?", "O")] + [None, (), np.ndarray]
    record = np.zeros(3, [("a", "i4"), ("b", "U3")])

    def work():
        pynpio.load(tmp_path / "x.npy")
        pynpio.save(tmp_path / "y.npy", record)
        with pynpio.load(tmp_path / "x.npz") as npz:
            npz["a"], npz.load_all(), npz.header("b")
        pynpio.loadtxt(tmp_path / "x.txt")
        pynpio.load_slice(tmp_path / "x.npy", slice(1, 2))
        pynpio.header(tmp_path / "x.npy")
        for wrong in ("nothing.npy", tmp_path / "x.txt"):
            try:
                pynpio.load(wrong)
            except (OSError, ValueError):
                pass

    work()
    gc.collect()
    before = [sys.getrefcount(one) for one in shared] + [sys.getrefcount(record.dtype), len(gc.get_objects())]
    for _ in range(300):
        work()
    gc.collect()
    after = [sys.getrefcount(one) for one in shared] + [sys.getrefcount(record.dtype), len(gc.get_objects())]
    assert all(abs(a - b) < 100 for a, b in zip(before, after)), (before, after)


def test_errors_are_pythons(tmp_path):
    with pytest.raises(FileNotFoundError) as raised:
        pynpio.load(tmp_path / "x.npy")
    assert raised.value.errno == errno.ENOENT and raised.value.filename == str(tmp_path / "x.npy")
    # On Windows a folder cannot be opened at all.
    with pytest.raises((IsADirectoryError, PermissionError)):
        pynpio.load(tmp_path)
    (tmp_path / "empty.npy").touch()
    with pytest.raises(EOFError):
        pynpio.load(tmp_path / "empty.npy")
    (tmp_path / "text.npy").write_text("1 2 3")
    with pytest.raises(pynpio.FormatError, match="text.npy"):
        pynpio.load(tmp_path / "text.npy")
    with pytest.raises(TypeError):
        pynpio.load(3.5)
    np.save(tmp_path / "x.npy", np.arange(1000))
    cut = (tmp_path / "x.npy").read_bytes()[:-1]
    (tmp_path / "x.npy").write_bytes(cut)
    with pytest.raises(ValueError):
        pynpio.load(tmp_path / "x.npy")
    with pytest.raises(ValueError):
        pynpio.load(io.BytesIO(cut))
    with pytest.raises(ValueError, match="order"):
        pynpio.load(tmp_path / "x.npy", order="Z")

    class Odd(Exception):
        pass

    class Broken(io.BytesIO):
        def read(self, *_):
            raise Odd

        def write(self, _):
            raise Odd

    with pytest.raises(Odd):
        pynpio.load(Broken())
    with pytest.raises(Odd):
        pynpio.save(Broken(), np.arange(3))
    with pytest.raises(Odd):
        pynpio.savez(Broken(), np.arange(3))


def test_dtypes_that_numpy_has_not(tmp_path):
    """What ml_dtypes makes of `float8_e5m2`, which NumPy writes and cannot read."""
    np.save(tmp_path / "x.npy", np.zeros(3, "i1"))
    (tmp_path / "x.npy").write_bytes((tmp_path / "x.npy").read_bytes().replace(b"|i1", b"<f1"))
    with pytest.raises(pynpio.UnsupportedError, match="<f1"):
        pynpio.load(tmp_path / "x.npy")


def test_a_failed_save_leaves_the_old_file(tmp_path):
    path = tmp_path / "x.npy"
    pynpio.save(path, np.arange(3))
    with pytest.raises(ValueError):
        pynpio.save(path, np.array([object()]), allow_pickle=False)
    assert pynpio.load(path).tolist() == [0, 1, 2]
    assert os.listdir(tmp_path) == ["x.npy"]


def test_masked_arrays_are_refused_at_every_door(tmp_path):
    masked = np.ma.masked_array([1.0, 2.0], [True, False])
    doors = [
        lambda: pynpio.save(tmp_path / "x.npy", masked),
        lambda: pynpio.save(io.BytesIO(), masked),
        lambda: pynpio.savez(tmp_path / "x.npz", masked),
        lambda: pynpio.savez_compressed(tmp_path / "x.npz", a=masked),
        lambda: pynpio.savetxt(tmp_path / "x.txt", masked),
        lambda: pynpio.tofile(masked, tmp_path / "x.bin"),
        lambda: pynpio.append(tmp_path / "x.npy", masked),
    ]
    for door in doors:
        with pytest.raises(NotImplementedError, match="mask"):
            door()
    assert os.listdir(tmp_path) == []


def test_subclasses_are_saved_as_arrays(tmp_path):
    for array in (np.matrix([[1, 2]]), np.rec.array([(1, 2.5)], dtype=[("a", "i4"), ("b", "f8")])):
        pynpio.save(tmp_path / "x.npy", array)
        same(pynpio.load(tmp_path / "x.npy"), np.asarray(array))
    pynpio.save(tmp_path / "x.npy", [[1, 2], [3, 4]])
    assert pynpio.load(tmp_path / "x.npy").tolist() == [[1, 2], [3, 4]]


class Harm:
    def __reduce__(self):
        return os.mkdir, ("harm",)


def test_plain_objects_are_read_without_running_anything(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    import datetime

    values = [1, "a\ud800", None, [1, 2.5], {"k": (1, b"x")}, {3}, 2**80, -(2**70), 1 + 2j, frozenset([1])]
    values += [datetime.date(2020, 1, 2), datetime.datetime(2020, 1, 2, 3, 4, 5, 6), datetime.timedelta(1, 2, 3)]
    values += [datetime.time(1, 2, 3, tzinfo=datetime.timezone(datetime.timedelta(hours=2))), np.arange(3)]
    values += [np.float32(1.5), np.dtype("i4"), range(1, 9, 2), slice(None, 3)]
    array = np.empty(len(values), object)
    array[:] = values
    np.save("x.npy", array, allow_pickle=True)
    for read in (pynpio.load("x.npy"), pynpio.load("x.npy", allow_pickle=True)):
        assert read.dtype == object
        assert repr(read.tolist()) == repr(values)
    np.savez("x.npz", a=array)
    assert repr(pynpio.load("x.npz")["a"].tolist()) == repr(values)
    assert repr(pynpio.load("x.npz", allow_pickle=True)["a"].tolist()) == repr(values)

    np.save("harm.npy", np.array([Harm()], object), allow_pickle=True)
    with pytest.raises(pynpio.UnsupportedError, match="mkdir"):
        pynpio.load("harm.npy")
    with pytest.raises(ValueError):
        pynpio.load(io.BytesIO(pickle.dumps(Harm())))
    assert not os.path.exists("harm")


def test_append_update_and_slices(tmp_path):
    path = tmp_path / "x.npy"
    pynpio.save(path, np.arange(6).reshape(3, 2))
    pynpio.append(path, [[6, 7]])
    pynpio.append(path, [8, 9])
    assert np.load(path).tolist() == np.arange(10).reshape(5, 2).tolist()
    with pytest.raises(ValueError):
        pynpio.append(path, [1, 2, 3])
    assert pynpio.load_slice(path, (slice(None, None, -2), 1)).tolist() == [9, 5, 1]
    assert pynpio.load_slice(path, (1, 0)) == 2 and pynpio.load_slice(path, "..., -1").tolist() == [1, 3, 5, 7, 9]
    with pytest.raises(TypeError, match="integers, slices"):
        pynpio.load_slice(path, [1, 2])
    header = pynpio.header(path)
    assert (header.shape, header.dtype, header.nbytes, header.data_offset) == ((5, 2), np.dtype("i8"), 80, 128)

    npz = tmp_path / "x.npz"
    pynpio.savez(npz, a=np.arange(3), b=np.ones(2), c=np.zeros(1))
    pynpio.update(npz, remove=["b"], rename={"c": "d"}, a=np.arange(5), e=np.array([None], object))
    with np.load(npz, allow_pickle=True) as archive:
        assert sorted(archive) == ["a", "d", "e"] and archive["a"].tolist() == [0, 1, 2, 3, 4]
    with pytest.raises(KeyError):
        pynpio.update(npz, remove=["b"])


def test_verify_names_what_is_wrong(tmp_path):
    path = tmp_path / "x.npz"
    pynpio.savez(path, a=np.arange(1000))
    assert pynpio.verify(path) == [] and pynpio.load(path).verify() == []
    data = bytearray(path.read_bytes())
    data[5000] ^= 1
    path.write_bytes(data)
    (issue,) = pynpio.verify(path)
    assert issue.is_wrong and "CRC" in issue.text
    with pytest.raises(pynpio.FormatError, match="CRC"):
        pynpio.load(path)["a"]


def test_maps(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.arange(12.0).reshape(3, 4).T)
    mapped = pynpio.load(path, mmap_mode="r+")
    assert isinstance(mapped, np.memmap) and mapped.flags.f_contiguous
    mapped[0, 0] = 7
    mapped.flush()
    assert pynpio.load(path)[0, 0] == 7
    made = pynpio.open_memmap(tmp_path / "y.npy", "w+", "i4", (2, 2))
    made[:] = 5
    made.flush()
    assert pynpio.load(tmp_path / "y.npy").tolist() == [[5, 5], [5, 5]]
    with pytest.raises(ValueError):
        pynpio.open_memmap(io.BytesIO())


def test_compressed_files(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(1000))
    with gzip.open(tmp_path / "x.npy.gz", "wb") as file:
        file.write((tmp_path / "x.npy").read_bytes())
    same(pynpio.load(tmp_path / "x.npy.gz"), np.arange(1000))
    with gzip.open(tmp_path / "x.npy.gz") as file:
        same(pynpio.load(file), np.arange(1000))


def test_names_that_are_not_unicode(tmp_path):
    """Half of a surrogate pair has no place in a file: an error, and not a file without names."""
    array = np.zeros(3, [("a\ud800", "i4"), ("b", "f8")])
    titled = np.zeros(3, [(("\ud800", "a"), "i4")])
    np.save(tmp_path / "old.npy", np.zeros(3, [("a", "i4"), ("b", "f8")]))
    before = (tmp_path / "old.npy").read_bytes()
    doors = [
        lambda: pynpio.save(tmp_path / "x.npy", array),
        lambda: pynpio.save(tmp_path / "x.npy", titled),
        lambda: pynpio.save(io.BytesIO(), array),
        lambda: pynpio.savez(tmp_path / "x.npz", array),
        lambda: pynpio.savez_compressed(tmp_path / "x.npz", a=array),
        lambda: pynpio.open_memmap(tmp_path / "x.npy", "w+", array.dtype, (3,)),
        lambda: pynpio.open_memmap(tmp_path / "old.npy", "w+", array.dtype, (3,)),
        lambda: pynpio.tofile(array, tmp_path / "x.bin"),
        lambda: pynpio.fromfile(tmp_path / "old.npy", array.dtype),
        lambda: pynpio.loadtxt(["1 2"], array.dtype),
        lambda: pynpio.load(tmp_path / "old.npy", out=array),
    ]
    for door in doors:
        with pytest.raises(UnicodeEncodeError, match="surrogates"):
            door()
    assert os.listdir(tmp_path) == ["old.npy"] and (tmp_path / "old.npy").read_bytes() == before


FITTING = [
    ("i4", [1, -2]), ("u1", [0, 255]), ("i1", [-128]), ("u8", [2**64 - 1]), ("i8", np.array([5], "u8")),
    ("f4", [1, 2.5, np.nan, np.inf]), ("f2", [1 / 3]), ("c8", [1, 2j]), ("U3", ["abc", "d"]), ("S3", [b"abc"]), ("?", [True]),
    ("M8[s]", np.array(["2020-01-01", "NaT"], "M8[D]")), ("M8[D]", np.array(["2020-01-01", "NaT"], "M8[s]")),
    ("i4", []), ("U3", []), ("M8[s]", []),
]
NOT_FITTING = [
    ("i4", [2**40]), ("i4", np.array([2**40])), ("u1", [-1]), ("u1", [256]), ("i8", [2**63]), ("u8", [-1]), ("i8", [2**70]),
    ("i4", [1.5]), ("f4", [1e300]), ("f2", [70000]), ("c8", [1e300j]), ("U3", ["abcdef"]), ("S3", [b"abcdef"]), ("?", [2]),
    ("M8[D]", np.array(["2020-01-01T01"], "M8[s]")), ("M8[ns]", np.array(["9999-01-01"], "M8[D]")),
    ([("a", "i4"), ("b", "U3")], np.array([(2**40, "abc")], [("a", "i8"), ("b", "U9")])),
]


@pytest.mark.parametrize("dtype, rows", FITTING, ids=str)
def test_rows_that_fit_are_appended(dtype, rows, tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.zeros(2, dtype))
    pynpio.append(path, rows)
    same(np.load(path), np.concatenate([np.zeros(2, dtype), np.array(rows, dtype)]))
    np.save(path, np.zeros((2, 3), dtype))
    pynpio.append(path, [])
    assert np.load(path).shape == (2, 3)


@pytest.mark.parametrize("dtype, rows", NOT_FITTING, ids=str)
def test_rows_that_do_not_fit_are_not_changed_to_fit(dtype, rows, tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.zeros(2, dtype))
    before = path.read_bytes()
    with pytest.raises((ValueError, TypeError)):
        pynpio.append(path, rows)
    assert path.read_bytes() == before


def test_options_are_not_taken_for_arrays(tmp_path):
    for save in (pynpio.savez, pynpio.savez_compressed):
        for name in ("atomic", "durable", "allow_pickle"):
            for value in (np.arange(3), np.bool_(True), 1.5, None):
                with pytest.raises(TypeError, match=f"{name} is an option"):
                    save(tmp_path / "x.npz", a=np.arange(3), **{name: value})
    with pytest.raises(TypeError, match="level is an option"):
        pynpio.savez_compressed(tmp_path / "x.npz", level=np.arange(3))
    with pytest.raises(ValueError, match="1 to 9"):
        pynpio.savez_compressed(tmp_path / "x.npz", level=0)
    assert os.listdir(tmp_path) == []
    pynpio.savez_compressed(tmp_path / "x.npz", level=np.int64(3), a=np.arange(3))
    with pytest.raises(TypeError, match="durable is an option"):
        pynpio.update(tmp_path / "x.npz", durable=np.arange(3))


def test_members_are_renamed_without_loss(tmp_path):
    path = tmp_path / "x.npz"
    arrays = {"a": np.arange(1), "b": np.arange(2), "c": np.arange(3)}
    pynpio.savez(path, **arrays)
    before = path.read_bytes()
    for wrong in ({"a": "x"}, {"b": "c", "a": "x"}):
        with pytest.raises(ValueError, match="x: "):
            pynpio.update(path, rename=wrong, x=np.ones(3))
    assert path.read_bytes() == before
    for rename in (
        {"a": "b", "b": "a"},
        {"a": "b", "b": "c", "c": "a"},
        {"a": "b", "b": "c", "c": "d"},
        {"c": "d", "b": "c", "a": "b"},
        {"a": "a", "b": "d"},
    ):
        pynpio.savez(path, **arrays)
        pynpio.update(path, rename=rename)
        with np.load(path) as npz:
            assert {name: npz[name].size for name in npz} == {
                rename.get(name, name): array.size for name, array in arrays.items()
            }


def test_plain_objects_in_file_objects(tmp_path):
    array = np.array([{"a": 1}, [2.5, None]], object)
    with open(tmp_path / "x.npy", "wb") as file:
        file.write(b"before")
        np.save(file, array, allow_pickle=True)
        np.save(file, np.arange(3))
    for make in (lambda: open(tmp_path / "x.npy", "rb"), lambda: io.BytesIO((tmp_path / "x.npy").read_bytes())):
        with make() as file:
            assert file.read(6) == b"before"
            loaded = pynpio.load(file)
            assert loaded.dtype == object and loaded.tolist() == array.tolist()
            assert pynpio.load(file).tolist() == [0, 1, 2]
    stream = io.BytesIO()
    np.save(stream, np.array([Harm()], object), allow_pickle=True)
    stream.seek(0)
    with pytest.raises(pynpio.UnsupportedError, match="mkdir"):
        pynpio.load(stream)


def test_all_members_with_objects_among_them(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.array([{"a": 1}], object), b=np.arange(3))
    for allow_pickle in (False, True):
        arrays = pynpio.load(tmp_path / "x.npz", allow_pickle=allow_pickle).load_all()
        assert arrays["a"].tolist() == [{"a": 1}] and arrays["b"].tolist() == [0, 1, 2]


def test_a_look_leaves_a_file_where_it_is(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(12).reshape(3, 4))
    for make in (lambda: open(tmp_path / "x.npy", "rb"), lambda: io.BytesIO((tmp_path / "x.npy").read_bytes())):
        with make() as file:
            assert pynpio.header(file).shape == (3, 4) and file.tell() == 0
            assert pynpio.load_slice(file, (1, 2)) == 6 and file.tell() == 0
            with pytest.raises(IndexError):
                pynpio.load_slice(file, 3)
            assert file.tell() == 0
            same(pynpio.load(file), np.arange(12).reshape(3, 4))
            # Nothing is there.
            end = file.tell()
            with pytest.raises((ValueError, EOFError)):
                pynpio.header(file)
            assert file.tell() == end


def test_slices_out_of_bounds(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((3, 4)))
    np.savez(tmp_path / "x.npz", a=np.zeros((3, 4)))
    for load_slice in (
        lambda index: pynpio.load_slice(tmp_path / "x.npy", index),
        lambda index: pynpio.load(tmp_path / "x.npz").load_slice("a", index),
    ):
        for index in (3, -4, (0, 4), (0, 0, 0)):
            with pytest.raises(IndexError) as raised:
                load_slice(index)
            assert isinstance(raised.value, pynpio.MismatchError)


def test_compressed_files_are_verified(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(1000))
    data = gzip.compress((tmp_path / "x.npy").read_bytes())
    (tmp_path / "x.npy.gz").write_bytes(data)
    assert pynpio.verify(tmp_path / "x.npy.gz") == []
    for wrong in (data[:-20], gzip.compress((tmp_path / "x.npy").read_bytes()[:-1]), gzip.compress(b"1 2 3")):
        (tmp_path / "x.npy.gz").write_bytes(wrong)
        assert any(issue.is_wrong for issue in pynpio.verify(tmp_path / "x.npy.gz"))


def test_a_header_that_is_too_long_to_append_to(tmp_path):
    path = tmp_path / "x.npy"
    with pytest.warns(UserWarning, match="format 2.0"):
        np.save(path, np.zeros(2, [(f"{i:060}", "i1") for i in range(5000)]))
    with pytest.raises(pynpio.LimitError, match="appended") as raised:
        pynpio.append(path, np.zeros(2, [(f"{i:060}", "i1") for i in range(5000)]))
    assert "max_header_size" not in str(raised.value)
