"""Arrays and archives at addresses, from a server that serves ranges."""

import http.server
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import STOP_AT_ALARM, in_threads, same

import pynpio

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and forks of Unix")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        server = self.server
        with server.lock:
            server.requests += 1
        time.sleep(server.delay)
        body = server.files.get(self.path.partition("?")[0])
        if body is None:
            return self.answer(404, b"")
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if not asked or not server.ranges:
            return self.answer(200, body)
        first, last = asked.groups()
        begin = int(first) if first else max(0, len(body) - int(last))
        end = min(int(last) + 1, len(body)) if first and last else len(body)
        self.answer(206, body[begin:end], f"bytes {begin}-{end - 1}/{len(body)}")

    def answer(self, status, body, content_range=None):
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Content-Length", str(len(body)))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Trusted:
    """An object of a class that only pickles know."""


@pytest.fixture
def server():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.ranges, server.delay = {}, True, 0
    server.requests, server.lock = 0, threading.Lock()
    server.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


def file_of(save, *args, **kwargs):
    file = io.BytesIO()
    save(file, *args, **kwargs)
    return file.getvalue()


@pytest.mark.parametrize("ranges", [True, False])
def test_arrays(server, ranges):
    server.ranges = ranges
    x = np.arange(120_000.0).reshape(300, 400)
    server.files["/x.npy"] = file_of(np.save, x)
    url = server.url + "/x.npy"
    same(pynpio.load(url), x)
    same(pynpio.load(url + "?signature=secret"), x)
    same(pynpio.load(url, dtype="f4", order="F"), x.astype("f4"))
    same(pynpio.load_slice(url, np.s_[5:200:7, -1]), x[5:200:7, -1])
    assert pynpio.load_slice(url, (1, 2)) == x[1, 2]
    header = pynpio.header(url)
    assert (header.shape, header.dtype, header.data_offset) == (x.shape, x.dtype, 128)
    assert pynpio.verify(url) == []
    out = np.empty_like(x)
    assert pynpio.load(url, out=out) is out
    same(out, x)


def test_few_requests(server):
    server.files["/x.npy"] = file_of(np.save, np.zeros(1 << 20))
    server.files["/x.npz"] = file_of(np.savez, x=np.zeros(1 << 20), y=np.zeros(1000))
    url, archive = server.url + "/x.npy", server.url + "/x.npz"
    for work, most in [
        (lambda: pynpio.load(archive).files, 2),
        (lambda: pynpio.load(archive)["y"], 2),
        (lambda: pynpio.load(archive)["x"], 4),
        (lambda: pynpio.header(url), 1),
        (lambda: pynpio.load_slice(url, np.s_[500_000:600_000]), 2),
        (lambda: pynpio.load(url), 2),
    ]:
        server.requests = 0
        work()
        assert server.requests <= most


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed, pynpio.savez])
def test_archives(server, save):
    x, y = np.arange(50_000), np.array([["a", "bc"]])
    server.files["/x.npz"] = file_of(save, x=x, y=y)
    with pynpio.load(server.url + "/x.npz") as archive:
        assert archive.files == ["x", "y"]
        same(archive["x"], x)
        same(archive["y"], y)
        same(archive.load_slice("x", np.s_[1000:2000]), x[1000:2000])
        assert archive.header("x").shape == x.shape
        assert len(archive.load_all()) == 2
        with pytest.raises(KeyError):
            archive["z"]
    assert [issue for issue in pynpio.verify(server.url + "/x.npz") if issue.is_wrong] == []


def test_objects_that_the_caller_trusts(server):
    array = np.array([Trusted(), None])
    server.files["/x.npy"] = file_of(np.save, array)
    server.files["/x.npz"] = file_of(np.savez, a=array)
    with pytest.raises(ValueError, match="Trusted"):
        pynpio.load(server.url + "/x.npy")
    loaded = pynpio.load(server.url + "/x.npy", allow_pickle=True)
    assert isinstance(loaded[0], Trusted) and loaded[1] is None
    assert isinstance(pynpio.load(server.url + "/x.npz", allow_pickle=True)["a"][0], Trusted)
    for allow_pickle in (False, True):
        with pytest.raises(ValueError, match="out"):
            pynpio.load(server.url + "/x.npy", allow_pickle=allow_pickle, out=np.empty(2))


def test_objects(server):
    server.files["/x.npy"] = file_of(np.save, np.array([None, 1, "a"], object))
    assert pynpio.load(server.url + "/x.npy").tolist() == [None, 1, "a"]


def test_errors(server):
    server.files["/x.npy"] = b"not an array"
    with pytest.raises(FileNotFoundError, match="/none.npy: no such object") as error:
        pynpio.load(server.url.replace("//", "//me:secret@") + "/none.npy?signature=secret")
    assert "secret" not in str(error.value)
    with pytest.raises(ValueError, match="/x.npy: not an .npy file"):
        pynpio.load(server.url + "/x.npy")
    with pytest.raises(OSError, match="expected http, https, s3, gs or az|No such file"):
        pynpio.load("ftp://host/x.npy")


def test_threads(server):
    x = np.arange(100_000)
    server.files["/x.npy"] = file_of(np.save, x)

    def work():
        for _ in range(10):
            same(pynpio.load(server.url + "/x.npy"), x)

    in_threads(8, work)


@POSIX
def test_a_child_works_after_a_fork(server):
    x = np.arange(1 << 20)
    server.files["/x.npy"] = file_of(np.save, x)
    server.files["/x.npz"] = file_of(np.savez, x=x)
    # The server's threads are not in a child: a program of its own forks.
    program = f"""
import os, signal, numpy as np, pynpio
archive = pynpio.load("{server.url}/x.npz")
def work():
    assert pynpio.load("{server.url}/x.npy").sum() == {x.sum()}
    assert archive["x"].sum() == {x.sum()}
work()
for _ in range(3):
    child = os.fork()
    if child == 0:
        signal.alarm(50)
        try:
            work()
        except BaseException as error:
            print(error, flush=True)
            os._exit(1)
        os._exit(0)
    work()
    assert os.waitpid(child, 0)[1] == 0
"""
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=100)


@POSIX
@pytest.mark.parametrize("what", ["pynpio.load(url)", "pynpio.header(url)", "pynpio.load_slice(url, 0)"])
def test_ctrl_c_stops_waiting(server, what):
    server.delay = 20
    server.files["/x.npy"] = file_of(np.save, np.arange(10))
    # Who started this program may have had Ctrl-C ignored, which is inherited.
    program = f"""
import pynpio, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
url = "{server.url}/x.npy"
print("ready", flush=True)
try:
    {what}
except KeyboardInterrupt:
    print("stopped")
"""
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.5)
    begin = time.monotonic()
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=30)[0] == "stopped\n"
    assert time.monotonic() - begin < 5


@POSIX
def test_after_ctrl_c_the_archive_is_read_again(server):
    """Requests that were under way then are forgotten."""
    x = np.random.default_rng(1).standard_normal(3 << 20)
    server.delay = 0.5
    server.files["/x.npz"] = file_of(np.savez, x=x)
    program = STOP_AT_ALARM + f"""
import pynpio
archive = pynpio.load("{server.url}/x.npz")
signal.setitimer(signal.ITIMER_REAL, 0.2)
try:
    archive["x"]
    print("not stopped")
except Stop:
    pass
assert archive["x"].sum() == {float(x.sum())!r}
"""
    child = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, check=True, timeout=100)
    assert child.stdout == b""
