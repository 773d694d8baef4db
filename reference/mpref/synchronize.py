"""Lock, RLock, Semaphore, BoundedSemaphore, Condition, Event and Barrier between processes.

They behave as those of `threading` do, with the differences that the documentation names. Each lies in
anonymous shared memory: there is no named semaphore that could be left behind.
Section "Synchronization primitives".
"""

from __future__ import annotations

from .memory.parking_lot import CALLED, STATE_OF_OWNER, Guard, ParkingLot
from .memory.semaphore import BoundedSemaphore, Lock, Primitive, RLock, Semaphore
from .memory.semaphore import _Semaphore as SemLock  # noqa: F401  # for a client, see mpref.util
from .quantities import seconds, whole
from .start_method import method_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self, TypeVar

    from .memory.heap import Block
    from .start_method import Context

    Outcome = TypeVar("Outcome")

__all__ = ["Barrier", "BoundedSemaphore", "Condition", "Event", "Lock", "RLock", "Semaphore"]


class Condition(Primitive):
    """A condition variable: processes and threads wait until another one notifies them.

    lock: a Lock or RLock of this package; None makes an RLock. Section "Synchronization primitives".
    """

    def __init__(self, lock: Lock | RLock | None = None, *, ctx: Context | None = None) -> None:
        self._bind(RLock(ctx=ctx) if lock is None else lock, lock is None, ParkingLot(), method_of(ctx))

    def _bind(self, lock: Lock | RLock, own: bool, lot: ParkingLot, method: str) -> None:
        self._lock, self._own, self._lot, self._method = lock, own, lot, method
        self.acquire = lock.acquire
        self._recursive = isinstance(lock, RLock)
        # Places whose sleepers are roused once the lock is free: before that they would only queue up for it.
        self._called: list[int] = []
        self._owned = lock._is_mine if self._recursive else lock._is_zero

    def __enter__(self) -> bool:
        return self._lock.__enter__()

    def __exit__(self, *exception: Any) -> None:
        self.release()

    def release(self) -> None:
        """Release the lock. AssertionError or ValueError, as that of the lock."""
        try:
            self._lock.release()
        finally:  # also where an interrupt strikes once it is free: what was called must not sleep on
            self._rouse()

    def locked(self) -> bool:
        """Whether its lock is locked now, by whomever; it may have changed already."""
        return self._lock.locked()

    def wait(self, timeout: float | None = None) -> bool:
        """Release the lock, sleep until notified, at most `timeout` seconds, and acquire the lock again.

        Returns whether it was notified. RuntimeError: this process and thread has not acquired the lock.
        """
        if not self._owned():
            raise _not_acquired("wait()")
        lock, lot = self._lock, self._lot
        depth = lock._count() if self._recursive else 1
        place = lot.enter()
        for _ in range(depth):
            lock.release()
        try:
            self._rouse()
            lot.sleep(place, timeout)
        finally:
            for _ in range(depth):
                lock.acquire()
            called = lot.leave(place)
        return called

    def wait_for(self, predicate: Callable[[], Outcome], timeout: float | None = None) -> Outcome:
        """Wait until `predicate()` is true, at most `timeout` seconds; return its last value."""
        from time import monotonic

        if timeout is not None:
            timeout = seconds(timeout)
        end = None if timeout is None else monotonic() + timeout
        while not (outcome := predicate()):
            rest = None if end is None else end - monotonic()
            if rest is not None and rest <= 0:
                break
            self.wait(rest)
        return outcome

    def notify(self, n: int = 1) -> None:
        """Wake `n` of those that wait, the longest waiting first; all of them if they are fewer.

        RuntimeError: this process and thread has not acquired the lock.
        """
        if not self._owned():
            raise _not_acquired("notify()")
        places = self._lot.waiting()
        n = whole(n, "n")
        if n < len(places):  # a call must not go to a dead one while another lives
            places = self._lot.living(n)
        self._call(places)

    def notify_all(self) -> None:
        """Wake all that wait. RuntimeError: this process and thread has not acquired the lock."""
        if not self._owned():
            raise _not_acquired("notify_all()")
        self._call(self._lot.waiting())

    def _call(self, places: list[int]) -> None:
        for place in places:
            if self._own:
                self._lot.words[place] = CALLED
                self._called.append(place)
            else:  # whoever has the lock may release it by itself
                self._lot.call(place)

    def _rouse(self) -> None:
        called = self._called
        while called:
            try:
                place = called.pop(0)
            except IndexError:  # another thread was quicker, which has had the lock since
                return
            self._lot.rouse(place)

    def _parts(self) -> tuple[Lock | RLock, bool, Block, str]:
        return self._lock, self._own, self._lot.block, self._method

    @classmethod
    def _made_of(cls, lock: Lock | RLock, own: bool, block: Block, method: str) -> Self:
        one = cls.__new__(cls)
        one._bind(lock, own, ParkingLot(block), method)
        return one

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._lock!r}, {len(self._lot.waiting())} waiting>"


class NotAcquired(RuntimeError, AssertionError):
    """A condition is used without its lock. What threading raises, and what the standard library's raises here."""


class Event(Primitive):
    """A flag to wait for. Section "Synchronization primitives"."""

    def __init__(self, *, ctx: Context | None = None) -> None:
        self._bind(ParkingLot(), method_of(ctx))

    def _bind(self, lot: ParkingLot, method: str) -> None:
        self._lot, self._method = lot, method
        self._guard = Guard(lot)

    def is_set(self) -> bool:
        """Whether the flag is true."""
        return self._lot.words[_SET] != 0

    def set(self) -> None:
        """Make the flag true and wake all that wait for it."""
        lot = self._lot
        with self._guard:
            lot.words[_SET] = 1
            for place in lot.waiting():
                self._guard.call(place)

    def clear(self) -> None:
        """Make the flag false."""
        self._lot.words[_SET] = 0  # one word: there is nothing to exclude

    def wait(self, timeout: float | None = None) -> bool:
        """Sleep until the flag is made true, at most `timeout` seconds; False only if the time ran out.

        True also if the flag is false again by the time that this process or thread gets to run.
        """
        lot = self._lot
        if lot.words[_SET]:
            return True
        with self._guard:
            if lot.words[_SET]:
                return True
            place = lot.enter()
        called = False
        try:
            called = lot.sleep(place, timeout, self.is_set)
        finally:
            if called:
                lot.leave(place)
            else:
                with self._guard:
                    called = lot.leave(place) or self.is_set()
        return called

    def _parts(self) -> tuple[Block, str]:
        return self._lot.block, self._method

    @classmethod
    def _made_of(cls, block: Block, method: str) -> Self:
        one = cls.__new__(cls)
        one._bind(ParkingLot(block), method)
        return one

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {'set' if self.is_set() else 'clear'}, {len(self._lot.waiting())} waiting>"


class Barrier(Primitive):
    """A place where a number of processes and threads wait for each other.

    parties: how many. action: a callable that one of them calls before they are let go. timeout: the default
    of wait(), in seconds. A party that dies while it waits no longer counts. Section "Synchronization primitives".
    """

    def __init__(
        self,
        parties: int,
        action: Callable[[], object] | None = None,
        timeout: float | None = None,
        *,
        ctx: Context | None = None,
    ) -> None:
        parties = whole(parties, "parties")
        if timeout is not None:
            timeout = seconds(timeout)
        if parties < 1:
            raise ValueError(f"parties is the number of those that wait for each other, at least 1, not {parties!r}")
        self._bind(parties, action, timeout, ParkingLot(), method_of(ctx))

    def _bind(
        self, parties: int, action: Callable[[], object] | None, timeout: float | None, lot: ParkingLot, method: str
    ) -> None:
        self._parties, self._action, self._timeout, self._lot, self._method = parties, action, timeout, lot, method
        self._guard = Guard(lot)

    @property
    def parties(self) -> int:
        """How many have to come."""
        return self._parties

    @property
    def n_waiting(self) -> int:
        """How many wait now."""
        lot, guard = self._lot, self._guard
        if not lot.waiting():
            return 0
        if not guard.attempt():  # as during the action, which may take long
            return len(lot.waiting())
        try:
            return len(lot.living())
        finally:
            guard.leave()

    @property
    def broken(self) -> bool:
        """Whether it is broken: until reset() whatever waits gets a BrokenBarrierError."""
        return self._lot.words[_BROKEN] != 0

    def wait(self, timeout: float | None = None) -> int:
        """Wait until all parties have come; return a number from 0 to parties - 1, another one to each.

        BrokenBarrierError: it is or gets broken, or is reset, or `timeout` seconds are over, which breaks it.
        """
        lot = self._lot
        with self._guard:
            self._finish()
            if self.broken:
                raise _broken("it is broken")
            waiting = lot.waiting()
            if len(waiting) + 1 >= self._parties:
                waiting = lot.living()
            if len(waiting) + 1 >= self._parties:
                self._let_go(waiting)
                return self._parties - 1
            place = lot.enter()
        try:
            called = lot.sleep(place, self._timeout if timeout is None else timeout, self._look)
        except BaseException:
            with self._guard:
                lot.leave(place)
            raise
        if called:
            number = lot.message(place)
            lot.leave(place)
        else:
            with self._guard:
                self._finish()
                number = lot.message(place)
                if not lot.leave(place):
                    self._end(_ABORT)
                    raise _broken("the time to wait is over")
        if number < 0:
            raise _broken("it was broken or reset meanwhile")
        return number

    def reset(self) -> None:
        """Make it as new; those that wait get a BrokenBarrierError."""
        with self._guard:
            self._finish()
            self._end(_RESET)

    def abort(self) -> None:
        """Break it; those that wait, and those that come, get a BrokenBarrierError."""
        with self._guard:
            self._finish()
            self._end(_ABORT)

    def _let_go(self, waiting: list[int]) -> None:
        """Call the action and let all of them go."""
        try:
            if self._action is not None:
                self._action()
        except BaseException:
            self._end(_ABORT)
            raise
        for number, place in enumerate(waiting):
            self._lot.note(place, number)
        self._end(_PASS)

    def _end(self, how: int) -> None:
        """Let go of those that wait. It is noted before it is done: a process killed over it has decided it."""
        if how != _PASS:
            for place in self._lot.waiting():
                self._lot.note(place, -1)
        self._lot.words[_ENDING] = how
        self._finish()

    def _finish(self) -> None:
        """Do what was decided."""
        words = self._lot.words
        if words[_ENDING]:
            if words[_ENDING] != _PASS:
                words[_BROKEN] = words[_ENDING] == _ABORT
            for place in self._lot.waiting():
                self._guard.call(place)
            words[_ENDING] = 0

    def _look(self) -> bool:
        with self._guard:
            self._finish()
        return self.broken

    def _parts(self) -> tuple[int, Callable[[], object] | None, float | None, Block, str]:
        return self._parties, self._action, self._timeout, self._lot.block, self._method

    @classmethod
    def _made_of(
        cls, parties: int, action: Callable[[], object] | None, timeout: float | None, block: Block, method: str
    ) -> Self:
        one = cls.__new__(cls)
        one._bind(parties, action, timeout, ParkingLot(block), method)
        return one

    def __repr__(self) -> str:
        state = "broken" if self.broken else f"{self.n_waiting} of {self._parties} waiting"
        return f"<{type(self).__name__} {state}>"


_SET = STATE_OF_OWNER
_BROKEN, _ENDING = STATE_OF_OWNER, STATE_OF_OWNER + 1
_ABORT, _RESET, _PASS = 1, 2, 3


def _not_acquired(what: str) -> NotAcquired:
    return NotAcquired(f"{what} needs the lock of the condition: acquire it first, best by a with statement")


def _broken(why: str) -> Exception:
    from threading import BrokenBarrierError

    return BrokenBarrierError(f"the barrier does not let anybody pass: {why}")
