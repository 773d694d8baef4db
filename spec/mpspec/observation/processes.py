"""Whether processes run, have ended, or wait to be reaped, on every POSIX platform: by /proc, or else by `ps`."""

from __future__ import annotations

import contextlib
import os
import signal
from typing import Any

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


def end(child: Any) -> None:
    """End a started child of the implementation by the kernel, and join it; one that has ended is joined alone.

    For a clause that promises something else: an implementation that follows an early edition has no Process.kill.
    """
    if child.is_alive():
        with contextlib.suppress(ProcessLookupError):  # that of a fork server can be reaped since
            os.kill(child.pid, getattr(signal, "SIGKILL", signal.SIGTERM))  # Windows has none
    child.join()


def begins(script: str) -> bool:
    """Whether a descendant of this process is a shell that still reads this script; without /proc, any process at all.

    One that has the script among its other arguments may run it later, or never.
    """
    if procfs.known():
        return any(script in procfs.command(pid)[:2] for pid in procfs.descendants(os.getpid()))
    import subprocess

    told = subprocess.run(["ps", "-A", "-o", "args="], stdout=subprocess.PIPE, encoding="utf-8", check=False)
    return any(line.partition(" ")[2].startswith(script) for line in told.stdout.splitlines())
