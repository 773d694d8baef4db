"""Launches a zygote, and outlives it: whatever becomes of the zygote or its driver, nothing of either is left.

The launcher makes the zygote's folder, puts the zygote on its ground (own session, and, where the kernel lets us, a
/dev/shm of its own), and is above all that the zygote starts. Once the zygote is over it ends what is left of its
hosts; once the driver is gone as well, however it ended, it removes the folder. It runs in the driver's interpreter.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
from typing import TYPE_CHECKING

from mpspec.observation import shared_memory

from mpconform.hosts import leaks, private, wire
from mpconform.hosts.descendants import Descendants
from mpconform.hosts.folders import MODE, remove

if TYPE_CHECKING:
    from mpconform.hosts.protocol import Launch

GRACE = 3.0
"""Seconds in which a zygote ends by itself once its driver is gone."""
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
IN_CREATE, IN_MOVED_TO = 0x100, 0x80
TOLD_TO_END = (signal.SIGHUP, signal.SIGTERM)


def main(parent: str, lifeline: int, channel: int) -> None:
    """Make a folder below the parent, tell it on the lifeline, launch what comes as an answer, and clean up.

    channel: a descriptor for the zygote alone. The driver's end of the lifeline is closed once the driver is gone.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, TOLD_TO_END)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the driver's to act on
    for number in TOLD_TO_END:
        signal.signal(number, _end)
    for descriptor in (lifeline, channel):
        os.set_inheritable(descriptor, False)
    folder = os.path.join(parent, f"mpconform-{os.urandom(4).hex()}")
    os.mkdir(folder, MODE)
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, TOLD_TO_END)
        wire.put(lifeline, {"folder": folder})
        launch: Launch | None = wire.get(lifeline)
        if launch is not None:
            _launch(launch, folder, lifeline, channel)
    finally:
        for number in TOLD_TO_END:
            signal.signal(number, signal.SIG_IGN)
        remove(folder)


def _end(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _launch(launch: Launch, folder: str, lifeline: int, channel: int) -> None:
    """Have the zygote run, to its end or that of the driver, and then until the driver is gone."""
    wakeup, wake = os.pipe()
    for descriptor in (wakeup, wake):
        os.set_blocking(descriptor, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    # What goes wrong from here on is the zygote's to tell.
    errors = os.open(os.path.join(folder, "zygote.err"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(errors, stream)
    environment = launch["environment"]
    come = _ground(environment) if sys.platform.startswith("linux") else None
    parent = os.getpid()
    zygote = os.fork()
    if zygote == 0:
        try:
            _become(launch, folder, parent, [channel] if come is None else [channel, come])
        finally:
            os._exit(127)
    for descriptor in (channel, *([] if come is None else [come])):
        os.close(descriptor)
    below = Descendants(zygote, wakeup)
    with contextlib.suppress(OSError):
        wire.put(lifeline, {"pid": zygote})
    try:
        gone = _driver_goes_first(below, lifeline, wakeup)
        if gone:
            _let_it_end(below, wakeup)
    finally:
        below.end()
    if not gone:
        with contextlib.suppress(OSError):
            wire.put(lifeline, {"status": below.status})
        wire.get(lifeline)  # nothing comes but its end


def _ground(environment: dict[str, str]) -> int | None:
    """Get ready what lasts over forks; where /dev/shm stays shared: a descriptor that tells of names that come."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    alone = private.enter(libc)
    environment[shared_memory.VARIABLE] = "private" if alone else "shared"
    environment.pop(leaks.COME, None)
    if alone:
        return None
    come: int = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    if come < 0 or libc.inotify_add_watch(come, shared_memory.FOLDER.encode(), IN_CREATE | IN_MOVED_TO) < 0:
        return None
    environment[leaks.COME] = str(come)
    return come


def _become(launch: Launch, folder: str, parent: int, inherited: list[int]) -> None:
    """Be the zygote."""
    signal.set_wakeup_fd(-1)
    for number in (*TOLD_TO_END, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    for descriptor in inherited:
        os.set_inheritable(descriptor, True)
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() == parent:
        os.chdir(folder)
        os.execve(launch["command"][0], launch["command"], launch["environment"])


def _driver_goes_first(below: Descendants, lifeline: int, wakeup: int) -> bool:
    """Wait for the end of the zygote or that of its driver: whether it was the driver's."""
    while True:
        below.reap()
        if below.status is not None:
            return False
        if lifeline in select.select([wakeup, lifeline], [], [])[0]:
            return True
        below.forget_wakeups()


def _let_it_end(below: Descendants, wakeup: int) -> None:
    """Wait for the end of the zygote, for a while."""
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline:
        below.reap()
        if below.status is not None:
            return
        select.select([wakeup], [], [], max(0, deadline - time.monotonic()))
        below.forget_wakeups()
