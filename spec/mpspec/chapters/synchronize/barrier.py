"""Barrier: how many it waits for, what they get, and how it breaks."""

from __future__ import annotations

import signal
import threading
from typing import Any

from mpspec.chapters.synchronize.chapter import at_each_line, chapter, count_ended, exactly, over_in_time
from mpspec.chapters.synchronize.targets import outcome
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

BARRIER = "multiprocessing.Barrier"


class Action:
    """Counts its calls, and does what it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.calls = 0
        self._error = error

    def __call__(self) -> None:
        self.calls += 1
        if self._error is not None:
            raise self._error


def waits(barrier: Any, *args: Any, **kwargs: Any) -> str:
    """What comes of wait(): 'returned 0' or the name of the exception."""
    return outcome(lambda: barrier.wait(*args, **kwargs))


@chapter.clause("synchronize.barrier.factory", source=BARRIER, level=UNSPECIFIED, methods=NO_METHOD)
def of_which_class_it_is(mp: Any, see: See) -> None:
    """Whether Barrier() makes an instance of a class in synchronize, as Lock() does, is left open."""
    kind = getattr(mp.synchronize, "Barrier", None)
    see.records(instance=isinstance(kind, type) and isinstance(mp.Barrier(2), kind))


@chapter.clause("synchronize.barrier.arguments", passage=f"{BARRIER}/1,2", methods=NO_METHOD)
def its_arguments_have_names(mp: Any, see: See) -> None:
    """The arguments are parties, action and timeout, in this order; the last two may be left out."""
    for barrier in (mp.Barrier(1, Action(), 5), mp.Barrier(parties=1, action=None, timeout=None), mp.Barrier(1)):
        see.equal(barrier.wait(), 0, "what wait() returns")
    with see.raises(TypeError):
        mp.Barrier()


@chapter.clause("synchronize.barrier.parties", passage=f"{BARRIER}/2", methods=NO_METHOD)
def parties_tells_how_many(mp: Any, see: See) -> None:
    """parties is the number that the barrier was made for."""
    see.equal((mp.Barrier(3).parties, mp.Barrier(1).parties), (3, 1), "parties")


@chapter.clause("synchronize.barrier.begins", passage=f"{BARRIER}/2", methods=NO_METHOD)
def a_new_barrier_is_empty_and_whole(mp: Any, see: See) -> None:
    """Nobody waits at a new barrier, and it is not broken."""
    barrier = mp.Barrier(2)
    see.equal((barrier.n_waiting, barrier.broken), (0, False), "n_waiting and broken")


@chapter.clause("synchronize.barrier.n-waiting", passage=f"{BARRIER}/2", methods=NO_METHOD)
def n_waiting_counts(mp: Any, see: See) -> None:
    """n_waiting is the number of parties that wait now."""
    barrier, seen = mp.Barrier(3), []
    waiters = []
    for _ in range(2):
        waiters.append(see.blocks(barrier.wait))
        seen.append(barrier.n_waiting)
    see.comes_back(barrier.wait)
    for waiter in waiters:
        waiter.ends()
    see.equal([*seen, barrier.n_waiting], [1, 2, 0], "n_waiting with one, two and none waiting")


@chapter.clause("synchronize.barrier.wait.all", passage=f"{BARRIER}/2", methods=NO_METHOD)
def all_are_let_go_together(mp: Any, see: See) -> None:
    """wait() blocks until all parties have called it, then all of them come back."""
    barrier = mp.Barrier(3)
    waiters = [see.blocks(barrier.wait) for _ in range(2)]
    see.equal(count_ended(waiters), 0, "how many came back before the last party")
    see.comes_back(barrier.wait)
    exactly(see, waiters, 2)
    see.equal(barrier.broken, False, "broken")


@chapter.clause("synchronize.barrier.wait.endless", passage=f"{BARRIER}/2", methods=NO_METHOD)
def wait_does_not_give_up(mp: Any, see: See) -> None:
    """wait() without a timeout goes on waiting for a party that takes seconds to come."""
    barrier = mp.Barrier(2)
    first = see.blocks(barrier.wait)
    first.goes_on()
    see.equal(see.comes_back(barrier.wait) + first.ends(), 1, "the sum of the numbers")


@chapter.clause("synchronize.barrier.wait.numbers", passage=f"{BARRIER}/2", methods=NO_METHOD)
def each_gets_a_number_of_its_own(mp: Any, see: See) -> None:
    """wait() returns a number from 0 to parties - 1, a different one to each party."""
    barrier = mp.Barrier(4)
    waiters = [see.blocks(barrier.wait) for _ in range(3)]
    numbers = [see.comes_back(barrier.wait), *(waiter.ends() for waiter in waiters)]
    see.equal(sorted(numbers), [0, 1, 2, 3], "the numbers")


@chapter.clause("synchronize.barrier.wait.again", passage=f"{BARRIER}/2", methods=NO_METHOD)
def it_is_used_again(mp: Any, see: See) -> None:
    """A barrier can be passed any number of times by the same parties."""
    barrier = mp.Barrier(2)
    other = see.in_thread(lambda: [barrier.wait() for _ in range(20)])
    mine = see.comes_back(lambda: [barrier.wait() for _ in range(20)])
    see.equal([a + b for a, b in zip(mine, other.ends())], [1] * 20, "the sums of both numbers, round by round")


@chapter.clause("synchronize.barrier.wait.rounds", passage=f"{BARRIER}/2", methods=NO_METHOD)
def more_than_its_parties_pass_in_rounds(mp: Any, see: See) -> None:
    """One that comes when the parties are complete waits for the next round."""
    barrier = mp.Barrier(2)
    waiters = [see.in_thread(barrier.wait) for _ in range(3)]
    exactly(see, waiters, 2)
    see.equal(see.comes_back(barrier.wait) in (0, 1), True, "whether wait() returns a number")
    exactly(see, waiters, 3)


@chapter.clause("synchronize.barrier.wait.alone", passage=f"{BARRIER}/2", methods=NO_METHOD)
def one_party_passes_at_once(mp: Any, see: See) -> None:
    """A barrier for one party lets it pass at once with the number 0."""
    see.equal(see.comes_back(mp.Barrier(1).wait), 0, "what wait() returns")


# The action


@chapter.clause("synchronize.barrier.action.once", passage=f"{BARRIER}/2", methods=NO_METHOD)
def the_action_runs_once_a_round(mp: Any, see: See) -> None:
    """The action is called once in each round, by one of the parties, before any of them is let go."""
    action, seen = Action(), []
    barrier = mp.Barrier(3, action)

    def pass_it() -> None:
        for _ in range(5):
            barrier.wait()
            seen.append(action.calls)
            barrier.wait()

    others = [see.in_thread(pass_it) for _ in range(2)]
    see.comes_back(pass_it)
    for other in others:
        other.ends()
    see.equal(seen, [n for n in (1, 3, 5, 7, 9) for _ in range(3)], "the number of calls, after each first pass")


@chapter.clause("synchronize.barrier.action.not-before", passage=f"{BARRIER}/2", methods=NO_METHOD)
def the_action_waits_for_all(mp: Any, see: See) -> None:
    """The action is not called before all parties have come, and the parties wait until it has returned."""
    begun, end = threading.Event(), threading.Event()
    barrier = mp.Barrier(2, lambda: begun.set() or end.wait())  # type: ignore[func-returns-value]
    first = see.blocks(barrier.wait)
    see.equal(begun.is_set(), False, "whether the action has begun with one party")
    second = see.in_thread(barrier.wait)
    see.true(begun.wait(LONG), "the action begins")
    exactly(see, [first, second], 0)
    end.set()
    exactly(see, [first, second], 2)


@chapter.clause("synchronize.barrier.action.raises", passage=f"{BARRIER}/2", methods=NO_METHOD)
def an_action_that_raises_breaks_it(mp: Any, see: See) -> None:
    """An exception of the action breaks the barrier: no party passes, and later ones get BrokenBarrierError."""
    barrier = mp.Barrier(3, Action(LookupError("from the action")))
    waiters = [see.in_thread(waits, barrier) for _ in range(3)]
    outcomes = sorted(waiter.ends() for waiter in waiters)
    see.equal(outcomes.count("BrokenBarrierError") >= 2, True, f"at least two get BrokenBarrierError: {outcomes}")
    see.true(not any(one.startswith("returned") for one in outcomes), "no party passes", outcomes)
    see.equal(
        (barrier.broken, waits(barrier)), (True, "BrokenBarrierError"), "broken, and what comes of a later wait()"
    )


@chapter.clause("synchronize.barrier.action.error", source=BARRIER, level=UNSPECIFIED, methods=NO_METHOD)
def what_the_party_that_called_the_action_gets(mp: Any, see: See) -> None:
    """Whether the exception of the action comes out of wait() of the party that has called it is left open."""
    see.records(outcome=waits(mp.Barrier(1, Action(LookupError("from the action")))))


# Time


@chapter.clause("synchronize.barrier.timeout.breaks", passage=f"{BARRIER}/2", methods=NO_METHOD)
def a_timeout_breaks_it(mp: Any, see: See) -> None:
    """wait(t) without all parties within t seconds raises BrokenBarrierError, and breaks the barrier for the others."""
    barrier = mp.Barrier(3)
    other = see.blocks(waits, barrier)
    with see.takes(at_least=SMALL):
        see.equal(waits(barrier, SMALL), "BrokenBarrierError", "what comes of wait(t)")
    see.equal(other.ends(), "BrokenBarrierError", "what comes of the other wait()")
    see.equal((barrier.broken, barrier.n_waiting), (True, 0), "broken and n_waiting")


@chapter.clause("synchronize.barrier.timeout.in-seconds", passage=f"{BARRIER}/2", methods=NO_METHOD)
def a_timeout_is_kept_on_both_sides(mp: Any, see: See) -> None:
    """wait(t) without all parties raises after t seconds, not before and not long after."""
    see.equal(see.expires(SMALL, lambda: waits(mp.Barrier(2), SMALL)), "BrokenBarrierError", "what comes of wait(t)")


@chapter.clause("synchronize.barrier.timeout.very-long", passage=f"{BARRIER}/2", methods=NO_METHOD)
def a_timeout_may_be_very_long(mp: Any, see: See) -> None:
    """wait() takes a timeout of days, and of threading.TIMEOUT_MAX, and waits until all parties have come."""
    for timeout in (1e6, threading.TIMEOUT_MAX):
        barrier = mp.Barrier(2)
        first = see.blocks(barrier.wait, timeout)
        see.equal(see.comes_back(barrier.wait) + first.ends(), 1, "the sum of the numbers")


@chapter.clause("synchronize.barrier.timeout.default", passage=f"{BARRIER}/2", methods=NO_METHOD)
def the_default_timeout_holds(mp: Any, see: See) -> None:
    """The timeout that the barrier was made with is that of wait() without one."""
    barrier = mp.Barrier(2, timeout=SMALL)
    with see.takes(at_least=SMALL):
        see.equal(see.comes_back(waits, barrier), "BrokenBarrierError", "what comes of wait()")


@chapter.clause("synchronize.barrier.timeout.own", passage=f"{BARRIER}/2", methods=NO_METHOD)
def the_timeout_of_wait_takes_precedence(mp: Any, see: See) -> None:
    """The timeout of wait(), by name too, takes the place of the barrier's own."""
    long, short = mp.Barrier(2, None, LONG * 100), mp.Barrier(2, None, YIELD)
    with see.takes(at_least=SMALL):
        see.equal(see.comes_back(waits, long, timeout=SMALL), "BrokenBarrierError", "what comes of wait(t)")
    with see.takes(at_least=SMALL):
        see.equal(waits(short, SMALL), "BrokenBarrierError", "what comes of wait(t) with a longer t")


@chapter.clause("synchronize.barrier.timeout.zero", passage=f"{BARRIER}/2", methods=NO_METHOD)
def without_time_it_breaks_at_once(mp: Any, see: See) -> None:
    """wait(0) breaks the barrier at once unless its caller is the last party, who passes."""
    barrier = mp.Barrier(2)
    first = see.blocks(barrier.wait)
    see.equal(see.comes_back(barrier.wait, 0) + first.ends(), 1, "the sum of the numbers of a whole round")
    see.equal(see.comes_back(waits, barrier, 0), "BrokenBarrierError", "what comes of wait(0) of a first party")
    see.equal(barrier.broken, True, "broken")


@chapter.clause("synchronize.barrier.timeout.in-time", passage=f"{BARRIER}/2", methods=NO_METHOD)
def complete_in_time_it_is_passed(mp: Any, see: See) -> None:
    """wait(t) returns as soon as all parties have come within t seconds, and the barrier stays whole."""
    barrier = mp.Barrier(2)
    first = see.blocks(barrier.wait, LONG * 100)
    see.equal(see.comes_back(barrier.wait, SMALL) + first.ends(), 1, "the sum of the numbers")
    see.equal(barrier.broken, False, "broken")


# reset and abort


@chapter.clause("synchronize.barrier.error", passage=f"{BARRIER}/2", methods=NO_METHOD)
def the_error_is_that_of_threading(mp: Any, see: See) -> None:
    """What a broken barrier raises is threading.BrokenBarrierError, a RuntimeError."""
    barrier = mp.Barrier(2)
    barrier.abort()
    with see.raises(threading.BrokenBarrierError):
        barrier.wait()
    with see.raises(RuntimeError):
        barrier.wait(0)


@chapter.clause("synchronize.barrier.abort", passage=f"{BARRIER}/2", methods=NO_METHOD)
def abort_breaks_it(mp: Any, see: See) -> None:
    """abort() breaks the barrier: the parties that wait, and those that come later, get BrokenBarrierError."""
    barrier = mp.Barrier(3)
    waiters = [see.blocks(waits, barrier) for _ in range(2)]
    barrier.abort()
    see.equal([waiter.ends() for waiter in waiters], ["BrokenBarrierError"] * 2, "what comes of wait()")
    see.equal((barrier.broken, barrier.n_waiting), (True, 0), "broken and n_waiting")
    see.equal(see.comes_back(waits, barrier), "BrokenBarrierError", "what comes of a later wait()")


@chapter.clause("synchronize.barrier.reset.waiting", passage=f"{BARRIER}/2", methods=NO_METHOD)
def reset_sends_away_those_who_wait(mp: Any, see: See) -> None:
    """reset() raises BrokenBarrierError in the parties that wait, and leaves the barrier whole and empty."""
    barrier = mp.Barrier(3)
    waiters = [see.blocks(waits, barrier) for _ in range(2)]
    barrier.reset()
    see.equal([waiter.ends() for waiter in waiters], ["BrokenBarrierError"] * 2, "what comes of wait()")
    see.equal((barrier.broken, barrier.n_waiting), (False, 0), "broken and n_waiting")
    again = [see.in_thread(barrier.wait) for _ in range(3)]
    see.equal(sorted(waiter.ends() for waiter in again), [0, 1, 2], "the numbers of the next round")


@chapter.clause("synchronize.barrier.reset.broken", passage=f"{BARRIER}/2", methods=NO_METHOD)
def reset_repairs_a_broken_one(mp: Any, see: See) -> None:
    """reset() makes a broken barrier whole: it can be passed again."""
    barrier = mp.Barrier(2)
    barrier.abort()
    barrier.reset()
    see.equal(barrier.broken, False, "broken")
    first = see.blocks(barrier.wait)
    see.equal(see.comes_back(barrier.wait) + first.ends(), 1, "the sum of the numbers")


@chapter.clause("synchronize.barrier.reset.empty", passage=f"{BARRIER}/2", methods=NO_METHOD)
def reset_of_an_empty_one_does_nothing(mp: Any, see: See) -> None:
    """reset() while nobody waits does nothing to a barrier that is whole."""
    barrier = mp.Barrier(2)
    barrier.reset()
    first = see.blocks(barrier.wait)
    see.equal(see.comes_back(barrier.wait) + first.ends(), 1, "the sum of the numbers")


@chapter.clause(
    "synchronize.barrier.interrupted",
    passage=f"{BARRIER}/2",
    level=SHOULD,
    methods=NO_METHOD,
    hanging=True,
    cases={
        "wait": lambda barrier: barrier.wait(),
        "reset": lambda barrier: barrier.reset(),
        "n_waiting": lambda barrier: barrier.n_waiting,
    },
)
def a_handler_asks_the_barrier_that_was_in_use(mp: Any, see: See, use: Any) -> None:
    """A signal handler asks a barrier how many wait and whether it is broken, wherever it interrupts a use of it."""
    barrier = mp.Barrier(1)
    with over_in_time(see):
        at_each_line(lambda: use(barrier), lambda: barrier.n_waiting + barrier.broken)
    see.equal(barrier.wait(), 0, "what wait() returns")


@chapter.clause("synchronize.barrier.wait.signal-raises", source=BARRIER, methods=NO_METHOD, level=UNSPECIFIED)
def an_exception_of_a_handler_ends_the_wait(mp: Any, see: See) -> None:
    """wait() that is ended by a signal whose handler raises takes its party back: nobody waits then."""

    def handler(number: int, frame: Any) -> None:
        raise LookupError("from the handler")

    barrier = mp.Barrier(2)
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, SMALL)
    with see.raises(LookupError):
        barrier.wait()
    see.records(n_waiting=barrier.n_waiting, broken=barrier.broken)
