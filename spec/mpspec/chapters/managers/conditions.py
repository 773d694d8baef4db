"""Condition and Event of a manager: waiting and waking across processes, as in threading."""

from __future__ import annotations

import threading
from typing import Any, Callable

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child
from mpspec.chapters.managers.targets import call_and_post, post_outcome, wait_and_post, wait_for_event_under_a_lock
from mpspec.clause import ANY_METHOD, SHOULD, cases
from mpspec.observation.see import Blocked, See
from mpspec.observation.waits import LONG, SMALL

CONDITION = "multiprocessing.managers.SyncManager.Condition"

EVENT = "multiprocessing.managers.SyncManager.Event"

LOCKS = cases("Lock", "RLock")


def waiting(see: See, condition: Any, wait: Callable[[Any], Any] = lambda own: own.wait()) -> Blocked:
    """A thread that waits on the condition, by a proxy of its own.

    It has acquired the lock by now, which nobody else gets before it waits: what notifies it comes in time.
    """
    own, locked = another(condition), threading.Event()

    def wait_there() -> Any:
        with own:
            locked.set()
            return wait(own)

    waiter = see.in_thread(wait_there)
    see.true(locked.wait(LONG), "the condition can be acquired")
    return waiter


def notify(condition: Any, *args: int) -> None:
    """notify() of the condition, with its lock."""
    with condition:
        condition.notify(*args)


def back(waiters: list[Blocked]) -> int:
    """How many of the waiters have come back."""
    return sum(not waiter.thread.is_alive() for waiter in waiters)


def some_end(see: See, waiters: list[Blocked], number: int) -> None:
    """That many of the waiters come back, or more."""
    see.eventually(lambda: back(waiters) >= number, f"{number} of {len(waiters)} waiters come back")


def ended(see: See, waiters: list[Blocked], number: int) -> None:
    """That many of the waiters come back, and the others do not yet."""
    some_end(see, waiters, number)
    for waiter in waiters:
        waiter.thread.join(0.02)
    see.equal(back(waiters), number, "the number of waiters that came back")


@chapter.clause("manager.condition.notify", passage=f"{CONDITION}/2,1")
def a_waiter_in_another_process_is_notified(mp: Any, see: See) -> None:
    """wait() in one process blocks until another process calls notify(), and returns True."""
    box = see.mailbox()
    with mp.Manager() as manager:
        condition = manager.Condition()
        child = mp.Process(target=wait_and_post, args=(box, condition))
        child.start()
        see.equal(box.take(), "waiting", "what the child posts, with the lock")
        with condition:
            see.true(box.empty(after=SMALL), "it goes on waiting while nobody notifies it")
            condition.notify()
            see.true(box.empty(after=SMALL), "it does not go on before the notifier has released the lock")
        see.equal(box.take(), True, "what wait() returns in the child")
        see.exits(child, 0)


@chapter.clause("manager.condition.notify.enough", passage=f"{CONDITION}/2", methods=ANY_METHOD)
def notify_wakes_enough(mp: Any, see: See) -> None:
    """Nobody comes back before notify() wakes a waiter or more, notify(n) n or more, notify_all() all that are left."""
    with mp.Manager() as manager:
        condition = manager.Condition()
        waiters = [waiting(see, condition) for _ in range(6)]
        for waiter in waiters:
            waiter.still()
        notify(condition)
        some_end(see, waiters, 1)
        notify(condition, 2)
        some_end(see, waiters, 3)
        with condition:
            condition.notify_all()
        see.equal([waiter.ends() for waiter in waiters], [True] * 6, "what wait() returns")


# threading promises that n are woken at most, and says in the same breath that more may be, some day.
@chapter.clause("manager.condition.notify.number", passage=f"{CONDITION}/2", level=SHOULD, methods=ANY_METHOD)
def notify_wakes_so_many(mp: Any, see: See) -> None:
    """notify() wakes one waiter, notify(n) n of them, notify_all() all that are left."""
    with mp.Manager() as manager:
        condition = manager.Condition()
        waiters = [waiting(see, condition) for _ in range(6)]
        notify(condition)
        ended(see, waiters, 1)
        notify(condition, 2)
        ended(see, waiters, 3)
        with condition:
            condition.notify_all()
        ended(see, waiters, 6)
        see.equal([waiter.ends() for waiter in waiters], [True] * 6, "what wait() returns")


@chapter.clause("manager.condition.endless", passage=f"{CONDITION}/2", methods=ANY_METHOD)
def wait_does_not_give_up(mp: Any, see: See) -> None:
    """wait() and wait_for() without a timeout go on waiting for a notification that takes seconds to come."""
    with mp.Manager() as manager:
        condition, event = manager.Condition(), manager.Event()
        waiters = [waiting(see, condition), waiting(see, condition, lambda own: own.wait_for(event.is_set))]
        waiters[0].goes_on()
        waiters[1].still()
        event.set()
        with condition:
            condition.notify_all()
        see.equal([waiter.ends() for waiter in waiters], [True, True], "what they return")


@chapter.clause("manager.condition.timeout", passage=f"{CONDITION}/2", methods=ANY_METHOD)
def wait_gives_up_after_its_timeout(mp: Any, see: See) -> None:
    """wait(t), by position or name, returns False after t seconds without a notification, and True if it comes."""
    with mp.Manager() as manager:
        condition = manager.Condition()

        def wait_in_vain(*args: Any, **kwargs: Any) -> Any:
            with condition:
                return condition.wait(*args, **kwargs)

        see.true(see.expires(SMALL, wait_in_vain, SMALL) is False, "wait(t) returns False")
        see.true(see.expires(SMALL, wait_in_vain, timeout=SMALL) is False, "wait(timeout=t) returns False")
        waiter = waiting(see, condition, lambda own: own.wait(LONG * 100))
        notify(condition)
        see.true(waiter.ends() is True, "wait(t) returns True once it is notified")


@chapter.clause("manager.condition.releases", passage=f"{CONDITION}/2", methods=ANY_METHOD)
def wait_releases_and_reacquires(mp: Any, see: See) -> None:
    """While it waits the lock is free, however often it was acquired; when wait() returns, the waiter has it again."""
    back, leave = threading.Event(), threading.Event()

    def wait_deep(own: Any) -> bool:
        with own:
            own.wait()
            back.set()
            return leave.wait(LONG)

    with mp.Manager() as manager:
        condition = manager.Condition()
        waiter = waiting(see, condition, wait_deep)
        see.true(condition.acquire(True, LONG), "the lock can be acquired while another thread waits")
        condition.notify()
        waiter.still()
        see.equal(back.is_set(), False, "whether wait() came back while the notifier has the lock")
        condition.release()
        see.true(back.wait(LONG), "wait() comes back")
        see.equal(condition.acquire(False), False, "acquire(False) while the waiter is in its block")
        leave.set()
        waiter.ends()


@chapter.clause(
    "manager.condition.without-lock",
    passage=(f"{CONDITION}/2", "multiprocessing.managers.BaseProxy._callmethod/9"),
    methods=ANY_METHOD,
    cases=cases("wait", "notify", "notify_all"),
)
def its_methods_need_the_lock(mp: Any, see: See, method: str) -> None:
    """wait(), notify() and notify_all() without the lock raise RuntimeError, as in threading."""
    with mp.Manager() as manager:
        condition = manager.Condition()
        with see.raises(RuntimeError):
            see.comes_back(getattr(condition, method))


@chapter.clause("manager.condition.wait-for", passage=f"{CONDITION}/4,2")
def wait_for_waits_for_a_predicate(mp: Any, see: See) -> None:
    """wait_for() waits on at a notification while the predicate is false, and returns its value once it is true."""
    box = see.mailbox()
    with mp.Manager() as manager:
        condition, event = manager.Condition(), manager.Event()
        child = mp.Process(target=wait_for_event_under_a_lock, args=(box, condition, event))
        child.start()
        see.equal(box.take(), "waiting", "what the child posts, with the lock")
        notify(condition)
        see.true(box.empty(after=SMALL), "it waits on while the predicate is false")
        event.set()
        notify(condition)
        see.equal(box.take(), True, "what wait_for() returns in the child")
        see.exits(child, 0)


@chapter.clause("manager.condition.wait-for.timeout", passage=f"{CONDITION}/4,2", methods=ANY_METHOD)
def wait_for_takes_a_timeout(mp: Any, see: See) -> None:
    """wait_for(predicate, t) returns the false value of the predicate after t seconds, and a true one at once."""
    with mp.Manager() as manager:
        condition, event = manager.Condition(), manager.Event()

        def wait_for() -> Any:
            with condition:
                return condition.wait_for(event.is_set, timeout=SMALL)

        see.true(see.expires(SMALL, wait_for) is False, "wait_for() returns False")
        event.set()
        see.true(see.comes_back(wait_for) is True, "wait_for() returns True")


@chapter.clause(
    "manager.condition.wait-for.any", passage=(f"{CONDITION}/4,2", "proxy-objects/5"), level=SHOULD, methods=ANY_METHOD
)
def the_predicate_is_any_function(mp: Any, see: See) -> None:
    """The predicate of wait_for() is a function of the process that waits, which need not be picklable."""
    with mp.Manager() as manager:
        condition, ready = manager.Condition(), threading.Event()
        waiter = waiting(see, condition, lambda own: own.wait_for(lambda: ready.is_set() and "so it is"))
        notify(condition)
        waiter.still()
        ready.set()
        notify(condition)
        see.equal(waiter.ends(), "so it is", "what wait_for() returns")


@chapter.clause("manager.condition.lock-given", passage=f"{CONDITION}/3,1,2", methods=ANY_METHOD, cases=LOCKS)
def it_uses_the_lock_that_it_is_given(mp: Any, see: See, name: str) -> None:
    """A condition made with the proxy of a lock uses that lock: who has acquired one of them has both."""
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        condition, other = manager.Condition(lock), another(lock)
        with condition:
            see.equal(see.comes_back(other.acquire, False), False, "acquire(False) of the lock, in another thread")
        other = another(condition)
        with lock:
            see.equal(see.comes_back(other.acquire, False), False, "acquire(False) of the condition")
            condition.notify()


@chapter.clause("manager.condition.lock-given.wait", passage=f"{CONDITION}/3,2", methods=ANY_METHOD, cases=LOCKS)
def conditions_share_a_lock(mp: Any, see: See, name: str) -> None:
    """Two conditions with one lock wake each their own waiters."""
    with mp.Manager() as manager:
        lock = getattr(manager, name)()
        conditions = [manager.Condition(lock) for _ in range(2)]
        waiters = [waiting(see, condition) for condition in conditions]
        notify(conditions[1])
        see.true(waiters[1].ends() is True, "wait() of the second returns True")
        waiters[0].still()
        with lock:
            conditions[0].notify()
        see.true(waiters[0].ends() is True, "wait() of the first returns True")


@chapter.clause("manager.condition.lock-default", passage=f"{CONDITION}/2,1", methods=ANY_METHOD)
def its_own_lock_is_recursive(mp: Any, see: See) -> None:
    """A condition made without a lock has a recursive one of its own, as in threading."""
    with mp.Manager() as manager:
        condition = manager.Condition()
        see.equal([condition.acquire(), condition.acquire(False)], [True, True], "acquire() and acquire(False)")
        condition.release()
        other = another(condition)
        see.equal(see.comes_back(other.acquire, False), False, "acquire(False) of another thread after one release")
        condition.release()
        see.equal(see.comes_back(other.acquire, False), True, "acquire(False) of another thread after two")


# Event


@chapter.clause("manager.event.flag", passage=f"{EVENT}/1,2", methods=ANY_METHOD)
def an_event_is_set_and_cleared(mp: Any, see: See) -> None:
    """Event() needs no argument and makes an event that is not set; set() sets and clear() clears it."""
    with mp.Manager() as manager:
        event = manager.Event()
        seen = [event.is_set()]
        for change in (event.set, event.set, event.clear, event.clear, event.set):
            change()
            seen.append(event.is_set())
        see.equal(seen, [False, True, True, False, False, True], "is_set(), at first and after each change")


@chapter.clause("manager.event.wait", passage=f"{EVENT}/2")
def a_waiter_in_another_process_sees_it_set(mp: Any, see: See) -> None:
    """wait() in one process blocks until another process sets the event, and returns True."""
    box = see.mailbox()
    with mp.Manager() as manager:
        event = manager.Event()
        child = mp.Process(target=call_and_post, args=(box, event, "wait"))
        child.start()
        see.equal(box.take(), "begin", "what the child posts")
        see.true(box.empty(after=SMALL), "it waits")
        event.set()
        see.equal(box.take(), "returned True", "what wait() returns in the child")
        see.exits(child, 0)


@chapter.clause("manager.event.wait.all", passage=f"{EVENT}/2", methods=ANY_METHOD)
def all_waiters_are_woken(mp: Any, see: See) -> None:
    """set() lets all waiters go, and those that come later do not wait until it is cleared."""
    with mp.Manager() as manager:
        event = manager.Event()
        waiters = [see.blocks(another(event).wait) for _ in range(3)]
        event.set()
        see.equal([waiter.ends() for waiter in waiters], [True] * 3, "what wait() returns")
        see.equal(see.comes_back(event.wait), True, "what a later wait() returns")
        event.clear()
        see.equal(event.wait(0), False, "what wait(0) returns after clear()")


@chapter.clause("manager.event.timeout", passage=f"{EVENT}/2", methods=ANY_METHOD)
def wait_of_an_event_takes_a_timeout(mp: Any, see: See) -> None:
    """wait(t), by position or name, returns False after t seconds, and True if the event is set by then."""
    with mp.Manager() as manager:
        event = manager.Event()
        see.true(see.expires(SMALL, event.wait, SMALL) is False, "wait(t) returns False")
        see.true(see.expires(SMALL, event.wait, timeout=SMALL) is False, "wait(timeout=t) returns False")
        waiter = see.blocks(another(event).wait, LONG * 100)
        told = posted_by_a_child(mp, see, post_outcome, event, "set")
        see.true(told.startswith("returned"), "set() comes back in a child", told)
        see.true(waiter.ends() is True, "wait(t) returns True")
