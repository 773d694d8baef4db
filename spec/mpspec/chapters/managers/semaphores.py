"""Semaphore and BoundedSemaphore of a manager: they count, as those of threading do."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child
from mpspec.chapters.managers.targets import outcome, post_outcome
from mpspec.clause import ANY_METHOD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

SEMAPHORE = "multiprocessing.managers.SyncManager.Semaphore"

BOUNDED = "multiprocessing.managers.SyncManager.BoundedSemaphore"

BOTH = cases("Semaphore", "BoundedSemaphore")

EITHER = (f"{SEMAPHORE}/2", f"{BOUNDED}/2")


@chapter.clause(
    "manager.semaphore.value", passage=(f"{SEMAPHORE}/1,2", f"{BOUNDED}/1,2"), methods=ANY_METHOD, cases=BOTH
)
def as_many_acquire_it_as_its_value(mp: Any, see: See, name: str) -> None:
    """A semaphore can be acquired as often as its value says, which is 1 where none is given."""
    with mp.Manager() as manager:
        for arguments, wanted in (((), 1), ((1,), 1), ((3,), 3), ((0,), 0)):
            semaphore = getattr(manager, name)(*arguments)
            taken = [semaphore.acquire(False) for _ in range(wanted + 2)]
            see.equal(taken, [True] * wanted + [False] * 2, f"acquire(False), again and again, of value {arguments}")


@chapter.clause("manager.semaphore.processes", passage=EITHER, cases=BOTH)
def it_counts_over_processes(mp: Any, see: See, name: str) -> None:
    """What one process acquires and releases counts for the others, and any of them can release."""
    with mp.Manager() as manager:
        semaphore = getattr(manager, name)(2)
        told = [posted_by_a_child(mp, see, post_outcome, semaphore, "acquire", False) for _ in range(3)]
        see.equal(told, ["returned True"] * 2 + ["returned False"], "acquire(False) in three children")
        see.equal(semaphore.acquire(False), False, "acquire(False) in the parent")
        semaphore.release()
        told = [posted_by_a_child(mp, see, post_outcome, semaphore, "acquire", False) for _ in range(2)]
        see.equal(told, ["returned True", "returned False"], "acquire(False) in two children, after one release")


@chapter.clause("manager.semaphore.blocks", passage=EITHER, methods=ANY_METHOD, cases=BOTH)
def acquire_blocks_at_zero(mp: Any, see: See, name: str) -> None:
    """acquire() of a semaphore at zero blocks until another process releases it."""
    with mp.Manager() as manager:
        semaphore = getattr(manager, name)(1)
        semaphore.acquire()
        waiter = see.blocks(another(semaphore).acquire)
        waiter.still()
        told = posted_by_a_child(mp, see, post_outcome, semaphore, "release")
        see.true(told.startswith("returned"), "release() comes back in the child", told)
        see.true(waiter.ends() is True, "acquire() returns True")


@chapter.clause("manager.semaphore.timeout", passage=EITHER, methods=ANY_METHOD, cases=BOTH)
def acquire_takes_a_timeout(mp: Any, see: See, name: str) -> None:
    """acquire(timeout=t) of a semaphore at zero returns False after t seconds."""
    with mp.Manager() as manager:
        semaphore = getattr(manager, name)(0)
        see.true(see.expires(SMALL, semaphore.acquire, timeout=SMALL) is False, "acquire(timeout=t) returns False")
        see.true(see.expires(SMALL, semaphore.acquire, True, SMALL) is False, "acquire(True, t) returns False")


@chapter.clause("manager.semaphore.with", passage=(*EITHER, "proxy-objects/5"), methods=ANY_METHOD, cases=BOTH)
def with_takes_one(mp: Any, see: See, name: str) -> None:
    """A with statement acquires a semaphore once, and releases it afterwards, also after an exception."""
    with mp.Manager() as manager:
        semaphore = getattr(manager, name)(1)
        with see.raises(LookupError), semaphore:
            see.equal(semaphore.acquire(False), False, "acquire(False) in the block")
            raise LookupError("from the block")
        see.equal(semaphore.acquire(False), True, "acquire(False) after the block")


@chapter.clause("manager.semaphore.unbounded", passage=f"{SEMAPHORE}/2", methods=ANY_METHOD)
def a_semaphore_grows(mp: Any, see: See) -> None:
    """A Semaphore can be released more often than it was acquired, and admits as many more."""
    with mp.Manager() as manager:
        semaphore = manager.Semaphore(1)
        semaphore.release()
        taken = [semaphore.acquire(False) for _ in range(3)]
        see.equal(taken, [True, True, False], "acquire(False), three times")


@chapter.clause(
    "manager.semaphore.bounded",
    passage=(f"{BOUNDED}/2", "multiprocessing.managers.BaseProxy._callmethod/9"),
    methods=ANY_METHOD,
)
def a_bounded_one_does_not(mp: Any, see: See) -> None:
    """A BoundedSemaphore raises ValueError where it is released more often than it was acquired, and does not grow."""
    with mp.Manager() as manager:
        semaphore = manager.BoundedSemaphore(2)
        with see.raises(ValueError):
            semaphore.release()
        taken = [semaphore.acquire(False) for _ in range(3)]
        see.equal(taken, [True, True, False], "acquire(False), three times")
        semaphore.release()
        semaphore.release()
        with see.raises(ValueError):
            semaphore.release()


@chapter.clause(
    "manager.semaphore.release-several", source=SEMAPHORE, level=UNSPECIFIED, methods=ANY_METHOD, cases=BOTH
)
def releasing_several_at_once(mp: Any, see: See, name: str) -> None:
    """Whether release() of the proxy takes a number, as that of threading, is left open."""
    with mp.Manager() as manager:
        semaphore = getattr(manager, name)(2)
        semaphore.acquire()
        semaphore.acquire()
        see.records(then=outcome(semaphore.release, 2))


@chapter.clause("manager.semaphore.negative", source=SEMAPHORE, level=UNSPECIFIED, methods=ANY_METHOD, cases=BOTH)
def a_negative_value(mp: Any, see: See, name: str) -> None:
    """With which exception a semaphore of a negative value is refused is left open."""
    with mp.Manager() as manager:
        see.records(outcome=outcome(lambda: str(getattr(manager, name)(-1)) and "a proxy"))
