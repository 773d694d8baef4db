"""Programs with a pool, each run by an interpreter of its own by one start method, and watched to its end."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

METHODS = pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
DEADLINE = 90
"""Seconds for a program that takes one or two, on a machine that does a lot else."""

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
    path = folder / "program.py"
    path.write_text(SOURCE + textwrap.dedent(source) + "\n\nif __name__ == '__main__':\n    main()\n")
    ended = subprocess.run(
        [sys.executable, str(path), method],
        capture_output=True,
        text=True,
        timeout=DEADLINE,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "reference")},
        start_new_session=True,
    )
    if expect is not None:
        assert (ended.returncode, ended.stderr) == (expect, ""), ended.stdout + ended.stderr
    return ended


Program = Callable[..., subprocess.CompletedProcess[str]]
