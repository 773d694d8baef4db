"""join(): how long it waits, and for which processes."""

from __future__ import annotations

import threading
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.targets import join_oneself, nothing, wait
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

JOIN = "multiprocessing.Process.join"


@chapter.clause("process.join.signature", passage=f"{JOIN}/1,2", methods=NO_METHOD)
def join_takes_a_timeout(mp: Any, see: See) -> None:
    """join takes one optional parameter, timeout, by default None."""
    see.signature(mp.Process.join, "(timeout=None)")


@chapter.clause("process.join.blocks", passage=f"{JOIN}/2,4")
def join_blocks_until_the_end(mp: Any, see: See) -> None:
    """join() blocks until the process ends, then returns None."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = see.blocks(child.join)
    joining.goes_on()
    gate.open()
    see.equal(joining.ends(), None, "what join() returns")
    see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("process.join.none", passage=f"{JOIN}/2", methods=ANY_METHOD)
def join_with_none_blocks_until_the_end(mp: Any, see: See) -> None:
    """join(timeout=None) blocks until the process ends."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = see.blocks(child.join, timeout=None)
    gate.open()
    see.equal(joining.ends(), None, "what join() returns")


@chapter.clause("process.join.timeout-over", passage=f"{JOIN}/4,3", hanging=True)
def join_gives_up_after_its_timeout(mp: Any, see: See) -> None:
    """join(timeout) of a process that goes on blocks for the timeout and no longer, then returns None."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    see.equal(see.expires(SMALL, child.join, SMALL), None, "what join() returns")
    see.equal((child.exitcode, child.is_alive()), (None, True), "exitcode and is_alive()")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.join.timeout-enough", passage=f"{JOIN}/4,3", hanging=True)
def join_returns_at_the_end_before_its_timeout(mp: Any, see: See) -> None:
    """join(timeout) returns None as soon as the process ends, long before the timeout is over."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = see.blocks(child.join, 1000 * LONG)
    gate.open()
    see.equal((joining.ends(), child.exitcode), (None, 0), "what join() returns, and the exitcode")


@chapter.clause(
    "process.join.timeout-passed",
    passage=(f"{JOIN}/3,4", "multiprocessing.Process/3"),
    level=SHOULD,
    methods=("fork", "forkserver"),
    cases={"zero": 0, "float-zero": 0.0},
    hanging=True,
)
def join_does_not_wait_without_time(mp: Any, see: See, timeout: float) -> None:
    """join with a timeout of zero returns None at once while the process goes on."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    see.returns(None, child.join, timeout)
    see.equal((child.exitcode, child.is_alive()), (None, True), "exitcode and is_alive()")
    gate.open()
    see.exits(child, 0)


@chapter.clause(
    "process.join.timeout-negative",
    source=JOIN,
    level=UNSPECIFIED,
    methods=ANY_METHOD,
    cases={"negative": -1, "little-negative": -0.001},
)
def join_with_less_than_no_time(mp: Any, see: See, timeout: float) -> None:
    """What join does with a timeout below zero while the process goes on is left open."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = see.in_thread(child.join, timeout)
    joining.thread.join(SMALL)
    see.records(waits=joining.thread.is_alive())
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.join.timeout-huge", passage=f"{JOIN}/3,4", hanging=True)
def join_takes_the_longest_timeout(mp: Any, see: See) -> None:
    """join takes a timeout as long as any lock of the interpreter takes, and returns None when the process ends."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = see.blocks(child.join, threading.TIMEOUT_MAX)
    gate.open()
    see.equal((joining.ends(), child.exitcode), (None, 0), "what join() returns, and the exitcode")


@chapter.clause("process.join.timeout-tiny", passage=f"{JOIN}/3,4", methods=ANY_METHOD, hanging=True)
def join_takes_a_fraction_of_a_second(mp: Any, see: See) -> None:
    """The timeout of join may be an integer or a fraction of a second; a tiny one is soon over."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    for timeout in (1e-9, 0.001, YIELD):
        with see.takes(at_least=timeout):
            see.returns(None, child.join, timeout)
    see.equal(child.exitcode, None, "the exitcode")
    gate.open()
    see.returns(None, child.join, 1 + int(LONG))
    see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("process.join.again", passage=f"{JOIN}/6,4", hanging=True)
def an_ended_process_can_be_joined_again(mp: Any, see: See) -> None:
    """A process can be joined many times, with a timeout and without; the exitcode stays."""
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)
    for timeout in (None, LONG, 0, None):
        see.returns(None, child.join, timeout)
        see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("process.join.after-timeout", passage=f"{JOIN}/6,2", hanging=True)
def a_join_after_one_that_gave_up(mp: Any, see: See) -> None:
    """A join that has given up does not keep a later one from waiting for the end."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    child.join(YIELD)
    joining = see.blocks(child.join)
    gate.open()
    see.equal((joining.ends(), child.exitcode), (None, 0), "what join() returns, and the exitcode")


@chapter.clause("process.join.threads", passage=f"{JOIN}/6,2", level=SHOULD, hanging=True)
def several_threads_may_join_at_once(mp: Any, see: See) -> None:
    """Several threads may wait in join() for one process: its end releases all of them."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    joining = [see.blocks(child.join), see.blocks(child.join), see.blocks(child.join, 100 * LONG)]
    gate.open()
    see.equal([each.ends() for each in joining], [None, None, None], "what the calls of join() return")
    see.exits(child, 0)


@chapter.clause("process.join.before-start", passage=f"{JOIN}/8", methods=ANY_METHOD, hanging=True)
def join_before_start_is_an_error(mp: Any, see: See) -> None:
    """join of a process that was not started raises, with a timeout too; the process can still be started."""
    child = mp.Process(target=nothing)
    with see.raises(Exception):
        child.join()
    with see.raises(Exception):
        child.join(timeout=0)
    child.start()
    see.exits(child, 0)


@chapter.clause("process.join.oneself", passage=f"{JOIN}/7", hanging=True)
def a_process_cannot_join_itself(mp: Any, see: See) -> None:
    """A child that joins its own process object gets an error and goes on."""
    box = see.mailbox()
    child = mp.Process(target=join_oneself, args=(mp, box))
    child.start()
    see.equal(box.take(), "refused", "what came of it")
    see.exits(child, 0)


@chapter.clause("process.join.main", passage=f"{JOIN}/7", methods=NO_METHOD, hanging=True)
def the_main_process_cannot_join_itself(mp: Any, see: See) -> None:
    """current_process().join() in the main process raises."""
    with see.raises(Exception):
        mp.current_process().join()


@chapter.clause("process.join.reaps", passage="all-start-methods/11")
def join_leaves_no_zombie(mp: Any, see: See) -> None:
    """After join() has seen the end no zombie of the child is left."""
    child = mp.Process(target=nothing)
    child.start()
    child.join()
    if mp.get_start_method() != "forkserver":
        see.true(not see.zombie(child.pid), "no zombie is left")
    # Where the fork server is the one to reap, it may need a moment.
    see.eventually(lambda: not see.zombie(child.pid), "no zombie is left")
