"""Condition: whom notify() and notify_all() wake, in one process and between several."""

from __future__ import annotations

import os
import signal
from typing import Any

from mpspec.chapters.synchronize.chapter import chapter, count_ended, exactly, notify_all, wait_on
from mpspec.chapters.synchronize.targets import fetch, notify, notify_there, wait_and_post
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

CONDITION = "multiprocessing.Condition"
LOCKS = cases("Lock", "RLock")
ITS_OWN = {**LOCKS, "its own": ""}


@chapter.clause("synchronize.condition.notify.one", passage=f"{CONDITION}/2", methods=NO_METHOD)
def notify_wakes_one(mp: Any, see: See) -> None:
    """Each notify() wakes one of several waiters."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(3)]
    for number in (1, 2, 3):
        notify(condition)
        see.eventually(lambda: count_ended(waiters) >= number, f"{number} of 3 are woken")  # noqa: B023 - called at once
    see.equal([waiter.ends() for waiter in waiters], [True] * 3, "what wait() returns")


@chapter.clause("synchronize.condition.notify.several", passage=f"{CONDITION}/2", methods=NO_METHOD)
def notify_wakes_as_many_as_asked_for(mp: Any, see: See) -> None:
    """notify(n), by position or name, wakes n of the waiters."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(5)]
    notify(condition, 2)
    see.eventually(lambda: count_ended(waiters) >= 2, "2 of 5 are woken")
    with condition:
        condition.notify(n=3)
    see.eventually(lambda: count_ended(waiters) == 5, "all are woken")


@chapter.clause("synchronize.condition.notify.no-more", passage=f"{CONDITION}/2", level=SHOULD, methods=NO_METHOD)
def notify_wakes_no_more_than_asked_for(mp: Any, see: See) -> None:
    """notify() wakes one waiter and notify(n) n of them, no more."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(6)]
    notify(condition)
    exactly(see, waiters, 1)
    notify(condition, 2)
    exactly(see, waiters, 3)
    notify_all(condition)
    exactly(see, waiters, 6)


@chapter.clause("synchronize.condition.notify.more-than-wait", passage=f"{CONDITION}/2", methods=NO_METHOD)
def notify_of_more_wakes_all(mp: Any, see: See) -> None:
    """notify(n) with fewer than n waiting wakes all of them, and leaves nothing for those that come later."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(2)]
    notify(condition, 5)
    exactly(see, waiters, 2)
    see.equal(wait_on(condition, YIELD), False, "a later wait()")


@chapter.clause("synchronize.condition.notify.nobody", passage=f"{CONDITION}/2", methods=NO_METHOD)
def a_notification_of_nobody_is_lost(mp: Any, see: See) -> None:
    """notify() and notify_all() while nobody waits do nothing: a later wait() is not woken by them."""
    condition = mp.Condition()
    with condition:
        condition.notify()
        condition.notify_all()
    see.equal(wait_on(condition, YIELD), False, "a later wait()")


@chapter.clause("synchronize.condition.notify.all", passage=f"{CONDITION}/2", methods=NO_METHOD)
def notify_all_wakes_all(mp: Any, see: See) -> None:
    """notify_all() wakes every waiter, and none that comes later."""
    condition = mp.Condition()
    waiters = [see.blocks(wait_on, condition) for _ in range(4)]
    notify_all(condition)
    see.equal([waiter.ends() for waiter in waiters], [True] * 4, "what wait() returns")
    see.equal(wait_on(condition, YIELD), False, "a later wait()")


@chapter.clause("synchronize.condition.notify.not-later", passage=f"{CONDITION}/2", methods=NO_METHOD)
def a_notification_is_for_those_who_waited(mp: Any, see: See) -> None:
    """A notification goes to a thread that waited when it was given: one that comes later does not take it."""
    condition = mp.Condition()
    early = see.blocks(wait_on, condition)
    with condition:
        condition.notify()
        # The notifier itself comes after the one it has notified, before that one could run.
        see.equal(condition.wait(SMALL), False, "wait() of the one who came later")
    see.equal(early.ends(), True, "wait() of the one who was there")


@chapter.clause("synchronize.condition.notify.then-wait", passage=f"{CONDITION}/2", methods=NO_METHOD, cases=ITS_OWN)
def who_notifies_may_wait_at_once(mp: Any, see: See, name: str) -> None:
    """A waiter that notify() has woken goes on when its notifier calls wait(), which releases the lock."""
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


@chapter.clause("synchronize.condition.notify.keeps-lock", passage=f"{CONDITION}/2", methods=NO_METHOD, cases=LOCKS)
def notify_does_not_release_the_lock(mp: Any, see: See, name: str) -> None:
    """notify() does not release the lock."""
    condition = mp.Condition(getattr(mp, name)())
    with condition:
        condition.notify()
        see.equal(see.comes_back(condition.acquire, False), False, "acquire(False) of another thread")


@chapter.clause(
    "synchronize.condition.notify.without-lock",
    passage=f"{CONDITION}/2",
    methods=NO_METHOD,
    cases={f"{method}, {name}": (method, name) for method in ("notify", "notify_all") for name in LOCKS},
)
def notify_needs_the_lock(mp: Any, see: See, case: Any) -> None:
    """notify() and notify_all() without the lock raise RuntimeError, as in threading."""
    method, name = case
    with see.raises(RuntimeError):
        getattr(mp.Condition(getattr(mp, name)()), method)()


@chapter.clause("synchronize.condition.without-lock-other-thread", passage=f"{CONDITION}/2", methods=NO_METHOD)
def the_lock_of_another_thread_is_not_enough(mp: Any, see: See) -> None:
    """wait(), notify() and notify_all() raise RuntimeError while another thread has the recursive lock."""
    condition = mp.Condition()
    with condition:
        for method in ("wait", "notify", "notify_all"):
            with see.raises(RuntimeError):
                see.comes_back(getattr(condition, method))


# Between processes


@chapter.clause("synchronize.condition.shared.child-waits", passage=f"{CONDITION}/2")
def a_child_is_woken_by_its_parent(mp: Any, see: See) -> None:
    """wait() in a child blocks until the parent notifies, and returns True."""
    box, condition = see.mailbox(), mp.Condition()
    child = mp.Process(target=wait_and_post, args=(box, condition))
    child.start()
    see.equal(box.take(), "waiting", "the first message")
    see.settles(child.pid)
    notify(condition)
    see.equal(box.take(), True, "what wait() returns in the child")
    see.exits(child, 0)


@chapter.clause("synchronize.condition.shared.parent-waits", passage=f"{CONDITION}/2,3", cases=LOCKS)
def a_parent_is_woken_by_its_child(mp: Any, see: See, name: str) -> None:
    """wait() in the parent returns True when a child notifies."""
    condition = mp.Condition(getattr(mp, name)())
    child = mp.Process(target=notify_there, args=(condition,))
    with condition:
        child.start()
        see.equal(condition.wait(LONG), True, "what wait() returns")
    see.exits(child, 0)


def woken(mp: Any, see: See, count: int) -> tuple[Any, Any, list[Any]]:
    """A mailbox, a condition, and so many children that wait on it and post what wait() returns."""
    box, condition = see.mailbox(), mp.Condition()
    children = [mp.Process(target=wait_and_post, args=(box, condition)) for _ in range(count)]
    for child in children:
        child.start()
    see.equal(box.take_all(count), ["waiting"] * count, "the first messages")
    for child in children:
        see.settles(child.pid)
    return box, condition, children


@chapter.clause("synchronize.condition.shared.exact", passage=f"{CONDITION}/2", patience=2)
def as_many_children_are_woken_as_notified(mp: Any, see: See) -> None:
    """Of several children that wait, notify(n) wakes n and notify_all() the rest."""
    box, condition, children = woken(mp, see, 3)
    notify(condition, 2)
    see.equal(box.take_all(2), [True] * 2, "the messages after notify(2)")
    notify_all(condition)
    see.equal(box.take(), True, "the message after notify_all()")
    for child in children:
        see.exits(child, 0)


@chapter.clause("synchronize.condition.shared.no-more", passage=f"{CONDITION}/2", level=SHOULD, patience=2)
def no_more_children_are_woken_than_notified(mp: Any, see: See) -> None:
    """Of several children that wait, notify(n) wakes no more than n."""
    box, condition, children = woken(mp, see, 3)
    notify(condition, 2)
    see.equal(box.take_all(2), [True] * 2, "the messages after notify(2)")
    see.true(box.empty(after=YIELD), "no third message after notify(2)")
    notify_all(condition)
    for child in children:
        see.exits(child, 0)


@chapter.clause("synchronize.condition.shared.predicate", passage=f"{CONDITION}/2,6", needs="Value")
def a_predicate_may_ask_shared_memory(mp: Any, see: See) -> None:
    """Children that wait_for() a shared value take as many as there are, and the others wait on."""
    box, condition, stock = see.mailbox(), mp.Condition(), mp.Value("i", 0, lock=False)
    children = [mp.Process(target=fetch, args=(box, condition, stock)) for _ in range(2)]
    for child in children:
        child.start()
        # The message is posted with the lock held: whoever acquires it from now on finds the child asleep.
        see.equal(box.take(), "waiting", "the message")
    for more in (1, 1):
        with condition:
            stock.value += more
            condition.notify_all()
        see.equal(box.take(), 0, "what is left")
        see.true(box.empty(after=YIELD), "no second message")
    for child in children:
        see.exits(child, 0)


@chapter.clause("synchronize.condition.shared.dead-waiter", source=CONDITION, methods=ANY_METHOD, level=UNSPECIFIED)
def a_killed_waiter_is_in_nobodys_way(mp: Any, see: See) -> None:
    """After a waiter was killed, notify() comes back and wakes another one that waits."""
    box, condition = see.mailbox(), mp.Condition()
    children = [mp.Process(target=wait_and_post, args=(box, condition)) for _ in range(2)]
    for child in children:
        child.start()
        see.equal(box.take(), "waiting", "the message")
        see.settles(child.pid)
    os.kill(children[0].pid, signal.SIGKILL)
    see.exits(children[0], -signal.SIGKILL)
    notifier = see.in_thread(notify, condition)
    notifier.thread.join(SMALL)
    see.records(notify_came_back=not notifier.thread.is_alive(), other_woken=not box.empty(after=SMALL))
    os.kill(children[1].pid, signal.SIGKILL)
    children[1].join()
