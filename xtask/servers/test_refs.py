"""The references that `npio refs` writes, as those who read Zarr take them."""

import re
import warnings
from pathlib import Path

import dask.array as da
import fsspec
import numpy as np
import pytest
import xarray as xr
import zarr
from zarr.storage import FsspecStore

MIXED = np.dtype([("a", "<i4"), ("b", ">f8"), ("c", "S2"), ("d", "?"), ("e", ">U2"), ("f", ">M8[ns]")])
LITTLE = np.dtype([("a", "<i4"), ("b", "<f8"), ("c", "S2"), ("d", [("e", "?"), ("f", "u1")])])
DTYPES = [
    "?", "i1", "<i2", "<i4", "<i8", "u1", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16",
    ">i2", ">i4", ">i8", ">u2", ">u4", ">u8", ">f2", ">f4", ">f8", ">c8", ">c16",
    "S1", "S5", "<U3", ">U3", "V7", "<M8[ns]", "<M8[25s]", ">M8[D]", "<m8[us]", ">m8[h]", "<M8",
]  # fmt: skip
SHAPES = [(), (0,), (6,), (4, 6), (3, 0, 2), (2, 3, 4)]


@pytest.fixture(autouse=True)
def quiet():
    with warnings.catch_warnings():
        # The dtypes of version 3 that are only in zarr-python.
        warnings.simplefilter("ignore", zarr.errors.UnstableSpecificationWarning)
        yield


def items(dtype, shape):
    """Items of any dtype, of which none is that of another place."""
    dtype = np.dtype(dtype)
    count = int(np.prod(shape))
    numbers = np.arange(1, count + 1)
    if dtype.names is not None:
        array = np.zeros(count, dtype)
        for name in dtype.names:
            array[name] = items(dtype[name], (count,))
    elif dtype.kind == "V":
        array = np.array([b"%d" % number for number in numbers], "S").astype(f"S{dtype.itemsize}").view(dtype)
    elif dtype.kind in "mM":
        array = numbers.astype("<i8").view(dtype.newbyteorder("<")).astype(dtype)
    else:
        array = numbers.astype(dtype)
    return array.reshape(shape)


def opened(refs, zarr_format, **options):
    """The group of these references, as zarr opens it."""
    remote = {"asynchronous": True, **options}
    fs = fsspec.filesystem("reference", fo=str(refs), asynchronous=True, remote_options=remote)
    return zarr.open_group(FsspecStore(fs, read_only=True), mode="r", zarr_format=zarr_format)


def same(found, expected):
    """Whether values and dtypes are the same; version 3 loads big-endian items as native ones."""
    assert found.shape == expected.shape
    # Of an array without axes there is only a scalar, whose text is as long as it is.
    if expected.ndim:
        assert found.dtype in (expected.dtype, expected.dtype.newbyteorder("="))
    np.testing.assert_array_equal(found, expected)


def referred(npio, tmp_path, *args, zarr_format=2):
    """The references to files that npio writes, as a group."""
    refs = tmp_path / "refs.json"
    npio("refs", *args, "--zarr", zarr_format, "-o", refs, "--force")
    return opened(refs, zarr_format)


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_in_both_orders(dtype, zarr_format, npio, tmp_path):
    arrays = {}
    for number, shape in enumerate(SHAPES):
        for order in "CF":
            name = f"{order}{number}"
            arrays[name] = np.asarray(items(dtype, shape), order=order)
            np.save(tmp_path / f"{name}.npy", arrays[name])
    np.savez(tmp_path / "archive.npz", **{f"in/{name}": array for name, array in arrays.items()})
    files = [f"{name}.npy" for name in arrays]
    # Chunks of a few items each.
    group = referred(npio, tmp_path, *files, "archive.npz", "--chunk", 40, zarr_format=zarr_format)
    for name, array in arrays.items():
        same(group[name][...], array)
        same(group[f"in/{name}"][...], array)
        if array.ndim and array.size:
            same(da.from_zarr(group[name])[1:].compute(), array[1:])


def test_records_with_any_byte_order(npio, tmp_path):
    array = items(MIXED, (4, 3))
    np.save(tmp_path / "x.npy", array)
    group = referred(npio, tmp_path, "x.npy", "--chunk", 60)
    same(group["x"][...], array)
    same(da.from_zarr(group["x"]).compute(), array)
    message = npio("refs", "x.npy", "--zarr", 3, fails=True)
    assert message == (
        "npio: x.npy: field 'b' is big-endian, which version 3 of Zarr does not state, so that it would be read wrong: "
        "use version 2 (npio refs --zarr 2), or convert it (npio convert --byteorder little)\n"
    )
    npio("convert", "x.npy", "y.npy", "--byteorder", "little")
    np.testing.assert_array_equal(referred(npio, tmp_path, "y.npy", zarr_format=3)["y"][...], array)


def test_records_of_version_3(npio, tmp_path):
    array = items(LITTLE, (4,))
    np.save(tmp_path / "x.npy", array)
    same(referred(npio, tmp_path, "x.npy", zarr_format=3)["x"][...], array)
    message = npio("refs", "x.npy", fails=True)
    assert message.startswith("npio: x.npy: field 'd' is a record, which zarr-python does not read in version 2")


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_raw_items_and_safetensors(zarr_format, npio, tmp_path):
    array = items("<f4", (6, 4))
    array.tofile(tmp_path / "x_float32_6_4.dat")
    (tmp_path / "bare").write_bytes(b"header" + array.tobytes("F"))
    npio("convert", "x_float32_6_4.dat", "m.safetensors::layer/weight")
    layout = ["--in-dtype", "f4", "--in-shape", "6,4", "--in-order", "F", "--in-offset", 6]
    group = referred(npio, tmp_path, "bare", *layout, "--chunk", 48, zarr_format=zarr_format)
    same(group["bare"][...], array)
    files = ["x_float32_6_4.dat", "m.safetensors"]
    group = referred(npio, tmp_path, *files, "--chunk", 48, zarr_format=zarr_format)
    same(group["x_float32_6_4"][...], array)
    same(group["layer/weight"][...], array)


@pytest.mark.parametrize("zarr_format", [2, 3])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("lengths", [(4, 4, 4), (4, 6), (0, 3, 9), (5,), (1, 3)])
def test_shards(lengths, order, zarr_format, npio, tmp_path):
    shards = [np.asarray(items(">i4", (length, 3)), ">i4", order=order) for length in lengths]
    files = []
    for number, shard in enumerate(shards):
        files.append(f"shard{number}.npy")
        np.save(tmp_path / files[-1], shard)
    group = referred(npio, tmp_path, *files, "--concat", "all", "--chunk", 32, zarr_format=zarr_format)
    same(group["all"][...], np.concatenate(shards).astype(">i4"))


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_names(zarr_format, npio, tmp_path):
    names = ["x y", "a*[b]?", "é", "g/h", "g/i/j", "p%20q", "q::r", "{{t}}", "#"]
    for number, name in enumerate(names):
        folder = tmp_path / "a b#%41"
        folder.mkdir(exist_ok=True)
        np.save(folder / f"{number}.npy", items("<i4", (number + 1,)))
    files = [f"a b#%41/{number}.npy" for number in range(len(names))]
    options = [word for name in names for word in ("--name", name)]
    group = referred(npio, tmp_path, *files, *options, zarr_format=zarr_format)
    for number, name in enumerate(names):
        same(group[name][...], items("<i4", (number + 1,)))
    assert set(group) == {name for name in names if "/" not in name} | {"g"}
    # zarr-python lists what is in a group of references only if the store begins there.
    group = zarr.open_group(FsspecStore(group.store.fs, read_only=True, path="g"), mode="r", zarr_format=zarr_format)
    assert set(group) == {"h", "i"}


def saved_refused(tmp_path):
    """Files of what Zarr does not have, and what is said about each."""
    np.save(tmp_path / "objects.npy", np.array([1, "a"], object), allow_pickle=True)
    yield "objects.npy", "Python objects are a pickle.*npio convert --allow-pickle"
    np.save(tmp_path / "long.npy", np.ones(3, "g"))
    yield "long.npy", "Zarr has no longdouble.*npio convert --dtype f8"
    np.save(tmp_path / "pairs.npy", np.ones(3, [("a", "<f4", (2,))]))
    yield "pairs.npy", "field 'a' is an array.*npio convert --field a"
    np.save(tmp_path / "padded.npy", np.ones(3, np.dtype([("a", "i1"), ("b", "<i4")], align=True)))
    yield "padded.npy", r"there are bytes between the fields.*npio convert --dtype \"\[\('a', '\|i1'\), \('b', '<i4'\)\]\""
    np.savez_compressed(tmp_path / "deflated.npz", x=np.zeros(100))
    yield "deflated.npz", "member 'x': it is compressed.*npio repack"


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_what_zarr_does_not_have(zarr_format, npio, tmp_path):
    for name, message in saved_refused(tmp_path):
        found = npio("refs", name, "--zarr", zarr_format, "-o", "refs.json", fails=True)
        assert re.match(f"npio: {re.escape(name)}: {message}", found), found
        assert not (tmp_path / "refs.json").exists()


def test_zeros_are_no_missing_items(npio, tmp_path):
    arrays = {"f": np.zeros((4, 3)), "i": np.zeros(4, "i4"), "t": np.zeros(4, "M8[ns]"), "b": np.zeros((4, 3), "?")}
    np.savez(tmp_path / "x.npz", **arrays)
    npio("refs", "x.npz", "-o", "refs.json")
    dataset = xr.open_dataset(str(tmp_path / "refs.json"), engine="kerchunk")
    npio("refs", "x.npz", "--zarr", 3, "-o", "refs3.json")
    store = opened(tmp_path / "refs3.json", 3).store
    of_version_3 = xr.open_zarr(store, zarr_format=3, consolidated=False)
    for name, array in arrays.items():
        same(dataset[name].values, array)
        same(of_version_3[name].values, array)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_xarray(zarr_format, npio, tmp_path):
    arrays = {"x": items("<f8", (6, 4)), "y": np.asfortranarray(items("<i4", (6, 4, 2))), "z": items("<f4", (8,))}
    np.savez(tmp_path / "a.npz", **arrays)
    npio("refs", "a.npz", "--zarr", zarr_format, "--chunk", 64, "-o", "refs.json")
    if zarr_format == 2:
        dataset = xr.open_dataset(str(tmp_path / "refs.json"), engine="kerchunk", chunks={})
    else:
        store = opened(tmp_path / "refs.json", 3).store
        dataset = xr.open_zarr(store, zarr_format=3, consolidated=False)
    assert dataset["x"].dims[1] == dataset["y"].dims[1]
    for name, array in arrays.items():
        same(dataset[name].values, array)
    assert float(dataset["x"].mean()) == arrays["x"].mean()


def reduced(array):
    """Means, slices, and a reduction along each axis."""
    yield array.mean()
    yield array[1:7, ::3, -1]
    yield array[-2]
    for axis in range(array.ndim):
        yield array.max(axis=axis)
        yield array.sum(axis=axis)


@pytest.mark.parametrize("where", ["file", "s3"])
@pytest.mark.parametrize("zarr_format", [2, 3])
def test_on_a_cluster(where, zarr_format, npio, tmp_path, cluster, object_store):
    files, shards = tmp_path / "files", []
    files.mkdir()
    rng = np.random.default_rng(7)
    for number in range(20):
        shards.append(rng.integers(-1000, 1000, (30, 16, 8)).astype(">f8"))
        np.save(files / f"shard{number:02}.npy", shards[-1])
    columns = np.asfortranarray(rng.integers(-9, 9, (40, 6, 12)).astype("<i4"))
    np.savez(files / "more.npz", columns=columns)
    options, prefix = {}, []
    if where == "s3":
        options = object_store.options
        prefix = ["--prefix", object_store.put(files, f"cluster{zarr_format}")]
    names = sorted(str(path) for path in files.glob("shard*.npy"))
    common = [*prefix, "--zarr", zarr_format]
    npio("refs", *names, "--concat", "all", *common, "--chunk", "15KiB", "-o", "shards.json")
    npio("refs", files / "more.npz", *common, "--chunk", "2KiB", "-o", "more.json")
    for refs, name, expected in [("shards.json", "all", np.concatenate(shards)), ("more.json", "columns", columns)]:
        group = opened(tmp_path / refs, zarr_format, **options)
        array = da.from_zarr(group[name])
        assert array.npartitions > 2
        found = cluster.compute(list(reduced(array)), sync=True)
        for ours, numpys in zip(found, reduced(expected), strict=True):
            np.testing.assert_array_equal(ours, numpys)
    workers = cluster.run(lambda: __import__("os").getpid())
    assert len(set(workers.values())) == 2


def test_xarray_from_an_object_store(npio, tmp_path, object_store):
    files = tmp_path / "files"
    files.mkdir()
    array = items("<f8", (6, 4))
    np.save(files / "x y.npy", array)
    prefix = object_store.put(files, "xarray")
    npio("refs", files / "x y.npy", "--prefix", prefix, "-o", "refs.json")
    options = {"remote_protocol": "s3", "remote_options": object_store.options}
    dataset = xr.open_dataset(str(tmp_path / "refs.json"), engine="kerchunk", storage_options=options)
    same(dataset["x y"].values, array)


@pytest.mark.parametrize("name", ["x.npy", "x y#é%?.npy"])
def test_http(name, npio, tmp_path, object_store):
    files = tmp_path / "files"
    files.mkdir()
    array = items("<f8", (6, 4))
    np.save(files / name, array)
    object_store.put(files, "http")
    prefix = f"{object_store.endpoint}/bucket/http/"
    npio("refs", files / name, "--prefix", prefix, "--name", "x", "--chunk", 64, "-o", "refs.json")
    fs = fsspec.filesystem(
        "reference", fo=str(tmp_path / "refs.json"), asynchronous=True,
        remote_protocol="http", remote_options={"asynchronous": True},
    )  # fmt: skip
    same(zarr.open_group(FsspecStore(fs, read_only=True), mode="r", zarr_format=2)["x"][...], array)


def through_icechunk(npio, folder, arrays):
    """The group that VirtualiZarr makes in Icechunk of references to these arrays."""
    import icechunk
    from obspec_utils.registry import ObjectStoreRegistry
    from obstore.store import LocalStore
    from virtualizarr import open_virtual_dataset
    from virtualizarr.parsers import KerchunkJSONParser

    np.savez(folder / "a é.npz", **arrays)
    npio("refs", "a é.npz", "--chunk", 64, "-o", "refs.json")
    registry = ObjectStoreRegistry({"file://": LocalStore()})
    url = (folder / "refs.json").as_uri()
    virtual = open_virtual_dataset(url=url, registry=registry, parser=KerchunkJSONParser())

    config = icechunk.RepositoryConfig.default()
    prefix = f"file://{folder}/"
    container = icechunk.VirtualChunkContainer(prefix, icechunk.local_filesystem_store(str(folder)))
    config.set_virtual_chunk_container(container)
    credentials = icechunk.containers_credentials({prefix: None})
    repository = icechunk.Repository.create(
        icechunk.in_memory_storage(), config=config, authorize_virtual_chunk_access=credentials
    )
    session = repository.writable_session("main")
    virtual.vz.to_icechunk(session.store)
    session.commit("references")
    return zarr.open_group(repository.readonly_session("main").store, mode="r")


def test_virtualizarr_and_icechunk(npio, tmp_path):
    dtypes = ["?", "u1", "<f2", ">i4", "<f8", "<c16", "S3", "<U3", "V5", "<M8[ns]", "<m8[s]"]
    arrays = {f"x{number}": items(dtype, (6, 4)) for number, dtype in enumerate(dtypes)}
    group = through_icechunk(npio, tmp_path, arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(group[name][...], array)


@pytest.mark.xfail(strict=True, raises=AssertionError, reason="VirtualiZarr takes every order for C")
def test_fortran_order_through_virtualizarr(npio, tmp_path):
    array = np.asfortranarray(items("<f4", (6, 4)))
    group = through_icechunk(npio, tmp_path, {"x": array})
    np.testing.assert_array_equal(group["x"][...], array)
