"""Condition: its lock, and those who wait."""

from __future__ import annotations

import threading
from typing import Any

from mpspec.chapters.synchronize.chapter import chapter, interrupted, signalled, wait_on
from mpspec.chapters.synchronize.targets import notify
from mpspec.clause import NO_METHOD, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

CONDITION = "multiprocessing.Condition"
LOCKS = cases("Lock", "RLock")
ITS_OWN = {**LOCKS, "its own": ""}


@chapter.clause("synchronize.condition.factory", source=CONDITION, methods=NO_METHOD)
def condition_is_a_factory(mp: Any, see: See) -> None:
    """Condition() returns an instance of multiprocessing.synchronize.Condition."""
    see.true(isinstance(mp.Condition(), mp.synchronize.Condition), "an instance", type(mp.Condition()))


@chapter.clause("synchronize.condition.lock.given", passage=f"{CONDITION}/3,1,2", methods=NO_METHOD, cases=LOCKS)
def it_uses_the_lock_that_it_is_given(mp: Any, see: See, name: str) -> None:
    """A condition made with a lock, by position or name, uses it: who has acquired the condition has the lock."""
    lock = getattr(mp, name)()
    for condition in (mp.Condition(lock), mp.Condition(lock=lock)):
        with condition:
            see.equal(see.comes_back(lock.acquire, False), False, "acquire(False) of the lock, in another thread")
        with lock:
            see.equal(see.comes_back(condition.acquire, False), False, "acquire(False) of the condition")
            condition.notify()


@chapter.clause(
    "synchronize.condition.lock.default", passage=f"{CONDITION}/2,1", methods=NO_METHOD, cases={"": None, "None": None}
)
def its_own_lock_is_recursive(mp: Any, see: See, lock: None) -> None:
    """A condition made without a lock has a recursive one of its own."""
    condition = mp.Condition(lock)

    def twice() -> bool:
        with condition, condition:
            return True

    see.equal(see.comes_back(twice), True, "what two nested with statements do")


@chapter.clause("synchronize.condition.lock.methods", passage=f"{CONDITION}/2", methods=NO_METHOD)
def acquire_and_release_are_those_of_the_lock(mp: Any, see: See) -> None:
    """acquire() and release() of a condition do to its lock what those of the lock do, with block and timeout."""
    condition = mp.Condition(mp.Lock())
    see.equal(
        [condition.acquire(), condition.acquire(block=False)], [True, False], "acquire() and acquire(block=False)"
    )
    with see.takes(at_least=SMALL):
        see.returns(False, condition.acquire, timeout=SMALL)
    see.returns(None, condition.release)
    with see.raises(ValueError):
        condition.release()


@chapter.clause(
    "synchronize.condition.lock.released-itself", passage=f"{CONDITION}/2,3", methods=NO_METHOD, cases=LOCKS
)
def the_lock_may_be_released_by_itself(mp: Any, see: See, name: str) -> None:
    """A waiter that notify() has woken goes on once the lock is free, even if that is released, not the condition."""
    lock = getattr(mp, name)()
    condition = mp.Condition(lock)
    waiter = see.blocks(wait_on, condition)
    lock.acquire()
    condition.notify()
    lock.release()
    see.equal(waiter.ends(), True, "what wait() returns")


@chapter.clause("synchronize.condition.with", passage=f"{CONDITION}/2", methods=NO_METHOD)
def with_holds_its_lock(mp: Any, see: See) -> None:
    """In a with statement the lock of the condition is held, and released afterwards, also after an exception."""
    condition = mp.Condition()
    with see.raises(LookupError), condition:
        see.equal(see.comes_back(condition.acquire, False), False, "acquire(False) of another thread in the block")
        raise LookupError("from the block")
    see.equal(see.comes_back(condition.acquire, False), True, "acquire(False) of another thread after the block")


# wait


@chapter.clause("synchronize.condition.wait.until-notified", passage=f"{CONDITION}/2", methods=NO_METHOD, cases=ITS_OWN)
def wait_blocks_until_it_is_notified(mp: Any, see: See, name: str) -> None:
    """wait() blocks until notify() is called and returns True."""
    condition = mp.Condition(getattr(mp, name)()) if name else mp.Condition()
    waiter = see.blocks(wait_on, condition)
    waiter.still()
    notify(condition)
    see.true(waiter.ends() is True, "wait() returns True")


@chapter.clause("synchronize.condition.wait.releases", passage=f"{CONDITION}/2", methods=NO_METHOD, cases=LOCKS)
def wait_releases_the_lock(mp: Any, see: See, name: str) -> None:
    """While a thread waits, the lock is free for others."""
    condition = mp.Condition(getattr(mp, name)())
    waiter = see.blocks(wait_on, condition)
    see.true(condition.acquire(True, LONG), "the lock can be acquired while another thread waits")
    condition.notify()
    condition.release()
    see.equal(waiter.ends(), True, "what wait() returns")


@chapter.clause("synchronize.condition.wait.reacquires", passage=f"{CONDITION}/2", methods=NO_METHOD, cases=LOCKS)
def wait_comes_back_with_the_lock(mp: Any, see: See, name: str) -> None:
    """A woken waiter has the lock when wait() returns; until the notifier releases it, wait() does not return."""
    condition = mp.Condition(getattr(mp, name)())
    back, leave = threading.Event(), threading.Event()

    def wait_and_stay() -> None:
        with condition:
            condition.wait()
            back.set()
            leave.wait()

    waiter = see.blocks(wait_and_stay)
    with condition:
        condition.notify()
        waiter.still()
        see.equal(back.is_set(), False, "whether wait() came back while the notifier has the lock")
    see.true(back.wait(LONG), "wait() comes back")
    see.equal(condition.acquire(False), False, "acquire(False) while the waiter is in its block")
    leave.set()
    waiter.ends()


@chapter.clause("synchronize.condition.wait.timeout", passage=f"{CONDITION}/2", methods=NO_METHOD, cases=LOCKS)
def wait_returns_false_when_the_time_is_over(mp: Any, see: See, name: str) -> None:
    """wait(t), by position or name, returns False after t seconds without a notification, and has the lock again."""
    condition = mp.Condition(getattr(mp, name)())
    with condition:
        for args, kwargs in (((SMALL,), {}), ((), {"timeout": SMALL})):
            with see.takes(at_least=SMALL):
                see.true(condition.wait(*args, **kwargs) is False, "wait() returns False")
            see.equal(see.comes_back(condition.acquire, False), False, "acquire(False) of another thread")


@chapter.clause(
    "synchronize.condition.wait.no-time",
    passage=f"{CONDITION}/2",
    methods=NO_METHOD,
    cases={"0": 0, "-1": -1, "far": -LONG * 100},
)
def wait_without_time_returns_false(mp: Any, see: See, timeout: float) -> None:
    """wait() with a timeout of zero or below returns False at once."""
    see.true(see.comes_back(wait_on, mp.Condition(), timeout) is False, "wait() returns False")


@chapter.clause("synchronize.condition.wait.in-time", passage=f"{CONDITION}/2", methods=NO_METHOD)
def notified_in_time_it_returns_true(mp: Any, see: See) -> None:
    """wait(t) returns True as soon as it is notified within t seconds."""
    condition = mp.Condition()
    waiter = see.blocks(wait_on, condition, LONG * 100)
    notify(condition)
    see.true(waiter.ends() is True, "wait() returns True")


@chapter.clause("synchronize.condition.wait.without-lock", passage=f"{CONDITION}/2", methods=NO_METHOD, cases=LOCKS)
def wait_needs_the_lock(mp: Any, see: See, name: str) -> None:
    """wait() without the lock raises RuntimeError, as in threading."""
    with see.raises(RuntimeError):
        mp.Condition(getattr(mp, name)()).wait(0)


@chapter.clause("synchronize.condition.wait.recursion", passage=f"{CONDITION}/2", methods=NO_METHOD)
def wait_releases_every_level(mp: Any, see: See) -> None:
    """wait() releases a recursive lock however often it was acquired, and restores its recursion level."""
    condition = mp.Condition()

    def wait_deep() -> list[Any]:
        with condition, condition, condition:
            seen = [condition.wait()]
        seen.append(see.comes_back(condition.acquire, False))
        return seen

    waiter = see.blocks(wait_deep)
    see.true(condition.acquire(True, LONG), "the lock is free while the other waits")
    condition.notify()
    condition.release()
    see.equal(waiter.ends(), [True, True], "what wait() returns, and acquire(False) after the with statements")


@chapter.clause("synchronize.condition.wait.level", passage=f"{CONDITION}/2", methods=NO_METHOD)
def wait_restores_the_level(mp: Any, see: See) -> None:
    """After wait() the lock has to be released as often as it was acquired before."""
    condition = mp.Condition()
    with condition:
        with condition:
            condition.wait(0)
        see.equal(
            see.comes_back(condition.acquire, False), False, "acquire(False) of another thread at the first level"
        )
        see.returns(False, condition.wait, 0)
    see.equal(see.comes_back(condition.acquire, False), True, "acquire(False) of another thread afterwards")


@chapter.clause("synchronize.condition.wait.expired", passage=f"{CONDITION}/2", methods=NO_METHOD)
def one_whose_time_is_over_takes_no_notification(mp: Any, see: See) -> None:
    """A waiter whose time is over takes nothing from the others: notify() wakes one that still waits."""
    condition = mp.Condition()
    see.equal(wait_on(condition, YIELD), False, "the first wait()")
    waiter = see.blocks(wait_on, condition)
    see.equal(see.comes_back(wait_on, condition, YIELD), False, "the third wait()")
    notify(condition)
    see.equal(waiter.ends(), True, "the second wait()")


@chapter.clause("synchronize.condition.wait.signal", passage=f"{CONDITION}/2", methods=NO_METHOD)
def a_signal_does_not_wake(mp: Any, see: See) -> None:
    """wait() goes on after a signal whose handler returns."""
    condition, seen = mp.Condition(), []
    with signalled(lambda: seen.append(True), SMALL / 5), see.takes(at_least=SMALL):
        see.equal(wait_on(condition, SMALL), False, "what wait() returns")
    see.true(seen, "a signal has arrived")


@chapter.clause("synchronize.condition.wait.signal-raises", source=CONDITION, methods=NO_METHOD)
def an_exception_of_a_handler_ends_the_wait(mp: Any, see: See) -> None:
    """wait() is ended by a signal whose handler raises, with the lock held; later notifications go to others."""
    condition = mp.Condition()
    with see.raises(LookupError), condition, interrupted(LookupError):
        condition.wait()
    waiter = see.blocks(wait_on, condition)
    notify(condition)
    see.equal(waiter.ends(), True, "what the wait() of another thread returns")


# wait_for


@chapter.clause(
    "synchronize.condition.wait-for.true-at-once", passage=f"{CONDITION}/2,6", methods=NO_METHOD, since="3.3"
)
def wait_for_a_true_predicate_does_not_wait(mp: Any, see: See) -> None:
    """wait_for() of a predicate that is true returns its value without waiting."""
    condition, asked = mp.Condition(), []

    def predicate() -> str:
        asked.append(True)
        return "so it is"

    with condition:
        see.equal(condition.wait_for(predicate), "so it is", "what wait_for() returns")
    see.equal(len(asked), 1, "how often the predicate was called")


@chapter.clause("synchronize.condition.wait-for.asks-again", passage=f"{CONDITION}/2,6", methods=NO_METHOD, since="3.3")
def wait_for_asks_at_each_notification(mp: Any, see: See) -> None:
    """wait_for() calls the predicate with the lock held when notified, waits on while it is false, and returns it."""
    condition, value, held = mp.Condition(), [0], []

    def predicate() -> int:
        answer = value[0]
        held.append(see.comes_back(condition.acquire, False))
        return answer

    def wait_for() -> Any:
        with condition:
            return condition.wait_for(predicate)

    waiter = see.blocks(wait_for)
    notify(condition)
    see.eventually(lambda: len(held) == 2, "the predicate is called again")
    waiter.still()
    value[0] = 7
    notify(condition)
    see.equal(waiter.ends(), 7, "what wait_for() returns")
    see.equal(held, [False] * 3, "acquire(False) of another thread, at each call of the predicate")


@chapter.clause("synchronize.condition.wait-for.timeout", passage=f"{CONDITION}/2,6", methods=NO_METHOD, since="3.3")
def wait_for_returns_the_last_value(mp: Any, see: See) -> None:
    """wait_for(predicate, t) returns the predicate's last value when it is still false after t seconds."""
    condition = mp.Condition()
    false: list[object] = []
    with condition, see.takes(at_least=SMALL):
        see.true(condition.wait_for(lambda: false, timeout=SMALL) is false, "what the predicate returned")
    with condition:
        see.equal(condition.wait_for(lambda: 0, 0), 0, "what wait_for() returns without time")


@chapter.clause(
    "synchronize.condition.wait-for.timeout-whole", passage=f"{CONDITION}/2,6", methods=NO_METHOD, since="3.3"
)
def notifications_do_not_extend_the_time(mp: Any, see: See) -> None:
    """The timeout of wait_for() is that of the whole call: notifications in between do not start it anew."""
    condition, end = mp.Condition(), threading.Event()

    def keep_notifying() -> None:
        while not end.is_set():
            notify(condition)
            end.wait(SMALL / 5)

    notifier = see.in_thread(keep_notifying)
    with condition:
        see.equal(condition.wait_for(lambda: False, SMALL), False, "what wait_for() returns")
    end.set()
    notifier.ends()
