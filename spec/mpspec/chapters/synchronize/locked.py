"""locked() of locks, semaphores and conditions: whether somebody has them now."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.synchronize.chapter import EXCLUSIVE, chapter, posted_by_a_child
from mpspec.chapters.synchronize.targets import post_outcome
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, cases
from mpspec.observation.see import See
from mpspec.observation.sharing import Held

EACH = tuple(f"multiprocessing.{name}.locked/2" for name in EXCLUSIVE)


@chapter.clause(
    "synchronize.lock.locked",
    passage=(
        *EACH,
        *(f"multiprocessing.{name}.locked/1" for name in EXCLUSIVE),
        "multiprocessing.Lock/4",
        "multiprocessing.RLock/2",
    ),
    methods=NO_METHOD,
    since="3.14",
    cases=cases(*EXCLUSIVE),
)
def locked_tells_whether_it_is_locked(mp: Any, see: See, name: str) -> None:
    """locked() tells by a bool whether the lock, or the semaphore of one, is locked, whichever thread has it."""
    lock = getattr(mp, name)()
    seen = [lock.locked()]
    lock.acquire()
    seen.append(lock.locked())
    lock.release()
    with Held(lock):
        seen.append(lock.locked())
    seen.append(lock.locked())
    see.equal(seen, [False, True, True, False], "locked() at first, had by this thread, by another one, by none again")
    see.true(all(type(one) is bool for one in seen), "each is a bool", seen)


@chapter.clause(
    "synchronize.lock.locked-elsewhere",
    passage=EACH,
    methods=ANY_METHOD,
    since="3.14",
    cases=cases(*EXCLUSIVE),
)
def locked_tells_of_other_processes(mp: Any, see: See, name: str) -> None:
    """locked() in a child tells whether its parent has the lock, or the semaphore of one."""
    lock = getattr(mp, name)()
    lock.acquire()
    seen = [posted_by_a_child(mp, see, post_outcome, lock, "locked")]
    lock.release()
    seen.append(posted_by_a_child(mp, see, post_outcome, lock, "locked"))
    see.equal(seen, ["returned True", "returned False"], "locked() in a child, before release() and after it")


@chapter.clause(
    "synchronize.condition.locked",
    passage="multiprocessing.Condition/2",
    level=SHOULD,
    methods=NO_METHOD,
    since="3.14",
    cases={"Lock": "Lock", "RLock": "RLock", "its own": ""},
)
def a_condition_tells_whether_its_lock_is_locked(mp: Any, see: See, name: str) -> None:
    """locked() of a condition, which threading has since then, tells whether its lock is locked."""
    condition = mp.Condition(getattr(mp, name)()) if name else mp.Condition()
    seen = [condition.locked()]
    with condition:
        seen.append(condition.locked())
    seen.append(condition.locked())
    see.equal(seen, [False, True, False], "locked() before, in and after a with statement")
