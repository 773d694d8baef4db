"""The synchronization primitives: they are those of `threading`, and work between threads."""

from __future__ import annotations

import threading
from typing import Any, Callable

from mpspec.chapters.dummy.chapter import API, chapter
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

EXCLUSIVE: dict[str, Callable[[Any], Any]] = {
    "Lock": lambda dummy: dummy.Lock(),
    "RLock": lambda dummy: dummy.RLock(),
    "Semaphore": lambda dummy: dummy.Semaphore(),
    "BoundedSemaphore": lambda dummy: dummy.BoundedSemaphore(),
    "Condition": lambda dummy: dummy.Condition(),
}
"""What one thread at a time has."""


@chapter.clause("dummy.lock.excludes", passage=API, methods=NO_METHOD, cases=EXCLUSIVE, hanging=True)
def one_thread_at_a_time(mp: Any, see: See, case: Any) -> None:
    """What one thread has acquired, acquire() of another thread waits for until it is released."""
    lock = case(mp.dummy)
    see.true(lock.acquire(), "the first acquire() succeeds")
    # The other thread gives it back itself: an RLock, and the lock of a Condition, belong to who has acquired them.
    waiting = see.blocks(lambda: [lock.acquire(), lock.release()][0])
    lock.release()
    see.true(waiting.ends(), "acquire() of the other thread succeeds, after release()")


@chapter.clause("dummy.lock.not-blocking", passage=API, methods=NO_METHOD, cases=EXCLUSIVE)
def acquire_without_blocking(mp: Any, see: See, case: Any) -> None:
    """acquire(False) returns false at once where another thread has what is wanted."""
    lock = case(mp.dummy)
    lock.acquire()
    see.equal(bool(see.comes_back(lock.acquire, False)), False, "what acquire(False) of another thread returns")
    lock.release()


@chapter.clause("dummy.lock.timeout", passage=API, methods=NO_METHOD, cases=EXCLUSIVE)
def acquire_with_a_timeout(mp: Any, see: See, case: Any) -> None:
    """acquire(True, timeout) waits at most so many seconds, and returns false then."""
    lock = case(mp.dummy)
    lock.acquire()
    see.equal(bool(see.expires(SMALL, lock.acquire, True, SMALL)), False, "what acquire() of another thread returns")
    lock.release()


@chapter.clause("dummy.lock.context", passage=API, methods=NO_METHOD, cases=EXCLUSIVE)
def a_context_manager(mp: Any, see: See, case: Any) -> None:
    """Each of them is a context manager, which acquires and releases it."""
    lock = case(mp.dummy)
    with lock:
        see.equal(bool(see.comes_back(lock.acquire, False)), False, "what acquire(False) returns elsewhere, meanwhile")
    see.true(lock.acquire(False), "it is free after the block")
    lock.release()


@chapter.clause(
    "dummy.lock.locked", passage=API, level=SHOULD, methods=NO_METHOD, since="3.14", cases=cases("Lock", "RLock")
)
def a_lock_tells_whether_it_is_locked(mp: Any, see: See, case: str) -> None:
    """locked() tells whether a lock is locked right now."""
    lock = getattr(mp.dummy, case)()
    seen = [lock.locked()]
    for change in (lock.acquire, lock.release):
        change()
        seen.append(lock.locked())
    see.equal(seen, [False, True, False], "locked(), at first, after acquire() and after release()")


@chapter.clause("dummy.rlock.recursive", passage=API, methods=NO_METHOD, hanging=True)
def an_rlock_is_recursive(mp: Any, see: See) -> None:
    """An RLock can be acquired again by the thread that has it, and is free after as many releases."""
    lock = mp.dummy.RLock()
    lock.acquire()
    see.true(lock.acquire(False), "the second acquire() succeeds")
    lock.release()
    see.equal(bool(see.comes_back(lock.acquire, False)), False, "what another thread gets after one release()")
    lock.release()
    see.true(see.comes_back(lambda: [lock.acquire(False), lock.release()][0]), "another thread gets it after two")


@chapter.clause("dummy.semaphore.value", passage=API, methods=NO_METHOD, cases=cases("Semaphore", "BoundedSemaphore"))
def a_semaphore_counts(mp: Any, see: See, case: str) -> None:
    """A semaphore made with a value can be acquired so many times before a release."""
    semaphore = getattr(mp.dummy, case)(2)
    got = [bool(semaphore.acquire(False)) for _ in range(3)]
    see.equal(got, [True, True, False], "what three calls of acquire() return")
    semaphore.release()
    see.true(semaphore.acquire(False), "it can be acquired again after release()")


@chapter.clause("dummy.bounded-semaphore.bound", passage=API, level=SHOULD, methods=NO_METHOD)
def a_bounded_semaphore_has_a_bound(mp: Any, see: See) -> None:
    """A BoundedSemaphore that is released more often than it was acquired raises ValueError, as that of threading."""
    with see.raises(ValueError):
        mp.dummy.BoundedSemaphore(1).release()


@chapter.clause("dummy.event.wait", passage=API, methods=NO_METHOD, hanging=True)
def an_event(mp: Any, see: See) -> None:
    """wait() of an Event blocks until another thread calls set(), and clear() makes it block again."""
    event = mp.dummy.Event()
    see.equal(bool(event.is_set()), False, "is_set() of a new one")
    waiting = see.blocks(event.wait)
    event.set()
    see.true(waiting.ends(), "wait() returns true")
    see.true(event.is_set() and event.wait(LONG), "it stays set")
    event.clear()
    see.equal(bool(see.expires(SMALL, event.wait, SMALL)), False, "what wait(timeout) returns after clear()")


def notified(condition: Any) -> bool:
    """Wait to be notified, with the lock."""
    with condition:
        return bool(condition.wait(LONG))


@chapter.clause("dummy.condition.notify", passage=API, methods=NO_METHOD, hanging=True)
def a_condition(mp: Any, see: See) -> None:
    """wait() of a Condition gives its lock back and blocks until another thread that has acquired it calls notify()."""
    condition = mp.dummy.Condition()
    waiting = see.blocks(notified, condition)
    with condition:
        condition.notify()
    see.true(waiting.ends(), "wait() returns true")


@chapter.clause("dummy.condition.lock", passage=API, methods=NO_METHOD, cases=cases("Lock", "RLock"))
def a_condition_with_a_lock(mp: Any, see: See, case: str) -> None:
    """A Condition can be made with a lock of multiprocessing.dummy, which it uses."""
    lock = getattr(mp.dummy, case)()
    with mp.dummy.Condition(lock):
        see.equal(bool(see.comes_back(lock.acquire, False)), False, "what acquire(False) returns elsewhere, meanwhile")


@chapter.clause("dummy.barrier.wait", passage=API, methods=NO_METHOD, hanging=True)
def a_barrier(mp: Any, see: See) -> None:
    """wait() of a Barrier blocks until as many threads as it has parties wait; they all go on, each with a number."""
    barrier = mp.dummy.Barrier(3)
    waiting = [see.blocks(barrier.wait) for _ in range(2)]
    last = see.comes_back(barrier.wait)
    see.equal(sorted([last, *(one.ends() for one in waiting)]), [0, 1, 2], "what wait() returns to the three")


@chapter.clause("dummy.condition.wait-for", passage=API, methods=NO_METHOD, hanging=True)
def waiting_for_a_state(mp: Any, see: See) -> None:
    """wait_for() of a Condition waits until its predicate holds; notify_all() has all who wait ask for that."""
    condition = mp.dummy.Condition()
    state: list[str] = []

    def wait() -> bool:
        with condition:
            return bool(condition.wait_for(lambda: state, LONG))

    waiting = [see.blocks(wait) for _ in range(2)]
    for now in ([], ["holds"]):
        for one in waiting:
            one.still()
        with condition:
            state.extend(now)
            condition.notify_all()
    for one in waiting:
        see.true(one.ends(), "wait_for() returns what is true")


@chapter.clause("dummy.barrier.broken", passage=API, methods=NO_METHOD, hanging=True)
def a_broken_barrier(mp: Any, see: See) -> None:
    """abort() of a Barrier has those who wait raise threading.BrokenBarrierError; reset() makes it of use again."""
    barrier = mp.dummy.Barrier(2)
    waiting = see.blocks(barrier.wait)
    barrier.abort()
    with see.raises(threading.BrokenBarrierError):
        waiting.ends()
    see.true(barrier.broken, "it is broken")
    barrier.reset()
    waiting = see.blocks(barrier.wait)
    see.equal(sorted([see.comes_back(barrier.wait), waiting.ends()]), [0, 1], "what wait() returns after that")


@chapter.clause("dummy.condition.timeout", passage=API, methods=NO_METHOD, hanging=True)
def waiting_in_vain(mp: Any, see: See) -> None:
    """wait(timeout) of a Condition, and wait_for() with one, wait at most so many seconds, and return false then."""
    condition = mp.dummy.Condition()

    def wait() -> Any:
        with condition:
            return condition.wait(SMALL)

    def wait_for() -> Any:
        with condition:
            return condition.wait_for(lambda: False, SMALL)

    see.equal(bool(see.expires(SMALL, wait)), False, "what wait(timeout) returns")
    see.equal(bool(see.expires(SMALL, wait_for)), False, "what wait_for(predicate, timeout) returns")


@chapter.clause("dummy.condition.number", passage=API, methods=NO_METHOD, hanging=True)
def notifying_several(mp: Any, see: See) -> None:
    """notify(n) of a Condition wakes n of those who wait, or more, and notify_all() all of them."""
    condition = mp.dummy.Condition()
    waiting = [see.blocks(notified, condition) for _ in range(3)]
    with condition:
        condition.notify(2)
    see.eventually(lambda: sum(not one.thread.is_alive() for one in waiting) >= 2, "two of them come back")
    with condition:
        condition.notify_all()
    see.equal([one.ends() for one in waiting], [True] * 3, "what wait() returns")


ACTIONS = {
    "by-position": lambda dummy, action: dummy.Barrier(2, action, SMALL),
    "by-name": lambda dummy, action: dummy.Barrier(parties=2, action=action, timeout=SMALL),
}


@chapter.clause("dummy.barrier.arguments", passage=API, methods=NO_METHOD, cases=ACTIONS, hanging=True)
def what_a_barrier_is_made_of(mp: Any, see: See, case: Any) -> None:
    """A Barrier is made of parties, an action that is called once they are all there, and a timeout of wait()."""
    called: list[str] = []
    barrier = case(mp.dummy, lambda: called.append("called"))
    with see.takes(at_least=SMALL), see.raises(threading.BrokenBarrierError):
        see.comes_back(barrier.wait)
    see.equal(called, [], "the calls of the action without all parties")
    barrier.reset()
    waiting = see.in_thread(barrier.wait, LONG)
    see.equal(see.comes_back(barrier.wait, LONG) + waiting.ends(), 1, "the sum of both numbers")
    see.equal(called, ["called"], "the calls of the action")


@chapter.clause(
    "dummy.lock.class",
    passage=API,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases=cases("Barrier", "BoundedSemaphore", "Condition", "Event", "Lock", "RLock", "Semaphore"),
)
def they_are_those_of_threading(mp: Any, see: See, case: str) -> None:
    """Whether the primitives are the very classes and functions of threading is left open."""
    see.records(same=getattr(mp.dummy, case) is getattr(threading, case))


@chapter.clause("dummy.lock.block-argument", passage=API, level=UNSPECIFIED, methods=NO_METHOD, cases=EXCLUSIVE)
def how_the_argument_is_called(mp: Any, see: See, case: Any) -> None:
    """Whether the first argument of acquire() is called block, as in multiprocessing, or blocking, is left open."""
    taken = []
    for name in ("block", "blocking"):
        lock = case(mp.dummy)
        try:
            lock.acquire(**{name: True})
        except TypeError:
            continue
        lock.release()
        taken.append(name)
    see.records(names=taken)
