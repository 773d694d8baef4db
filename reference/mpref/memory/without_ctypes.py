"""What `libc` and `robust_mutex` do, for an interpreter that was built without ctypes.

The kernel tells where memory is mapped, and what a new semaphore looks like is seen in one that has a name. A mutex
is a semaphore here: what a dead process held stays locked.
"""

from __future__ import annotations

import os
from _multiprocessing import SemLock, sem_unlink
from mmap import mmap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .heap import Block
    from .robust_mutex import Mutex

_RECURSIVE, _COUNTING = 0, 1

_SIZE = 32
"""Bytes of a semaphore; no known C library takes more."""


def map_file(descriptor: int, size: int, options: dict[str, Any]) -> tuple[mmap, int]:
    """Map a file into this process; return the mapping and the address where it begins. options: of mmap()."""
    before = _addresses(descriptor)
    memory = mmap(descriptor, size, **options)
    (address,) = _addresses(descriptor) - before
    return memory, address


def initialise_semaphore(block: Block, offset: int, value: int) -> None:
    """Make 32 bytes of a block a semaphore that processes share. OSError: the value is too large."""
    name = f"mpref-{os.urandom(8).hex()}"
    SemLock(_COUNTING, value, SemLock.SEM_VALUE_MAX, f"/{name}", False)
    try:
        block.view()[offset : offset + _SIZE] = _contents(name)
    finally:
        sem_unlink(f"/{name}")


def mutex_at(address: int, recursive: bool = False) -> Mutex:
    """Return the mutex that lies, or shall lie, at an address."""
    return SemLock._rebuild(address, _RECURSIVE if recursive else _COUNTING, 1, None)


def initialise_mutex(block: Block, offset: int, recursive: bool = False) -> None:
    """Make 32 bytes of a block a free mutex. OSError: the system refuses."""
    initialise_semaphore(block, offset, 1)


def try_lock(mutex: Mutex) -> bool:
    """Lock the mutex unless somebody has it, and tell whether it was locked. unlock() undoes it."""
    return bool(mutex.acquire(False))


def unlock(mutex: Mutex) -> None:
    """Undo a try_lock()."""
    mutex.release()


class RobustMutex:
    """A mutex to be held by a `with` statement; a signal handler runs while one waits for it."""

    __slots__ = ("_mutex",)

    def __init__(self, mutex: Mutex) -> None:
        self._mutex = mutex

    def attempt(self) -> bool:
        """Lock it unless that takes a wait, and tell whether it was locked."""
        return try_lock(self._mutex)

    def __enter__(self) -> None:
        self._mutex.acquire()

    def __exit__(self, *_: object) -> None:
        self._mutex.release()


def _addresses(descriptor: int) -> set[int]:
    """Return where a file is mapped into this process."""
    inode = str(os.fstat(descriptor).st_ino)
    found = set()
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            where, _, _, _, number, *_ = line.split(maxsplit=5)
            if number == inode:
                found.add(int(where.partition("-")[0], 16))
    return found


def _contents(name: str) -> bytes:
    """Read a semaphore: the C library keeps those that have names in files."""
    for file in (f"/dev/shm/sem.{name}", f"/dev/shm/{name}"):
        try:
            with open(file, "rb") as stream:
                return stream.read(_SIZE)
        except FileNotFoundError:
            continue
    raise OSError("this interpreter has no ctypes, and semaphores of this platform cannot be had without it")
