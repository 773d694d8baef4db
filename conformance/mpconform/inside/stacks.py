"""Every Python process below a host shows the stacks of its threads when it is asked by signal.

The handler is C code of `faulthandler`, so that it also answers for a thread that holds the interpreter's lock
or sleeps in the kernel. Processes that start a new interpreter arm themselves through `sitecustomize`.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import time

from mpspec import kernel

FILE = "MPCONFORM_STACKS"
"""Environment variable: path of the file that takes the stacks."""

SIGNAL = int(getattr(signal, "SIGRTMAX", 64)) - 3
"""A real-time signal, which neither programs nor implementations are known to use."""

ANSWER = 5.0
"""Seconds that the processes of a check are given to answer, all in all: they may have to wait for a core."""

_KEPT: list[int] = []


def arm() -> None:
    """Answer SIGNAL with the stacks of all threads, written to the file that the environment names.

    A fork of a process that does so does so as well.
    """
    path = os.environ.get(FILE)
    if path is None or _KEPT:
        return
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    faulthandler.register(SIGNAL, file=file, all_threads=True, chain=False)
    _KEPT[:] = [file]


def forget() -> None:
    """Empty the file that this process has armed itself with."""
    if os.fstat(_KEPT[0]).st_size:
        os.ftruncate(_KEPT[0], 0)


def post_mortem(processes: list[int], path: str) -> str:
    """What each of the processes is, and is doing: state, command line, and Python stacks where it has them."""
    parts = []
    patience = time.monotonic() + ANSWER
    for pid in processes:
        state = kernel.state(pid)
        if state is None:
            continue
        parts.append(f"process {pid} (parent {kernel.parent(pid)}, state {state}): {_command(pid)}")
        if state in "ZX":
            continue
        stacks = _stacks(pid, path, max(patience, time.monotonic() + 0.2))
        parts.append(stacks if stacks else f"  no Python stack; asleep in {_read(f'/proc/{pid}/wchan') or '?'}")
    return "\n".join(parts)


def _stacks(pid: int, path: str, deadline: float) -> str:
    caught = 0
    for line in _read(f"/proc/{pid}/status").splitlines():
        if line.startswith("SigCgt:"):
            caught = int(line.split()[1], 16)
    if not caught >> (SIGNAL - 1) & 1:
        return ""
    size = _size(path)
    try:
        os.kill(pid, SIGNAL)
    except OSError:
        return ""
    written = size
    while time.monotonic() < deadline:
        # Written by another process's signal handler: nothing announces the end, so quiet counts as the end.
        time.sleep(0.02)
        now = _size(path)
        if now == written != size:
            break
        written = now
    with open(path, encoding="utf-8", errors="replace") as file:
        file.seek(size)
        return "".join("  " + line for line in file).rstrip()


def _command(pid: int) -> str:
    words = _read(f"/proc/{pid}/cmdline").split("\0")
    return " ".join(words).strip()[:200] or _read(f"/proc/{pid}/comm").strip()


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0


def _read(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""
