"""Nothing is left of primitives and shared ctypes objects after any end of anybody: no name, no file, no descriptor.

A program makes one of everything, uses it together with a child, and one of its processes comes to an end. All that
it started are looked at while they live, and are gone afterwards: a descriptor cannot outlive its process.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

LONG = 30.0
MARK = "MPREF_TEST_OF_REMAINS"
ENDS = ("normal exit", "exception", "os._exit", "SIGTERM", "SIGKILL")

PROGRAM = """
import gc, os, signal, sys, time
import mpref

def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\\n")  # at once, also where the output is not buffered
    sys.stdout.flush()

def make(mp):
    return [
        mp.Lock(), mp.RLock(), mp.Semaphore(), mp.BoundedSemaphore(), mp.Condition(), mp.Event(), mp.Barrier(2),
        mp.Value("d", 1.5), mp.Array("i", 100), mp.Array("c", b"text"), mp.RawValue("q", 3), mp.RawArray("b", 9),
        mp.RawArray("b", 5000000),
    ]

def use(things):
    for thing in things:
        if hasattr(thing, "notify_all"):
            with thing:
                thing.notify_all()
        elif hasattr(thing, "acquire"):
            with thing:
                pass
        elif hasattr(thing, "set"):
            thing.set()
            thing.wait()
        elif hasattr(thing, "parties"):
            thing.wait()
        if hasattr(thing, "__len__"):
            thing[0] = thing[1]
        elif hasattr(thing, "value"):
            thing.value += 1

def end(how):
    if how == "exception":
        raise LookupError("the end")
    if how == "os._exit":
        os._exit(0)
    if how.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, how))
        time.sleep(60)

def work(things, gate, who, how):
    use(things)
    say("child", os.getpid())
    with gate:
        if who == "child":
            end(how)

def number_of_descriptors():
    gc.collect()
    return len(os.listdir("/proc/self/fd"))

if __name__ == "__main__":
    method, who, how = sys.argv[1:]
    mp = mpref.get_context(method)
    first = mp.Process(target=int)
    first.start()
    first.join()
    first.close()
    gate = mp.Lock()
    before = number_of_descriptors()
    things = make(mp)
    gate.acquire()
    child = mp.Process(target=work, args=(things, gate, who, how))
    child.start()
    use(things)
    from mpref.launch import tracker
    say("tracker", tracker._handle.pid if tracker._handle else 0)
    sys.stdin.readline()
    if who == "parent":
        if not how.startswith("SIG") and how != "os._exit":
            gate.release()
        end(how)
        sys.exit()
    if who == "tracker":
        things += [mp.Lock(), mp.RawArray("b", 5000000)]
        use(things[-2:])
    gate.release()
    child.join()
    child.close()
    del things, child
    say("descriptors", before, number_of_descriptors())
"""


def until(holds: Callable[[], object], what: str) -> None:
    """Wait for a state that no event tells."""
    deadline = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.002)


def marked(mark: str) -> list[int]:
    """The processes that have the mark in their environment, as all have whom a marked one starts."""
    found = []
    for name in os.listdir("/proc"):
        with suppress(OSError):
            if name.isdigit() and mark.encode() in Path(f"/proc/{name}/environ").read_bytes():
                found.append(int(name))
    return found


def named(pid: int, folder: Path) -> list[str]:
    """What a process has open or mapped that has a name where such things have one."""
    seen = [line.split(maxsplit=5)[-1] for line in Path(f"/proc/{pid}/maps").read_text().splitlines()]
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            seen.append(os.readlink(descriptor))
    return [path for path in seen if path.startswith(("/dev/shm/", str(folder)))]


@pytest.fixture
def program(
    method: str, who: str, how: str, save: Any, tmp_path: Path, environment: dict[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """The program, that waits for a line; at the end all of its processes are killed."""
    (tmp_path / "temporary").mkdir()
    mark = f"{os.getpid()}-{os.urandom(6).hex()}"
    started = subprocess.Popen(
        [sys.executable, str(save(PROGRAM)), method, who, how],
        env={**environment, "TMPDIR": str(tmp_path / "temporary"), MARK: mark},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    started.mark = mark  # type: ignore[attr-defined]
    with started:
        yield started
        for pid in marked(mark):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def told(program: subprocess.Popen[str], lines: int) -> dict[str, list[int]]:
    """What the program's processes tell of themselves."""
    assert program.stdout is not None
    heard = (program.stdout.readline().split() for _ in range(lines))
    return {name: [int(number) for number in numbers] for name, *numbers in heard}


@pytest.mark.parametrize(
    ("who", "how"),
    [(who, how) for who in ("child", "parent") for how in ENDS] + [("tracker", how) for how in ENDS[-2:]],
)
def test_nothing_is_left(method: str, who: str, how: str, tmp_path: Path, program: Any) -> None:
    pids = told(program, 2)
    folder = tmp_path / "temporary"
    (child,), (tracker,) = pids["child"], pids["tracker"]
    assert named(child, folder) == [], "the child has something that has a name"
    assert named(program.pid, folder) == [], "the parent has something that has a name"
    if who == "tracker":
        if tracker:
            os.kill(tracker, getattr(signal, how))
        assert tracker or method == "fork", "there is no tracker"
    program.stdin.write("\n")
    program.stdin.flush()
    if who != "parent":
        before, after = told(program, 1)["descriptors"]
        assert after <= before, "the parent has kept descriptors of what it has dropped"
    program.wait(LONG)
    if who == "parent" and how in ("os._exit", "SIGTERM", "SIGKILL"):
        os.kill(child, signal.SIGKILL)  # it waits for a lock that nobody has any more
    until(lambda: not marked(program.mark), "a process is left")
    assert list(folder.iterdir()) == [], "a file is left"
