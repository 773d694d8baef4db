"""Programs with a pool, each run by an interpreter of its own by one start method, and watched to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

METHODS = pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
DEADLINE = 90
"""Seconds for a program that takes one or two, on a machine that does a lot else."""

MARK = "MPREF_TEST_OF_POOLS"
"""A variable of the environment, which all processes of a program have."""

SOURCE = """
import os, signal, sys, threading, time
from mpref.context import context_of
from mpref.errors import ProcessError
from mpref.pool import BrokenPool, MaybeEncodingError, Pool, ThreadPool, WorkerEnded

CONTEXT = context_of(sys.argv[1])

def pool(processes=2, *args, **names):
    return Pool(processes, *args, **names, context=CONTEXT)

def outcome(call, *args):
    try:
        return call(*args)
    except BaseException as error:
        return type(error).__name__, str(error)

def square(x):
    return x * x

def same(x):
    return x
"""


def run(folder: Path, source: str, method: str, *, expect: int | None = 0) -> subprocess.CompletedProcess[str]:
    """Run a program whose main(), and what else it defines, stands in `source`. It has to end, and to be silent."""
    path = _saved(folder, source)
    ended = subprocess.run(
        [sys.executable, str(path), method],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        env=_environment(folder),
        start_new_session=True,
    )
    if expect is not None:
        assert (ended.returncode, ended.stderr) == (expect, ""), ended.stdout + ended.stderr
    return ended


def begun(folder: Path, source: str, method: str) -> subprocess.Popen[str]:
    """Run such a program until it has written a line, "ready"; it is the leader of its process group."""
    program = subprocess.Popen(
        [sys.executable, str(_saved(folder, source)), method],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=_environment(folder),
        start_new_session=True,
    )
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    return program


def assert_nothing_is_left(folder: Path) -> None:
    """See that every process of a program ends that was run in a folder, and that no temporary file of it stays."""
    deadline = time.monotonic() + 30
    while left := _processes(folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.01)
    assert not [*_temporary(folder).iterdir()]


def _saved(folder: Path, source: str) -> Path:
    path = folder / "program.py"
    path.write_text(SOURCE + textwrap.dedent(source) + "\n\nif __name__ == '__main__':\n    main()\n")
    return path


def _temporary(folder: Path) -> Path:
    place = folder / "t"
    place.mkdir(exist_ok=True)
    return place


def _environment(folder: Path) -> dict[str, str]:
    reference = Path(__file__).parents[3] / "reference"
    return {**os.environ, "PYTHONPATH": str(reference), "TMPDIR": str(_temporary(folder)), MARK: str(folder)}


def _processes(folder: Path) -> list[str]:
    """Return what runs of a program: its processes have its folder in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if f"{MARK}={folder}\0".encode() in (entry / "environ").read_bytes():
                    found.append(f"{entry.name}: {(entry / 'cmdline').read_bytes()!r}")
            except OSError:  # it has ended, or is another user's
                pass
    return found


Program = Callable[..., subprocess.CompletedProcess[str]]
