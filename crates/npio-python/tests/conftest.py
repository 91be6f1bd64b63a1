import threading

import numpy as np
import pytest

#: The beginning of a program that is interrupted by an exception of its own, `Stop`, when an alarm goes off.
STOP_AT_ALARM = """
import signal
class Stop(Exception):
    pass
def stop(*_):
    raise Stop
signal.signal(signal.SIGALRM, stop)
"""

# Arrays that NumPy can save, of every kind.
DTYPES = [
    "?", "i1", "<i2", ">i4", "<i8", "u1", ">u2", "<u4", "u8", "<f2", ">f4", "<f8", ">f8", "g", "<c8", ">c16", "G",
    "S0", "S5", "<U3", ">U3", "V7", "<M8[ns]", ">M8[25s]", "m8", "<m8[D]",
    [("a", "<i4"), ("b", ">f8")],
    [("a", "<i4", (2, 3)), ("b", [("c", "U2"), ("d", "?")])],
    {"names": ["x", "y"], "formats": ["<f4", "i1"], "offsets": [4, 12], "itemsize": 20},
    [(("title", "name"), "<f8"), ("é", "S3")],
]


@pytest.fixture(params=DTYPES, ids=str)
def dtype(request):
    return np.dtype(request.param)


def random_array(dtype, shape, rng):
    """Random items of any dtype: bytes that are items."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    if dtype.itemsize == 0:
        return np.ndarray(shape, dtype)
    if dtype.names is not None:
        array = np.zeros(shape, dtype)
        for name in dtype.names:
            field = dtype[name]
            base, inner = field.base, field.shape
            array[name] = random_array(base, (*shape, *inner), rng)
        return array
    if dtype.kind == "b":
        return rng.integers(0, 2, shape).astype(dtype)
    if dtype.kind == "U":
        letters = rng.integers(32, 0x2FF, (count, dtype.itemsize // 4), dtype="u4")
        return np.ascontiguousarray(letters).astype(dtype.byteorder.replace("|", "=") + "u4").view(dtype).reshape(shape)
    if dtype.kind in "gGfc" and dtype.itemsize > 8 and dtype.char in "gG":
        return (rng.standard_normal(shape) * 1e9).astype(dtype)
    return np.frombuffer(rng.bytes(count * dtype.itemsize), dtype).reshape(shape).copy()


def in_threads(count, work):
    """Calls ``work`` in each of as many threads; what it raises there is a failure."""
    failures = []

    def run():
        try:
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def same(a, b):
    """Whether two arrays are equal to the last byte; what is between the fields of records does not matter."""
    a, b = np.asarray(a), np.asarray(b)
    assert a.dtype == b.dtype, (a.dtype, b.dtype)
    assert a.shape == b.shape, (a.shape, b.shape)
    if a.dtype.names is not None:
        for name in a.dtype.names:
            same(a[name], b[name])
    elif a.dtype.char in "gG":
        # They have padding, too.
        assert np.array_equal(a, b, equal_nan=True) and (np.signbit(a.real) == np.signbit(b.real)).all()
    elif a.dtype.itemsize:
        assert a.tobytes() == b.tobytes()
