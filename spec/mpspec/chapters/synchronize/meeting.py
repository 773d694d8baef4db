"""Barrier: processes that meet at it."""

from __future__ import annotations

import os
import signal
from typing import Any

from mpspec.chapters.synchronize.chapter import chapter
from mpspec.chapters.synchronize.targets import ActionFor, outcome, pass_and_post, pass_often, post_outcome
from mpspec.clause import ANY_METHOD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

BARRIER = "multiprocessing.Barrier"


@chapter.clause("synchronize.barrier.shared.passes", passage=f"{BARRIER}/2", patience=2)
def processes_meet(mp: Any, see: See) -> None:
    """Children and their parent wait for each other, and get different numbers."""
    box, barrier = see.mailbox(), mp.Barrier(3)
    children = [mp.Process(target=pass_and_post, args=(box, barrier)) for _ in range(2)]
    for child in children:
        child.start()
    see.eventually(lambda: barrier.n_waiting == 2, "n_waiting becomes 2")
    see.true(box.empty(after=YIELD), "no message before the parent has come")
    mine = f"returned {see.comes_back(barrier.wait)}"
    see.equal(sorted([mine, *box.take_all(2)]), ["returned 0", "returned 1", "returned 2"], "what wait() returns")
    for child in children:
        see.exits(child, 0)


@chapter.clause("synchronize.barrier.shared.rounds", passage=f"{BARRIER}/2", patience=2)
def processes_meet_again_and_again(mp: Any, see: See) -> None:
    """Processes pass the same barrier in many rounds, in each of which every one gets a number of its own."""
    box, barrier = see.mailbox(), mp.Barrier(3)
    children = [mp.Process(target=pass_often, args=(box, barrier, 40)) for _ in range(3)]
    for child in children:
        child.start()
    rounds = zip(*box.take_all(3))
    see.equal({tuple(sorted(numbers)) for numbers in rounds}, {(0, 1, 2)}, "the numbers of each round")
    for child in children:
        see.exits(child, 0)


@chapter.clause("synchronize.barrier.shared.action", passage=f"{BARRIER}/2")
def the_action_crosses_over(mp: Any, see: See) -> None:
    """The action is called once where children pass, in one of the processes, before they are let go."""
    box = see.mailbox()
    barrier = mp.Barrier(2, ActionFor(box))
    children = [mp.Process(target=pass_and_post, args=(box, barrier)) for _ in range(2)]
    for child in children:
        child.start()
    see.equal(box.take(), "action", "the first message")
    see.equal(sorted(box.take_all(2)), ["returned 0", "returned 1"], "the other messages")
    for child in children:
        see.exits(child, 0)
    see.true(box.empty(), "no further message")


@chapter.clause("synchronize.barrier.shared.abort", passage=f"{BARRIER}/2", cases={"abort": True, "reset": False})
def a_child_is_sent_away(mp: Any, see: See, broken: bool) -> None:
    """abort() and reset() of the parent raise BrokenBarrierError in a child that waits."""
    box, barrier = see.mailbox(), mp.Barrier(2)
    child = mp.Process(target=pass_and_post, args=(box, barrier))
    child.start()
    see.eventually(lambda: barrier.n_waiting == 1, "n_waiting becomes 1")
    if broken:
        barrier.abort()
    else:
        barrier.reset()
    see.equal(box.take(), "BrokenBarrierError", "what comes of wait() in the child")
    see.exits(child, 0)
    see.equal(barrier.broken, broken, "broken in the parent")


@chapter.clause("synchronize.barrier.shared.child-aborts", passage=f"{BARRIER}/2")
def a_child_may_abort(mp: Any, see: See) -> None:
    """abort() in a child breaks the barrier for the parent, too."""
    box, barrier = see.mailbox(), mp.Barrier(2)
    child = mp.Process(target=post_outcome, args=(box, barrier, "abort"))
    child.start()
    see.true(box.take().startswith("returned"), "abort() in the child returns")
    see.exits(child, 0)
    see.equal(
        (barrier.broken, outcome(barrier.wait, LONG)), (True, "BrokenBarrierError"), "broken, and what comes of wait()"
    )


@chapter.clause("synchronize.barrier.shared.dead-waiter", source=BARRIER, methods=ANY_METHOD, level=UNSPECIFIED)
def a_killed_waiter_no_longer_counts(mp: Any, see: See) -> None:
    """A party that is killed while it waits no longer counts: the barrier waits for another, and is passed then."""
    box, barrier = see.mailbox(), mp.Barrier(2)
    children = [mp.Process(target=pass_and_post, args=(box, barrier)) for _ in range(2)]
    children[0].start()
    see.eventually(lambda: barrier.n_waiting == 1, "n_waiting becomes 1")
    os.kill(children[0].pid, signal.SIGKILL)
    see.exits(children[0], -signal.SIGKILL)
    children[1].start()
    see.records(passed_with_the_dead=not box.empty(after=SMALL))
    mine = see.in_thread(barrier.wait)
    mine.thread.join(SMALL)
    see.records(passed_with_another=not mine.thread.is_alive())
    os.kill(children[1].pid, signal.SIGKILL)
    children[1].join()
