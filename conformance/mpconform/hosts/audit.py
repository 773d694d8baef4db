"""What a check left behind in its host: descriptors and threads.

Descriptors are compared by device, inode and target, not by number. One that a living descendant holds as well
is the channel of a helper process (tracker, fork server); the zygote sees to it that the helper ends with the host.
One of a library that is loaded is not the implementation's: libffi keeps its own file open from its first use on. And
what another thread has open for a moment, because it imports or reads, is not left behind: it is looked at again. So is
what a thread lets go as soon as another process tells it something, as the connection to a worker that is ending.
"""

from __future__ import annotations

import collections
import gc
import os
import sys
import threading
import time
from collections import Counter

from mpspec.observation import procfs
from mpspec.observation.waits import LONG, SETTLE, YIELD

from mpconform.hosts import arming
from mpconform.hosts.kinds import beyond

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mpconform.hosts.kinds import Kept, Key

TOLD = 2 * SETTLE
"""Seconds that another process has to tell a thread that waits for it; a quiet machine needs some hundredths of one."""


class Inventory:
    """Descriptors and threads of this process at one moment."""

    def __init__(self) -> None:
        self.descriptors = _descriptors("self")
        self.threads = set(threading.enumerate())

    def left_behind(self, kept_for_life: Kept) -> list[str]:
        """What has come since and is not needed any more, in words.

        kept_for_life: the descriptors that the implementation keeps until the process ends.
        """
        if gc.collect() != 0:
            gc.collect()  # what was finalised may itself have let go of something
        if set(threading.enumerate()) - self.threads or self._beyond(kept_for_life):
            # A cooperative implementation lets go of what is closed, and of what was waited for, at the next turn of
            # its loop; only then is the latter garbage, and closed at the turn after that.
            time.sleep(YIELD)
            gc.collect()
            time.sleep(YIELD)
        # A thread that is on its way out is not left behind. This time is for all of them, however many there are.
        deadline = time.monotonic() + LONG / 2
        come = set(threading.enumerate()) - self.threads
        found = [f"thread {thread.name!r}" for thread in come if not _ends(thread, deadline)]
        extra = self._beyond(kept_for_life)
        deadline = time.monotonic() + LONG / 2
        while extra and time.monotonic() < deadline:
            asleep = _others_sleep()
            extra = self._beyond(kept_for_life)
            if asleep is None:
                break  # nobody is here who could let go of them
            if asleep:
                deadline = min(deadline, time.monotonic() + TOLD)
        found += [f"descriptor of {target}" for _, _, target in extra]
        return found

    def _beyond(self, kept_for_life: Kept) -> list[Key]:
        """What has come since, and is more than is kept for life. Who holds it as well is asked where that matters."""
        come = sorted((_descriptors("self") - self.descriptors).elements())
        return beyond(self.more(), kept_for_life) if beyond(come, kept_for_life) else []

    def more(self) -> list[Key]:
        """The descriptors that have come since, and that no living descendant holds as well."""
        more = _descriptors("self") - self.descriptors
        if more:
            for pid in procfs.descendants(os.getpid()):
                for key in [*_descriptors(str(pid)), *(k for k in more if k[2] == _pidfd(str(pid)))]:
                    more.pop(key, None)
            loaded = _loaded() if any(key[2].startswith("/") for key in more) else set()
            return sorted(key for key in more.elements() if key[2] not in loaded)
        return []


def _ends(thread: threading.Thread, deadline: float) -> bool:
    """Whether the thread ends before a time of the monotonic clock. One not started by `threading` has no join."""
    if not isinstance(thread, threading._DummyThread):
        thread.join(max(deadline - time.monotonic(), 0))
        return not thread.is_alive()
    while thread.ident in sys._current_frames() and time.monotonic() < deadline:
        time.sleep(YIELD)
    return thread.ident not in sys._current_frames()


def _others_sleep() -> bool | None:
    """Give the other threads of this process time: whether each of them has come to wait for something.

    None where there is no other, or nobody can tell.
    """
    own = threading.get_native_id()
    try:
        others = [int(name) for name in os.listdir("/proc/self/task") if int(name) != own]
    except OSError:
        return None
    if not others:
        return None
    if procfs.threads_sleep([(os.getpid(), thread) for thread in others], YIELD):
        return True
    time.sleep(YIELD)
    return False


def _loaded() -> set[str]:
    """The files whose code is mapped into this process."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            mapped = [line.rstrip("\n").split(None, 5) for line in maps]
    except OSError:
        return set()
    return {fields[5] for fields in mapped if len(fields) == 6 and "x" in fields[1]}


def _pidfd(pid: str) -> str:
    return f"the descriptor of process {pid}"


def _pid_behind(path: str) -> str:
    """The process that a pidfd stands for, as the kernel tells it; -1 once it has ended."""
    try:
        with open(path, encoding="ascii") as file:
            return next(line.split()[1] for line in file if line.startswith("Pid:"))
    except (OSError, StopIteration):
        return "?"


def _descriptors(pid: str) -> Counter[Key]:
    """How often each open file of the process occurs, without the engine's own."""
    own = os.environ.get(arming.FILE, "")
    found: Counter[Key] = collections.Counter()
    folder = f"/proc/{pid}/fd"
    try:
        names = os.listdir(folder)
    except OSError:
        return found
    for name in names:
        try:
            status = os.fstat(int(name)) if pid == "self" else os.stat(f"{folder}/{name}")
            target = os.readlink(f"{folder}/{name}")
        except OSError:
            continue
        if target == "anon_inode:[pidfd]":
            target = _pidfd(_pid_behind(f"/proc/{pid}/fdinfo/{name}"))
        if target != own and not target.startswith("/dev/null"):
            found[(status.st_dev, status.st_ino, target)] += 1
    return found
