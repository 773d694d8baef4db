"""The driver's end of a launcher: the folder that it keeps, what it launches, and its end."""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import mpspec

import mpconform
from mpconform.hosts import launcher, wire
from mpconform.hosts.folders import remove
from mpconform.hosts.protocol import Ended, Launch, Launched, Made

SLOW = 10.0
"""Seconds beyond its grace that a launcher may take to end, on a machine that does a lot else."""


class Launcher:
    """A process that launches another one, and cleans up after it and after this process, however they end.

    folder: kept for as long as this object and this process live.
    """

    def __init__(self) -> None:
        self._lifeline, theirs = socket.socketpair()
        self.channel, channel = socket.socketpair()
        places = [str(Path(package.__file__).parent.parent) for package in (mpspec, mpconform) if package.__file__]
        code = (
            f"import sys; sys.path += {places!r}; from {launcher.__name__} import main; "
            f"main({os.path.realpath(tempfile.gettempdir())!r}, {theirs.fileno()}, {channel.fileno()})"
        )
        with theirs, channel:
            # What the launcher gets as its channel keeps its number in the process that is launched.
            self.channel_number = channel.fileno()
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd="/",
                pass_fds=[theirs.fileno(), channel.fileno()],
                start_new_session=True,
            )
        made: Made | None = wire.get(self._lifeline.fileno())
        if made is None:
            self.end()
            raise OSError(f"no folder can be made in {tempfile.gettempdir()}, or {sys.executable} does not start")
        self.folder = made["folder"]

    def launch(self, command: Sequence[str], environment: Mapping[str, str]) -> int:
        """Have it start the command in the folder, with the channel as descriptor `channel_number`; its process id."""
        launch: Launch = {"command": list(command), "environment": dict(environment)}
        wire.put(self._lifeline.fileno(), launch)
        launched: Launched | None = wire.get(self._lifeline.fileno())
        if launched is None:
            raise OSError("the launcher has ended before its zygote began")
        return launched["pid"]

    def status(self, seconds: float) -> int | None:
        """What os.waitpid gave for that process; None: it has not ended within so many seconds, or nobody knows."""
        if not select.select([self._lifeline], [], [], seconds)[0]:
            return None
        with contextlib.suppress(OSError):
            ended: Ended | None = wire.get(self._lifeline.fileno())
            return ended and ended["status"]
        return None

    def cut(self) -> None:
        """From another thread: have the channel end for both sides."""
        with contextlib.suppress(OSError):
            self.channel.shutdown(socket.SHUT_RDWR)

    def end(self, mark: str = "") -> None:
        """Have it end what it has launched and remove its folder.

        mark: what stands in the environment of all that was launched, to find it by where the launcher was killed.
        """
        self.channel.close()
        self._lifeline.close()
        try:
            self._process.wait(launcher.GRACE + SLOW)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.returncode != 0:
            if mark:
                _end_all_with(mark)
            if folder := getattr(self, "folder", None):
                remove(folder)


@functools.cache
def folder() -> str:
    """A folder for the temporary files of this process, which goes with it, however it ends."""
    launcher = Launcher()
    atexit.register(launcher.end)
    return launcher.folder


def _end_all_with(variable: str) -> None:
    """Kill every process whose environment holds the variable, until there is none.

    For a launcher that was killed itself. A process is looked at and killed by one descriptor: no other takes over.
    """
    found = True
    while found:
        found = False
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                process = os.pidfd_open(int(name))
                try:
                    with open(f"/proc/{name}/environ", "rb") as file:
                        ours = variable.encode() in file.read().split(b"\0")
                    if ours and int(name) != os.getpid():
                        signal.pidfd_send_signal(process, signal.SIGKILL)
                        select.select([process], [], [], 1)
                        found = True
                finally:
                    os.close(process)
