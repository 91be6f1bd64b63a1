"""Objects of Python for objects.rs: pickled in every protocol, damaged, and told in a canonical text.

`write FOLDER COUNT` writes COUNT values as pickles, `damage FOLDER FIRST COUNT` damages pickles of such values:
`cases.bin` gets the pickles, each after its length in four bytes, and `expected.txt` a line for each: `= ` and its
text, `! ` and why Python refuses it, or `~ ` and why it cannot be compared.

The text is that of what an unpickler makes that knows the same names as npio. For any other name it has a `Stub`, which
records what the pickle does with it.
"""

import codecs
import collections
import datetime
import decimal
import enum
import fractions
import functools
import io
import pathlib
import pickle
import random
import re
import string
import struct
import sys
import types
import uuid
import warnings
import zoneinfo

import numpy as np

import meta

# What is pickled.


class Plain:
    pass


class Slots:
    __slots__ = ["a", "b"]


class SlotsAndDict(Slots):
    pass


class NewArgs:
    def __new__(cls, *args):
        return object.__new__(cls)

    def __getnewargs__(self):
        return self.args


class NewArgsEx(NewArgs):
    def __new__(cls, *args, **kwargs):
        return object.__new__(cls)

    def __getnewargs_ex__(self):
        return self.args, self.kwargs


class Reduced:
    def __reduce__(self):
        return self.parts


def make(*parts):
    return Plain()


class List(list):
    pass


class Dict(dict):
    pass


class Set(set):
    pass


class Str(str):
    pass


class Int(int):
    pass


class Float(float):
    pass


class Bytes(bytes):
    pass


class Tuple(tuple):
    pass


class Named(collections.namedtuple("Named", "a b")):
    pass


class Pair(collections.namedtuple("Pair", "left right")):
    __slots__ = ()


class Color(enum.Enum):
    RED = 1
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


class Bits(enum.Flag):
    A = 1
    B = 2


class Outer:
    class Inner:
        pass

    def method(self):
        pass

    @classmethod
    def maker(cls):
        pass


class Tagged(np.ndarray):
    """A subclass that holds more than an array."""

    def __reduce__(self):
        function, args, state = super().__reduce__()
        return function, args, (state, "tag")

    def __setstate__(self, state):
        super().__setstate__(state[0])


class Bare(np.ndarray):
    """A subclass that is unknown, and an array only."""


class Zone(datetime.tzinfo):
    def utcoffset(self, moment):
        return datetime.timedelta(hours=1)

    def dst(self, moment):
        return None

    def tzname(self, moment):
        return "Z"

    def __reduce__(self):
        return Zone, ()


try:
    PARIS = zoneinfo.ZoneInfo("Europe/Paris")
except zoneinfo.ZoneInfoNotFoundError:
    # Windows has no such data.
    PARIS = Zone()

RECORDS = [
    [("a", "<i8"), ("b", "O")],
    [("a", "O"), ("r", [("x", "<f4"), ("y", "O")])],
    [("s", "<i2", (2, 3)), ("o", "O", (2,)), ("t", "<U3")],
    [(("Title", "n"), "O"), ("d", "<M8[us]"), ("c", "c8")],
    {"names": ["a", "b"], "formats": ["u1", "O"], "offsets": [1, 8], "itemsize": 24},
]


def attributes(r, depth):
    return {meta.text(r) or "a": value(r, depth + 1) for _ in range(r.randrange(4))}


def with_attributes(cls, r, depth):
    x = cls()
    if hasattr(x, "__dict__"):
        x.__dict__.update(attributes(r, depth))
    if isinstance(x, Slots):
        x.a = value(r, depth + 1)
        if r.random() < 0.5:
            x.b = [x.a]
    return x


def new_args(cls, r, depth):
    x = cls()
    x.args = tuple(value(r, depth + 1) for _ in range(r.randrange(3)))
    x.kwargs = {name: value(r, depth + 1) for name in r.sample(["k", "class", "é"], r.randrange(3))}
    return x


def reduced(r, depth):
    some = lambda: [value(r, depth + 1) for _ in range(r.randrange(4))]
    pairs = [(meta.hashable(r, 2), value(r, depth + 1)) for _ in range(r.randrange(3))]
    x = Reduced()
    parts = (make, tuple(some()), r.choice([None, {"s": 1}, some(), 0]))
    x.parts = r.choice([parts[:2], parts, (List, (), parts[2], iter(some())), (Dict, (), None, None, iter(pairs))])
    return x


def subclass(r, depth):
    some = [value(r, depth + 1) for _ in range(r.randrange(4))]
    x = r.choice(
        [
            lambda: List(some),
            lambda: Dict((meta.hashable(r, 2), part) for part in some),
            lambda: Set(meta.hashable(r, 2) for _ in range(3)),
            lambda: Str(meta.text(r)),
            lambda: Int(r.randrange(-(2**70), 2**70)),
            lambda: Float(r.random()),
            lambda: Bytes(b"a\xff"),
            lambda: Tuple(some),
            lambda: Named(some, 1),
        ]
    )()
    if r.random() < 0.5:
        x.__dict__.update(attributes(r, depth))
    return x


def filled(dtype, shape, r, depth):
    """An array of records that have objects."""
    x = np.zeros(shape, dtype)
    fill(x, r, depth)
    return x


def fill(x, r, depth):
    for name in x.dtype.names:
        part = x[name]
        if part.dtype.names:
            fill(part, r, depth)
        elif part.dtype == object:
            for i in np.ndindex(part.shape):
                part[i] = value(r, depth + 2)
        elif part.dtype.kind == "U":
            part[...] = meta.text(r)[:3].encode("utf-8", "ignore").decode()
        else:
            part[...] = r.randrange(100)


def records(r, depth):
    dtype = np.dtype(r.choice(RECORDS))
    x = filled(dtype, r.choice([(), (1,), (2,), (0,), (2, 2)]), r, depth)
    return r.choice([x, x, x[()] if x.shape == () else np.asfortranarray(x), x.view(np.recarray)])


def of_subclass(r):
    x = meta.array(r)
    plain = np.zeros((2, 3), r.choice(["<i4", ">f8", "c8"]))
    mapped = np.ndarray.__new__(np.memmap, (3,), "u1")
    mapped[...] = 7
    return r.choice(
        [
            lambda: np.matrix(plain),
            lambda: np.rec.array([(1, 2.5), (3, 4.5)], dtype=[("a", "<i4"), ("b", "<f8")]),
            lambda: np.rec.array([(1, 2.5)], dtype=[("a", "<i4"), ("b", "<f8")])[0],
            lambda: mapped,
            lambda: np.char.array(["ab", "c"]),
            lambda: x.view(Bare) if not x.dtype.hasobject else x,
            lambda: plain.view(Tagged),
            lambda: np.ma.array(plain, mask=plain > 5, fill_value=9),
            lambda: np.ma.masked,
        ]
    )()


def known_object(r, depth):
    number = r.randrange(-(2**70), 2**70)
    moment = datetime.datetime(2020, 1, 2, 3, 4, 5, 6)
    return r.choice(
        [
            lambda: range(r.randrange(-5, 5), number, r.choice([1, -2, 2**65])),
            lambda: slice(r.choice([None, 1, "a"]), number, value(r, depth + 1)),
            lambda: Ellipsis,
            lambda: NotImplemented,
            lambda: np.dtype(r.choice(meta.KINDS + RECORDS)),
            lambda: np.dtypes.StringDType(na_object=None),
            lambda: collections.Counter("abca"),
            lambda: decimal.Decimal(r.choice(["1.50", "-1E+400", "NaN", "-Infinity", "sNaN12", "0E-7", str(number)])),
            lambda: uuid.UUID(int=abs(number)),
            lambda: pathlib.PurePosixPath(r.choice(["/a/b.c", "a", ".", "/", "//x/y", "é\n/z"])),
            lambda: pathlib.PureWindowsPath(r.choice(["C:/a/b", "C:a", "a/b", ".", "/x", "//host/share/f", "D:"])),
            lambda: types.SimpleNamespace(**{"a": value(r, depth + 1)}),
            lambda: Pair(1, value(r, depth + 1)),
            lambda: r.choice([Color.RED, Color.BLUE, Level.LOW, Bits.A, Bits.A | Bits.B]),
            lambda: PARIS,
            lambda: moment.replace(tzinfo=r.choice([PARIS, Zone()]), fold=r.randrange(2)),
            lambda: datetime.time(1, 2, 3, tzinfo=Zone()),
            lambda: datetime.timezone(datetime.timedelta(hours=1), "CET"),
            lambda: fractions.Fraction(number, 7),
            lambda: functools.partial(make, 1, k=[value(r, depth + 1)]),
            lambda: ValueError("no", 1),
            lambda: types.MappingProxyType,
            lambda: collections.UserDict(a=1),
            lambda: np.random.default_rng(5).bit_generator.seed_seq,
            lambda: np.poly1d([1, 2]),
            lambda: iter([1, 2, 3]),
        ]
    )()


def name(r):
    """A class or a function, which a pickle has by its name."""
    return r.choice([int, float, object, set, len, type(None), np.float32, np.ndarray, np.sum, np.dtype, Plain, make])


def nested_name(r):
    return r.choice([Outer.Inner, Outer.method, Outer.maker, Outer().method, dict.get, [1].append])


def value(r, depth=0):
    if depth > 3:
        return meta.hashable(r, 2)
    some = lambda: [value(r, depth + 1) for _ in range(r.choice([1, 2, 3]))]
    return r.choice(
        [
            lambda: known_object(r, depth),
            lambda: known_object(r, depth),
            lambda: subclass(r, depth),
            lambda: reduced(r, depth),
            lambda: with_attributes(r.choice([Plain, Slots, SlotsAndDict]), r, depth),
            lambda: new_args(r.choice([NewArgs, NewArgsEx]), r, depth),
            lambda: records(r, depth),
            lambda: of_subclass(r),
            lambda: r.choice([name, name, nested_name])(r),
            lambda: meta.value(r, max(depth, 2)),
            lambda: meta.scalar(r),
            lambda: meta.strings(r),
            lambda: meta.objects(some(), r),
            lambda: np.array(value(r, depth + 1), object) if r.random() < 0.2 else meta.array(r),
            lambda: [x := value(r, depth + 1), x, (x, x)],
            some,
            lambda: tuple(some()),
            lambda: {meta.hashable(r, 2): x for x in some()},
            lambda: collections.deque(some(), 7),
            lambda: collections.OrderedDict(a=some()),
            lambda: collections.defaultdict(r.choice([None, int, Plain]), a=some()),
        ]
    )()


def python2(r):
    """Pickles of Python 2, which no Python 3 writes."""
    x, number = r.randrange(256), r.randrange(-(2**40), 2**40)
    byte = b"\\x%02x" % x
    return r.choice(
        [
            b"(i__main__\nOld\np0\n(dp1\nS'x'\np2\nI%d\nsb." % number,
            b"(I%d\nS'a%s'\ni__main__\nOld\n(dS'k'\nL%dL\nsb." % (number, byte, number),
            b"(c__main__\nOld\nq\x00oq\x01}q\x02U\x01xK%csb." % x,
            b"\x80\x02(c__main__\nOld\nK%cU\x02a%co." % (x, x),
            b"(lp0\nI01\naI00\naS'%s\"'\naS\"'\"\naV\\u20ac%c\naF1.5\naF-inf\na." % (byte, 0x80 | x),
            b"ccopy_reg\n_reconstructor\np0\n(c__main__\nNew\np1\nc__builtin__\nobject\np2\nNtp3\nRp4\n(dS'a'\nI%d\nsb."
            % x,
            b"ccopy_reg\n_reconstructor\n(c__main__\nNewList\nc__builtin__\nlist\n(lp0\nI%d\natR." % x,
            b"ccollections\nOrderedDict\n((lp0\n(lp1\nS'k'\naI%d\naatR." % x,
            b"c__builtin__\nset\n((lp0\nI%d\naS'b'\natR." % x,
            b"c__builtin__\nxrange\n(I0\nI%d\nI2\ntR." % x,
            b"c__builtin__\nlong\n.",
            b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
            b"(I1\n(I1\ntcnumpy\ndtype\n(S'i2'\nI0\nI1\ntR(I3\nS'>'\nNNNI-1\nI-1\nI0\ntbI00\nS'%s\\x00'\ntb." % byte,
            b"cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(S'f4'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntb"
            b"S'%s\\x00\\x80?'\ntR." % byte,
            b"cdatetime\ndatetime\n(S'\\x07\\xe4\\x01\\x02\\x03\\x04\\x05\\x00\\x00%s'\ntR." % byte,
        ]
    )


def spelled(x, seed, protocol):
    """The value as a pickle, half of them as NumPy 1 writes it; `None` if that protocol has none."""
    try:
        data = pickle.dumps(x, protocol)
    except (pickle.PicklingError, TypeError, AttributeError):
        return None
    # Longer ones have several frames.
    return meta.old_names(data) if seed % 2 and len(data) < 60000 else data


# The unpickler.


class StandIn(type):
    """A class that stands for a name."""

    def __new__(cls, full_name, base):
        return super().__new__(cls, base.__name__, (base,), {})

    def __init__(cls, full_name, base):
        cls.full_name = full_name


class Stub:
    """An object of an unknown class: what the pickle gives to it."""

    full_name = None

    def __new__(cls, *args, **kwargs):
        self = object.__new__(cls)
        self.args, self.kwargs, self.state, self.items, self.entries, self.plain = list(args), kwargs, [], [], {}, None
        return self

    def __init__(self, *args, **kwargs):
        pass

    def __setstate__(self, state):
        number = state.get("int") if type(self).full_name == "uuid.UUID" and type(state) is dict else None
        if type(number) is int and 0 <= number < 2**128:
            self.plain = str(uuid.UUID(int=number))
            return
        if self.state or self.plain is not None:
            raise ValueError("two states")
        if not self.args and type(state) is tuple and len(state) == 5:
            try:
                array = np.ndarray((0,), "b")
                array.__setstate__(state)
                self.args.append(array)
                return
            except Exception:
                pass
        self.state.append(state)

    def append(self, item):
        self.items.append(item)

    add = append

    def extend(self, items):
        self.items.extend(items)

    def __setitem__(self, key, value):
        self.entries[key] = value

    def __call__(self, *args):
        return stub("operator.call", self, *args)


class Known:
    """What a name on the list makes of its arguments."""

    def __new__(cls, *args):
        return MAKERS[cls.full_name](*args)


def stub(full_name, *args):
    return StandIn(full_name, Stub)(*args)


def only(*accepted):
    """A check of the first argument's type, before it could take all memory."""

    def with_maker(maker):
        def checked(*args):
            if args and type(args[0]) not in accepted:
                raise TypeError(f"{type(args[0])} is none of {accepted}")
            return maker(*args)

        return checked

    return with_maker


def no_call(*args):
    raise TypeError("a name that is not called")


def reconstruct(cls, *rest):
    if issubclass(cls, Stub):
        return cls()
    if MAKERS[cls.full_name] is not no_array:
        raise TypeError("no array")
    return np.ndarray((0,), "b")


def no_array(*args):
    raise TypeError("an array that is not made by _reconstruct")


def dtype(first, *rest):
    if isinstance(first, StandIn) and first.full_name == "numpy.rec.record":
        return np.dtype((np.record, "V0"), False, True)
    if type(first) not in (str, bytes):
        raise TypeError("a dtype without a name")
    # A copy: a built-in one must not get a state.
    return np.dtype(first, False, True)


def getattr_(owner, attribute):
    if not isinstance(attribute, str):
        raise TypeError("an attribute without a name")
    if isinstance(owner, StandIn):
        return StandIn(f"{owner.full_name}.{attribute}", Stub)
    return stub("builtins.getattr", owner, attribute)


def reconstructor(cls, base, state):
    if not issubclass(cls, Stub):
        raise TypeError("a class on the list")
    return cls() if base.full_name == "builtins.object" else cls(state)


def new_object(cls, *args):
    if not issubclass(cls, Stub):
        raise TypeError("a class on the list")
    return cls(*args)


def encode(text, codec):
    if codec not in ("latin1", "latin-1", "iso-8859-1"):
        raise LookupError(codec)
    return codecs.encode(text, codec)


def in_zone(cls):
    def maker(state, zone=None):
        if isinstance(zone, Stub):
            return stub(f"datetime.{cls.__name__}", cls(state), zone)
        return cls(state, zone)

    return maker


def decimal_(text):
    if type(text) is not str:
        return stub("decimal.Decimal", text)
    decimal.Decimal(text)
    return text


def path(name):
    cls = getattr(pathlib, name if name.startswith("Pure") else "Pure" + name)

    def maker(*parts):
        is_plain = all(type(part) is str for part in parts)
        if not is_plain or "Windows" in name and not all(map(is_part, parts, range(99))):
            return stub(f"pathlib.{name}", *parts)
        return str(cls(*parts))

    return maker


def is_part(part, i):
    """Whether it is a name, or at the beginning a drive or a root, as in all that Python writes."""
    return re.fullmatch(r"(?!\.\Z)[^/\\:]+", part) or i == 0 and re.fullmatch(r"[A-Za-z]:\\?|\\", part)


def counter(*pairs):
    return dict(pairs[0]) if pairs else {}


def defaultdict(*default):
    collections.defaultdict(*default)
    return {}


def zone(offset, *name):
    return datetime.timezone(offset)


items = only(list, tuple)

# The same list as in pickle/global.rs: what each makes, its modules, and its names.
LIST = [
    (reconstruct, "numpy._core.multiarray numpy.core.multiarray", "_reconstruct"),
    (np._core.multiarray.scalar, "numpy._core.multiarray numpy.core.multiarray", "scalar"),
    (only(bytes, bytearray)(np._core.numeric._frombuffer), "numpy._core.numeric numpy.core.numeric", "_frombuffer"),
    (no_array, "numpy", "ndarray"),
    (no_array, "numpy numpy.matrixlib.defmatrix numpy.core.defmatrix", "matrix"),
    (no_array, "numpy.rec numpy numpy._core.records numpy.core.records", "recarray"),
    (no_array, "numpy numpy._core.memmap numpy.core.memmap", "memmap"),
    (no_array, "numpy.char numpy numpy._core.defchararray numpy.core.defchararray", "chararray"),
    (dtype, "numpy", "dtype"),
    (no_call, "numpy.rec numpy numpy._core.records numpy.core.records", "record"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "bfloat16"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float8_e3m4"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float8_e4m3"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float8_e4m3b11fnuz"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float8_e4m3fn"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float8_e4m3fnuz"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float8_e5m2"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float8_e5m2fnuz"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float8_e8m0fnu"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float6_e2m3fn"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float6_e3m2fn"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "float4_e2m1fn"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "int1"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "int2"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "int4"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "uint1"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "uint2"),
    (no_call, "ml_dtypes ml_dtypes._ml_dtypes_ext", "uint4"),
    (
        np._core._internal._convert_to_stringdtype_kwargs,
        "numpy._core._internal numpy.core._internal",
        "_convert_to_stringdtype_kwargs",
    ),
    (encode, "_codecs", "encode"),
    (items(set), "builtins __builtin__", "set"),
    (items(frozenset), "builtins __builtin__", "frozenset"),
    (items(list), "builtins __builtin__", "list"),
    (items(tuple), "builtins __builtin__", "tuple"),
    (only()(dict), "builtins __builtin__", "dict"),
    (only()(bytes), "builtins __builtin__", "bytes"),
    (only(bytes, str)(bytearray), "builtins __builtin__", "bytearray"),
    (complex, "builtins __builtin__", "complex"),
    (no_call, "builtins __builtin__", "int float bool str object"),
    (no_call, "builtins __builtin__", "int=long str=unicode"),
    (range, "builtins __builtin__", "range range=xrange"),
    (slice, "builtins __builtin__", "slice"),
    (getattr_, "builtins __builtin__", "getattr"),
    (reconstructor, "copyreg copy_reg", "_reconstructor"),
    (new_object, "copyreg copy_reg", "__newobj__"),
    (only(list)(dict), "collections", "OrderedDict"),
    (defaultdict, "collections", "defaultdict"),
    (only(dict)(counter), "collections", "Counter"),
    (items(lambda *args: list(args[0]) if args else []), "collections", "deque"),
    (datetime.date, "datetime", "date"),
    (in_zone(datetime.time), "datetime", "time"),
    (in_zone(datetime.datetime), "datetime", "datetime"),
    (datetime.timedelta, "datetime", "timedelta"),
    (zone, "datetime", "timezone"),
    (decimal_, "decimal _decimal", "Decimal"),
    (path("PosixPath"), "pathlib pathlib._local", "PosixPath"),
    (path("PurePosixPath"), "pathlib pathlib._local", "PurePosixPath"),
    (path("WindowsPath"), "pathlib pathlib._local", "WindowsPath"),
    (path("PureWindowsPath"), "pathlib pathlib._local", "PureWindowsPath"),
]

MAKERS, KNOWN = {}, {}
for maker, modules, names in LIST:
    for word in names.split():
        word, _, old = word.partition("=")
        full_name = f"{modules.split()[0]}.{word}"
        MAKERS[full_name] = maker
        standing = StandIn(full_name, Known)
        for module in modules.split():
            KNOWN[module, old or word] = standing


def find_class(self, module, name):
    now = {"__builtin__": "builtins", "exceptions": "builtins", "copy_reg": "copyreg"}.get(module, module)
    return KNOWN.get((module, name)) or StandIn(f"{now}.{name}", Stub)


class Unpickler(pickle.Unpickler):
    find_class = find_class


class SlowUnpickler(pickle._Unpickler):
    """In it a `str` of Python 2 is bytes, if it is not ASCII."""

    find_class = find_class

    def _decode_string(self, data):
        return data.decode("ascii") if data.isascii() else data


def load(data):
    try:
        return Unpickler(io.BytesIO(data), encoding="ascii").load()
    except UnicodeDecodeError:
        return SlowUnpickler(io.BytesIO(data), encoding="ascii").load()


# The text.

LONGEST = 1 << 18


class TooLong(Exception):
    pass


class Teller:
    def __init__(self):
        self.parts, self.size, self.above = [], 0, set()

    def put(self, text):
        self.parts.append(text)
        self.size += len(text)
        if self.size > LONGEST:
            raise TooLong("a long text")

    def sub(self, x):
        """The text of a value by itself, to be sorted."""
        other = Teller()
        other.above = self.above
        other.tell(x)
        return "".join(other.parts)

    def all(self, begin, values, end):
        self.put(begin)
        for i, x in enumerate(values):
            self.put("," if i else "")
            self.tell(x)
        self.put(end)

    def tell(self, x):
        if id(x) in self.above:
            raise ValueError("a value in itself")
        self.above.add(id(x))
        self.tell_new(x)
        self.above.discard(id(x))

    def tell_new(self, x):
        kind = type(x)
        if x is None or kind is bool:
            self.put(str(x))
        elif kind is int:
            # More digits than this are an error.
            self.put(hex(x))
        elif kind is float:
            self.put(number(x))
        elif kind is complex:
            self.put(f"complex({number(x.real)},{number(x.imag)})")
        elif kind is str:
            self.put(quoted(x))
        elif kind in (bytes, bytearray):
            self.put(f"b{x.hex()}")
        elif kind is list:
            self.all("[", x, "]")
        elif kind is tuple:
            self.all("(", x, ")")
        elif kind in (set, frozenset):
            self.put(kind.__name__ + "{" + ",".join(sorted(map(self.sub, x))) + "}")
        elif kind is dict:
            self.dict(x)
        elif kind is datetime.date:
            self.put(f"date({x.isoformat()})")
        elif kind in (datetime.time, datetime.datetime):
            self.put(f"{kind.__name__}({x.isoformat()},{x.fold})")
        elif kind is datetime.timedelta:
            self.put(f"delta({x // datetime.timedelta(microseconds=1)})")
        elif kind is datetime.timezone:
            self.object("datetime.timezone", [x.utcoffset(None)])
        elif kind is range:
            self.all("range(", [x.start, x.stop, x.step], ")")
        elif kind is slice:
            self.all("slice(", [x.start, x.stop, x.step], ")")
        elif isinstance(x, np.dtypes.StringDType):
            missing = {"na_object": x.na_object} if hasattr(x, "na_object") else {}
            self.object("numpy.dtypes.StringDType", [], missing | ({} if x.coerce else {"coerce": False}))
        elif isinstance(x, np.dtype):
            self.put(f"dtype({dtype_text(x)})")
        elif isinstance(x, np.generic):
            self.scalar(x)
        elif isinstance(x, np.ndarray):
            self.array(x)
        elif isinstance(x, StandIn):
            self.put(f"name({quoted(x.full_name)})")
        elif isinstance(x, Stub):
            if x.plain is None:
                self.object(kind.full_name, x.args, x.kwargs, x.state, x.items, x.entries)
            else:
                self.put(quoted(x.plain))
        else:
            raise TypeError(f"no text for {kind}")

    def dict(self, pairs):
        self.put("{")
        for i, (key, x) in enumerate(pairs.items()):
            self.put("," if i else "")
            self.tell(key)
            self.put(":")
            self.tell(x)
        self.put("}")

    def object(self, full_name, args=(), kwargs={}, state=(), items=(), entries={}):
        self.put(f"object({quoted(full_name)}")
        self.all(",[", args, "],")
        self.dict(kwargs)
        self.all(",<", state, ">")
        self.all(",[", items, "],")
        self.dict(entries)
        self.put(")")

    def scalar(self, x):
        if x.dtype.hasobject:
            # A tuple of the fields.
            return self.tell(x.item())
        if isinstance(x, (np.str_, np.bytes_)):
            return self.put(f"scalar({quoted(str(x)) if isinstance(x, np.str_) else 'b' + bytes(x).hex()})")
        self.put(f"scalar({dtype_text(x.dtype)},{leaves(np.asarray(x)).hex()})")

    def array(self, x):
        x = np.asarray(x)
        shape = "x".join(map(str, x.shape))
        if x.dtype.kind == "T":
            self.put("strings(")
            self.tell(x.dtype)
            return self.all(f",{shape},[", x.ravel().tolist(), "])")
        if x.dtype.hasobject:
            return self.all(f"objects({dtype_text(x.dtype)},{shape},[", x.ravel().tolist(), "])")
        self.put(f"array({dtype_text(x.dtype)},{shape},{leaves(x).hex()})")


def number(x):
    return "nan" if x != x else struct.pack(">d", x).hex()


def quoted(text):
    plain = set(string.printable[:95]) - set('"\\')
    return '"' + "".join(c if c in plain else f"\\{ord(c):x};" for c in text) + '"'


def dtype_text(x):
    if x.names is not None:
        title = lambda parts: quoted(parts[2]) if len(parts) > 2 else ""
        fields = [(quoted(name) + title(x.fields[name]), *x.fields[name][:2]) for name in x.names]
        return "{" + ",".join(f"{name}@{at}:{dtype_text(part)}" for name, part, at in fields) + f";{x.itemsize}}}"
    if x.subdtype:
        return f"({dtype_text(x.base)} {'x'.join(map(str, x.shape))})"
    return x.newbyteorder("<").str


def leaves(x):
    """The bytes of its items, field by field, the least significant ones first."""
    if x.dtype.names is not None:
        return b"".join(leaves(x[name]) for name in x.dtype.names)
    x = np.ascontiguousarray(x)
    swapped = x if x.dtype.newbyteorder("<") == x.dtype else x.byteswap()
    data = swapped.tobytes()
    size = x.dtype.itemsize // (2 if x.dtype.kind == "c" else 1)
    if x.dtype.kind not in "fc" or size <= 8:
        return data
    # The rest of each is without a meaning.
    return b"".join(data[i : i + 10] for i in range(0, len(data), size))


def told(data):
    try:
        teller = Teller()
        teller.tell(load(data))
        return "= " + "".join(teller.parts)
    except TooLong as error:
        return f"~ {error}"
    except MemoryError:
        return "~ memory"
    except BaseException as error:
        return "! " + ascii(f"{type(error).__name__}: {error}"[:300])


# The cases.


def cases_of(seed):
    r = random.Random(seed)
    if seed % 8 == 7:
        return [python2(r)]
    x = value(r)
    return [data for protocol in range(6) if (data := spelled(x, seed, protocol)) is not None]


def damaged(seed, pool):
    r = random.Random(seed)
    data = bytearray(r.choice(pool))
    for _ in range(r.choice([1, 1, 1, 2, 3])):
        at = r.randrange(len(data) or 1)
        other = r.choice(pool)
        start = r.randrange(len(other))
        part = other[start : start + r.choice([1, 2, 5, 20, 100])]
        kind = r.randrange(7)
        if kind == 0 and data:
            data[at] ^= 1 << r.randrange(8)
        elif kind == 1 and data:
            data[at] = r.choice(OPCODES)
        elif kind == 2 and data:
            data[at] = r.randrange(256)
        elif kind == 3:
            data.insert(at, r.choice(OPCODES))
        elif kind == 4:
            del data[at : at + r.choice([1, 1, 2, 8])]
        elif kind == 5:
            data[at:at] = part
        else:
            data[at : at + len(part)] = part
    # Frames are for readers of files, and nearly all damage is to their length.
    return bytes(data).replace(b"\x95", b"\x94") if r.random() < 0.3 else bytes(data)


OPCODES = [ord(word) for word in pickle.__dict__.values() if type(word) is bytes and len(word) == 1]


def without_frames(data):
    return data[:2] + data[11:] if data[2:3] == b"\x95" else data


def main(command, folder, *numbers):
    warnings.simplefilter("ignore")
    if command == "write":
        (count,) = map(int, numbers)
        all_cases = (data for seed in range(count) for data in cases_of(seed))
    else:
        first, count = map(int, numbers)
        limit_memory()
        pool = [without_frames(data) for seed in range(600) for data in cases_of(seed) if len(data) < 600]
        all_cases = (damaged(seed, pool) for seed in range(first, first + count))
    with open(f"{folder}/cases.bin", "ab") as cases, open(f"{folder}/expected.txt", "a") as expected:
        for data in all_cases:
            cases.write(len(data).to_bytes(4, "little") + data)
            cases.flush()
            expected.write(told(data) + "\n")
            expected.flush()


def limit_memory():
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(*sys.argv[1:])
