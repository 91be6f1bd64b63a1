"""Any array through every door, beside NumPy."""

import io

import numpy as np
from conftest import same
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import pynpio

scalars = hnp.scalar_dtypes().filter(lambda dtype: dtype.kind != "O")
texts = hnp.byte_string_dtypes(max_len=5) | hnp.unicode_string_dtypes(max_len=5)
plain = scalars | texts
dtypes = plain | hnp.nested_dtypes(plain, max_leaves=5, max_itemsize=200)


@st.composite
def arrays(draw, dtypes=dtypes):
    """Arrays in any order of memory, with gaps, reversed or broadcast."""
    dtype = draw(dtypes)
    # Numbers without their padding: it is nobody's value.
    if "g" in str(dtype.char) or "longdouble" in repr(dtype):
        dtype = np.dtype("f8")
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
    array = draw(hnp.arrays(dtype.base, (*shape, *dtype.shape)))
    array = np.array(array, order=draw(st.sampled_from("CF")))
    if array.ndim:
        array = draw(st.sampled_from([array, array[::-1], array[::2], array.T, array[..., ::-1]]))
    return array


settings.register_profile("ours", deadline=None, suppress_health_check=list(HealthCheck), max_examples=200)
settings.load_profile("ours")


@given(arrays())
def test_npy(array):
    ours, theirs = io.BytesIO(), io.BytesIO()
    pynpio.save(ours, array)
    np.save(theirs, array)
    # Which characters Python escapes depends on its version.
    if str(array.dtype).isascii():
        assert ours.getvalue() == theirs.getvalue()
    ours.seek(0)
    theirs.seek(0)
    same(pynpio.load(theirs), np.load(ours))


@given(arrays(), st.booleans())
def test_npz(array, compressed):
    stream = io.BytesIO()
    (pynpio.savez_compressed if compressed else pynpio.savez)(stream, array, b=array)
    stream.seek(0)
    same(np.load(stream)["b"], array)
    same(pynpio.load(stream)["arr_0"], array)


@given(arrays(), st.data())
def test_files(array, data):
    import tempfile
    from pathlib import Path

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.npy"
        pynpio.save(path, array)
        same(pynpio.load(path), array)
        if array.size and array.dtype.itemsize:
            same(pynpio.load(path, mmap_mode="r"), array)
        index = data.draw(hnp.basic_indices(array.shape, allow_newaxis=False))
        same(pynpio.load_slice(path, index), np.load(path)[index])
        if array.dtype.itemsize:
            pynpio.tofile(array, path)
            same(pynpio.fromfile(path, array.dtype), np.fromfile(path, array.dtype))


numbers = hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes(sizes=(16, 32, 64))


@given(arrays(numbers))
def test_tables(array):
    if array.ndim not in (1, 2) or not array.size:
        return
    fmt = "%d" if array.dtype.kind in "iu" else "%.18e"
    ours, theirs = io.StringIO(), io.StringIO()
    pynpio.savetxt(ours, array, fmt=fmt)
    np.savetxt(theirs, array, fmt=fmt)
    assert ours.getvalue() == theirs.getvalue()
    ours.seek(0)
    theirs.seek(0)
    same(pynpio.loadtxt(ours, array.dtype), np.loadtxt(theirs, array.dtype))
