"""Barrier of a manager: parties in several processes, its action, and how it breaks."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, workshop
from mpspec.chapters.managers.shared_objects import Tells
from mpspec.chapters.managers.targets import call_and_post, outcome
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import Blocked, See
from mpspec.observation.waits import LONG, SMALL

BARRIER = "multiprocessing.managers.SyncManager.Barrier"

BROKEN = "BrokenBarrierError"


def parties_waiting(see: See, barrier: Any, number: int) -> list[Blocked]:
    """Threads that wait at the barrier, each by a proxy of its own."""
    waiters = [see.in_thread(outcome, another(barrier).wait) for _ in range(number)]
    see.eventually(lambda: barrier.n_waiting == number, f"{number} parties wait")
    return waiters


@chapter.clause("manager.barrier.parties", passage=f"{BARRIER}/2,1")
def parties_of_several_processes_pass_together(mp: Any, see: See) -> None:
    """wait() blocks until so many processes have called it; each gets another number from 0 to parties - 1."""
    box = see.mailbox()
    with mp.Manager() as manager:
        barrier = manager.Barrier(3)
        children = [mp.Process(target=call_and_post, args=(box, barrier, "wait")) for _ in range(2)]
        for child in children:
            child.start()
        see.equal(box.take_all(2), ["begin", "begin"], "what the children post")
        see.true(box.empty(after=SMALL), "they wait for the third party")
        mine = see.comes_back(barrier.wait)
        told = sorted([*box.take_all(2), f"returned {mine!r}"])
        see.equal(told, ["returned 0", "returned 1", "returned 2"], "what wait() returns, sorted")
        for child in children:
            see.exits(child, 0)


@chapter.clause("manager.barrier.again", passage=f"{BARRIER}/2", methods=ANY_METHOD)
def it_is_used_again(mp: Any, see: See) -> None:
    """A barrier can be passed any number of times by the same parties."""
    with mp.Manager() as manager:
        barrier = manager.Barrier(2)
        own = another(barrier)
        other = see.in_thread(lambda: [own.wait() for _ in range(10)])
        mine = see.comes_back(lambda: [barrier.wait() for _ in range(10)])
        see.equal([a + b for a, b in zip(mine, other.ends())], [1] * 10, "the sums of both numbers, round by round")


@chapter.clause("manager.barrier.action", passage=f"{BARRIER}/1,2")
def the_action_runs_in_the_server(mp: Any, see: See) -> None:
    """The action runs once in each round, in the process of the manager, where the barrier is."""
    box = see.mailbox()
    with workshop() as manager:
        barrier, pid = manager.Barrier(2, Tells(box)), manager.Bench().pid()
        for _ in range(2):
            waiter = see.blocks(another(barrier).wait)
            see.true(box.empty(), "the action waits for all parties")
            see.comes_back(barrier.wait)
            waiter.ends()
            see.equal(box.take(), pid, "the process that the action runs in")
            see.true(box.empty(), "it runs once")


@chapter.clause("manager.barrier.timeout", passage=f"{BARRIER}/1,2", methods=ANY_METHOD)
def the_timeout_of_the_barrier(mp: Any, see: See) -> None:
    """wait() without all parties within the timeout that the barrier was made with raises BrokenBarrierError."""
    with mp.Manager() as manager:
        barriers = (manager.Barrier(2, None, SMALL), manager.Barrier(2, timeout=SMALL))
        for barrier in barriers:
            with see.takes(at_least=SMALL):
                see.equal(see.comes_back(outcome, barrier.wait), BROKEN, "what comes of wait()")


@chapter.clause("manager.barrier.wait.timeout", passage=f"{BARRIER}/2", methods=ANY_METHOD)
def wait_of_a_barrier_takes_a_timeout(mp: Any, see: See) -> None:
    """wait(t), by position or name, raises BrokenBarrierError after t seconds, also for those that wait already."""
    with mp.Manager() as manager:
        for arguments, names in (((SMALL,), {}), ((), {"timeout": SMALL})):
            barrier = manager.Barrier(3, timeout=LONG * 100)
            other = see.blocks(outcome, another(barrier).wait)
            with see.takes(at_least=SMALL), see.raises(Exception) as caught:
                see.comes_back(barrier.wait, *arguments, **names)
            see.equal(type(caught.error).__name__, BROKEN, "the exception")
            see.equal(other.ends(), BROKEN, "what comes of wait() of the other")


@chapter.clause("manager.barrier.broken", passage=(f"{BARRIER}/2", "proxy-objects/5"), level=SHOULD, methods=ANY_METHOD)
def abort_breaks_and_reset_mends(mp: Any, see: See) -> None:
    """abort() makes wait() raise BrokenBarrierError for who waits and who comes later; after reset() it works again."""
    with mp.Manager() as manager:
        barrier = manager.Barrier(2)
        waiter = see.blocks(outcome, another(barrier).wait)
        barrier.abort()
        see.equal(waiter.ends(), BROKEN, "what comes of wait() of who waited")
        see.equal(see.comes_back(outcome, barrier.wait), BROKEN, "what comes of a later wait()")
        barrier.reset()
        other = see.in_thread(another(barrier).wait)
        see.equal(see.comes_back(barrier.wait) + other.ends(), 1, "the sum of both numbers after reset()")


@chapter.clause("manager.barrier.reset", passage=(f"{BARRIER}/2", "proxy-objects/5"), level=SHOULD, methods=ANY_METHOD)
def reset_lets_go_who_waits(mp: Any, see: See) -> None:
    """reset() makes wait() raise BrokenBarrierError for who waits, and leaves the barrier whole."""
    with mp.Manager() as manager:
        barrier = manager.Barrier(2)
        waiter = parties_waiting(see, barrier, 1)[0]
        barrier.reset()
        see.equal(waiter.ends(), BROKEN, "what comes of wait()")
        see.equal(barrier.broken, False, "broken")


@chapter.clause(
    "manager.barrier.attributes", passage=(f"{BARRIER}/2", "proxy-objects/5"), level=SHOULD, methods=ANY_METHOD
)
def its_attributes_are_those_of_the_referent(mp: Any, see: See) -> None:
    """parties, n_waiting and broken are there as in threading."""
    with mp.Manager() as manager:
        barrier = manager.Barrier(3)
        see.equal((barrier.parties, barrier.n_waiting, barrier.broken), (3, 0, False), "they of a new one")
        waiters = parties_waiting(see, barrier, 2)
        barrier.abort()
        see.equal([waiter.ends() for waiter in waiters], [BROKEN] * 2, "what comes of wait()")
        see.equal((barrier.parties, barrier.broken), (3, True), "parties and broken after abort()")


@chapter.clause("manager.barrier.error", source=BARRIER, level=UNSPECIFIED, methods=ANY_METHOD)
def of_which_class_the_error_is(mp: Any, see: See) -> None:
    """Whether the exception of a broken barrier is that of threading is left open."""
    import threading

    with mp.Manager() as manager:
        barrier = manager.Barrier(2)
        barrier.abort()
        with see.raises(Exception) as caught:
            barrier.wait()
        see.records(same=isinstance(caught.error, threading.BrokenBarrierError))
