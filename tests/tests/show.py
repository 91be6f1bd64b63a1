"""Random arrays, and what NumPy prints for them: the oracle of show.rs.

Writes cases to standard output, each as fields that begin with their length in 4 bytes (little-endian):
descr, shape, strides, offset of the first item, bytes, texts of objects, str(arr), array2string(arr),
repr(arr), repr(arr) of all items, repr of the first item, JSON. Fields of text are UTF-8. Objects are
numbers in the bytes: of their texts, which are fields in a field. An empty field is not compared.
"""

import base64
import datetime
import json
import re
import sys

import numpy as np
from numpy.lib import format as npformat

rng = np.random.default_rng(20260729)
out = sys.stdout.buffer


def utf8(text):
    # Lone surrogates cannot be UTF-8: they are told by Python's escape.
    return text.encode("utf-8", "backslashreplace")


def framed(fields):
    return b"".join(len(field).to_bytes(4, "little") + field for field in fields)


def case(array, with_json=True):
    """Writes `array` and the answers; it may be any view of an array that owns its items."""
    write_case(array, array, [], with_json)


def write_case(stored, array, texts, with_json):
    """Writes `array` and the answers; in `stored` objects are the numbers of their texts."""
    base = stored if stored.base is None else stored.base
    while base.base is not None:
        base = base.base
    start = stored.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    fields = [
        repr(npformat.dtype_to_descr(array.dtype)).encode(),
        ",".join(map(str, stored.shape)).encode(),
        ",".join(map(str, stored.strides)).encode(),
        str(start).encode(),
        base.tobytes("A"),
        framed(utf8(text) for text in texts),
        utf8(str(array)),
        utf8(np.array2string(array, threshold=sys.maxsize)),
        utf8(repr(as_loaded(array))),
        utf8(full_repr(as_loaded(array))),
        utf8(first_repr(as_loaded(array))),
        as_json(array).encode() if with_json else b"",
    ]
    out.write(framed(fields))


def as_loaded(array):
    """The array as it would be loaded from a file, which does not say whether its records are aligned."""
    return array.view(npformat.descr_to_dtype(npformat.dtype_to_descr(array.dtype)))


def full_repr(array):
    with np.printoptions(threshold=sys.maxsize):
        return repr(array)


def first_repr(array):
    return "" if array.size == 0 or array.dtype.hasobject else repr(array[(0,) * array.ndim])


# JSON


def as_json(array):
    text = json.dumps(tolist(array), separators=(",", ":"), ensure_ascii=False)
    return "".join(c if c.isprintable() else utf16_escapes(c) for c in text)


def utf16_escapes(c):
    units = c.encode("utf-16-be", "surrogatepass")
    return "".join("\\u%02x%02x" % pair for pair in zip(units[::2], units[1::2]))


def tolist(array):
    if array.ndim:
        return [tolist(array[i, ...]) for i in range(len(array))]
    if array.dtype.names is not None:
        return [tolist(array[name]) for name in array.dtype.names]
    dtype, value = array.dtype, array[()]
    if dtype.kind in "SV":
        value = value.item()
        if value.isascii():
            return value.decode("ascii")
        return {"base64": base64.b64encode(value).decode("ascii")}
    if dtype.kind == "m":
        return None if np.isnat(value) else int(array.astype(dtype.newbyteorder("=")).view("i8"))
    if dtype.kind == "M":
        value = value.item()
        return value.isoformat() if isinstance(value, datetime.date) else value
    if dtype.kind == "c":
        return [real(value.real), real(value.imag)]
    if dtype.kind == "f":
        return real(value)
    return value.item()


def real(value):
    return str(value) if isinstance(value, np.longdouble) else float(value)


# Items


FLOATS = [
    0.0, -0.0, 0.5, 1.5, 2.5, 0.1, 1 / 3, 1.000000005, 1.000000015, 0.000000015, 1.00000001,
    0.0001, 9.9999999e-5, 0.00010001, 99999999.0, 1e8, 99999999.99999999, 123456.7890625,
    1e15, 9999999999999998.0, 1e16, 1.1e16, 1e22, 1e23, 9.5e-7, 5e-324, 2.2250738585072014e-308,
    1.7976931348623157e308, 2.0**-44, 2.0**-1074, 2.0**53, 2.0**54, 1125899906842624.25,
    1125899906842624.75, 2097152.25, 256.25, 1000.0, 1001.0, 999.5, 65504.0, 1e6, 999999.94,
    3.4028234663852886e38, 1.401298464324817e-45, 0.001953125, 2.0**-9 * 3, 2.0**-9 * 5,
    float("nan"), float("inf"), float("-inf"),
]  # fmt: skip


def random_bits(dtype, shape):
    dtype = np.dtype(dtype)
    count = int(np.prod(shape, dtype=int))
    bits = rng.integers(0, 256, count * dtype.itemsize, dtype="u1")
    if dtype.char in "gG":
        parts = bits.reshape(-1, 16)
        # The x87's leading 1, which is 0 for the tiniest numbers only.
        tiny = (parts[:, 8] | parts[:, 9] & 0x7F) == 0
        parts[:, 7] = np.where(tiny, parts[:, 7] & 0x7F, parts[:, 7] | 0x80)
        parts[:, 10:] = 0
    return bits.view(dtype).reshape(shape)


def floats(dtype, shape):
    """One of many kinds of mixtures of magnitudes."""
    dtype = np.dtype(dtype)
    if dtype.kind == "c":
        part = np.dtype({"F": "f", "D": "d", "G": "g"}[dtype.char])
        both = np.empty(shape, dtype)
        both.real, both.imag = floats(part, shape), floats(part, shape)
        return both
    mode = rng.integers(0, 12)
    # Numbers of thousands of digits take their time: not too many of them.
    extreme = dtype.char != "g" or np.prod(shape) < 30 and rng.integers(0, 3) == 0
    if mode == 0 and extreme:
        return random_bits(dtype, shape)
    if mode == 1:
        x = rng.choice(FLOATS, shape)
    elif mode == 2:
        x = rng.normal(size=shape)
    elif mode == 3:
        x = rng.normal(size=shape) * 10.0 ** rng.integers(-8, 9)
    elif mode == 4:
        x = np.exp(rng.normal(size=shape) * 5)
    elif mode == 5:
        x = rng.integers(-1000, 1000, shape).astype("f8")
    elif mode == 6:
        x = rng.integers(-(10**9), 10**9, shape) / 512
    elif mode == 7:
        x = np.round(rng.normal(size=shape) * 100, rng.integers(0, 10))
    elif mode == 8:
        x = np.full(shape, rng.choice([np.nan, np.inf, -np.inf, 0.0, 1.0]))
    elif mode == 9:
        x = 2.0 ** rng.integers(-30, 60, shape)
    elif mode == 10:
        # Digits that end where they are cut, in a five or next to one.
        x = rng.integers(1, 10**9, shape) * 10 + 5
        x = x / 10.0 ** rng.integers(8, 12)
    else:
        x = rng.integers(1, 10**5, shape) / 10.0 ** rng.integers(0, 8, shape)
    x = np.asarray(x)
    if dtype.char == "g" and rng.integers(0, 2):
        scale = 4000 if extreme else 15
        x = x.astype("g") / 3 * np.longdouble(10) ** rng.integers(-scale, scale)
    if rng.integers(0, 4) == 0:
        x = np.where(rng.random(shape) < 0.2, rng.choice([np.nan, np.inf, -np.inf]), x)
    return x.astype(dtype)


def ints(dtype, shape):
    info = np.iinfo(dtype)
    mode = rng.integers(0, 3)
    if mode == 0:
        return rng.integers(info.min, info.max, shape, dtype=dtype, endpoint=True)
    if mode == 1:
        return rng.choice(np.array([info.min, info.max, 0], dtype), shape)
    return rng.integers(max(info.min, -200), min(info.max, 1200), shape).astype(dtype)


# NumPy's own arithmetic wraps around beyond these: days of weeks, and what a unit's multiple makes.
UNITS = ["Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"]


def times(dtype, shape):
    unit, step = np.datetime_data(dtype)
    if dtype.kind == "m":
        limit = 2**63 // step - 1
    else:
        limit = {"Y": 2**62, "M": 2**62, "W": 2**59, "D": 2**62}.get(unit, 2**63 - 1) // step
    mode = rng.integers(0, 3)
    if mode == 0:
        limit = min(limit, 10 ** int(rng.integers(1, 19)))
    elif mode == 1 and dtype.kind == "M":
        limit = min(limit, 5000 * {"Y": 1, "M": 12, "W": 52, "D": 365}.get(unit, 10**15))
    counts = rng.integers(-limit, limit, shape, endpoint=True)
    if rng.integers(0, 2):
        counts = np.where(rng.random(shape) < 0.2, np.iinfo("i8").min, counts)
    if unit == "generic" and dtype.kind == "M":
        counts = np.full(shape, np.iinfo("i8").min)
    return np.asarray(counts).astype("i8").view(dtype.newbyteorder("="))


# Characters that every version of Unicode of this century agrees on.
CHARACTERS = list(
    "abcXYZ 0123'\"\\\n\t\r\x00\x01\x1b\x7f\x85\xa0\xad\xe9\xdf\u0301\u0430\u05d0\u200b\u200e\u202e"
    "\u2028\u3042\u4e2d\uac00\ud800\udfff\ue000\ufeff\uffff\U0001f600\U0001d11e\U000e0001\U0010ffff"
)


def texts(dtype, shape):
    size = dtype.itemsize // 4
    count = int(np.prod(shape, dtype=int))
    pool = CHARACTERS if rng.integers(0, 2) else CHARACTERS[:12]
    items = ["".join(rng.choice(pool, rng.integers(0, size + 1))) for _ in range(count)]
    return np.array(items, dtype.newbyteorder("=")).reshape(shape)


def blobs(dtype, shape):
    count = int(np.prod(shape, dtype=int))
    top = [256, 128, 40, 1][rng.integers(0, 4)]
    lengths = rng.integers(0, dtype.itemsize + 1, count)
    items = [rng.integers(0, top, length, dtype="u1").tobytes() for length in lengths]
    items = [item.ljust(dtype.itemsize, b"\0") for item in items]
    return np.frombuffer(b"".join(items), dtype, count).reshape(shape).copy()


def fill(dtype, shape):
    """A random array of any dtype."""
    dtype = np.dtype(dtype)
    if dtype.names is not None:
        array = np.zeros(shape, dtype)
        for name in dtype.names:
            sub = dtype[name]
            array[name] = fill(sub.base, tuple(shape) + sub.shape)
        return array
    if dtype.itemsize == 0:
        return np.zeros(shape, dtype)
    native = dtype.newbyteorder("=")
    if dtype.kind == "b":
        array = rng.integers(0, 2, shape).astype("?")
    elif dtype.kind in "iu":
        array = ints(native, shape)
    elif dtype.kind in "fc":
        with np.errstate(all="ignore"):
            array = floats(native, shape)
    elif dtype.kind in "mM":
        array = times(dtype, shape)
    elif dtype.kind == "U":
        array = texts(dtype, shape)
    else:
        array = blobs(dtype, shape)
    return np.asarray(array).astype(dtype)


# Objects


class Text:
    """An object that prints as this text."""

    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return self.text


WORDS = ["a", "bcd", "'né'", "array([1, 2])", " ", "  x ", "\t", "\u3000", "0123456789" * 3, "y" * 80]
LINE_ENDS = ["\n", "\n", "\n", "\n\n", "\r\n", "\r", "\x0b", "\x1c", "\x85", "\u2028", "\r\r\n"]


def object_texts():
    """Texts of one line and of several, also with white space and line ends around them."""
    texts = []
    for _ in range(rng.integers(1, 12)):
        mode = rng.integers(0, 4)
        lines = 1 if mode < 2 else rng.integers(1, 5)
        words = WORDS[:2] if mode % 2 else WORDS
        text = "".join(rng.choice(words, rng.integers(0, 3)))
        for _ in range(lines - 1):
            text += str(rng.choice(LINE_ENDS)) + "".join(rng.choice(words, rng.integers(0, 4)))
        if rng.integers(0, 8) == 0:
            text += str(rng.choice(LINE_ENDS))
        # NumPy cannot print an object without a text.
        texts.append(text or "z")
    return texts


def numbered(dtype):
    """The dtype with a number in place of each object."""
    if dtype.subdtype is not None:
        base, dims = dtype.subdtype
        return np.dtype((numbered(base), dims))
    if dtype.names is None:
        return np.dtype("=u8") if dtype.kind == "O" else dtype
    parts = [dtype.fields[name] for name in dtype.names]
    fields = {
        "names": dtype.names,
        "formats": [numbered(part[0]) for part in parts],
        "offsets": [part[1] for part in parts],
        "itemsize": dtype.itemsize,
    }
    return np.dtype(fields)


def number_objects(array, dtype, count):
    if dtype.names is not None:
        for name in dtype.names:
            number_objects(array[name], dtype[name].base, count)
    elif dtype.kind == "O":
        array[...] = rng.integers(0, count, array.shape)


def objects(array, dtype, texts):
    """The array with the objects in place of their numbers."""
    if dtype.names is not None:
        made = np.zeros(array.shape, dtype)
        for name in dtype.names:
            made[name] = objects(array[name], dtype[name].base, texts)
        return made
    if dtype.kind != "O":
        return array
    made = np.empty(array.shape, dtype)
    for index in np.ndindex(array.shape):
        made[index] = Text(texts[int(array[index])])
    return made


def object_case(dtype, dims):
    dtype, texts = np.dtype(dtype), object_texts()
    array = fill(numbered(dtype), dims)
    number_objects(array, dtype, len(texts))
    array = view(array)
    write_case(array, objects(array, dtype, texts), texts, with_json=False)


# dtypes and shapes


PLAIN = (
    "? i1 u1 <i2 >i2 <u2 <i4 >u4 <i8 >i8 <u8 >u8 <f2 >f2 <f4 >f4 <f8 >f8 <f16 >f16 <c8 >c8 <c16 >c16 "
    "<c32 >c32 S1 S5 S40 <U1 >U3 <U30 V1 V4 V30 <m8 <M8"
).split()


def known(types):
    """Those that NumPy has where its long double is not the 80-bit one."""
    return [t for t in types if np.finfo(np.longdouble).nmant == 63 or not t.endswith(("f16", "c32"))]


PLAIN = known(PLAIN)


def plain():
    choice = rng.integers(0, len(PLAIN) + 8)
    if choice < len(PLAIN):
        return np.dtype(PLAIN[choice])
    kind = rng.choice(["<M8", ">M8", "<m8"])
    return np.dtype("%s[%d%s]" % (kind, rng.choice([1, 1, 1, 7, 25]), rng.choice(UNITS)))


def record(depth, plain=plain):
    fields = []
    for i in range(rng.integers(1, 5)):
        sub = record(depth - 1, plain) if depth and rng.integers(0, 4) == 0 else plain()
        name = ("t%d" % i, "f%d" % i) if rng.integers(0, 8) == 0 else "f%d" % i
        shape = tuple(rng.integers(0, 4, rng.integers(1, 3)).tolist())
        fields.append((name, sub, shape) if rng.integers(0, 4) == 0 else (name, sub))
    return np.dtype(fields, align=bool(rng.integers(0, 2)))


def plain_or_object():
    return np.dtype("O") if rng.integers(0, 2) else plain()


def shape():
    mode = rng.integers(0, 10)
    if mode == 0:
        return ()
    if mode == 1:
        return tuple(rng.integers(0, 4, rng.integers(1, 5)).tolist())
    if mode < 6:
        return (int(rng.integers(1, 40)),)
    if mode < 9:
        return tuple(rng.integers(1, 9, rng.integers(2, 5)).tolist())
    return (int(rng.integers(1, 3)), int(rng.integers(1, 60)))


def view(array):
    """The array, or some of it, in some order."""
    if array.ndim == 0 or rng.integers(0, 2):
        return array
    array = array.transpose(rng.permutation(array.ndim))
    steps = rng.choice([-2, -1, 1, 2], array.ndim)
    return array[tuple(slice(None, None, int(step)) for step in steps)]


def main(count):
    for text in PLAIN + ["S0", "U0", "V0"]:
        for dims in [(), (0,), (0, 3), (3, 0), (1,), (3,), (2, 3), (2, 1, 2)]:
            case(fill(text, dims))
    for kind in "Mm":
        for unit in UNITS:
            for step in (1, 7):
                case(fill("%s8[%d%s]" % (kind, step, unit), ()))
                case(fill("%s8[%d%s]" % (kind, step, unit), (5,)))
    for number in FLOATS:
        for text in known(["<f2", "<f4", "<f8", "<f16", "<c8", "<c16", "<c32"]):
            with np.errstate(all="ignore"):
                case(np.array(number).astype(text))
                case(np.array([number]).astype(text))
                case(np.array([number, 1.5]).astype(text))
    # Every positive float16 in the company of others, and some alone.
    for bits in np.array_split(np.arange(0x7C00).astype("<u2"), 500):
        case(bits.view("<f2"))
    for bits in range(0, 65536, 97):
        case(np.array(bits, "<u2").view("<f2"))
        case(np.array([bits], "<u2").view("<f2"))
    for text in known(["<f4", "<f8", "<f16"]):
        for _ in range(count // 4):
            case(random_bits(text, ()))
            case(random_bits(text, (3,)))
    # Quotients near 1000, and powers of two with digits to spare.
    for text in known(["<f2", "<f4", "<f8", "<f16"]):
        one = np.dtype(text).type(1)
        for _ in range(count // 8):
            low = np.dtype(text).type(rng.random() * 0.05 + 0.01) * one
            high = low * 1000
            with np.errstate(all="ignore"):
                for other in [high, np.nextafter(high, one * 0), np.nextafter(high, one * 1e4)]:
                    case(np.array([low, other], text))
                case((np.array([1.0, 1.37]) * 2.0 ** rng.integers(-14, 15, 2)).astype(text))
    lengths = [(1000,), (1001,), (2000, 2), (2, 2000), (1200, 1), (30, 40), (7, 8, 90), (5, 6, 7, 8)]
    for dims in lengths:
        for text in rng.choice(PLAIN, 2 * len(PLAIN) // 3):
            case(view(fill(text, dims)), with_json=np.prod(dims) < 1500)
    case(fill([("a", "<i4"), ("b", "<f8", (2,)), ("c", "?")], (40, 50)))
    case(fill([("a", "<f4", (1200,)), ("b", "<i2", (10, 110)), ("c", "<i2", (200, 6))], (2,)))
    case(fill([("a", "<f4", (1200,))], ()))
    case(np.zeros((), np.dtype([])))
    case(np.zeros(3, np.dtype([])))
    for _ in range(count):
        case(view(fill(plain(), shape())))
        case(view(fill(record(2), shape()[:2])))
        object_case("O", shape())
        object_case(record(2, plain_or_object), shape()[:2])
    for dims in [(0,), (2, 0), (1001,), (40, 30)]:
        object_case("O", dims)
        object_case([("a", "<i4"), ("b", "O"), ("c", "O", (2,))], dims)
    object_case([("a", "O", (1200,))], (2,))


main(int(sys.argv[1]))
