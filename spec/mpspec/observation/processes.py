"""Whether processes run, have ended, or wait to be reaped, on every POSIX platform: by /proc, or else by `ps`."""

from __future__ import annotations

import os

from mpspec.observation import procfs

ENDED = (None, "Z", "X")
"""The states of a process that runs no more: it is gone, a zombie, or about to be gone."""


def state(pid: int) -> str | None:
    """One letter, of which Z, a zombie, is the same everywhere; None where there is no such process."""
    if procfs.known():
        return procfs.state(pid)
    import subprocess  # no host on Linux needs it

    told = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], stdout=subprocess.PIPE, encoding="utf-8", check=False
    ).stdout
    return told.strip()[:1] or None


def started_with(argument: str) -> bool:
    """Whether a descendant of this process runs with this argument; where there is no /proc, any process at all."""
    if procfs.known():
        return any(argument in procfs.command(pid) for pid in procfs.descendants(os.getpid()))
    import subprocess

    told = subprocess.run(["ps", "-A", "-o", "args="], stdout=subprocess.PIPE, encoding="utf-8", check=False)
    return argument in told.stdout
