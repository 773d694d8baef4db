"""Programs that use the reference, each run by an interpreter of its own and watched to its end."""

from __future__ import annotations

import contextlib
import os
import py_compile
import subprocess
import sys
import textwrap
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


@pytest.fixture
def python(tmp_path: Path, environment: dict[str, str]) -> Run:
    """Run an interpreter in the test's folder; what it is given stands behind `-m mpref`, or alone."""

    def start(
        *words: str, drop_in: bool, options: tuple[str, ...] = (), **more: Any
    ) -> subprocess.CompletedProcess[str]:
        put = ["-m", "mpref"] if drop_in else []
        command = [sys.executable, *options, *put, *words]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False, **more
        )

    return start


@pytest.fixture
def same(python: Run) -> Run:
    """Run a program both ways, and hold that it writes and ends the same."""

    def compare(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        expected, got = (python(*words, drop_in=drop_in, **more) for drop_in in (False, True))
        assert (got.stdout, got.stderr, got.returncode) == (expected.stdout, expected.stderr, expected.returncode)
        return got

    return compare


@pytest.fixture
def kinds(save: Callable[..., Path], tmp_path: Path) -> Callable[[str], dict[str, list[str]]]:
    """Write a program as each kind that `python` takes, and tell the words that run it."""

    def write(source: str) -> dict[str, list[str]]:
        save(source, "program.py")
        save(source, "below/another.py")
        save("", "package/__init__.py")
        save(source, "package/module.py")
        save("", "runs/__init__.py")
        main = save(source, "runs/__main__.py")
        with zipfile.ZipFile(tmp_path / "archive.zip", "w") as archive:
            archive.write(main, "__main__.py")
        (tmp_path / "link.py").symlink_to(tmp_path / "below" / "another.py")
        py_compile.compile(str(tmp_path / "program.py"), str(tmp_path / "compiled.pyc"))
        return {
            "script": ["program.py"],
            "elsewhere": ["below/another.py"],
            "dotted": ["./below/../below/another.py"],
            "absolute": [str(tmp_path / "program.py")],
            "link": ["link.py"],
            "compiled": ["compiled.pyc"],
            "module": ["-m", "program"],
            "joined": ["-mprogram"],
            "of a package": ["-m", "package.module"],
            "package": ["-m", "runs"],
            "folder": ["runs"],
            "slash": ["runs/"],
            "archive": ["archive.zip"],
        }

    return write
