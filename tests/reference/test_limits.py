"""Each step at each limit of the system works or says why not, leaves nothing, and works when there is room again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for what is left")

STEPS = """
import errno, faulthandler, gc, os, resource, sys, time
import mpref
from mpref.connection import Client, Listener
from mpref.shared_memory import SharedMemory

faulthandler.dump_traceback_later(120, exit=True)
LONG = 30.0
made = []
shm_open = mpref.shared_memory.shm_open
mpref.shared_memory.shm_open = lambda path, *more, **named: (made.append(path), shm_open(path, *more, **named))[1]

def nothing(*_): pass

def start(context):
    child = context.Process(target=nothing)
    child.start()
    child.join(LONG)
    assert child.exitcode in (0, 1), child.exitcode  # an interpreter that has no room for its modules ends with 1
    child.close()

def start_with_arguments(context):
    ends, queue = mpref.Pipe(), context.Queue()
    try:
        child = context.Process(target=nothing, args=(ends, queue, context.Lock(), context.Value("i")))
        child.start()
        child.join(LONG)
        assert child.exitcode in (0, 1), child.exitcode
        child.close()
    finally:
        queue.close()
        for end in ends:
            end.close()

def put(context):
    queue = context.Queue()
    try:
        queue.put(bytes(100000))
        queue.put("second")
        assert queue.get(timeout=LONG) == bytes(100000)
        assert queue.get(timeout=LONG) == "second"
    finally:
        queue.close()
        queue.join_thread()

def share(context):
    with context.Lock(), context.Condition():
        context.Value("i").value = 5
        context.RawArray("b", 3000000)[2999999] = 1

def share_by_name(context):
    block = SharedMemory(create=True, size=20000)
    try:
        block.buf[:5] = b"hello"
        found = SharedMemory(block.name)
        assert bytes(found.buf[:5]) == b"hello"
        found.close()
    finally:
        block.close()
        block.unlink()

def accept(context):
    for key in (None, b"key"):
        with Listener(backlog=3, authkey=key) as listener:
            if key is None:
                with Client(listener.address), listener.accept():
                    pass

def send_a_connection(context):
    near, far = mpref.Pipe()
    with near, far:
        near.send(far)
        far.recv().close()

def descriptors():
    gc.collect()
    names = set()
    for number in os.listdir("/proc/self/fd"):
        try:
            os.readlink(f"/proc/self/fd/{number}")
        except OSError:  # that by which they are listed
            continue
        names.add(number)
    return names

def children():
    return open(f"/proc/self/task/{os.getpid()}/children").read().split()

def until(holds, what):
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, what()
        time.sleep(0.002)

def attempt(step, context):
    try:
        step(context)
    except OSError as error:
        assert error.errno in EXPECTED, error
        return 1
    except RuntimeError as error:
        assert "thread" in str(error), error
        return 1
    return 0

def blocks():
    return [path for path in made if os.path.lexists(f"/dev/shm{path}")]

def left():
    return len(descriptors()), sorted(children()), blocks(), sorted(os.listdir(os.environ["TMPDIR"]))

def judge(step, context, limit, unlimit):
    # The first failure may leave what is kept for life; what the second adds to it is left.
    before = None
    failures = 0
    for _ in range(3):
        limit()
        failed = attempt(step, context)
        unlimit()
        step(context)
        if before is None:
            before = left()
        else:
            until(lambda: left()[0] <= before[0] and left()[2:] == before[2:], lambda: (step, before, left()))
        failures += failed
    return failures
"""

DESCRIPTORS = """
EXPECTED = (errno.EMFILE, errno.ETOOMANYREFS)    # what others of this user have under way counts as well
SOFT, HARD = resource.getrlimit(resource.RLIMIT_NOFILE)
held = []

def limit(count):
    highest = max(map(int, descriptors())) + 1
    while (one := os.dup(0)) < highest:
        held.append(one)
    os.close(one)
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + count, HARD))

def unlimit():
    resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT, HARD))
    while held:
        os.close(held.pop())

if __name__ == "__main__":
    context, step = mpref.get_context(sys.argv[1]), globals()[sys.argv[2]]
    step(context)
    counts = range(0, 24, 1 if sys.argv[1] == "fork" else 2)
    failures = [judge(step, context, lambda: limit(count), unlimit) for count in counts]
    print(failures[0] > 0 or (sys.argv[1], sys.argv[2]) == ("fork", "start"), failures[-1])
"""

STEP_NAMES = ("start", "start_with_arguments", "put", "share", "share_by_name", "accept", "send_a_connection")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, environment: dict[str, str]) -> None:
    """A folder for temporary files that is the program's own."""
    (tmp_path / "temporary").mkdir()
    environment["TMPDIR"] = str(tmp_path / "temporary")


@pytest.mark.parametrize("step", STEP_NAMES)
def test_few_descriptors(run: Any, method: str, step: str) -> None:
    if method != "fork" and not step.startswith("start"):
        pytest.skip("the start method makes no difference")
    ended = run(STEPS + DESCRIPTORS, method, step)
    assert (ended.stdout, ended.returncode) == ("True 0\n", 0), ended.stderr
    if method != "spawn":  # an interpreter that has no room for its modules says so
        assert ended.stderr == ""


FILE_SIZE = """
EXPECTED = (errno.EFBIG,)
SOFT, HARD = resource.getrlimit(resource.RLIMIT_FSIZE)

if __name__ == "__main__":
    context = mpref.get_context(sys.argv[1])
    for step in (start, start_with_arguments, put, share, share_by_name, accept, send_a_connection):
        step(context)
        for size in (0, 4096, 1 << 20):
            limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, HARD))
            unlimit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SOFT, HARD))
            print(step.__name__, size, judge(step, context, limit, unlimit))
"""


def test_small_files_alone(run: Any, method: str) -> None:
    ended = run(STEPS + FILE_SIZE, method)
    assert ended.returncode == 0, ended.stderr
    failed = {tuple(line.split()[:2]) for line in ended.stdout.splitlines() if not line.endswith(" 0")}
    assert failed <= {
        (step, size)
        for step, size in [
            ("put", "0"), ("start_with_arguments", "0"),
            *[("share", size) for size in ("0", "4096", "1048576")],
            *[("share_by_name", size) for size in ("0", "4096")],
        ]
    }  # fmt: skip
    assert ("share", "1048576") in failed
    assert ended.stderr == ""


MEMORY = """
EXPECTED = (errno.ENOMEM,)
SOFT, HARD = resource.getrlimit(resource.RLIMIT_AS)

def share_much(context):
    context.RawArray("b", 200 << 20)[5] = 1

def share_much_by_name(context):
    block = SharedMemory(create=True, size=100 << 20)
    block.close()
    block.unlink()

def limit():
    pages = int(open("/proc/self/statm").read().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (64 << 20), HARD))

if __name__ == "__main__":
    for step in (share_much, share_much_by_name):
        print(judge(step, mpref, limit, lambda: resource.setrlimit(resource.RLIMIT_AS, (SOFT, HARD))))
"""


def test_little_memory(run: Any) -> None:
    ended = run(STEPS + MEMORY)
    assert (ended.stdout, ended.stderr) == ("3\n3\n", "")


PROCESSES = """
EXPECTED = (errno.EAGAIN,)

if __name__ == "__main__":
    steps = (start, start_with_arguments, put, share, share_by_name, accept, send_a_connection)
    for step in steps:
        step(mpref.get_context("fork"))
    start(mpref.get_context(sys.argv[1]))
    SOFT, HARD = resource.getrlimit(resource.RLIMIT_NPROC)
    os.chmod(os.environ["TMPDIR"], 0o777)
    os.setgroups([])
    os.setresuid(65534, 65534, 0)
    limit = lambda: resource.setrlimit(resource.RLIMIT_NPROC, (0, HARD))
    for step in (start, start_with_arguments, share, send_a_connection):
        if sys.argv[1] == "fork" or step is start:
            limit()
            print(step.__name__, attempt(step, mpref.get_context(sys.argv[1])))
            resource.setrlimit(resource.RLIMIT_NPROC, (SOFT, HARD))
    os.setresuid(0, 0, 0)
    start(mpref.get_context(sys.argv[1]))
"""


@pytest.mark.skipif(
    os.geteuid() != 0, reason="a limit of processes counts those of a user; only root may change its user"
)
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_no_further_process_or_thread(run: Any, method: str) -> None:
    ended = run(STEPS + PROCESSES, method)
    steps = ["start", "start_with_arguments", "share", "send_a_connection"] if method == "fork" else ["start"]
    assert ended.stdout == "".join(f"{step} {int(step != 'share')}\n" for step in steps), ended.stderr
    assert ended.stderr == ""


FULL = """
EXPECTED = (errno.ENOSPC,)

if __name__ == "__main__":
    context = mpref.get_context("fork")
    for step in (start, start_with_arguments, put, share, accept, send_a_connection):
        step(context)
    room = os.statvfs("/dev/shm")
    def fill():
        with open("/dev/shm/filling", "wb", buffering=0) as file:
            os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - 8192)
    print(judge(share_by_name, context, fill, lambda: os.unlink("/dev/shm/filling")))
    fill()
    for step in (start, start_with_arguments, put, share, accept, send_a_connection):
        step(context)
    os.unlink("/dev/shm/filling")
"""


def test_a_full_dev_shm(save: Callable[..., Path], environment: dict[str, str]) -> None:
    inside = ["unshare", "-m", "sh", "-c", 'mount -t tmpfs -o size=1m none /dev/shm && exec "$@"', "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*inside, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to mount in a namespace")
    command = [*inside, sys.executable, str(save(STEPS + FULL))]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=200, check=False)
    assert (ended.stdout, ended.stderr) == ("3\n", "")


SERVER = """
def wait(far):
    import resource
    far.send(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    time.sleep(3600)

if __name__ == "__main__":
    from mpref.launch.forkserver import client

    EXPECTED = (errno.EMFILE,)
    SOFT, HARD = resource.getrlimit(resource.RLIMIT_NOFILE)
    context = mpref.get_context("forkserver")
    resource.setrlimit(resource.RLIMIT_NOFILE, (50, HARD))
    start(context)
    server = client._handle.pid
    resource.setrlimit(resource.RLIMIT_NOFILE, (SOFT, HARD))
    near, far = mpref.Pipe()
    for highest, refused in ((None, 0), (60, 1)):
        if highest is not None:
            resource.prlimit(server, resource.RLIMIT_NOFILE, (highest, highest))
        running = []
        try:
            while len(running) < 70:
                child = context.Process(target=wait, args=(far,))
                child.start()
                running.append(child)
        except OSError as error:
            print("refused", error.errno in EXPECTED, len(running) > 20)
        print({near.recv() for _ in running})
        for child in running:
            child.kill()
            child.join()
        start(context)
        print(client._handle.pid == server)
"""


def test_a_fork_server_goes_as_far_as_its_limit_and_on_when_children_have_ended(run: Any) -> None:
    ended = run(STEPS + SERVER)
    assert (ended.stdout, ended.stderr) == ("{50}\nTrue\nrefused True True\n{50}\nTrue\n", "")
