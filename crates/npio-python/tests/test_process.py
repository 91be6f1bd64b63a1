"""What a process goes through: forks, signals, threads."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from conftest import STOP_AT_ALARM, in_threads

import pynpio

POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and forks of Unix")


@POSIX
def test_a_child_works_after_a_fork(tmp_path):
    big = np.arange(4 << 20)
    pynpio.savez_compressed(tmp_path / "x.npz", a=big[: 1 << 20], b=big[: 1 << 20])
    pynpio.save(tmp_path / "x.npy", big)
    pynpio.savetxt(tmp_path / "x.txt", big[: 1 << 18], fmt="%d")

    def work():
        assert pynpio.load(tmp_path / "x.npy").sum() == big.sum()
        assert len(pynpio.load(tmp_path / "x.npz").load_all()) == 2
        assert pynpio.loadtxt(tmp_path / "x.txt", int).shape == (1 << 18,)

    work()
    for _ in range(3):
        child = os.fork()
        if child == 0:
            signal.alarm(50)
            try:
                work()
            except BaseException:
                os._exit(1)
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0


LONG = {
    "loadtxt": "pynpio.loadtxt('big.txt')",
    "savez_compressed": "pynpio.savez_compressed('y.npz', big, big[::-1], big[::2])",
    "load_all": "pynpio.load('big.npz').load_all()",
    "from a file object": "pynpio.loadtxt(open('big.txt'))",
}


@POSIX
@pytest.mark.parametrize("what", LONG)
def test_ctrl_c_stops_the_work(what, tmp_path):
    """The exception comes soon, nothing is left behind, and the package works on."""
    rng = np.random.default_rng(3)
    big = rng.standard_normal(8 << 20)
    if "txt" in LONG[what]:
        line = "0.12345 1.5 2.25e10 3\n" * 4096
        (tmp_path / "big.txt").write_text(line * 400)
    if "big.npz" in LONG[what]:
        pynpio.savez_compressed(tmp_path / "big.npz", *[big[: 4 << 20] + i for i in range(8)], level=1)
    program = f"""
import signal, time, numpy as np, pynpio
# It may be ignored, where whoever started the tests ignores it; and nothing here takes a minute.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.alarm(100)
big = np.random.default_rng(3).standard_normal(8 << 20)
pynpio.save('z.npy', np.arange(3))
print('ready', flush=True)
try:
    while True:
        {LONG[what]}
except KeyboardInterrupt:
    print('interrupted', time.time(), flush=True)
    assert pynpio.load('z.npy').tolist() == [0, 1, 2]
    print('works', flush=True)
"""
    child = subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    assert child.stdout.readline() == "ready\n"
    time.sleep(0.3)
    sent = time.time()
    child.send_signal(signal.SIGINT)
    word, at = child.stdout.readline().split()
    assert word == "interrupted"
    # A tenth of a second of work, on a machine that may be busy with other things.
    assert float(at) - sent < 2.0
    assert child.stdout.readline() == "works\n" and child.wait() == 0
    assert not [name for name in os.listdir(tmp_path) if "tmp" in name or name == "y.npz"]


@POSIX
def test_a_pipe_is_opened_once(tmp_path):
    """One that is opened a second time has lost its writer."""
    os.mkfifo(tmp_path / "pipe")
    np.save(tmp_path / "x.npy", np.arange(100.0))
    for _ in range(20):
        writer = subprocess.Popen(["sh", "-c", "cat x.npy > pipe"], cwd=tmp_path)
        assert pynpio.load(tmp_path / "pipe").sum() == 4950
        assert writer.wait(timeout=20) == 0


@POSIX
@pytest.mark.parametrize("begins", ["", "npy", "text"])
@pytest.mark.parametrize("call", ["load('pipe')", "loadtxt('pipe')", "fromfile('pipe')", "fromfile('pipe', sep=' ')"])
def test_ctrl_c_ends_waiting_for_a_pipe(call, begins, tmp_path):
    """For one that nobody writes to, and for one whose writer waits."""
    os.mkfifo(tmp_path / "pipe")
    np.save(tmp_path / "x.npy", np.arange(1000.0))
    (tmp_path / "npy").write_bytes((tmp_path / "x.npy").read_bytes()[:1000])
    (tmp_path / "text").write_text("1 2\n3 4\n")
    program = f"""
import os, signal, pynpio
signal.signal(signal.SIGALRM, signal.default_int_handler)
signal.setitimer(signal.ITIMER_REAL, 0.3)
try:
    pynpio.{call}
except KeyboardInterrupt:
    print('interrupted')
except ValueError as error:
    print('another format' if {begins!r} else error)
"""
    writer = subprocess.Popen(["sh", "-c", f"exec 3> pipe; cat {begins} >&3; sleep 20"], cwd=tmp_path) if begins else None
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=10)
    if writer is not None:
        writer.terminate()
        writer.wait()
    is_other = begins == ("text" if call.startswith("load(") else "npy") and call != "fromfile('pipe')"
    assert done.stdout in ("interrupted\n", "another format\n" if is_other else ""), done


@POSIX
def test_ctrl_c_is_for_one_thread(tmp_path):
    """Another one that reads the same archive goes on."""
    big = np.random.default_rng(1).standard_normal(4 << 20)
    pynpio.savez_compressed(tmp_path / "x.npz", a=big, b=big, level=1)
    program = STOP_AT_ALARM + f"""
import threading, numpy as np, pynpio
archive, stopped, sums = pynpio.load('x.npz'), 0, []
def read():
    for _ in range(10):
        sums.append(archive['a'].sum())
thread = threading.Thread(target=read)
thread.start()
while thread.is_alive():
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        archive['b']
        signal.setitimer(signal.ITIMER_REAL, 0)
    except Stop:
        stopped += 1
signal.setitimer(signal.ITIMER_REAL, 0)
thread.join()
assert stopped > 0 and sums == [{float(big.sum())!r}] * 10, (stopped, sums)
"""
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, check=True, timeout=100)


def test_other_threads_run_meanwhile(tmp_path):
    big = np.zeros(32 << 20)
    ticks, done = [], threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    begin = time.monotonic()
    pynpio.save(tmp_path / "x.npy", big)
    pynpio.load(tmp_path / "x.npy")
    end = time.monotonic()
    done.set()
    thread.join()
    during = [at for at in ticks if begin < at < end]
    assert len(during) > 3


def test_threads_share_an_archive(tmp_path):
    arrays = {f"a{i}": np.full(10_000, i) for i in range(20)}
    pynpio.savez_compressed(tmp_path / "x.npz", **arrays)
    stream = open(tmp_path / "x.npz", "rb", buffering=0)
    for npz in (pynpio.load(tmp_path / "x.npz"), pynpio.load(stream)):

        def read():
            for name, array in arrays.items():
                assert (npz[name] == array).all()

        in_threads(4, read)


def test_a_thread_limit(tmp_path):
    big = np.random.default_rng(1).standard_normal(1 << 20)
    try:
        pynpio.set_threads(1)
        pynpio.savez_compressed(tmp_path / "one.npz", big=big)
        pynpio.set_threads(3)
        pynpio.savez_compressed(tmp_path / "three.npz", big=big)
    finally:
        pynpio.set_threads(0)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "three.npz").read_bytes()


def test_served_counts_calls(tmp_path):
    before = pynpio.served()
    pynpio.save(tmp_path / "x.npy", np.arange(3))
    pynpio.save(tmp_path / "y.npy", np.array([set()]))
    after = pynpio.served()
    assert tuple(b - a for a, b in zip(before["save"], after["save"])) == (1, 1)
