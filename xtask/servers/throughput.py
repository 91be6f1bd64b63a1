"""How fast arrays come from a web server: npio beside s3fs and obstore, from nginx on this machine.

`cargo xtask servers throughput` builds what it needs and runs it. It prints the least of several runs, and how much of
that time the server was busy. Only different arrays make it fail, not slow ones.

An emulator of an object store would be slower than its clients. So the server is nginx, which sends files and nothing
else; to s3fs and obstore they are the objects of a public bucket. Both halves of a connection on one machine share its
processors, so what shows that the server does not limit a client is its own processor time:
a third of the client's time at most.
"""

import contextlib
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import obstore.store
import s3fs

BUCKET = "bucket"
# Each side takes its turn so often, and each time loads everything so often: the memory of the first array is cold.
TURNS, RUNS = 3, 3
MANY = 200
# 16 KB each, and 256 MiB.
SMALL, LARGE = (2048,), (32, 1024, 1024)

CONFIG = """
{user}
daemon off;
worker_processes 2;
pid {root}/nginx.pid;
events {{}}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000;
    client_body_temp_path {root}/body;
    proxy_temp_path {root}/proxy;
    fastcgi_temp_path {root}/fastcgi;
    uwsgi_temp_path {root}/uwsgi;
    scgi_temp_path {root}/scgi;
    server {{
        listen 127.0.0.1:{port};
        root {root}/files;
    }}
}}
"""


class Server:
    """nginx that runs."""

    def __init__(self, port, process):
        self.address, self.process = f"http://127.0.0.1:{port}", process

    def busy(self):
        """The processor time of its workers so far, in seconds."""
        main = self.process.pid
        workers = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return sum(int(Path(f"/proc/{worker}/schedstat").read_text().split()[0]) for worker in workers) / 1e9


@contextlib.contextmanager
def server(root):
    """nginx for the files in a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = root / "nginx.conf"
    # Otherwise its workers are another user, who may not enter this folder.
    user = "user root;" if os.getuid() == 0 else ""
    config.write_text(CONFIG.format(root=root, port=port, user=user))
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen([nginx, "-e", str(root / "error.log"), "-c", str(config)])
    try:
        wait_for(process, port, root / "error.log")
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait()


def wait_for(process, port, log):
    """Waits until the server takes connections, for ten seconds at most."""
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    sys.exit(f"nginx does not answer on port {port}: {log.read_text() if log.exists() else 'no log'}")


def make(folder):
    """Writes the files. Returns the names of the small ones, and that of the large one."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(20)
    names = [f"{i:03}.npy" for i in range(MANY)]
    for name in names:
        np.save(folder / name, random.random(SMALL))
    np.save(folder / "large.npy", random.random(LARGE))
    return names, "large.npy"


class Program:
    """The example `fetch` of npio-remote. It measures itself, so that its start does not count."""

    def __init__(self, *command):
        self.command = list(command)

    def seconds(self, address, names):
        """What the addresses take, each after the one before."""
        urls = [f"{address}/{BUCKET}/{name}" for name in names]
        printed = subprocess.run([*self.command, *urls], check=True, stdout=subprocess.PIPE, text=True).stdout
        return [float(line.split()[0]) for line in printed.splitlines()]

    def check(self, address, names, files):
        """Compares what it loads with the files."""
        with tempfile.TemporaryDirectory() as folder:
            self.command, command = [*self.command, "--save", folder], self.command
            self.seconds(address, names)
            self.command = command
            for name in names:
                check_equal(np.load(Path(folder) / name), files / name, command)


class Function:
    """A function of Python that loads an array by its address and its name."""

    def __init__(self, load):
        self.load = load

    def seconds(self, address, names):
        """What the names take, each after the one before."""
        load, taken = self.load(address), []
        for name in names:
            start = time.perf_counter()
            array = load(name)
            taken.append(time.perf_counter() - start)
            del array
        return taken

    def check(self, address, names, files):
        """Compares what it loads with the files."""
        load = self.load(address)
        for name in names:
            check_equal(load(name), files / name, self.load.__name__)


def check_equal(found, path, who):
    """Fails unless an array is that of a file, bit for bit."""
    expected = np.load(path)
    if found.dtype != expected.dtype or found.shape != expected.shape or found.tobytes() != expected.tobytes():
        sys.exit(f"{who} loads another array from {path.name}")


def with_s3fs(address):
    """A fresh file system, whose lists and connections nothing else has used."""
    return s3fs.S3FileSystem(anon=True, endpoint_url=address, skip_instance_cache=True)


def s3fs_file(address):
    """np.load of a file object."""
    files = with_s3fs(address)

    def load(name):
        with files.open(f"{BUCKET}/{name}") as file:
            return np.load(file)

    return load


def s3fs_cat(address):
    """np.load of all bytes."""
    files = with_s3fs(address)
    return lambda name: np.load(io.BytesIO(files.cat_file(f"{BUCKET}/{name}")))


def with_obstore(address):
    """The bucket, without credentials."""
    options = {"allow_http": True}
    return obstore.store.S3Store(BUCKET, endpoint=address, skip_signature=True, client_options=options)


def obstore_load(address):
    """np.load of all bytes."""
    store = with_obstore(address)
    return lambda name: np.load(io.BytesIO(store.get(name).bytes()))


def obstore_frombuffer(address):
    """All bytes, whose items are not copied again: an array that is read-only."""
    store = with_obstore(address)

    def load(name):
        data = store.get(name).bytes()
        head = io.BytesIO(memoryview(data)[:4096])
        np.lib.format.read_magic(head)
        shape, _, dtype = np.lib.format.read_array_header_1_0(head)
        return np.frombuffer(data, dtype, offset=head.tell()).reshape(shape)

    return load


def measure(nginx, sides, first, names):
    """The least time that each side takes for these names, after a first array, for which it connects; and for how much
    of it the server was busy."""
    best = dict.fromkeys(sides, (float("inf"), 0))
    # In turn, so that each has its share of what else the machine does.
    for _ in range(TURNS):
        for name, side in sides.items():
            begin = nginx.busy()
            _, *taken = side.seconds(nginx.address, [first, *names * RUNS])
            busy = (nginx.busy() - begin) / RUNS
            runs = [sum(taken[i : i + len(names)]) for i in range(0, len(taken), len(names))]
            best[name] = min(best[name], (min(runs), busy))
    return best


def report(title, best, count):
    """Prints one table."""
    npio = min(best["npio"], best["npio, blocking"])[0]
    print(f"\n{title}\n")
    print("| | seconds each | times npio's | nginx was busy | times that |")
    print("|---|---|---|---|---|")
    for name, (seconds, busy) in best.items():
        print(f"| {name} | {seconds / count:.6f} | {seconds / npio:.2f} | {busy / count:.6f} | {seconds / busy:.1f} |")


def main():
    """Measures, and prints two tables."""
    # So that the server ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    examples = Path(os.environ["NPIO_EXAMPLES"])
    sides = {
        "npio": Program(examples / "fetch"),
        "npio, blocking": Program(examples / "fetch", "--blocking"),
        "s3fs, np.load of a file": Function(s3fs_file),
        "s3fs, np.load of all bytes": Function(s3fs_cat),
        "obstore, np.load of all bytes": Function(obstore_load),
        "obstore, np.frombuffer": Function(obstore_frombuffer),
    }
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = root / "files" / BUCKET
        many, large = make(files)
        with server(root) as nginx:
            for side in sides.values():
                side.check(nginx.address, [*many, large], files)
            print(f"All load equal arrays. The least of {TURNS * RUNS} runs, on {os.cpu_count()} processors:")
            small = measure(nginx, sides, many[0], many)
            report(f"Each of {MANY} arrays of {np.prod(SMALL) * 8:,} bytes, one after the other", small, MANY)
            one = measure(nginx, sides, many[0], [large])
            report(f"One array of {np.prod(LARGE) * 8:,} bytes", one, 1)


if __name__ == "__main__":
    main()
