"""Mutexes in shared memory that no dead process holds: the kernel takes them from the dead.

Each lies in 64 bytes of shared memory: no known C library takes more.
"""

from __future__ import annotations

import os
from _ctypes import byref
from _struct import pack
from errno import EBUSY, EOWNERDEAD, ETIMEDOUT
from time import time

from .libc import BriefCFunction, CFunction, Pointer, address_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .heap import Block

    Mutex = Any
    """A Pointer; for an interpreter without ctypes something else."""

# A call of the C library that waits for a mutex lets no signal handler run: so many seconds at a time.
_UNINTERRUPTED = 0.05

_NORMAL, _RECURSIVE = 0, 1
_SHARED = _ROBUST = 1

try:
    _initialise_attributes, _set_shared, _set_robust, _set_kind = (
        CFunction(address_of(f"pthread_mutexattr_{name}")) for name in ("init", "setpshared", "setrobust", "settype")
    )
    _initialise_mutex, _timed_lock = (CFunction(address_of(f"pthread_mutex_{name}")) for name in ("init", "timedlock"))
    _try_lock, unlock, _make_consistent = (
        BriefCFunction(address_of(f"pthread_mutex_{name}")) for name in ("trylock", "unlock", "consistent")
    )
except OSError as error:
    raise ImportError(
        "this platform lacks what the synchronization primitives are made of: mutexes in shared memory that the "
        f"kernel takes from the dead (Linux has them): {error}"
    ) from None


def mutex_at(address: int, recursive: bool = False) -> Mutex:
    """Return the mutex that lies, or shall lie, at an address."""
    return Pointer(address)


def initialise_mutex(block: Block, offset: int, recursive: bool = False) -> None:
    """Make 64 bytes of a block a free mutex. OSError: the system refuses."""
    attributes = Pointer()  # 4 or 8 bytes, and nothing that would have to be destroyed
    _initialise_attributes(byref(attributes))
    _set_shared(byref(attributes), _SHARED)
    error = _set_robust(byref(attributes), _ROBUST)
    _set_kind(byref(attributes), _RECURSIVE if recursive else _NORMAL)
    error = error or _initialise_mutex(Pointer(block.address + offset), byref(attributes))
    if error:
        raise OSError(error, os.strerror(error))


def try_lock(mutex: Mutex) -> bool:
    """Lock the mutex unless a living process has it, and tell whether it was locked. unlock() undoes it."""
    error = _try_lock(mutex)
    if not error:
        return True
    if error == EOWNERDEAD:
        _make_consistent(mutex)
        return True
    return False


class RobustMutex:
    """A mutex to be held by a `with` statement; a signal handler runs while one waits for it."""

    __slots__ = ("_mutex",)

    def __init__(self, mutex: Mutex) -> None:
        self._mutex = mutex

    def attempt(self) -> bool:
        """Lock it unless that takes a wait, and tell whether it was locked."""
        return try_lock(self._mutex)

    def __enter__(self) -> None:
        error = _try_lock(self._mutex)
        while error in (EBUSY, ETIMEDOUT):
            seconds = time() + _UNINTERRUPTED
            error = _timed_lock(self._mutex, pack("ll", int(seconds), int(seconds % 1 * 1e9)))
        if error == EOWNERDEAD:
            _make_consistent(self._mutex)
        elif error:
            raise OSError(error, os.strerror(error))

    def __exit__(self, *_: object) -> None:
        unlock(self._mutex)
