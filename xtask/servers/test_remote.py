"""The command with addresses, in an object store."""

import numpy as np
import pytest


@pytest.fixture
def bucket(object_store, tmp_path, monkeypatch):
    """Files in this test's folder, and the address of their copies in a bucket."""
    monkeypatch.setenv("AWS_ENDPOINT", object_store.endpoint)
    x = np.arange(1_000_000.0).reshape(1000, 1000)
    np.save(tmp_path / "x.npy", x)
    np.savez(tmp_path / "stored.npz", a=x, b=x[::-1])
    np.savez_compressed(tmp_path / "deflated.npz", a=x, b=x[::-1])
    x.tofile(tmp_path / "x_float64_1000_1000.dat")
    np.savetxt(tmp_path / "x.txt", x[:10])
    return object_store.put(tmp_path, tmp_path.name)


@pytest.mark.parametrize("command", [
    "ls {}/x.npy", "info {}/x.npy", "dump {}/x.npy", "dump --slice ::100,3 {}/x.npy", "tail {}/x.npy", "stats {}/x.npy",
    "hash {}/x.npy", "verify {}/x.npy", "ls {}/stored.npz", "stats {}/stored.npz::b", "verify {}/stored.npz",
    "dump --slice 3:5 {}/deflated.npz::a", "hash {}/deflated.npz::b", "head {}/x_float64_1000_1000.dat", "dump {}/x.txt",
    "diff {}/x.npy {}/stored.npz::a",
])
def test_every_command_reads_a_bucket(npio, bucket, tmp_path, command):
    def printed(place):
        return npio(*command.format(*[place] * 2).split()).replace(str(place), "")

    assert printed(bucket) == printed(tmp_path)


def test_arrays_are_converted_out_of_a_bucket(npio, bucket, tmp_path):
    npio("convert", f"{bucket}/deflated.npz::b", "y.npy", "--dtype", "f4")
    assert (np.load(tmp_path / "y.npy") == np.load(tmp_path / "x.npy")[::-1].astype("f4")).all()


def test_what_is_missing_is_an_error(npio, bucket):
    assert npio("dump", f"{bucket}/none.npy", fails=True).endswith("/none.npy: no such object\n")
