"""Text and raw items beside NumPy's."""

import errno
import io

import numpy as np
import pytest
from conftest import random_array, same

import pynpio

RNG = np.random.default_rng(11)


def test_raw_items(dtype, tmp_path):
    if dtype.itemsize == 0:
        return
    array = random_array(dtype, (3, 4), RNG)
    pynpio.tofile(array.T, tmp_path / "x")
    same(np.fromfile(tmp_path / "x", dtype), array.T.ravel())
    same(pynpio.fromfile(tmp_path / "x", dtype), np.fromfile(tmp_path / "x", dtype))
    for count, offset in [(5, 0), (-1, dtype.itemsize), (100, 3), (0, 0)]:
        ours = pynpio.fromfile(tmp_path / "x", dtype, count, offset=offset)
        same(ours, np.fromfile(tmp_path / "x", dtype, count, offset=offset))
    with open(tmp_path / "x", "rb") as file, open(tmp_path / "x", "rb") as theirs:
        for count in (2, 3, -1):
            same(pynpio.fromfile(file, dtype, count), np.fromfile(theirs, dtype, count))
            assert file.tell() == theirs.tell()


def test_a_file_is_left_behind_the_items(tmp_path):
    (tmp_path / "x").write_text("1 2 3 rest 4 5")
    for make in (lambda: open(tmp_path / "x", "rb"), lambda: io.BytesIO((tmp_path / "x").read_bytes())):
        with make() as file:
            assert pynpio.fromfile(file, int, 2, sep=" ").tolist() == [1, 2]
            assert file.read().strip() == b"3 rest 4 5"


def test_a_file_is_left_behind_the_items_before_an_error(tmp_path):
    """What follows is there for whoever handles the error."""
    (tmp_path / "x").write_text("1,2,x," + "4," * 100_000)
    with open(tmp_path / "x", "rb") as file:
        assert file.read(2) == b"1,"
        with pytest.raises(pynpio.FormatError):
            pynpio.fromfile(file, int, sep=",", strict=True)
        # As NumPy's versions that only warned; others leave it anywhere.
        assert file.read().lstrip(b",").startswith(b"x,4,4")


@pytest.mark.parametrize("sep", [",", " ", "; "])
def test_items_as_text(sep, tmp_path):
    for array in (RNG.standard_normal(1000), RNG.integers(-(10**9), 10**9, (10, 30)), np.array([True, False])):
        ours, theirs = tmp_path / "x", tmp_path / "y"
        pynpio.tofile(array, ours, sep)
        array.tofile(theirs, sep)
        assert ours.read_bytes() == theirs.read_bytes()
        if array.dtype.kind != "b":
            same(pynpio.fromfile(ours, array.dtype, sep=sep), np.fromfile(ours, array.dtype, sep=sep))
            same(pynpio.fromstring(ours.read_text(), array.dtype, sep=sep), array.ravel())
    pynpio.tofile(np.arange(4), ours, sep, "%5.1f")
    np.arange(4).tofile(theirs, sep, "%5.1f")
    assert ours.read_bytes() == theirs.read_bytes()


def test_strict_text_is_read_to_its_end(tmp_path):
    (tmp_path / "x").write_text("1,2,x")
    with pytest.raises(pynpio.FormatError, match="line 1"):
        pynpio.fromfile(tmp_path / "x", int, sep=",", strict=True)
    with pytest.raises(pynpio.FormatError):
        pynpio.fromstring("1,300", "u1", sep=",", strict=True)


TABLES = [
    ("1 2\n3 4\n", {}),
    ("1,2\n# c\n\n3,4\n", {"delimiter": ","}),
    ("a b\n1 2\n3 4\n", {"skiprows": 1, "usecols": 1}),
    ("1 2 3\n4 5 6\n", {"unpack": True, "dtype": int}),
    ("1\n2\n", {}),
    ("1\n2\n", {"ndmin": 2}),
    ("1 2\n", {"ndmin": 1}),
    ("5", {}),
    ("'a b' 2\n", {"dtype": "U5", "quotechar": "'"}),
    ("x 1.5\nyy 2\n", {"dtype": [("n", "U3"), ("v", "f8")]}),
    ("x 1.5\nyy 2\n", {"dtype": [("n", "U3"), ("v", "f8")], "unpack": True}),
    ("x yy\n", {"dtype": str}),
    ("1 2\n3 4\n5 6\n", {"max_rows": 2}),
    ("1+2j (3-1j)\n", {"dtype": complex}),
    ("1 2 % no\n3 4\n", {"comments": ["#", "%"]}),
    ("2020-01-02 2021-01-01\n", {"dtype": "M8[D]"}),
    ("é ü\n", {"dtype": "U2", "encoding": "utf-8"}),
    ("1:2\n", {"converters": {0: lambda text: 7}, "delimiter": ":"}),
]


@pytest.mark.parametrize("text, options", TABLES, ids=str)
def test_tables(text, options, tmp_path):
    (tmp_path / "x").write_text(text, encoding="utf-8")
    sources = [
        lambda: tmp_path / "x",
        lambda: str(tmp_path / "x"),
        lambda: io.StringIO(text),
        lambda: text.splitlines(),
        lambda: open(tmp_path / "x", encoding="utf-8"),
        lambda: iter(text.splitlines()),
    ]
    for source in sources:
        ours, theirs = pynpio.loadtxt(source(), **options), np.loadtxt(source(), **options)
        if isinstance(theirs, list):
            for a, b in zip(ours, theirs, strict=True):
                same(a, b)
        else:
            same(ours, theirs)


def test_the_rest_of_a_file_is_for_the_next_call():
    for make in (io.StringIO, lambda text: io.BytesIO(text.encode("latin1"))):
        file = make("1 2\n3 4\né\n5 6\n")
        assert pynpio.loadtxt(file, max_rows=2).tolist() == [[1, 2], [3, 4]]
        assert pynpio.loadtxt(file, dtype="U1", max_rows=1) == "é"
        assert pynpio.loadtxt(file).tolist() == [5, 6]


def test_errors_say_where():
    with pytest.raises(ValueError, match=r"could not convert string 'x' to float64 at row 1, column 2.*line 2"):
        pynpio.loadtxt(["1 2", "3 x"])
    with pytest.raises(ValueError, match=r"the number of columns changed from 2 to 3 at row 2"):
        pynpio.loadtxt(["1 2", "3 4 5"])
    with pytest.warns(UserWarning, match="no data"):
        pynpio.loadtxt([])
    with pytest.raises(ValueError):
        pynpio.loadtxt(["300"], dtype="u1", strict=True)


WRITES = [
    {},
    {"fmt": "%.3f"},
    {"fmt": "%d", "delimiter": ","},
    {"fmt": ["%d", "%.2e"], "delimiter": ", "},
    {"fmt": "%d: %.3g"},
    {"header": "a b\nc", "footer": "end", "comments": "% "},
    {"newline": "\r\n"},
]


@pytest.mark.parametrize("options", WRITES, ids=str)
def test_written_tables(options, tmp_path):
    array = RNG.standard_normal((5, 2)) * 1000
    for make in (lambda name: tmp_path / name, lambda name: str(tmp_path / name)):
        pynpio.savetxt(make("x"), array, **options)
        np.savetxt(make("y"), array, **options)
        assert (tmp_path / "x").read_bytes() == (tmp_path / "y").read_bytes()
    for make in (io.StringIO, io.BytesIO):
        ours, theirs = make(), make()
        pynpio.savetxt(ours, array, **options)
        np.savetxt(theirs, array, **options)
        assert ours.getvalue() == theirs.getvalue()


def test_complex_and_records_as_tables():
    for array in (np.array([[1 + 2j, -3.5j]]), np.array([(1, "a")], [("n", "i4"), ("s", "U2")])):
        fmt = "%d %s" if array.dtype.names else "%.2f"
        ours, theirs = io.StringIO(), io.StringIO()
        pynpio.savetxt(ours, array, fmt=fmt)
        np.savetxt(theirs, array, fmt=fmt)
        assert ours.getvalue() == theirs.getvalue()


@pytest.mark.parametrize("sep", [",", " ", "; ", "a b", " , ", "\t"])
def test_a_file_is_read_in_pieces(sep, tmp_path):
    """A file is left where NumPy leaves it: behind the separator, so that the next call begins with an item."""
    written = [sep, sep.strip() or " ", f" \n {sep.strip()}  ", sep + "\n"]
    for _ in range(60):
        items = RNG.integers(0, 99, 12).astype(str)
        text = "".join(item + str(RNG.choice(written)) for item in items)
        (tmp_path / "x").write_text(text + str(RNG.choice(["", "7", "7 \n"])), newline="")
        with open(tmp_path / "x", "rb") as file, open(tmp_path / "x", "rb") as theirs:
            stream = io.BytesIO((tmp_path / "x").read_bytes())
            for count in RNG.integers(1, 5, 5):
                try:
                    expected = np.fromfile(theirs, int, count, sep=sep)
                except ValueError:
                    break
                same(pynpio.fromfile(file, int, count, sep=sep), expected)
                same(pynpio.fromfile(stream, int, count, sep=sep), expected)
                if len(expected) < count:
                    break
                assert file.tell() == stream.tell() == theirs.tell(), (text, count)
    stream = io.BytesIO(b"1,2,3,4,5,6")
    assert [pynpio.fromfile(stream, int, 2, sep=",").tolist() for _ in range(3)] == [[1, 2], [3, 4], [5, 6]]
    stream = io.StringIO("1;" + " " * 1000 + "2; 3")
    assert [pynpio.fromfile(stream, int, 1, sep="; ").tolist() for _ in range(3)] == [[1], [2], [3]]


def test_a_text_file_has_an_encoding_of_its_own(tmp_path):
    array = np.array([[1.5, 2]])
    for encoding in ("latin1", "utf-16", "utf-8", "cp1252"):
        texts = []
        for savetxt in (pynpio.savetxt, np.savetxt):
            with open(tmp_path / "x", "w", encoding="latin1", newline="") as file:
                savetxt(file, array, header="é ü", encoding=encoding)
            texts.append((tmp_path / "x").read_bytes())
            stream = io.StringIO()
            savetxt(stream, array, header="é ü €", encoding=encoding)
            texts.append(stream.getvalue())
        assert texts[:2] == texts[2:]


def test_items_before_the_file(tmp_path):
    (tmp_path / "x").write_bytes(bytes(range(64)))
    for read in (pynpio.fromfile, np.fromfile):
        with pytest.raises(OSError) as raised:
            read(tmp_path / "x", "u1", offset=-1)
        assert raised.value.errno == errno.EINVAL
        with open(tmp_path / "x", "rb") as file:
            file.seek(8)
            with pytest.raises(OSError) as raised:
                read(file, "u1", offset=-9)
            assert raised.value.errno == errno.EINVAL and file.tell() == 8
            assert read(file, "u1", 2, offset=-8).tolist() == [0, 1]
    stream = io.BytesIO(bytes(64))
    with pytest.raises(OSError):
        pynpio.fromfile(stream, "u1", offset=-1)


def test_the_dtype_is_the_callers(tmp_path):
    (tmp_path / "x").write_bytes(bytes(range(64)))
    (tmp_path / "y").write_text("1 2 3")
    dtypes = [
        np.dtype((np.record, [("a", "i4"), ("b", "i4")])),
        np.dtype([("a", "i1"), ("b", "f8")], align=True),
        np.dtype("i4", metadata={"unit": "m"}),
        np.dtype(("f4", (2, 2))),
        np.dtype(("i4", {"low": ("i2", 0), "high": ("i2", 2)})),
    ]
    for dtype in dtypes:
        ours, theirs = pynpio.fromfile(tmp_path / "x", dtype), np.fromfile(tmp_path / "x", dtype)
        same(ours, theirs)
        assert ours.dtype.type is theirs.dtype.type and ours.dtype.isalignedstruct == theirs.dtype.isalignedstruct
        assert ours.dtype.metadata == theirs.dtype.metadata and type(ours[0]) is type(theirs[0])
    assert pynpio.fromfile(tmp_path / "y", dtypes[2], sep=" ").dtype.metadata == {"unit": "m"}
