"""Places where processes and threads sleep until one of them is called, and a lock that no dead process holds.

Condition, Event and Barrier are made of these. A waiter that is killed does no harm: he holds the mutex of his
place, which the kernel takes from the dead. So it is found out before a call would be wasted on him, and sooner or
later his place is given to another.
"""

from __future__ import annotations

import os
from _ctypes import FUNCFLAG_CDECL, FUNCFLAG_PYTHONAPI, CFuncPtr, byref
from _multiprocessing import SemLock
from _struct import pack
from errno import EBUSY, EOWNERDEAD, ETIMEDOUT
from time import monotonic, time

from . import heap
from .semaphore import CFunction, Pointer, address_of, initialise

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

#: So many processes and threads can wait in one place at a time.
CAPACITY = 1023

#: Seconds after which a sleeper looks for himself, in case that who was about to call him was killed over it.
RECHECK = 1.0

#: What a place can be.
FREE, WAITING, CALLED = 0, 1, 2

# A lot is an array of 64-bit numbers, so many for each place, and as many at the beginning, its head.
_SIZE = 16
_STATE, _TICKET, _MESSAGE, _SEMAPHORE, _MUTEX = 0, 1, 2, 4, 8
_HIGH, _TICKETS, STATE_OF_OWNER, _GUARD = 0, 1, 2, _MUTEX


class Lot:
    """Numbered places for sleepers. All methods but sleep() are called by one process and thread at a time.

    words: the numbers in shared memory; those from STATE_OF_OWNER up to 7 belong to who uses the lot.
    """

    __slots__ = ("_equipment", "block", "words")

    def __init__(self, block: heap.Block | None = None) -> None:
        new = block is None
        self.block = block or heap.allocate((CAPACITY + 1) * _SIZE * 8, zeroed=False)
        self.words = self.block.view().cast("q")
        self._equipment = Equipment(self.block.address)
        if new:
            for number in range(_GUARD):
                self.words[number] = 0
            _make_mutex(Pointer(self.block.address + _GUARD * 8), _RECURSIVE)

    def enter(self) -> int:
        """Take a place; to be left by leave(), in the same thread. RuntimeError: there are CAPACITY waiters already."""
        words = self.words
        for place in range(_SIZE, (words[_HIGH] + 1) * _SIZE, _SIZE):
            if words[place] == FREE and self._take(place):
                break
        else:
            place = self._add()
        acquire = self._equipment[place][0].acquire
        while acquire(False):  # a call that came too late for the one before
            pass
        words[_TICKETS] = words[place + _TICKET] = words[_TICKETS] + 1
        words[place] = WAITING
        return place

    def sleep(self, place: int, timeout: float | None, look: Callable[[], bool] | None = None) -> bool:
        """Sleep at most `timeout` seconds until the place is called: whether it was.

        look: is asked every RECHECK seconds whether there is a reason to wake up all the same.
        """
        words, acquire = self.words, self._equipment[place][0].acquire
        if timeout is None and look is None:
            while words[place] == WAITING:
                acquire()
            return True
        end = None if timeout is None else monotonic() + timeout
        while words[place] == WAITING:
            rest = RECHECK
            if end is not None:
                rest = end - monotonic()
                if rest <= 0:
                    return False
                if look is not None:
                    rest = min(rest, RECHECK)
            if not acquire(True, rest) and look is not None and look():
                break
        return words[place] == CALLED

    def call(self, place: int) -> None:
        """Wake the one who sleeps there."""
        self.words[place] = CALLED
        self._equipment[place][0].release()

    def rouse(self, place: int) -> None:
        """Make the one who sleeps there look whether he is called; it does no harm to another. Needs no exclusion."""
        self._equipment[place][0].release()

    def leave(self, place: int) -> bool:
        """Give the place back: whether it was called. Needs no exclusion if it was."""
        called = self.words[place] == CALLED
        self.words[place] = FREE
        _unlock(self._equipment[place][1])
        return called

    def note(self, place: int, message: int) -> None:
        """Leave a number for the one who waits there."""
        self.words[place + _MESSAGE] = message

    def message(self, place: int) -> int:
        """Read the number that was left there."""
        return self.words[place + _MESSAGE]

    def waiting(self) -> list[int]:
        """Return the places of those who wait, in the order of their arrival; the dead may be among them."""
        words = self.words
        places = [at for at in range(_SIZE, (words[_HIGH] + 1) * _SIZE, _SIZE) if words[at] == WAITING]
        if len(places) > 1:
            places.sort(key=lambda at: words[at + _TICKET])
        return places

    def living(self, most: int = CAPACITY) -> list[int]:
        """Return the places of those who wait and live, in the order of their arrival, `most` of them at most."""
        found: list[int] = []
        for place in self.waiting():
            if len(found) >= most:
                break
            if self._take(place):
                self.words[place] = FREE
                _unlock(self._equipment[place][1])
            else:
                found.append(place)
        return found

    def _take(self, place: int) -> bool:
        """Take the mutex of a place: not from the living."""
        mutex = self._equipment[place][1]
        error = _try_lock(mutex)
        if not error:
            return True
        if error == EOWNERDEAD:
            _make_consistent(mutex)
        return bool(error != EBUSY)

    def _add(self) -> int:
        """Take a place that was not used yet, or else one of a dead one who was called."""
        high = self.words[_HIGH]
        for place in range(_SIZE, (high + 1) * _SIZE, _SIZE):
            if self.words[place] == CALLED and self._take(place):
                return place
        if high == CAPACITY:
            for place in range(_SIZE, (high + 1) * _SIZE, _SIZE):
                if self._take(place):
                    return place
            raise RuntimeError(f"no more than {CAPACITY} processes and threads can wait at a time")
        place = (high + 1) * _SIZE
        semaphore, mutex = place + _SEMAPHORE, place + _MUTEX
        initialise(self.block.address + semaphore * 8, 0)
        _make_mutex(Pointer(self.block.address + mutex * 8), _NORMAL)
        self.words[place] = FREE
        self.words[_HIGH] = high + 1
        self._take(place)
        return place


class Equipment(dict[int, tuple[SemLock, Pointer]]):
    """By place: the semaphore on which one sleeps there, and the mutex that he holds meanwhile."""

    def __init__(self, address: int) -> None:
        self.address = address

    def __missing__(self, place: int) -> tuple[SemLock, Pointer]:
        address = self.address + place * 8
        semaphore = SemLock._rebuild(address + _SEMAPHORE * 8, 1, SemLock.SEM_VALUE_MAX, None)
        self[place] = made = semaphore, Pointer(address + _MUTEX * 8)
        return made


class Guard:
    """The exclusion that a lot needs, of processes and threads, which ends with the process that has it.

    A context manager; a signal handler may enter it amid another use.
    """

    __slots__ = ("_called", "_lot", "_mutex")

    def __init__(self, lot: Lot) -> None:
        self._lot = lot
        self._mutex = Pointer(lot.block.address + _GUARD * 8)
        self._called: list[int] = []

    def call(self, place: int) -> None:
        """Call a place of the lot, whose sleeper is roused as soon as this is left, and so finds it free."""
        self._lot.words[place] = CALLED
        self._called.append(place)

    def attempt(self) -> bool:
        """Enter, to be left by leave(), unless that takes a wait: whether it did not."""
        error = _try_lock(self._mutex)
        if error == EOWNERDEAD:
            _make_consistent(self._mutex)
        return error in (0, EOWNERDEAD)

    def leave(self) -> None:
        """Leave, and rouse those who were called."""
        called = self._called
        if called:
            self._called = []
        _unlock(self._mutex)
        for place in called:
            self._lot.rouse(place)

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
        self.leave()


class BriefCFunction(CFuncPtr):
    """A function of the C library that returns at once."""

    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_PYTHONAPI


# A call of the C library that waits for a mutex lets no signal handler run: so many seconds at a time.
_UNINTERRUPTED = 0.05

_NORMAL, _RECURSIVE = 0, 1
_SHARED = _ROBUST = 1

try:
    _initialise_attributes, _set_shared, _set_robust, _set_kind = (
        CFunction(address_of(f"pthread_mutexattr_{name}")) for name in ("init", "setpshared", "setrobust", "settype")
    )
    _initialise_mutex, _timed_lock = (CFunction(address_of(f"pthread_mutex_{name}")) for name in ("init", "timedlock"))
    _try_lock, _unlock, _make_consistent = (
        BriefCFunction(address_of(f"pthread_mutex_{name}")) for name in ("trylock", "unlock", "consistent")
    )
except OSError as error:
    raise ImportError(
        "this platform lacks what the synchronization primitives are made of: mutexes in shared memory that the "
        f"kernel takes from the dead (Linux has them): {error}"
    ) from None


def _make_mutex(mutex: Pointer, kind: int) -> None:
    """Make a mutex that processes share and that the kernel takes from the dead."""
    attributes = Pointer()  # 4 or 8 bytes, and nothing that would have to be destroyed
    _initialise_attributes(byref(attributes))
    _set_shared(byref(attributes), _SHARED)
    error = _set_robust(byref(attributes), _ROBUST)
    _set_kind(byref(attributes), kind)
    error = error or _initialise_mutex(mutex, byref(attributes))
    if error:
        raise OSError(error, os.strerror(error))
