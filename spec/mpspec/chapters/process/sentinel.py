"""The sentinel: a handle that is ready once the process has ended."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
from typing import Any, Callable

from mpspec.chapters.process.chapter import chapter, remove_leftovers
from mpspec.chapters.process.end_targets import exec_another_program
from mpspec.chapters.process.targets import nothing, post_pid_and_wait, start_one_and_wait, wait
from mpspec.clause import ANY_METHOD, NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL, YIELD

SENTINEL = "multiprocessing.Process.sentinel"


def _ready_by_poll(descriptor: int, timeout: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(timeout * 1000))


def _ready_by_select(descriptor: int, timeout: float) -> bool:
    return select.select([descriptor], [], [], timeout)[0] == [descriptor]


WAITS: dict[str, Callable[[int, float], bool]] = {"select": _ready_by_select, "poll": _ready_by_poll}
if sys.platform == "linux":

    def _ready_by_epoll(descriptor: int, timeout: float) -> bool:
        with contextlib.closing(select.epoll()) as epoll:
            epoll.register(descriptor, select.EPOLLIN)
            return bool(epoll.poll(timeout))

    WAITS["epoll"] = _ready_by_epoll


@chapter.clause("process.sentinel.ready", passage=f"{SENTINEL}/6,2,1", cases=WAITS, hanging=True)
def the_sentinel_tells_the_end(mp: Any, see: See, ready: Callable[[int, float], bool]) -> None:
    """sentinel, an integer, is a descriptor for select, poll or epoll: not ready while the child runs, then ready."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    see.equal(type(child.sentinel), int, "the type of the sentinel")
    see.equal(ready(child.sentinel, YIELD), False, "whether the sentinel is ready while the child runs")
    gate.open()
    see.equal(ready(child.sentinel, LONG), True, "whether the sentinel is ready after the end")
    see.exits(child, 0)


@chapter.clause("process.sentinel.stays", passage=f"{SENTINEL}/2,6")
def the_sentinel_stays_ready(mp: Any, see: See) -> None:
    """A sentinel that became ready stays ready, however often it is asked, also after a join."""
    child = mp.Process(target=nothing)
    child.start()
    see.equal([_ready_by_poll(child.sentinel, time) for time in (LONG, 0, 0)], [True] * 3, "whether it is ready")
    see.exits(child, 0)
    see.equal([_ready_by_poll(child.sentinel, time) for time in (LONG, 0)], [True] * 2, "whether it is after the join")


@chapter.clause("process.sentinel.killed", passage=f"{SENTINEL}/2")
def the_sentinel_tells_of_a_violent_end(mp: Any, see: See) -> None:
    """The sentinel becomes ready when the child is killed from outside."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    child.start()
    os.kill(box.take(), signal.SIGKILL)
    see.equal(_ready_by_poll(child.sentinel, LONG), True, "whether the sentinel is ready")
    child.join()


@chapter.clause("process.sentinel.several", passage=f"{SENTINEL}/2,3,6")
def each_sentinel_tells_of_its_own_process(mp: Any, see: See) -> None:
    """Of several children the sentinel of the one that ended is ready, the others' are not."""
    gates = [see.gate() for _ in range(3)]
    children = [mp.Process(target=wait, args=(gate,)) for gate in gates]
    for child in children:
        child.start()
    sentinels = [child.sentinel for child in children]
    for number in (1, 0, 2):
        gates[number].open()
        see.equal(
            select.select(sentinels, [], [], LONG)[0], [children[number].sentinel], "the sentinels that are ready"
        )
        sentinels.remove(children[number].sentinel)
    for child in children:
        see.exits(child, 0)


@chapter.clause("process.sentinel.waiters", passage=f"{SENTINEL}/2", methods=ANY_METHOD, hanging=True)
def several_may_wait_for_a_sentinel(mp: Any, see: See) -> None:
    """The end releases everyone who waits for the sentinel, and a join() besides."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    waiting: list[Any] = [see.blocks(_ready_by_select, child.sentinel, 100 * LONG) for _ in range(2)]
    waiting.append(see.blocks(child.join))
    gate.open()
    see.equal([each.ends() for each in waiting], [True, True, None], "what the waits return")


@chapter.clause("process.sentinel.grandchild", passage=f"{SENTINEL}/2", hanging=True)
def a_grandchild_does_not_hold_the_sentinel_up(mp: Any, see: See) -> None:
    """The sentinel becomes ready when the child ends, though a child of that child lives on."""
    box, gate, gate_below = see.mailbox(), see.gate(), see.gate()
    child = mp.Process(target=start_one_and_wait, args=(mp, box, gate, gate_below))
    child.start()
    grandchild = box.take()
    gate.open()
    see.equal(_ready_by_poll(child.sentinel, LONG), True, "whether the sentinel is ready")
    see.true(see.alive(grandchild), "the grandchild lives")
    gate_below.open()
    see.gone(grandchild)
    child.join()
    remove_leftovers(see)


@chapter.clause("process.join.grandchild", passage="multiprocessing.Process.join/4,2", hanging=True)
def a_grandchild_does_not_hold_a_timed_join_up(mp: Any, see: See) -> None:
    """join(timeout) sees the end of a child though a child of that child lives on."""
    box, gate, gate_below = see.mailbox(), see.gate(), see.gate()
    child = mp.Process(target=start_one_and_wait, args=(mp, box, gate, gate_below))
    child.start()
    grandchild = box.take()
    joining = see.blocks(child.join, 1000 * LONG)
    gate.open()
    see.equal(joining.ends(), None, "what join() returns")
    see.true(child.exitcode is not None, "there is an exitcode")
    see.true(see.alive(grandchild), "the grandchild lives")
    gate_below.open()
    see.gone(grandchild)
    remove_leftovers(see)


@chapter.clause("process.sentinel.exec", passage=f"{SENTINEL}/2,6", hanging=True)
def another_program_in_the_process_is_not_its_end(mp: Any, see: See) -> None:
    """A child that runs another program in its process by exec goes on: the sentinel is ready only when that ends."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=exec_another_program, args=(box, gate, 0))
    child.start()
    see.equal(box.take(), "now", "the message")
    see.true(not _ready_by_poll(child.sentinel, SMALL), "the sentinel is not ready while the other program runs")
    gate.open()
    see.true(_ready_by_poll(child.sentinel, LONG), "the sentinel is ready when it has ended")
    child.join()


@chapter.clause(
    "process.join.exec",
    passage=("multiprocessing.Process.join/2,3", "multiprocessing.Process.exitcode/3,2", f"{SENTINEL}/2"),
    hanging=True,
)
def a_process_is_joined_when_the_last_of_its_programs_ends(mp: Any, see: See) -> None:
    """join(timeout) of a child that runs another program by exec waits for it, and its status is the exitcode."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=exec_another_program, args=(box, gate, 7))
    child.start()
    see.equal(box.take(), "now", "the message")
    see.expires(SMALL, child.join, SMALL)
    see.equal((child.is_alive(), child.exitcode), (True, None), "is_alive() and exitcode while the other program runs")
    joining = see.blocks(child.join, 100 * LONG)
    gate.open()
    see.equal((joining.ends(), child.exitcode), (None, 7), "what join() returns, and the exitcode")


@chapter.clause("process.sentinel.windows", passage=f"{SENTINEL}/5,2", methods=("spawn",), platforms=("win32",))
def windows_waits_for_the_sentinel(mp: Any, see: See) -> None:
    """On Windows WaitForSingleObject and WaitForMultipleObjects find sentinel signalled once the child has ended."""
    import ctypes

    kernel32: Any = ctypes.windll.kernel32  # type: ignore[attr-defined]
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    handles = (ctypes.c_void_p * 1)(child.sentinel)
    waits: list[Callable[[float], Any]] = [
        lambda timeout: kernel32.WaitForSingleObject(child.sentinel, int(timeout * 1000)),
        lambda timeout: kernel32.WaitForMultipleObjects(1, handles, False, int(timeout * 1000)),
    ]
    timed_out = 0x102
    see.equal([waits_for(YIELD) for waits_for in waits], [timed_out] * 2, "the waits while the child runs")
    gate.open()
    see.equal([waits_for(LONG) for waits_for in waits], [0, 0], "the waits after the end")
    see.exits(child, 0)


@chapter.clause("process.sentinel.before", source=SENTINEL, level=UNSPECIFIED, methods=NO_METHOD)
def a_sentinel_before_the_start(mp: Any, see: See) -> None:
    """What sentinel is before the start is left open."""
    try:
        see.records(sentinel=mp.Process().sentinel)
    except Exception as error:
        see.records(raises=type(error).__name__)
