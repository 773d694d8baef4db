"""What messages and starts cost, in what can be counted whatever the machine is doing: page faults and system calls."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = os.sysconf("SC_PAGE_SIZE")
ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the GNU C library and its heap")


def run(program: str, *arguments: str) -> str:
    """Run a program with the reference in a fresh interpreter, whose heap is as small as it begins."""
    environment = dict(os.environ, PYTHONPATH=str(ROOT / "reference"))
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=60).stdout


FAULTS = """\
import resource, sys
import mpref

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

def back(receive, send, count):
    for _ in range(count):
        send(receive())

def child(receive, send, told):
    back(receive, send, WARM)
    before = faults()
    back(receive, send, COUNT)
    told.put(faults() - before)

WARM, COUNT = 20, 100
kind, size = sys.argv[1], int(sys.argv[2])
mpref.set_start_method("fork")
told = mpref.Queue()
if kind == "queue":
    there, home = mpref.Queue(), mpref.Queue()
    ways = there.put, home.get, there.get, home.put
else:
    here, far = mpref.Pipe()
    if kind == "bytes":
        ways = here.send_bytes, here.recv_bytes, far.recv_bytes, far.send_bytes
    else:
        ways = here.send, here.recv, far.recv, far.send
process = mpref.Process(target=child, args=(*ways[2:], told))
process.start()
thing = b"x" * size
def trips(count):
    for _ in range(count):
        ways[0](thing)
        ways[1]()
trips(WARM)
before = faults()
trips(COUNT)
print((faults() - before) / COUNT, told.get() / COUNT)
process.join()
"""


@LINUX
@pytest.mark.parametrize("kind", ["objects", "bytes", "queue"])
@pytest.mark.parametrize("size", [60_000, 100_000, 130_000, 200_000, 1_000_000, 4_000_000])
def test_a_message_lies_where_the_one_before_it_lay(kind: str, size: int) -> None:
    """Neither end faults memory in again for each message: a page that was freed stays with the process.

    On a busy machine a few lie elsewhere: those that wait for a thread.
    """
    for faults in map(float, run(FAULTS, kind, str(size)).split()):
        assert faults < size / PAGE / 4


STREAM = """\
import sys
import threading
import mpref
from mpref.queues import feeder

started = 0
def start(work, arguments):
    global started
    started += 1
    return start_new_thread(work, arguments)
start_new_thread, feeder.start_new_thread = feeder.start_new_thread, start
feeder.BRIEF = 30.0  # on a busy machine the reader may come to its turn late

def read(queue, back, count):
    for _ in range(count):
        queue.get()
    back.put(None)

mpref.set_start_method("fork")
queue, back = mpref.Queue(), mpref.Queue()
item, count = b"x" * int(sys.argv[1]), 500
process = mpref.Process(target=read, args=(queue, back, count))
process.start()
for _ in range(count):
    queue.put(item)
back.get()
process.join()
print(started)
"""


@pytest.mark.parametrize("size", [4_096, 32_768])
def test_no_item_waits_for_a_thread_while_somebody_reads(size: int) -> None:
    """A stream of items fills the pipe again and again: put() goes on itself as soon as there is room."""
    assert run(STREAM, str(size)) == "0\n"


CAPACITY = """\
import fcntl
import mpref
queue = mpref.Queue()
def capacity():
    return fcntl.fcntl(queue._writing.descriptor, fcntl.F_GETPIPE_SZ)
queue.put(b"x" * 50_000)
print(capacity())
queue.put(b"x" * 50_000)
print(capacity())
queue.get(), queue.get()
"""


@LINUX
def test_a_pipe_holds_more_only_once_it_was_full() -> None:
    """All pipes of a user count together, those of queues that hardly anything is put into as well."""
    before, after = map(int, run(CAPACITY).split())
    assert before < 100_000 < after < 1_000_000


START = """\
import os, sys
import mpref
mpref.set_start_method("fork")
def nothing():
    pass
def start():
    process = mpref.Process(target=nothing)
    process.start()
    process.join()
for _ in range(3):
    start()
opened = []
sys.addaudithook(lambda event, arguments: opened.append(arguments[0]) if event in ("open", "import") else None)
watched = os.fork
def fork():
    pid = watched()
    if pid == 0:
        leave = os._exit
        def tell(status):
            os.write(1, (repr(opened) + "\\n").encode())
            leave(status)
        os._exit = tell
    return pid
os.fork = fork
start()
print(opened)
"""


def test_a_fork_opens_and_imports_nothing_once_it_was_used() -> None:
    """What a child needs is there before it: each start would pay for it otherwise."""
    assert run(START) == "[]\n[]\n"


BENCH = ROOT / "tools" / "bench"


@pytest.mark.parametrize("benchmark", ["ladder.py", "connection.py", "queues.py", "process.py"])
def test_a_benchmark_runs(benchmark: str) -> None:
    """A figure of each is taken, and the floor beside it."""
    figure = {
        "ladder.py": "stream 1024",
        "connection.py": "one way 4 KB",
        "queues.py": "Queue round trip",
        "process.py": "fork, next",
    }[benchmark]
    command = [sys.executable, str(BENCH / benchmark), "--quick", "--rounds=1", "--impl=reference", "-k", figure]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    assert figure.split()[-1] in done.stdout
    assert "[" in done.stdout.splitlines()[-1]
    assert done.stderr == ""


def test_a_benchmark_compares_two_source_trees() -> None:
    command = [sys.executable, str(BENCH / "ladder.py"), "--quick", "--rounds=1", "-k", "pipe 1024"]
    done = subprocess.run([*command, "--beside", str(ROOT)], check=True, capture_output=True, text=True, timeout=120)
    assert " → " in done.stdout
