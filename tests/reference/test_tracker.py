"""Named shared memory: unlinked when the last process of the program has ended, however it ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="looks for shared memory in /dev/shm")

USE = """
import os, signal, sys, time
import mpref
from _posixshmem import shm_open
from mpref.launch import tracker

def use(name):
    os.close(shm_open("/" + name, os.O_CREAT | os.O_EXCL, 0o600))
    tracker.register("/" + name)
"""


def left(name: str) -> list[str]:
    """What there is of that name."""
    return [one for one in os.listdir("/dev/shm") if one.endswith(name)]


@pytest.fixture
def name() -> str:
    """A name that nobody else uses."""
    return f"mpref-test-{os.getpid()}-{os.urandom(4).hex()}"


def test_what_a_killed_child_leaves_is_unlinked_when_the_program_ends(run: Any, method: str, name: str) -> None:
    ended = run(
        USE
        + """
def die(name):
    use(name)
    os.kill(os.getpid(), signal.SIGKILL)

if __name__ == "__main__":
    mpref.get_context("spawn").Process(target=int).start()
    child = mpref.get_context(sys.argv[1]).Process(target=die, args=(sys.argv[2],))
    child.start()
    child.join()
    print(child.exitcode, len([one for one in os.listdir("/dev/shm") if one.endswith(sys.argv[2])]))
""",
        method,
        name,
    )
    assert ended.stdout == "-9 1\n"
    assert left(name) == []
    assert ended.stderr.endswith(f"left by ended processes, now unlinked: /{name}\n")


def test_what_is_unregistered_is_left_alone(run: Any, name: str) -> None:
    ended = run(
        USE
        + """
use(sys.argv[1])
tracker.unregister("/" + sys.argv[1])
""",
        name,
    )
    assert ended.stderr == ""
    assert left(name) == [name]
    os.unlink(f"/dev/shm/{name}")


def test_another_tracker_takes_the_place_of_one_that_was_killed(run: Any, name: str) -> None:
    ended = run(
        USE
        + """
use(sys.argv[1] + "-first")
tracker.unregister("/none")
before = tracker._handle
os.kill(before.pid, signal.SIGKILL)
before.wait(None)
use(sys.argv[1])
print(before is not tracker._handle)
""",
        name,
    )
    assert ended.stdout == "True\n"
    assert left(name) == left(f"{name}-first") == []


def test_the_tracker_survives_what_interrupts_the_program(
    save: Callable[..., Path], environment: dict[str, str], name: str
) -> None:
    program = save(
        USE
        + """
use(sys.argv[1])
print(tracker._handle.pid, flush=True)
signal.pause()
"""
    )
    command = [sys.executable, str(program), name]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        for number in (2, 15):
            os.killpg(running.pid, number)
        assert "left by ended processes" in running.stderr.read()
    assert left(name) == []


def test_a_name_with_a_line_break_is_refused() -> None:
    from mpref.launch import tracker

    with pytest.raises(ValueError, match="line break"):
        tracker.register("/x\n/y")


def test_the_tracker_reports_what_it_cannot_unlink(capfd: pytest.CaptureFixture[str], name: str) -> None:
    from mpref.launch.tracker import program

    folder = Path("/dev/shm") / name
    folder.mkdir()
    program.unlink([f"/{name}", f"/{name}-gone"])
    folder.rmdir()
    assert f"left by ended processes, now unlinked: /{name} (in vain" in capfd.readouterr().err


@pytest.mark.parametrize(
    "shell", ["/bin/sh", "/nowhere/sh", "/dev/null"]
)  # one that there is not, one that must not be
@pytest.mark.parametrize("odd", [" two  spaces ", "\\\\n$HOME`'\"", "é€*"])
def test_what_is_registered_first_is_taken_as_it_is_written(run: Any, name: str, shell: str, odd: str) -> None:
    program = (
        USE
        + f"""
tracker.SHELL = {shell!r}
name = {odd!a} + sys.argv[1]
use(name)
use(name + "-second")
"""
    )
    ended = run(program, name)
    assert left(name) == left(f"{name}-second") == []
    assert ended.stderr.count("left by ended processes") == 1


def test_the_tracker_has_no_descriptor_that_is_not_its_own(run: Any) -> None:
    ended = run(
        USE
        + """
reading, writing = os.pipe()
os.set_inheritable(writing, True)
tracker.ensure()
os.close(writing)
print(os.read(reading, 1))
end = time.monotonic() + 10
while (left := sorted(os.listdir(f"/proc/{tracker._handle.pid}/fd"))) != ["0", "1", "2"] and time.monotonic() < end:
    time.sleep(0.01)  # an exec lets its parent go on before it has closed anything, and a loader reads files
print(left)
"""
    )
    assert ended.stdout == "b''\n['0', '1', '2']\n"
