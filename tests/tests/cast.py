"""Casts edge values, and random ones, of every dtype to every other, item by item, for cast.rs.

The arguments are the dtypes and the number of random values of each sort.

For each source: its descriptor, the number of items and their bytes; then for each target the result's
dtype and, for each item, its bytes, or nothing where NumPy raises. Fields are length-prefixed.
"""

import random
import struct
import sys
import warnings

import numpy as np
from numpy.lib import format as npformat

warnings.simplefilter("ignore")
INTS = [0, 1, -1, 2, 45, 127, 128, 255, 256, 300, -128, -129, 2**15, 2**16, 2**31 - 1, -(2**31), 2**32 + 5]
INTS += [2049, 65519, 65520, 2**24 + 1, 2**53 - 1, 2**53 + 1, 2**63 - 1, -(2**63), -(2**63) + 1, 2**63, 2**64 - 1]
FLOATS = [0.0, -0.0, 0.5, 1.5, -2.5, 0.1, 1 / 3, 1e15, 1e16, 123456789.125, 1e-5, 1e300, -1e300, 255.9, -129.0]
FLOATS += [65504.0, 65519.99, 65520.0, 2.0**-24, 2.0**-25, 1.5 * 2.0**-25, 2049.0, 2051.0, 2.0**53, 2.0**63]
FLOATS += [-(2.0**63), 2.0**64, 3.4028235677973366e38, 1e-45, 7e-46, 5e-324, np.nan, np.inf, -np.inf, 2.0**31, -2e9]
FLOATS += [1 + 2.0**-24, 1 + 3 * 2.0**-24, 1 + 2.0**-11, 1 + 2.0**-11 + 2.0**-40, 16777217.0]
TEXTS = ["", "0", "1", "-1", " 7\n", "1_000", "007", "+5", "255", "256", "1.5", "-2.5e3", "nan", "-inf", "1e400", "0x10"]
TEXTS += ["True", "False", "x", "1+2j", "(1-2j)", "j", "1+", "2**2", "9223372036854775807", "9223372036854775808"]
TEXTS += ["18446744073709551615", "-9223372036854775808", "NaT", "nat", "2020", "2020-02-29", "2021-02-29"]
TEXTS += ["1969-12-31T23:59:59.999", "2020-01-02T03:04Z", "2020-01-02 03:04:05.123456", "2020-01-02T03+01:30"]
TEXTS += ["2020-01-01T00+01", "2019-12-31T23:59:59-00:01", "-0001-01", "2020-13", "2020-1", "2020-01-01T24", "1e5", "1_.5", ".5", "5.", "infinity", "a b", "\t1e-3 ", "now", "today"]
TIMES = [0, 1, -1, 59, -59, 60, 365, -365, 366, 10957, 11016, -719468, 86400, -86401, 10**9, -(10**9), 2**40, -(2**62)]
TIMES += [2**63 - 1, -(2**63), -(2**63) + 1]

random.seed(1)
for _ in range(int(sys.argv[2])):
    near = 1 + random.choice([0, 2**-11, 2**-12, 2**-24, 2**-25, 2**-50])
    FLOATS += struct.unpack("<df", random.randbytes(12)) + (random.uniform(-70000, 70000),)
    FLOATS += [struct.unpack("<e", random.randbytes(2))[0] * near, random.randrange(-(2**33), 2**33) / 2]
    INTS += [random.getrandbits(random.randrange(1, 64)) * random.choice([1, -1])]
    TIMES += [random.getrandbits(random.randrange(1, 50)) * random.choice([1, -1])]
    TEXTS += ["".join(random.choices("0123456789+-.e_jJ()nai", k=random.randrange(1, 9)))]
    TEXTS += [repr(FLOATS[-1]), str(complex(FLOATS[-2], FLOATS[-3]))[:30], str(INTS[-1])]
    day = f"{random.randrange(1900, 2100)}-{random.randrange(14):02}-{random.randrange(33):02}"
    clock = f"{random.choice('T T:')}{random.randrange(25):02}:{random.randrange(61):02}"
    zone = random.choice(["", "Z", "+01:00", "-0230", ":59", ":59.", ".5", ":01.1234567Z"])
    TEXTS += [day + clock + zone, (day + clock)[: random.randrange(4, 16)].strip()]


def values(dtype):
    """Items of a native dtype."""
    kind = dtype.kind
    if kind == "b":
        return np.array([False, True])
    if kind in "iu":
        info = np.iinfo(dtype)
        return np.array([i for i in INTS + [info.min, info.max] if info.min <= i <= info.max], dtype)
    if kind == "f":
        return np.array(FLOATS).astype(dtype)
    if kind == "c":
        pairs = list(zip(FLOATS, FLOATS[3:] + FLOATS[:3]))
        return np.array([complex(a, b) for a, b in pairs] + [0j, complex(0, -0.0), complex(-0.0, 1)]).astype(dtype)
    if kind in "SU":
        texts = [text for text in TEXTS if len(text) <= dtype.itemsize // (4 if kind == "U" else 1)]
        extra = ["é", "\u00a07", "\U0001f600", "\u0661"] if kind == "U" else [b"\xff", b"\xc2\xa07", b"a\0b"]
        texts = texts if kind == "U" else [text.encode() for text in texts]
        return np.array(texts + (extra if dtype.itemsize > 3 else []), dtype)
    if kind in "mM":
        return np.array(TIMES, "i8").view(dtype)
    size = max(dtype.itemsize, 1)
    return np.frombuffer(bytes(range(48, 48 + 3 * size)), f"V{size}").astype(dtype)


def clean(items):
    """The same with zeros where a long double has bytes without a meaning."""
    parts = items.view("u1").reshape(-1, 16) if items.dtype.char in "gG" else np.zeros((0, 16), "u1")
    parts[:, slice(10, 16) if items.dtype.isnative else slice(0, 6)] = 0
    return items


def put(*fields):
    for field in fields:
        field = field.encode() if isinstance(field, str) else field
        sys.stdout.buffer.write(struct.pack("<I", len(field)) + field)


def raw(item):
    return item.reshape(-1).view(f"V{item.itemsize}").tobytes() if item.nbytes else b""


def descr(dtype):
    return repr(npformat.dtype_to_descr(dtype)) if dtype.names is not None else dtype.str


for name in sys.argv[1].split():
    dtype = np.dtype(name)
    items = clean(values(dtype.newbyteorder("=")).astype(dtype))
    put(items.dtype.str, str(len(items)), raw(items))
    for target in sys.argv[1].split():
        put(target)
        # The dtype where no item has a say.
        try:
            put(descr(items[:0].astype(target).dtype))
        except Exception:
            put("")
        for i in range(len(items)):
            try:
                put(b"+" + raw(items[i : i + 1].astype(target)))
            except Exception as error:
                put(b"-" + str(error).encode(errors="replace"))
