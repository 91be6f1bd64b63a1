"""What the tests share: the command, an object store and a cluster, all on this machine."""

import logging
import os
import subprocess
from dataclasses import dataclass

import boto3
import pytest
from moto.server import ThreadedMotoServer

BUCKET = "bucket"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1"}


@pytest.fixture
def npio(tmp_path):
    """Runs npio in the test's folder, and returns what it prints."""

    def run(*args, fails=False):
        command = [os.environ["NPIO"], *map(str, args)]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        if fails:
            assert ran.returncode == 2, ran
            return ran.stderr
        assert (ran.returncode, ran.stderr) == (0, ""), ran
        return ran.stdout

    return run


@dataclass
class ObjectStore:
    """An object store with one bucket."""

    endpoint: str

    @property
    def options(self):
        """What s3fs needs to know."""
        return {
            "key": CREDENTIALS["AWS_ACCESS_KEY_ID"],
            "secret": CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
            "endpoint_url": self.endpoint,
        }

    def put(self, folder, prefix):
        """Copies the files of a folder. Returns their address."""
        client = boto3.client("s3", endpoint_url=self.endpoint)
        for path in folder.rglob("*"):
            if path.is_file():
                key = f"{prefix}/{path.relative_to(folder)}"
                # Without credentials it is a server of files.
                client.upload_file(str(path), BUCKET, key, ExtraArgs={"ACL": "public-read"})
        return f"s3://{BUCKET}/{prefix}"


@pytest.fixture(scope="session")
def object_store():
    os.environ.update(CREDENTIALS)
    # It prints each request.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    store = ObjectStore(f"http://{host}:{port}")
    boto3.client("s3", endpoint_url=store.endpoint).create_bucket(Bucket=BUCKET)
    yield store
    server.stop()


@pytest.fixture(scope="session")
def cluster():
    """Two workers, each a process of its own."""
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=2, processes=True, threads_per_worker=1, dashboard_address=None) as workers:
        with Client(workers) as client:
            yield client
