"""What a host left behind outside of its own memory: files in its folder, and names in shared memory.

Where shared memory is not private, other programs make and remove names there. Then a name is a host's where the
host, or what it started, was seen to have it open or mapped, and nobody else has. What is in doubt is neither counted
nor removed.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from typing import TYPE_CHECKING

from mpspec.observation import shared_memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

COME = "MPCONFORM_COME"
"""Environment variable of a zygote: a descriptor, readable after names have come into shared memory, if all use it."""
REST = 4
"""How many times as long as a look at the processes took passes before the next one."""


def files(folder: str) -> list[str]:
    """What is left in the host's folder, in words."""
    return [f"temporary file {name}" for name in sorted(os.listdir(folder)) if not _trial(os.path.join(folder, name))]


def _trial(path: str) -> bool:
    """Whether it is what the standard library's `tempfile` tries a folder with: who is killed right then leaves it."""
    try:
        if not re.fullmatch("[a-z0-9_]{8}", os.path.basename(path)) or not stat.S_ISREG(os.lstat(path).st_mode):
            return False
        with open(path, "rb") as file:
            return file.read(5) in (b"", b"blat")
    except OSError:  # it is gone, or cannot be read
        return False


class Names:
    """What comes into shared memory while one host lives. private: nobody but the host can have made it.

    come: a descriptor that is readable after names have come there; none where they need not be attributed.
    """

    def __init__(self, come: int | None) -> None:
        self.private = shared_memory.private()
        self._before = shared_memory.names()
        self._known: set[int] = set()
        self._come = come
        self._next_look = 0.0
        self._forget_events()

    def know(self, inodes: Iterable[int]) -> None:
        """Take note of what the host had."""
        self._known.update(inodes)

    def look(self, processes: Callable[[], Iterable[int]]) -> None:
        """Something has come: take note of what these processes have. Not all the time, beside a busy neighbour."""
        self._forget_events()
        began = time.monotonic()
        if began >= self._next_look:
            self.know(shared_memory.held(processes(), self._before))
            ended = time.monotonic()
            self._next_look = ended + REST * (ended - began)

    def left(self) -> tuple[list[str], list[str]]:
        """What is left, now that all processes of the host are over, in words: it is removed; and names in doubt."""
        now = shared_memory.names()
        come = {name: inode for name, inode in sorted(now.items()) if self._before.get(name) != inode}
        if self.private:
            known = come
        else:
            known = {name: inode for name, inode in come.items() if inode in self._known and _ours(name, inode)}
            if known:
                others = shared_memory.held([n for n in os.listdir("/proc") if n.isdigit()], self._before)
                known = {name: inode for name, inode in known.items() if inode not in others}
        for name in known:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(shared_memory.FOLDER, name))
        words = [f"named semaphore {n[4:]}" if n.startswith("sem.") else f"shared memory {n}" for n in known]
        return words, [name for name in come if name not in known]

    def _forget_events(self) -> None:
        if self._come is not None:
            with contextlib.suppress(BlockingIOError):
                while os.read(self._come, 1 << 16):
                    pass


def _ours(name: str, inode: int) -> bool:
    """Whether the name still means this inode, and it is this user's."""
    with contextlib.suppress(OSError):
        status = os.lstat(os.path.join(shared_memory.FOLDER, name))
        return (status.st_ino, status.st_uid) == (inode, os.geteuid())
    return False
