"""Values of Python for meta.rs: written in every spelling, and compared with what npio wrote of them.

`write FOLDER COUNT` leaves files, `check FOLDER COUNT` makes the same values again and compares.
"""

import collections
import datetime
import json
import pickle
import random
import sys

import numpy as np

KINDS = ["?", "i1", "u2", ">i4", "u8", "f2", "<f4", ">f8", "g", "c8", ">c16", "G", "S3", "<U2", ">U2", "V3", "M8[D]"]
KINDS += ["M8[25s]", ">m8[ns]", "m8", [("a", "<i4"), ("b", ">f8", (2,))], [(("T", "n"), "S2"), ("r", [("x", "f4")])]]
KINDS += [{"names": ["a", "b"], "formats": ["i1", "M8[us]"], "offsets": [1, 9], "itemsize": 20}]


def text(r):
    alphabet = ["a", "é", "\u20ac", "\U0001f600", "\n", "'", '"', "\\", "\0", "\x7f", "\ud800", "\udc00"]
    return "".join(r.choices(alphabet, [9, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1], k=r.choice([0, 1, 3, 8, 300])))


def date(r):
    return datetime.date(r.choice([1, 1969, 1970, 2020, 9999]), r.randrange(1, 13), r.randrange(1, 29))


def time(r):
    zone = datetime.timezone(datetime.timedelta(minutes=r.randrange(-1439, 1439), microseconds=r.choice([0, 0, 7])))
    zone = r.choice([None, None, datetime.timezone.utc, zone])
    parts = (r.randrange(24), r.randrange(60), r.choice([0, 59]), r.choice([0, 1, 999999]))
    return datetime.time(*parts, tzinfo=zone, fold=r.choice([0, 0, 1]))


def number(r):
    return r.choice(
        [
            lambda: r.choice([0, 1, -1, 255, 256, 65535, 65536, -(2**31), 2**31, 2**63 - 1, -(2**63), 2**63, 2**64]),
            lambda: r.getrandbits(r.choice([7, 40, 200, 3000])) * r.choice([1, -1]),
            lambda: r.choice([0.0, -0.0, 0.1, 1e16, 1e-5, 5e-324, float("nan"), float("inf"), -float("inf")]),
            lambda: r.uniform(-1e9, 1e9),
        ]
    )()


def array(r):
    shape = r.choice([(), (0,), (1,), (3,), (2, 3), (2, 0, 4), (2, 3, 4)])
    dtype = np.dtype(r.choice(KINDS))
    count = int(np.prod(shape))
    x = np.frombuffer(r.randbytes(count * dtype.itemsize), dtype) if dtype.kind in "iuSmMV" else None
    if x is None and dtype.kind == "U":
        x = np.array([text(r)[:2] for _ in range(count)], dtype)
    elif x is None:
        x = np.array([r.choice([0, 1, -2, 3.5, float("nan")]) for _ in range(count)]).astype(dtype)
    x = x.reshape(shape)
    return r.choice([x, np.asfortranarray(x), x.T, x[::-1] if shape else x])


def scalar(r):
    kinds = [np.float32(1.5), np.float16("nan"), np.int8(-3), np.uint64(2**64 - 1), np.bool_(True), np.complex64(1 - 2j)]
    kinds += [np.str_("né"), np.bytes_(b"a\0b"), np.datetime64("2020-01-02"), np.datetime64(5, "ns"), np.longdouble("0.1")]
    kinds += [np.datetime64("NaT"), np.timedelta64(3, "Y"), np.timedelta64(7, "h"), np.void(b"ab")]
    kinds += [np.zeros((), KINDS[-3])[()], np.zeros((), "M8[s]")[()]]
    return r.choice(kinds)


def hashable(r, depth):
    plain = [lambda: text(r), lambda: number(r), lambda: None, lambda: r.random() < 0.5, lambda: date(r)]
    plain += [lambda: r.randbytes(r.choice([0, 1, 5])), lambda: complex(number(r) % 2**60, 1), lambda: time(r)]
    if depth < 3:
        plain += [lambda: tuple(hashable(r, depth + 1) for _ in range(r.randrange(5)))]
        plain += [lambda: frozenset(hashable(r, depth + 1) for _ in range(r.randrange(3)))]
    return r.choice(plain)()


def value(r, depth=0):
    parts = [lambda: hashable(r, depth), lambda: hashable(r, depth), lambda: array(r), lambda: scalar(r)]
    parts += [lambda: datetime.datetime.combine(date(r), time(r)), lambda: r.randbytes(r.choice([0, 3, 300]))]
    parts += [lambda: datetime.timedelta(r.randrange(-(10**6), 10**6), r.randrange(86400), r.randrange(10**6))]
    parts += [lambda: bytearray(b"ab\xff")]
    if depth < 4:
        some = lambda: [value(r, depth + 1) for _ in range(r.choice([0, 1, 2, 4]))]
        pairs = lambda: {hashable(r, 2): value(r, depth + 1) for _ in range(r.choice([0, 1, 3, 6]))}
        parts += [some, some, pairs, pairs, lambda: tuple(some()), lambda: set(hashable(r, 2) for _ in range(4))]
        parts += [lambda: collections.OrderedDict(pairs()), lambda: collections.deque(some(), 5)]
        parts += [lambda: collections.defaultdict(r.choice([None, int, list]), pairs()), lambda: [None] * 1200]
        parts += [lambda: objects(some(), r), lambda: strings(r)]
    return r.choice(parts)()


def objects(items, r):
    x = np.empty(len(items), object)
    for i, item in enumerate(items):
        x[i] = item
    return x.reshape(2, -1, order=r.choice("CF")) if len(items) == 4 else x


def strings(r):
    dtype = np.dtypes.StringDType(**r.choice([{}, {"na_object": None}, {"na_object": float("nan")}, {"coerce": False}]))
    items = [text(r).encode("utf-8", "ignore").decode() for _ in range(3)]
    return np.array(items + ([dtype.na_object] if hasattr(dtype, "na_object") else []), dtype)


def jsonable(r, depth=0):
    plain = [lambda: text(r), lambda: number(r), lambda: None, lambda: True]
    if depth < 4:
        plain += [lambda: [jsonable(r, depth + 1) for _ in range(r.randrange(4))]] * 2
        plain += [lambda: {text(r): jsonable(r, depth + 1) for _ in range(r.randrange(4))}] * 2
    return r.choice(plain)()


def item(r):
    """What an array says without a loss."""
    whole = [text(r).rstrip("\0"), r.choice([1, -5, 2**63 - 1, 2**64 - 1]), r.uniform(-9, 9), float("nan"), False]
    whole += [1 - 2j, b"a\0b", date(r), datetime.datetime.combine(date(r), datetime.time(1, 2, 3, 4)), array(r)]
    whole += [datetime.timedelta(3, 4, 5), ["a", "bc"], [1.5, 2.5], [True], [2, 3]]
    x = r.choice(whole)
    # A record by itself comes as a tuple, of which no array is made again.
    return x.reshape(1) if isinstance(x, np.ndarray) and x.dtype.names and x.ndim == 0 else x


def canonical(x):
    """The text of a value that can be hashed, in which the items of sets are in order."""
    if isinstance(x, (set, frozenset)):
        return "{" + ",".join(sorted(map(canonical, x))) + "}"
    return "(" + ",".join(map(canonical, x)) + ")" if isinstance(x, tuple) else repr(x)


def same(a, b):
    """Whether `b` is what a reader of plain values makes of `a`."""
    if isinstance(a, np.generic):
        plain = a.item()
        if a.dtype.char in "gGmM" and not isinstance(plain, (datetime.date, datetime.timedelta)):
            return type(a) is type(b) and same(np.asarray(a), np.asarray(b))
        return same(plain, b.item() if isinstance(b, np.generic) else b)
    if isinstance(a, np.ndarray):
        if not isinstance(b, np.ndarray) or a.shape != b.shape:
            return False
        if a.dtype != b.dtype:
            # As NumPy itself when it unpickles.
            a = a.astype(a.dtype.newbyteorder("="))
        if a.dtype != b.dtype:
            return False
        if a.dtype.kind in "OT":
            return all(same(x, y) for x, y in zip(a.ravel().tolist(), b.ravel().tolist()))
        if a.dtype.char in "gG" or a.dtype.names:
            # Some bytes of each have no meaning.
            return repr(a) == repr(b)
        return a.tobytes() == b.tobytes()
    kinds = {bytearray: bytes, collections.deque: list, collections.OrderedDict: dict, collections.defaultdict: dict}
    kind = kinds.get(type(a), type(a))
    if kind is not type(b):
        return False
    if kind in (list, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b))
    if kind in (set, frozenset):
        return canonical(a) == canonical(b)
    if kind is dict:
        pairs = zip(a.items(), b.items())
        return len(a) == len(b) and all(same(k, l) and same(v, w) for (k, v), (l, w) in pairs)
    return repr(bytes(a) if kind is bytes else a) == repr(b)


def old_names(data):
    """The same pickle as NumPy 1 writes it."""
    data = data.replace(b"cnumpy._core", b"cnumpy.core")
    for module in [b"numpy._core.multiarray", b"numpy._core.numeric", b"numpy._core._internal"]:
        old = module.replace(b"_core", b"core")
        data = data.replace(b"\x8c" + bytes([len(module)]) + module, b"\x8c" + bytes([len(old)]) + old)
    # The first of its frames, which the names have shortened; there is one up to 64 KiB.
    if data[2:3] == b"\x95":
        data = data[:3] + (len(data) - 11).to_bytes(8, "little") + data[11:]
    return data


def is_plain(x):
    """Whether npio prints it as `repr` does: NumPy's own values it does not."""
    if isinstance(x, (np.ndarray, np.generic, bytearray, collections.deque, collections.OrderedDict, collections.defaultdict)):
        return False
    if isinstance(x, dict):
        return all(is_plain(k) and is_plain(v) for k, v in x.items())
    return all(map(is_plain, x)) if isinstance(x, (list, tuple, set, frozenset)) else True


def main(command, folder, count):
    for seed in range(count):
        r = random.Random(seed)
        x, j = value(r), {"k": jsonable(r), **{text(r): jsonable(r) for _ in range(3)}}
        i = {f"k{n}": item(r) for n in range(5)}
        base = f"{folder}/{seed}"
        if command == "write":
            for protocol in range(6):
                data = pickle.dumps(x, protocol)
                is_old = seed % 2 == 1 and len(data) < 60000
                open(f"{base}.{protocol}.pkl", "wb").write(old_names(data) if is_old else data)
            wrapped = np.empty((), object)
            wrapped[()] = x
            np.save(f"{base}.npy", x if isinstance(x, np.ndarray) else wrapped)
            np.savez(f"{base}.pickle.npz", x=np.arange(3), mdata={"k": x})
            np.savez(f"{base}.json.npz", x=np.arange(3), mdata=json.dumps(j))
            np.savez(f"{base}.items.npz", x=np.arange(3), **{f"m.{k}": v for k, v in as_arrays(i).items()})
            open(f"{base}.repr", "w").write(ascii(x) if is_plain(x) else "")
            continue
        for protocol in range(6):
            path = f"{base}.{protocol}.out.pkl"
            # The first protocols lose whether a clock was set back; all that npio writes is of the protocol 4, from
            # which NumPy makes arrays in native byte order.
            kept = pickle.loads(pickle.dumps(x, min(protocol, 4)))
            assert same(kept, pickle.load(open(path, "rb"))), (path, x)
        found = np.load(f"{base}.out.npy", allow_pickle=True)
        if isinstance(x, np.ndarray):
            assert same(kept if x.dtype.hasobject else x, found), (base, x, found)
        else:
            assert same(kept, found.item()), (base, x, found)
        with np.load(f"{base}.pickle.out.npz", allow_pickle=True) as z:
            assert z["x"].tolist() == [0, 1, 2]
            assert same({"k": kept}, z["mdata"].item()), base
        with np.load(f"{base}.json.out.npz") as z:
            assert z["x"].tolist() == [0, 1, 2]
            assert z["mdata"].item() == json.dumps(j), (base, z["mdata"].item(), json.dumps(j))
        with np.load(f"{base}.items.out.npz") as z:
            expected = as_arrays(i)
            assert z["x"].tolist() == [0, 1, 2]
            for k in i:
                a, b = np.asarray(expected[k]), z[f"m.{k}"]
                # One item comes as a value of Python, whose dtype is the default one.
                assert same(a[()], b[()]) if a.shape == () else same(a, b), (base, k, a, b)
    print(count)


def as_arrays(items):
    """Dates as arrays of dates, of which NumPy would make objects."""
    return {k: as_array(v) for k, v in items.items()}


def as_array(v):
    if isinstance(v, datetime.datetime):
        return np.datetime64(v, "us")
    if isinstance(v, datetime.date):
        return np.datetime64(v, "D")
    if isinstance(v, datetime.timedelta):
        return np.timedelta64(v, "us")
    return np.asarray(v)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
