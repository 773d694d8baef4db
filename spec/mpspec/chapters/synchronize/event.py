"""Event: a flag, and those who wait for it."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import Any

from mpspec.chapters.synchronize.chapter import (
    at_each_line,
    at_the_wait,
    chapter,
    exactly,
    interrupted,
    over_in_time,
    posted_by_a_child,
    signalled,
)
from mpspec.chapters.synchronize.targets import post_outcome, wait_for_event, wait_on_and_on
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

EVENT = "multiprocessing.Event"


@chapter.clause("synchronize.event.factory", source=EVENT, level=UNSPECIFIED, methods=NO_METHOD)
def of_which_class_it_is(mp: Any, see: See) -> None:
    """Whether Event() makes an instance of a class in synchronize, as Lock() does, is left open."""
    kind = getattr(mp.synchronize, "Event", None)
    see.records(instance=isinstance(kind, type) and isinstance(mp.Event(), kind))


@chapter.clause("synchronize.event.begins-false", passage=f"{EVENT}/2", methods=NO_METHOD)
def the_flag_is_false_at_first(mp: Any, see: See) -> None:
    """The flag of a new event is false."""
    see.true(mp.Event().is_set() is False, "is_set() returns False")


@chapter.clause("synchronize.event.set", passage=f"{EVENT}/2", methods=NO_METHOD)
def set_makes_it_true(mp: Any, see: See) -> None:
    """set() makes the flag true; is_set() tells."""
    event = mp.Event()
    event.set()
    see.true(event.is_set() is True, "is_set() returns True")


@chapter.clause("synchronize.event.clear", passage=f"{EVENT}/2", methods=NO_METHOD)
def clear_makes_it_false(mp: Any, see: See) -> None:
    """clear() makes the flag false."""
    event = mp.Event()
    event.set()
    event.clear()
    see.true(event.is_set() is False, "is_set() returns False")


@chapter.clause("synchronize.event.set-twice", passage=f"{EVENT}/2", methods=NO_METHOD)
def the_flag_does_not_count(mp: Any, see: See) -> None:
    """set() does not count: one clear() makes the flag false after any number of set(), and the other way round."""
    event = mp.Event()
    event.set()
    event.set()
    event.clear()
    see.equal(event.is_set(), False, "is_set() after one clear()")
    event.clear()
    event.set()
    see.equal(event.is_set(), True, "is_set() after one set()")


@chapter.clause("synchronize.event.wait.blocks", passage=f"{EVENT}/2", methods=NO_METHOD)
def wait_blocks_until_it_is_set(mp: Any, see: See) -> None:
    """wait() blocks while the flag is false and returns True once it is set."""
    event = mp.Event()
    waiter = see.blocks(event.wait)
    waiter.still()
    event.set()
    see.true(waiter.ends() is True, "wait() returns True")


@chapter.clause("synchronize.event.wait.true", passage=f"{EVENT}/2", methods=NO_METHOD)
def wait_of_a_true_flag_returns(mp: Any, see: See) -> None:
    """wait() returns True at once while the flag is true, as often as it is called, and leaves it true."""
    event = mp.Event()
    event.set()
    for args in ((), (None,), (LONG,), (0,)):
        see.true(see.comes_back(event.wait, *args) is True, f"wait{args} returns True")
    see.equal(event.is_set(), True, "is_set()")


@chapter.clause("synchronize.event.wait.cleared", passage=f"{EVENT}/2", methods=NO_METHOD)
def wait_blocks_again_after_clear(mp: Any, see: See) -> None:
    """wait() blocks again after clear(), until the next set()."""
    event = mp.Event()
    event.set()
    event.clear()
    waiter = see.blocks(event.wait)
    event.set()
    see.equal(waiter.ends(), True, "what wait() returns")


@chapter.clause("synchronize.event.wait.all", passage=f"{EVENT}/2", methods=NO_METHOD)
def set_wakes_everybody(mp: Any, see: See) -> None:
    """set() wakes every waiter."""
    event = mp.Event()
    waiters = [see.blocks(event.wait) for _ in range(4)]
    event.set()
    exactly(see, waiters, 4)
    see.equal([waiter.ends() for waiter in waiters], [True] * 4, "what wait() returns")


@chapter.clause("synchronize.event.wait.timeout", passage=f"{EVENT}/2", methods=NO_METHOD)
def wait_returns_false_when_the_time_is_over(mp: Any, see: See) -> None:
    """wait(t), by position or name, returns False after t seconds in which the flag stayed false."""
    event = mp.Event()
    see.true(see.expires(SMALL, event.wait, SMALL) is False, "wait(t) returns False")
    see.true(see.expires(SMALL, event.wait, timeout=SMALL) is False, "wait(timeout=t) returns False")


@chapter.clause("synchronize.event.wait.no-time", passage=f"{EVENT}/2", methods=NO_METHOD)
def wait_without_time_returns_false(mp: Any, see: See) -> None:
    """wait(0) returns False at once while the flag is false."""
    see.true(see.comes_back(mp.Event().wait, 0) is False, "wait() returns False")


@chapter.clause("synchronize.event.wait.negative", source=EVENT, level=UNSPECIFIED, methods=NO_METHOD)
def wait_of_a_negative_timeout(mp: Any, see: See) -> None:
    """What wait() does with a negative timeout is left open."""
    event = mp.Event()
    waiter = see.in_thread(event.wait, -1)
    waiter.thread.join(SMALL)
    see.records(blocks=waiter.thread.is_alive())
    event.set()
    waiter.ends()


@chapter.clause("synchronize.event.wait.endless", passage=f"{EVENT}/2", methods=NO_METHOD)
def wait_does_not_give_up(mp: Any, see: See) -> None:
    """wait() without a timeout goes on waiting for an event that takes seconds to be set."""
    event = mp.Event()
    waiter = see.blocks(event.wait)
    waiter.goes_on()
    event.set()
    see.true(waiter.ends() is True, "wait() returns True")


@chapter.clause("synchronize.event.wait.long-timeout", passage=f"{EVENT}/2", methods=NO_METHOD)
def a_timeout_may_be_very_long(mp: Any, see: See) -> None:
    """wait() takes a timeout of days, and of threading.TIMEOUT_MAX, and waits until the event is set."""
    for timeout in (1e6, threading.TIMEOUT_MAX):
        event = mp.Event()
        waiter = see.blocks(event.wait, timeout)
        event.set()
        see.true(waiter.ends() is True, "wait() returns True")


@chapter.clause("synchronize.event.wait.in-time", passage=f"{EVENT}/2", methods=NO_METHOD)
def set_in_time_it_returns_true(mp: Any, see: See) -> None:
    """wait(t) returns True as soon as the flag is set within t seconds."""
    event = mp.Event()
    waiter = see.blocks(event.wait, LONG * 100)
    event.set()
    see.true(waiter.ends() is True, "wait() returns True")


@chapter.clause("synchronize.event.wait.false-on-timeout-only", passage=f"{EVENT}/2", methods=ANY_METHOD, patience=2)
def wait_is_true_although_it_was_cleared(mp: Any, see: See) -> None:
    """wait() without a timeout never returns False, also where the flag is cleared right after it was set."""
    box, event = see.mailbox(), mp.Event()
    child = mp.Process(target=wait_on_and_on, args=(box, event))
    child.start()
    begin, rounds = time.monotonic(), 0
    try:
        while rounds < 30 and time.monotonic() < begin + LONG / 4:  # with one that polls each round takes a while
            rounds += 1
            see.settles(child.pid)
            event.set()
            event.clear()
            see.equal(box.take(), True, "what wait() returns")
            while not box.empty():  # it may have waited more than once before the flag was cleared
                see.equal(box.take(), True, "what wait() returns")
    finally:
        os.kill(child.pid, signal.SIGKILL)
    see.exits(child, -signal.SIGKILL)


@chapter.clause("synchronize.event.wait.signal", passage=f"{EVENT}/2", level=SHOULD, methods=NO_METHOD)
def a_signal_does_not_wake(mp: Any, see: See) -> None:
    """wait() with a timeout goes on after a signal whose handler returns."""
    event, seen = mp.Event(), []
    with signalled(lambda: seen.append(True), SMALL / 5), see.takes(at_least=SMALL):
        see.equal(event.wait(SMALL), False, "what wait() returns")
    see.true(seen, "a signal has arrived")


@chapter.clause("synchronize.event.wait.signal-sets", passage=f"{EVENT}/2", methods=NO_METHOD, hanging=True)
def a_handler_that_sets_it_wakes(mp: Any, see: See) -> None:
    """A signal handler that sets the event ends the wait() that it has interrupted, which returns True."""
    for timeout in (None, LONG):
        event = mp.Event()
        with over_in_time(see), at_the_wait(event.set):
            see.equal(event.wait(timeout), True, "what wait() returns")
        see.equal(event.is_set(), True, "is_set()")


@chapter.clause(
    "synchronize.event.interrupted",
    passage=f"{EVENT}/2",
    level=SHOULD,
    methods=NO_METHOD,
    hanging=True,
    cases={
        "is_set": lambda event: event.is_set(),
        "set": lambda event: event.set(),
        "clear": lambda event: event.clear(),
        "wait": lambda event: event.wait(0),
    },
)
def a_handler_uses_the_event_that_was_in_use(mp: Any, see: See, use: Any) -> None:
    """A signal handler asks and sets an event, wherever it interrupts a use of this event by its thread."""
    event = mp.Event()

    def handler() -> None:
        event.is_set()
        event.set()

    with over_in_time(see):
        at_each_line(lambda: use(event), handler)
    event.set()
    see.equal(event.is_set(), True, "is_set()")


@chapter.clause("synchronize.event.wait.signal-raises", source=EVENT, level=UNSPECIFIED, methods=NO_METHOD)
def an_exception_of_a_handler_during_the_wait(mp: Any, see: See) -> None:
    """Whether wait() is ended by a signal whose handler raises is left open."""
    event = mp.Event()
    with see.raises(LookupError), interrupted(LookupError):
        event.wait(LONG)
    waiter = see.blocks(event.wait)
    event.set()
    waiter.thread.join(SMALL)
    see.records(wakes_another=not waiter.thread.is_alive())


# Between processes


@chapter.clause("synchronize.event.shared.child-waits", passage=f"{EVENT}/2")
def a_child_waits_for_its_parent(mp: Any, see: See) -> None:
    """wait() in a child blocks until the parent sets the event, and returns True."""
    box, event = see.mailbox(), mp.Event()
    child = mp.Process(target=wait_for_event, args=(box, event))
    child.start()
    see.equal(box.take(), "begin", "the first message")
    see.settles(child.pid)
    see.true(box.empty(), "no second message")
    event.set()
    see.equal(box.take(), True, "what wait() returns in the child")
    see.exits(child, 0)


@chapter.clause("synchronize.event.shared.child-sets", passage=f"{EVENT}/2")
def a_child_sets_for_its_parent(mp: Any, see: See) -> None:
    """An event that a child sets wakes the parent, and stays set when the child has ended."""
    box, event = see.mailbox(), mp.Event()
    child = mp.Process(target=post_outcome, args=(box, event, "set"))
    child.start()
    see.equal(event.wait(LONG), True, "what wait() returns")
    see.exits(child, 0)
    see.equal(event.is_set(), True, "is_set() after the end of the child")


@chapter.clause("synchronize.event.shared.flag", passage=f"{EVENT}/2", cases={"set": True, "clear": False})
def processes_see_the_same_flag(mp: Any, see: See, flag: bool) -> None:
    """is_set() in a child tells what the parent has set or cleared before."""
    event = mp.Event()
    event.set()
    if not flag:
        event.clear()
    seen = posted_by_a_child(mp, see, post_outcome, event, "is_set")
    see.equal(seen, f"returned {flag}", "is_set() in the child")


@chapter.clause("synchronize.event.shared.child-clears", passage=f"{EVENT}/2")
def a_child_clears_for_its_parent(mp: Any, see: See) -> None:
    """clear() in a child makes the flag false for the parent, too."""
    event = mp.Event()
    event.set()
    cleared = posted_by_a_child(mp, see, post_outcome, event, "clear")
    see.true(cleared.startswith("returned"), "clear() in the child returns", cleared)
    see.equal(event.is_set(), False, "is_set() in the parent")


@chapter.clause("synchronize.event.shared.all", passage=f"{EVENT}/2", patience=2)
def set_wakes_all_children(mp: Any, see: See) -> None:
    """set() wakes every child that waits."""
    box, event = see.mailbox(), mp.Event()
    children = [mp.Process(target=wait_for_event, args=(box, event)) for _ in range(3)]
    for child in children:
        child.start()
    see.equal(box.take_all(3), ["begin"] * 3, "the first messages")
    for child in children:
        see.settles(child.pid)
    event.set()
    see.equal(box.take_all(3), [True] * 3, "what wait() returns in the children")
    for child in children:
        see.exits(child, 0)


@chapter.clause("synchronize.event.shared.dead-waiter", source=EVENT, methods=ANY_METHOD, level=UNSPECIFIED)
def a_killed_waiter_is_in_nobodys_way(mp: Any, see: See) -> None:
    """After a waiter was killed, set() comes back and wakes the others."""
    box, event = see.mailbox(), mp.Event()
    children = [mp.Process(target=wait_for_event, args=(box, event)) for _ in range(2)]
    for child in children:
        child.start()
        see.equal(box.take(), "begin", "the message")
        see.settles(child.pid)
    os.kill(children[0].pid, signal.SIGKILL)
    see.exits(children[0], -signal.SIGKILL)
    setter = see.in_thread(event.set)
    setter.thread.join(SMALL)
    see.records(set_came_back=not setter.thread.is_alive(), other_woken=not box.empty(after=SMALL))
    os.kill(children[1].pid, signal.SIGKILL)
    children[1].join()
