"""Programs of others that use multiprocessing, run with the reference in its place.

Each runs in a fresh interpreter, as a script. What it writes is compared; its error stream stays empty, and no process
is left of it. What the reference offers for them beyond the documentation, `mpref.util` lists.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

REFERENCE = Path(__file__).parents[2] / "reference"
METHODS = ("fork", "spawn", "forkserver")

HEAD = """\
import sys
import mpref
"""

DEADLINE = 120
"""Seconds for a program, of which none takes more than a few."""

Run = Callable[..., str]


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> str:
    """Each start method."""
    return str(request.param)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A function that runs a program with arguments, and returns what it has written."""

    def start(source: str, *arguments: str) -> str:
        program = tmp_path / "program.py"
        program.write_text(HEAD + textwrap.dedent(source))
        found = [str(REFERENCE), *filter(None, [os.environ.get("PYTHONPATH")])]
        child = subprocess.Popen(
            [sys.executable, "-m", "mpref", str(program), *arguments],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(found)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            output, complaints = child.communicate(timeout=DEADLINE)
            left = _left(child.pid)
        finally:
            _end(child.pid)
            child.wait()
        assert (complaints, child.returncode) == ("", 0)
        assert left == []
        return output

    return start


def _left(group: int, patience: float = 10.0) -> list[str]:
    """Wait for the end of the processes of a group, and return those that are left, as `ps` shows them."""
    deadline = time.monotonic() + patience
    while (there := _members(group)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return there


def _members(group: int) -> list[str]:
    told = subprocess.run(["ps", "-A", "-o", "pgid=,stat=,args="], capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in told.splitlines()]
    return [" ".join(line) for line in lines if line[0] == str(group) and not line[1].startswith("Z")]


def _end(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        return
