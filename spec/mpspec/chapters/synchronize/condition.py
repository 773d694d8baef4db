"""Condition: who waits, who is woken, and who has the lock meanwhile."""

from __future__ import annotations

import os
import signal
import threading
from typing import Any

from mpspec.chapters.synchronize.chapter import cases, chapter, exactly, interrupted, notify_all, signalled, wait_on
from mpspec.chapters.synchronize.targets import fetch, notify, notify_there, wait_and_post
from mpspec.clause import ANY_METHOD, NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

CONDITION = "multiprocessing.Condition"
LOCKS = cases("Lock", "RLock")
ITS_OWN = {**LOCKS, "its own": ""}


@chapter.clause("synchronize.condition.factory", source=CONDITION, methods=NO_METHOD)
def condition_is_a_factory(mp: Any, see: See) -> None:
    """Condition() returns an instance of multiprocessing.synchronize.Condition."""
    see.true(isinstance(mp.Condition(), mp.synchronize.Condition), "an instance", type(mp.Condition()))


@chapter.clause("synchronize.condition.lock.given", source=CONDITION, methods=NO_METHOD, cases=LOCKS)
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
    "synchronize.condition.lock.default", source=CONDITION, methods=NO_METHOD, cases={"": None, "None": None}
)
def its_own_lock_is_recursive(mp: Any, see: See, lock: None) -> None:
    """A condition made without a lock has a recursive one of its own."""
    condition = mp.Condition(lock)

    def twice() -> bool:
        with condition, condition:
            return True

    see.equal(see.comes_back(twice), True, "what two nested with statements do")


@chapter.clause("synchronize.condition.lock.methods", source=CONDITION, methods=NO_METHOD)
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


@chapter.clause("synchronize.condition.lock.released-itself", source=CONDITION, methods=NO_METHOD, cases=LOCKS)
def the_lock_may_be_released_by_itself(mp: Any, see: See, name: str) -> None:
    """Whom notify() has woken goes on once the lock is free, also if the lock is released and not the condition."""
    lock = getattr(mp, name)()
    condition = mp.Condition(lock)
    waiter = see.blocks(wait_on, condition)
    lock.acquire()
    condition.notify()
    lock.release()
    see.equal(waiter.ends(), True, "what wait() returns")


@chapter.clause("synchronize.condition.with", source=CONDITION, methods=NO_METHOD)
def with_holds_its_lock(mp: Any, see: See) -> None:
    """In a with statement the lock of the condition is held, and released afterwards, also after an exception."""
    condition = mp.Condition()
    with see.raises(LookupError), condition:
        see.equal(see.comes_back(condition.acquire, False), False, "acquire(False) of another thread in the block")
        raise LookupError("from the block")
    see.equal(see.comes_back(condition.acquire, False), True, "acquire(False) of another thread after the block")


# wait


@chapter.clause("synchronize.condition.wait.until-notified", source=CONDITION, methods=NO_METHOD, cases=ITS_OWN)
def wait_sleeps_until_it_is_notified(mp: Any, see: See, name: str) -> None:
    """wait() blocks until notify() is called and returns True."""
    condition = mp.Condition(getattr(mp, name)()) if name else mp.Condition()
    waiter = see.blocks(wait_on, condition)
    waiter.still()
    notify(condition)
    see.true(waiter.ends() is True, "wait() returns True")


@chapter.clause("synchronize.condition.wait.releases", source=CONDITION, methods=NO_METHOD, cases=LOCKS)
def wait_releases_the_lock(mp: Any, see: See, name: str) -> None:
    """While one waits the lock is free for others."""
    condition = mp.Condition(getattr(mp, name)())
    waiter = see.blocks(wait_on, condition)
    see.true(condition.acquire(True, LONG), "the lock can be acquired while another thread waits")
    condition.notify()
    condition.release()
    see.equal(waiter.ends(), True, "what wait() returns")


@chapter.clause("synchronize.condition.wait.reacquires", source=CONDITION, methods=NO_METHOD, cases=LOCKS)
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


@chapter.clause("synchronize.condition.wait.timeout", source=CONDITION, methods=NO_METHOD, cases=LOCKS)
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
    source=CONDITION,
    methods=NO_METHOD,
    cases={"0": 0, "-1": -1, "far": -LONG * 100},
)
def wait_without_time_returns_false(mp: Any, see: See, timeout: float) -> None:
    """wait() with a timeout of zero or below returns False at once."""
    see.true(see.comes_back(wait_on, mp.Condition(), timeout) is False, "wait() returns False")


@chapter.clause("synchronize.condition.wait.in-time", source=CONDITION, methods=NO_METHOD)
def notified_in_time_it_returns_true(mp: Any, see: See) -> None:
    """wait(t) returns True as soon as it is notified within t seconds."""
    condition = mp.Condition()
    waiter = see.blocks(wait_on, condition, LONG * 100)
    notify(condition)
    see.true(waiter.ends() is True, "wait() returns True")


@chapter.clause("synchronize.condition.wait.without-lock", source=CONDITION, methods=NO_METHOD, cases=LOCKS)
def wait_needs_the_lock(mp: Any, see: See, name: str) -> None:
    """wait() without the lock raises RuntimeError, as in threading."""
    with see.raises(RuntimeError):
        mp.Condition(getattr(mp, name)()).wait(0)


@chapter.clause("synchronize.condition.wait.recursion", source=CONDITION, methods=NO_METHOD)
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


@chapter.clause("synchronize.condition.wait.level", source=CONDITION, methods=NO_METHOD)
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


@chapter.clause("synchronize.condition.wait.expired", source=CONDITION, methods=NO_METHOD)
def one_whose_time_is_over_takes_no_notification(mp: Any, see: See) -> None:
    """A waiter whose time is over takes nothing from the others: notify() wakes one that still waits."""
    condition = mp.Condition()
    see.equal(wait_on(condition, YIELD), False, "the first wait()")
    waiter = see.blocks(wait_on, condition)
    see.equal(see.comes_back(wait_on, condition, YIELD), False, "the third wait()")
    notify(condition)
    see.equal(waiter.ends(), True, "the second wait()")


@chapter.clause("synchronize.condition.wait.signal", source=CONDITION, methods=NO_METHOD)
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


@chapter.clause("synchronize.condition.wait-for.true-at-once", source=CONDITION, methods=NO_METHOD, since="3.3")
def wait_for_a_true_predicate_does_not_wait(mp: Any, see: See) -> None:
    """wait_for() of a predicate that is true returns its value without waiting."""
    condition, asked = mp.Condition(), []

    def predicate() -> str:
        asked.append(True)
        return "so it is"

    with condition:
        see.equal(condition.wait_for(predicate), "so it is", "what wait_for() returns")
    see.equal(len(asked), 1, "how often the predicate was called")


@chapter.clause("synchronize.condition.wait-for.asks-again", source=CONDITION, methods=NO_METHOD, since="3.3")
def wait_for_asks_at_each_notification(mp: Any, see: See) -> None:
    """wait_for() calls the predicate with the lock held when notified, waits on while it is false, and returns it."""
    condition, value, held = mp.Condition(), [0], []

    def predicate() -> int:
        held.append(see.comes_back(condition.acquire, False))
        return value[0]

    def wait_for() -> Any:
        with condition:
            return condition.wait_for(predicate)

    waiter = see.blocks(wait_for)
    notify(condition)
    waiter.still()
    value[0] = 7
    notify(condition)
    see.equal(waiter.ends(), 7, "what wait_for() returns")
    see.equal(held, [False] * 3, "acquire(False) of another thread, at each call of the predicate")


@chapter.clause("synchronize.condition.wait-for.timeout", source=CONDITION, methods=NO_METHOD, since="3.3")
def wait_for_returns_the_last_value(mp: Any, see: See) -> None:
    """wait_for(predicate, t) returns the predicate's last value when it is still false after t seconds."""
    condition = mp.Condition()
    false: list[object] = []
    with condition, see.takes(at_least=SMALL):
        see.true(condition.wait_for(lambda: false, timeout=SMALL) is false, "what the predicate returned")
    with condition:
        see.equal(condition.wait_for(lambda: 0, 0), 0, "what wait_for() returns without time")


@chapter.clause("synchronize.condition.wait-for.timeout-whole", source=CONDITION, methods=NO_METHOD, since="3.3")
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


# notify


@chapter.clause("synchronize.condition.notify.one", source=CONDITION, methods=NO_METHOD)
def notify_wakes_one(mp: Any, see: See) -> None:
    """Each notify() wakes exactly one of several who wait."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(3)]
    for number in (1, 2, 3):
        notify(condition)
        exactly(see, waiters, number)
    see.equal([waiter.ends() for waiter in waiters], [True] * 3, "what wait() returns")


@chapter.clause("synchronize.condition.notify.several", source=CONDITION, methods=NO_METHOD)
def notify_wakes_as_many_as_asked_for(mp: Any, see: See) -> None:
    """notify(n), by position or name, wakes exactly n of those who wait."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(5)]
    notify(condition, 2)
    exactly(see, waiters, 2)
    with condition:
        condition.notify(n=3)
    exactly(see, waiters, 5)


@chapter.clause("synchronize.condition.notify.more-than-wait", source=CONDITION, methods=NO_METHOD)
def notify_of_more_wakes_all(mp: Any, see: See) -> None:
    """notify(n) with fewer than n waiting wakes all of them, and leaves nothing for those who come later."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(2)]
    notify(condition, 5)
    exactly(see, waiters, 2)
    see.equal(wait_on(condition, YIELD), False, "a later wait()")


@chapter.clause("synchronize.condition.notify.nobody", source=CONDITION, methods=NO_METHOD)
def a_notification_of_nobody_is_lost(mp: Any, see: See) -> None:
    """notify() and notify_all() while nobody waits do nothing: a later wait() is not woken by them."""
    condition = mp.Condition()
    with condition:
        see.equal((condition.notify(), condition.notify_all()), (None, None), "what they return")
    see.equal(wait_on(condition, YIELD), False, "a later wait()")


@chapter.clause("synchronize.condition.notify.all", source=CONDITION, methods=NO_METHOD)
def notify_all_wakes_all(mp: Any, see: See) -> None:
    """notify_all() wakes everybody who waits, and nobody who comes later."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(4)]
    notify_all(condition)
    see.equal([waiter.ends() for waiter in waiters], [True] * 4, "what wait() returns")
    see.equal(wait_on(condition, YIELD), False, "a later wait()")


@chapter.clause("synchronize.condition.notify.not-later", source=CONDITION, methods=NO_METHOD)
def a_notification_is_for_those_who_waited(mp: Any, see: See) -> None:
    """A notification goes to one who waited when it was given: one who comes later does not take it."""
    condition = mp.Condition()
    early = see.blocks(wait_on, condition)
    with condition:
        condition.notify()
        # The notifier itself comes after the one it has notified, before that one could run.
        see.equal(condition.wait(SMALL), False, "wait() of the one who came later")
    see.equal(early.ends(), True, "wait() of the one who was there")


@chapter.clause("synchronize.condition.notify.then-wait", source=CONDITION, methods=NO_METHOD, cases=ITS_OWN)
def who_notifies_may_wait_at_once(mp: Any, see: See, name: str) -> None:
    """Whom notify() has woken goes on when the one who called it calls wait(), which releases the lock."""
    condition = mp.Condition(getattr(mp, name)()) if name else mp.Condition()

    def notify_and_wait() -> bool:
        with condition:
            condition.notify()
            return bool(condition.wait())

    first = see.blocks(wait_on, condition)
    second = see.blocks(notify_and_wait)
    see.equal(first.ends(), True, "what wait() of the first returns")
    notify(condition)
    see.equal(second.ends(), True, "what wait() of the second returns")


@chapter.clause("synchronize.condition.notify.keeps-lock", source=CONDITION, methods=NO_METHOD, cases=LOCKS)
def notify_does_not_release_the_lock(mp: Any, see: See, name: str) -> None:
    """notify() does not release the lock."""
    condition = mp.Condition(getattr(mp, name)())
    with condition:
        condition.notify()
        see.equal(see.comes_back(condition.acquire, False), False, "acquire(False) of another thread")


@chapter.clause(
    "synchronize.condition.notify.without-lock",
    source=CONDITION,
    methods=NO_METHOD,
    cases={f"{method}, {name}": (method, name) for method in ("notify", "notify_all") for name in LOCKS},
)
def notify_needs_the_lock(mp: Any, see: See, case: Any) -> None:
    """notify() and notify_all() without the lock raise RuntimeError, as in threading."""
    method, name = case
    with see.raises(RuntimeError):
        getattr(mp.Condition(getattr(mp, name)()), method)()


@chapter.clause("synchronize.condition.without-lock-other-thread", source=CONDITION, methods=NO_METHOD)
def the_lock_of_another_thread_is_not_enough(mp: Any, see: See) -> None:
    """wait() and notify() raise while another thread has the recursive lock."""
    condition = mp.Condition()
    with condition:
        for method in ("wait", "notify", "notify_all"):
            with see.raises(RuntimeError, AssertionError):
                see.comes_back(getattr(condition, method))


# Between processes


@chapter.clause("synchronize.condition.shared.child-waits", source=CONDITION)
def a_child_is_woken_by_its_parent(mp: Any, see: See) -> None:
    """wait() in a child sleeps until the parent notifies, and returns True."""
    box, condition = see.mailbox(), mp.Condition()
    child = mp.Process(target=wait_and_post, args=(box, condition))
    child.start()
    see.equal(box.take(), "waiting", "the first letter")
    see.sleeps(child.pid)
    notify(condition)
    see.equal(box.take(), True, "what wait() returns in the child")
    see.exits(child, 0)


@chapter.clause("synchronize.condition.shared.parent-waits", source=CONDITION, cases=LOCKS)
def a_parent_is_woken_by_its_child(mp: Any, see: See, name: str) -> None:
    """wait() in the parent returns True when a child notifies."""
    condition = mp.Condition(getattr(mp, name)())
    child = mp.Process(target=notify_there, args=(condition,))
    with condition:
        child.start()
        see.equal(condition.wait(LONG), True, "what wait() returns")
    see.exits(child, 0)


@chapter.clause("synchronize.condition.shared.exact", source=CONDITION, patience=2)
def as_many_children_are_woken_as_notified(mp: Any, see: See) -> None:
    """Of several children that wait, notify(n) wakes exactly n and notify_all() the rest."""
    box, condition = see.mailbox(), mp.Condition()
    children = [mp.Process(target=wait_and_post, args=(box, condition)) for _ in range(3)]
    for child in children:
        child.start()
    see.equal(box.take_all(3), ["waiting"] * 3, "the first letters")
    for child in children:
        see.sleeps(child.pid)
    notify(condition, 2)
    see.equal(box.take_all(2), [True] * 2, "the letters after notify(2)")
    see.true(box.empty(after=YIELD), "no third letter after notify(2)")
    notify_all(condition)
    see.equal(box.take(), True, "the letter after notify_all()")
    for child in children:
        see.exits(child, 0)


@chapter.clause("synchronize.condition.shared.predicate", source=CONDITION, needs="RawValue")
def a_predicate_may_ask_shared_memory(mp: Any, see: See) -> None:
    """Children that wait_for() a shared value take as many as there are, and the others wait on."""
    box, condition, stock = see.mailbox(), mp.Condition(), mp.RawValue("i", 0)
    children = [mp.Process(target=fetch, args=(box, condition, stock)) for _ in range(2)]
    for child in children:
        child.start()
        # The letter is posted with the lock held: whoever acquires it from now on finds the child asleep.
        see.equal(box.take(), "waiting", "the letter")
    for more in (1, 1):
        with condition:
            stock.value += more
            condition.notify_all()
        see.equal(box.take(), 0, "what is left")
        see.true(box.empty(after=YIELD), "no second letter")
    for child in children:
        see.exits(child, 0)


@chapter.clause("synchronize.condition.shared.dead-waiter", source=CONDITION, methods=ANY_METHOD, level=UNSPECIFIED)
def a_killed_waiter_is_in_nobodys_way(mp: Any, see: See) -> None:
    """After a waiter was killed, notify() comes back and wakes another one that waits."""
    box, condition = see.mailbox(), mp.Condition()
    children = [mp.Process(target=wait_and_post, args=(box, condition)) for _ in range(2)]
    for child in children:
        child.start()
        see.equal(box.take(), "waiting", "the letter")
        see.sleeps(child.pid)
    os.kill(children[0].pid, signal.SIGKILL)
    see.exits(children[0], -signal.SIGKILL)
    notifier = see.in_thread(notify, condition)
    notifier.thread.join(SMALL)
    see.records(notify_came_back=not notifier.thread.is_alive(), other_woken=not box.empty(after=SMALL))
    os.kill(children[1].pid, signal.SIGKILL)
    children[1].join()
