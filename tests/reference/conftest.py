"""Programs that use the reference, each run by an interpreter of its own and watched to its end."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "reference"

METHODS = ("fork", "spawn", "forkserver")

SOURCE = """
import os, sys
import mpref

def work(lock, queue, event, end):
    with lock:
        queue.put(end.recv())
    event.set()

def main(method):
    context = mpref.get_context(method)
    lock, queue, event = context.Lock(), context.Queue(), context.Event()
    for daemon in (False, True):
        near, far = context.Pipe()
        child = context.Process(target=work, args=(lock, queue, event, far), daemon=daemon)
        child.start()
        far.close()
        near.send(daemon)
        near.close()
        got = queue.get()
        event.wait()
        child.join()
        os.write(OUTPUT, f"{got} {child.exitcode}\\n".encode())
        child.close()
    queue.close()
    queue.join_thread()

OUTPUT = 1
"""

Run = Callable[..., subprocess.CompletedProcess[str]]
OpenFiles = Callable[[], set[tuple[str, str]]]


@pytest.fixture
def open_files() -> OpenFiles:
    """A function that tells what this process has open: number and what is behind it.

    What an earlier test has left may go meanwhile, so that a test asks for what has come: ``open_files() <= before``.
    """

    def found() -> set[tuple[str, str]]:
        there = set()
        for number in os.listdir("/proc/self/fd"):
            with contextlib.suppress(FileNotFoundError):  # the folder itself, which is closed again
                there.add((number, os.readlink(f"/proc/self/fd/{number}")))
        return there

    return found


class Everything:
    """A program that uses a lock, a queue, an event, a pipe and processes, a daemonic one too, by one start method.

    source: what it consists of; main(method) calls it. output: what it writes then, and nothing to its error stream.
    """

    source = SOURCE
    output = "False 0\nTrue 0\n"

    def main(self, method: str) -> str:
        """What has to come after the source."""
        return f"\nif __name__ == '__main__':\n    main({method!r})\n"


@pytest.fixture
def everything() -> Everything:
    """A program that uses nearly everything."""
    return Everything()


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment in which `import mpref` finds the reference of this checkout."""
    buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**buffered, "PYTHONPATH": str(REFERENCE)}


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    """Each start method."""
    return str(request.param)


@pytest.fixture
def save(tmp_path: Path) -> Callable[..., Path]:
    """Write a program into a file of the test's own folder."""

    def write(source: str, name: str = "program.py") -> Path:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(source))
        return file

    return write


@pytest.fixture
def run(save: Callable[..., Path], tmp_path: Path, environment: dict[str, str]) -> Run:
    """Run a program with interpreter options and arguments; it has to end by itself, sooner or later."""

    def start(source: str, *arguments: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *options, str(save(source)), *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=240, check=False
        )

    return start
