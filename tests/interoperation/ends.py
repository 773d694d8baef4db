"""The ends of a manager as processes: of the reference, or of the standard library of an interpreter."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mpref
from mpconform.adapters.interpreters import interpreter
from mpconform.driver import launching
from mpconform.errors import Unusable

PROGRAM = str(Path(__file__).with_name("manager_peer.py"))
REFERENCE = "reference"
WANTED = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "3.15", "pypy3.9", "pypy3.11")
KEY = b"an open secret"
DEADLINE = 120.0
"""Seconds for a tour, which takes less than one, on a machine that does a lot else."""


def why_not(version: str) -> str:
    """Why this interpreter is not talked to; empty where it is."""
    try:
        interpreter(version)
    except Unusable:
        return f"there is no {version} on this machine"
    return ""


def command(kind: str, role: str, address: Any, key: bytes, serializer: str) -> list[str]:
    """The command for one end. kind: REFERENCE, or the version of an interpreter whose standard library it is."""
    ours = kind == REFERENCE
    program = [sys.executable if ours else interpreter(kind).path, PROGRAM, "mpref" if ours else "multiprocessing"]
    return [*program, role, repr(address), repr(key), serializer]


def environment(kind: str) -> dict[str, str]:
    """One in which the reference is found by the reference alone, and what who is killed leaves goes with the test."""
    found = {"PYTHONPATH": str(Path(mpref.__file__).parents[1])} if kind == REFERENCE else {}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, **found, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": launching.folder()}


class Server:
    """A server, in a process of its own."""

    def __init__(self, kind: str, address: Any, key: bytes = KEY, serializer: str = "pickle", prefix: Any = ()) -> None:
        self.process = subprocess.Popen(
            [*prefix, *command(kind, "server", address, key, serializer)],
            env=environment(kind), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.communicate()[1]
        self.address = ast.literal_eval(line)

    def said(self) -> str:
        """What it has complained of, once it is ended."""
        return self.process.communicate(timeout=DEADLINE)[1]


@contextmanager
def serving(kind: str, address: Any, **named: Any) -> Iterator[Server]:
    """A server, for as long as the body; it has neither ended before, nor complained."""
    one = Server(kind, address, **named)
    try:
        yield one
        assert one.process.poll() is None, one.said()
        said = one.said()
        assert kind != REFERENCE or said == ""
    finally:
        one.process.kill()
        one.process.communicate()


def tour(
    kind: str, role: str, address: Any, key: bytes = KEY, serializer: str = "pickle", prefix: Any = ()
) -> dict[str, str]:
    """The outcome of each step of a client."""
    process = subprocess.Popen(
        [*prefix, *command(kind, role, address, key, serializer)],
        env=environment(kind), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        process.wait(DEADLINE)  # before its input is closed, which ends it as well
        out, err = process.communicate()
    finally:
        process.kill()
        process.communicate()
    outcomes = dict(line.split(": ", 1) for line in out.splitlines())
    assert outcomes, err
    assert process.returncode == 0, (process.returncode, outcomes, err)
    assert kind != REFERENCE or err == ""
    return outcomes
