"""The post-mortem of a hang: the processes of a check, and the stacks that they show when they are asked."""

from __future__ import annotations

import os
import time

from mpspec.observation import procfs

from mpconform.hosts.arming import SIGNAL

ANSWER = 5.0
"""Seconds that the processes of a check are given to answer, all in all: they may have to wait for a core."""


def post_mortem(processes: list[int], path: str) -> str:
    """What each of the processes is, and is doing: state, command line, and Python stacks where it has them."""
    parts = []
    patience = time.monotonic() + ANSWER
    for pid in processes:
        state = _state(pid)
        if state is None:
            continue
        parts.append(f"process {pid} (parent {procfs.parent(pid)}, state {state}): {_command(pid)}")
        if state in "ZX":
            continue
        stacks = _stacks(pid, path, max(patience, time.monotonic() + 0.2))
        parts.append(stacks if stacks else f"  no Python stack; asleep in {_read(f'/proc/{pid}/wchan') or '?'}")
    return "\n".join(parts)


def working(told: str) -> bool:
    """Whether a post-mortem shows a process that was not asleep: it had something to do, or had no core to do it."""
    return any(f", state {state})" in told for state in "RD")


def _state(pid: int) -> str | None:
    """The state of the process, or that of one of its threads which is not asleep."""
    state = procfs.state(pid)
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return state
    states = [_read(f"/proc/{pid}/task/{thread}/stat").rpartition(")")[2][1:2] for thread in threads]
    return next((one for one in states if one in ("R", "D")), state)


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
