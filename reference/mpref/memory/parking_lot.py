"""Places where processes and threads sleep until one of them is called.

Condition, Event and Barrier are made of these. A waiter that is killed does no harm: it holds the robust mutex of
its place, which the kernel takes from the dead. So it is found out before a call would be wasted on it, and sooner
or later its place is given to another.
"""

from __future__ import annotations

from _multiprocessing import SemLock
from time import monotonic

from ..quantities import seconds
from . import heap

try:
    from .libc import initialise_semaphore
except ImportError:
    from .without_ctypes import RobustMutex, initialise_mutex, initialise_semaphore, mutex_at, try_lock, unlock
else:
    from .robust_mutex import (  # type: ignore[assignment]  # it looks the same
        RobustMutex,
        initialise_mutex,
        mutex_at,
        try_lock,
        unlock,
    )

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .robust_mutex import Mutex

CAPACITY = 1023
"""So many processes and threads can wait in one lot at a time."""

RECHECK = 1.0
"""Seconds after which a sleeper looks for itself, in case that the process about to call it was killed over that."""

FREE, WAITING, CALLED = 0, 1, 2
"""What a place can be."""

# A lot is an array of 64-bit numbers, so many for each place, and as many at the beginning, its head.
_SIZE = 16
_STATE, _TICKET, _MESSAGE, _SEMAPHORE, _MUTEX = 0, 1, 2, 4, 8
_HIGH, _TICKETS, STATE_OF_OWNER, _GUARD = 0, 1, 2, _MUTEX


class ParkingLot:
    """Numbered places for sleepers. All methods but sleep() are called by one process and thread at a time.

    words: the numbers in shared memory; those from STATE_OF_OWNER up to 7 belong to the user of the lot.
    """

    __slots__ = ("_places", "block", "words")

    def __init__(self, block: heap.Block | None = None) -> None:
        new = block is None
        self.block = block or heap.allocate((CAPACITY + 1) * _SIZE * 8, zeroed=False)
        self.words = self.block.view().cast("q")
        self._places = Places(self.block.address)
        if new:
            for number in range(_GUARD):
                self.words[number] = 0
            initialise_mutex(self.block, _GUARD * 8, recursive=True)

    def enter(self) -> int:
        """Take a place; to be left by leave(), in the same thread. RuntimeError: there are CAPACITY waiters already."""
        words = self.words
        for place in range(_SIZE, (words[_HIGH] + 1) * _SIZE, _SIZE):
            if words[place] == FREE and try_lock(self._places[place][1]):
                break
        else:
            place = self._add()
        acquire = self._places[place][0].acquire
        while acquire(False):  # a call that came too late for the one before
            pass
        words[_TICKETS] = words[place + _TICKET] = words[_TICKETS] + 1
        words[place] = WAITING
        return place

    def sleep(self, place: int, timeout: float | None, look: Callable[[], bool] | None = None) -> bool:
        """Sleep at most `timeout` seconds until the place is called: whether it was.

        look: is asked every RECHECK seconds whether there is a reason to wake up all the same.
        """
        words, acquire = self.words, self._places[place][0].acquire
        if timeout is None and look is None:
            while words[place] == WAITING:
                acquire()
            return True
        if timeout is not None:
            timeout = seconds(timeout)
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
        """Wake the one that sleeps there."""
        self.words[place] = CALLED
        self._places[place][0].release()

    def rouse(self, place: int) -> None:
        """Make the one that sleeps there look whether it is called; that harms no other. Needs no exclusion."""
        self._places[place][0].release()

    def leave(self, place: int) -> bool:
        """Give the place back: whether it was called. Needs no exclusion if it was."""
        called = self.words[place] == CALLED
        self.words[place] = FREE
        unlock(self._places[place][1])
        return called

    def note(self, place: int, message: int) -> None:
        """Leave a number for the one that waits there."""
        self.words[place + _MESSAGE] = message

    def message(self, place: int) -> int:
        """Read the number that was left there."""
        return self.words[place + _MESSAGE]

    def waiting(self) -> list[int]:
        """Return the places of those that wait, in the order of their arrival; the dead may be among them."""
        words = self.words
        places = [at for at in range(_SIZE, (words[_HIGH] + 1) * _SIZE, _SIZE) if words[at] == WAITING]
        if len(places) > 1:
            places.sort(key=lambda at: words[at + _TICKET])
        return places

    def living(self, most: int = CAPACITY) -> list[int]:
        """Return the places of those that wait and live, in the order of their arrival, `most` of them at most."""
        found: list[int] = []
        for place in self.waiting():
            if len(found) >= most:
                break
            if try_lock(self._places[place][1]):
                self.words[place] = FREE
                unlock(self._places[place][1])
            else:
                found.append(place)
        return found

    def _add(self) -> int:
        """Take a place that was not used yet, or else that of a dead one that was called."""
        high = self.words[_HIGH]
        for place in range(_SIZE, (high + 1) * _SIZE, _SIZE):
            if self.words[place] == CALLED and try_lock(self._places[place][1]):
                return place
        if high == CAPACITY:
            for place in range(_SIZE, (high + 1) * _SIZE, _SIZE):
                if try_lock(self._places[place][1]):
                    return place
            raise RuntimeError(f"no more than {CAPACITY} processes and threads can wait at a time")
        place = (high + 1) * _SIZE
        initialise_semaphore(self.block, (place + _SEMAPHORE) * 8, 0)
        initialise_mutex(self.block, (place + _MUTEX) * 8)
        self.words[place] = FREE
        self.words[_HIGH] = high + 1
        try_lock(self._places[place][1])
        return place


class Places(dict[int, "tuple[SemLock, Mutex]"]):
    """By place: the semaphore on which one sleeps there, and the mutex that it holds meanwhile."""

    def __init__(self, address: int) -> None:
        self.address = address

    def __missing__(self, place: int) -> tuple[SemLock, Mutex]:
        address = self.address + place * 8
        semaphore = SemLock._rebuild(address + _SEMAPHORE * 8, 1, SemLock.SEM_VALUE_MAX, None)
        self[place] = made = semaphore, mutex_at(address + _MUTEX * 8)
        return made


class Guard(RobustMutex):
    """The exclusion that a lot needs, of processes and threads, which ends with the process that has it.

    A signal handler may enter it amid another use.
    """

    __slots__ = ("_called", "_lot")

    def __init__(self, lot: ParkingLot) -> None:
        super().__init__(mutex_at(lot.block.address + _GUARD * 8, recursive=True))
        self._lot = lot
        self._called: list[int] = []

    def call(self, place: int) -> None:
        """Call a place of the lot, whose sleeper is roused as soon as this is left, and so finds it free."""
        self._lot.words[place] = CALLED
        self._called.append(place)

    def leave(self) -> None:
        """Leave, and rouse those that were called."""
        called = self._called
        if called:
            self._called = []
        unlock(self._mutex)
        for place in called:
            self._lot.rouse(place)

    def __exit__(self, *_: object) -> None:
        self.leave()
