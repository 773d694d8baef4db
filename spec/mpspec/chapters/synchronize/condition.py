"""Condition: its lock, and those who wait."""

from __future__ import annotations

import threading
from typing import Any

from mpspec.chapters.synchronize.chapter import chapter, interrupted, signalled, wait_on
from mpspec.chapters.synchronize.targets import notify
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

CONDITION = "multiprocessing.Condition"
LOCKS = cases("Lock", "RLock")
ITS_OWN = {**LOCKS, "its own": ""}


@chapter.clause("synchronize.condition.factory", source=CONDITION, level=UNSPECIFIED, methods=NO_METHOD)
def of_which_class_it_is(mp: Any, see: See) -> None:
    """Whether Condition() makes an instance of a class in synchronize, as Lock() does, is left open."""
    kind = getattr(mp.synchronize, "Condition", None)
    see.records(instance=isinstance(kind, type) and isinstance(mp.Condition(), kind))


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

    def wait_in_vain(*args: Any, **kwargs: Any) -> Any:
        with condition:
            answer = condition.wait(*args, **kwargs)
            see.equal(see.comes_back(condition.acquire, False), False, "acquire(False) of another thread")
            return answer

    see.true(see.expires(SMALL, wait_in_vain, SMALL) is False, "wait(t) returns False")
    see.true(see.expires(SMALL, wait_in_vain, timeout=SMALL) is False, "wait(timeout=t) returns False")


@chapter.clause("synchronize.condition.wait.no-time", passage=f"{CONDITION}/2", methods=NO_METHOD)
def wait_without_time_returns_false(mp: Any, see: See) -> None:
    """wait(0) returns False at once."""
    see.true(see.comes_back(wait_on, mp.Condition(), 0) is False, "wait() returns False")


@chapter.clause("synchronize.condition.wait.negative", source=CONDITION, level=UNSPECIFIED, methods=NO_METHOD)
def wait_of_a_negative_timeout(mp: Any, see: See) -> None:
    """What wait() does with a negative timeout is left open."""
    condition = mp.Condition()
    waiter = see.in_thread(wait_on, condition, -1)
    waiter.thread.join(SMALL)
    see.records(blocks=waiter.thread.is_alive())
    notify(condition)
    waiter.ends()


@chapter.clause("synchronize.condition.wait.endless", passage=f"{CONDITION}/2", methods=NO_METHOD)
def wait_does_not_give_up(mp: Any, see: See) -> None:
    """wait() and wait_for() without a timeout go on waiting for a notification that takes seconds to come."""
    first, second = mp.Condition(), mp.Condition()
    notified: list[bool] = []

    def wait_for_it() -> Any:
        with second:
            return second.wait_for(lambda: bool(notified))

    waiters = [see.blocks(wait_on, first), see.blocks(wait_for_it)]
    waiters[0].goes_on()
    waiters[1].still()
    notified.append(True)
    notify(first)
    notify(second)
    see.equal([waiter.ends() for waiter in waiters], [True, True], "what they return")


@chapter.clause("synchronize.condition.wait.long-timeout", passage=f"{CONDITION}/2", methods=NO_METHOD)
def a_timeout_may_be_very_long(mp: Any, see: See) -> None:
    """wait() takes a timeout of days, and of threading.TIMEOUT_MAX, and waits until it is notified."""
    for timeout in (1e6, threading.TIMEOUT_MAX):
        condition = mp.Condition()
        waiter = see.blocks(wait_on, condition, timeout)
        notify(condition)
        see.true(waiter.ends() is True, "wait() returns True")


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


@chapter.clause("synchronize.condition.wait.signal", passage=f"{CONDITION}/2", level=SHOULD, methods=NO_METHOD)
def a_signal_does_not_wake(mp: Any, see: See) -> None:
    """wait() goes on after a signal whose handler returns."""
    condition, seen = mp.Condition(), []
    with signalled(lambda: seen.append(True), SMALL / 5), see.takes(at_least=SMALL):
        see.equal(wait_on(condition, SMALL), False, "what wait() returns")
    see.true(seen, "a signal has arrived")


@chapter.clause("synchronize.condition.wait.signal-raises", source=CONDITION, level=UNSPECIFIED, methods=NO_METHOD)
def an_exception_of_a_handler_during_the_wait(mp: Any, see: See) -> None:
    """Whether wait() is ended by a signal whose handler raises, and with the lock held, is left open."""
    condition = mp.Condition()
    with see.raises(LookupError), condition, interrupted(LookupError):
        try:
            condition.wait(LONG)
        finally:
            see.records(locked=see.comes_back(condition.acquire, False) is False)
    waiter = see.blocks(wait_on, condition)
    notify(condition)
    waiter.thread.join(SMALL)
    see.records(wakes_another=not waiter.thread.is_alive())
    notify(condition)


# wait_for


@chapter.clause(
    "synchronize.condition.wait-for.true-at-once", passage=f"{CONDITION}/2,6", methods=NO_METHOD, since="3.3"
)
def wait_for_a_true_predicate_does_not_wait(mp: Any, see: See) -> None:
    """wait_for() of a predicate that is true returns its value without waiting."""
    condition = mp.Condition()

    def wait_for() -> Any:
        with condition:
            return condition.wait_for(lambda: "so it is")

    see.equal(see.comes_back(wait_for), "so it is", "what wait_for() returns")


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
    see.eventually(lambda: len(held) >= 2, "the predicate is called again")
    waiter.still()
    value[0] = 7
    notify(condition)
    see.equal(waiter.ends(), 7, "what wait_for() returns")
    see.true(len(held) >= 3 and not any(held), "another thread cannot acquire it at any call of the predicate", held)


@chapter.clause("synchronize.condition.wait-for.timeout", passage=f"{CONDITION}/2,6", methods=NO_METHOD, since="3.3")
def wait_for_returns_the_last_value(mp: Any, see: See) -> None:
    """wait_for(predicate, t) returns the predicate's last value when it is still false after t seconds."""
    condition = mp.Condition()
    false: list[object] = []

    def wait_in_vain() -> Any:
        with condition:
            return condition.wait_for(lambda: false, timeout=SMALL)

    see.true(see.expires(SMALL, wait_in_vain) is false, "what the predicate returned")
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
