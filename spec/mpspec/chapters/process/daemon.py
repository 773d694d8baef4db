"""daemon: the flag of a process, and what it means for the end of its parent."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.parent_targets import post_flags_below
from mpspec.chapters.process.targets import (
    post_own,
    post_pid_and_wait,
    start_a_child_and_return,
    start_several_and_end,
    try_to_start_a_child,
    wait,
)
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

DAEMON = "multiprocessing.Process.daemon"


@chapter.clause(
    "process.daemon.default",
    passage=(f"{DAEMON}/4,6", "multiprocessing.Process/12"),
    level=SHOULD,
    methods=NO_METHOD,
)
def a_child_of_the_main_process_is_no_daemon(mp: Any, see: See) -> None:
    """The main process is no daemon, and neither is a child that it creates without saying so."""
    see.true(mp.current_process().daemon is False, "daemon of the main process is False")
    see.true(
        mp.Process().daemon is False and mp.Process(daemon=None).daemon is False, "daemon of its children is False"
    )


@chapter.clause(
    "process.daemon.given",
    passage=("multiprocessing.Process/11", f"{DAEMON}/1"),
    methods=NO_METHOD,
    cases={"true": True, "false": False},
)
def the_constructor_sets_the_flag(mp: Any, see: See, flag: bool) -> None:
    """The parameter daemon of the constructor sets the flag."""
    see.true(mp.Process(daemon=flag).daemon is flag, f"daemon is {flag}")


@chapter.clause(
    "process.daemon.set",
    passage=f"{DAEMON}/3,2",
    cases={"true": True, "false": False},
)
def the_flag_can_be_set_before_the_start(mp: Any, see: See, flag: bool) -> None:
    """The flag that is set before the start is the flag that the child has."""
    box = see.mailbox()
    child = mp.Process(target=post_own, args=(mp, box, "daemon"), daemon=not flag)
    child.daemon = flag
    child.start()
    see.exits(child, 0)
    see.equal((child.daemon, box.take()), (flag, [flag]), "the flag here and in the child")


@chapter.clause("process.daemon.set-late", passage=(f"{DAEMON}/3", "the-process-class/2"), level=SHOULD)
def the_flag_cannot_be_set_after_the_start(mp: Any, see: See) -> None:
    """Setting daemon raises once the process was started, also after its end; the flag stays."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    with see.raises(Exception):
        child.daemon = True
    gate.open()
    see.exits(child, 0)
    with see.raises(Exception):
        child.daemon = True
    see.equal(child.daemon, False, "the flag")


@chapter.clause("process.daemon.truth", source=DAEMON, level=UNSPECIFIED, methods=NO_METHOD)
def a_flag_that_is_no_truth_value(mp: Any, see: See) -> None:
    """Whether daemon becomes a truth value when something else is given is left open."""
    see.records(one=mp.Process(daemon=1).daemon, nothing=mp.Process(daemon="").daemon)


@chapter.clause(
    "process.daemon.inherited",
    passage=(f"{DAEMON}/4", "multiprocessing.Process/12"),
    cases={"true": True, "false": False},
)
def the_flag_is_inherited(mp: Any, see: See, flag: bool) -> None:
    """A process takes its flag from the process that creates it, unless the constructor says otherwise."""
    box = see.mailbox()
    child = mp.Process(target=post_flags_below, args=(mp, box), daemon=flag)
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [flag, flag, not flag], "the flags of the grandchildren")


@chapter.clause("process.daemon.no-children", passage=f"{DAEMON}/6")
def a_daemon_has_no_children(mp: Any, see: See) -> None:
    """A daemonic process gets an error where it makes or starts a process, daemonic or not, and nothing runs."""
    box, below = see.mailbox(), see.mailbox()
    child = mp.Process(target=try_to_start_a_child, args=(mp, box, below), daemon=True)
    child.start()
    see.exits(child, 0)
    see.equal(box.take_all(3), ["refused"] * 3, "what came of a child that is no daemon, is one, and is by default")
    see.true(below.empty(), "nothing ran")


@chapter.clause("process.daemon.ends-with-child", passage=f"{DAEMON}/5,8", hanging=True)
def daemons_of_a_child_end_with_it(mp: Any, see: See) -> None:
    """When a child ends, its daemonic children are terminated; they do not hold it up."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_child_and_return, args=(mp, box, gate, True))
    child.start()
    grandchild = box.take()
    see.exits(child, 0)
    see.gone(grandchild)


ENDS = {"returns": ("returns", 0), "exits": ("exits", 3), "raises": ("raises", 1)}
"""How a child ends, and its exitcode."""


@chapter.clause("process.daemon.all-end", passage=f"{DAEMON}/5,8", cases=ENDS, hanging=True)
def all_daemons_of_a_child_end_with_it(mp: Any, see: See, end: tuple[str, int]) -> None:
    """When a child ends, by return, sys.exit() or exception, all its daemonic children are terminated, none joined."""
    box, gate = see.mailbox(), see.gate()
    how, status = end
    with see.output():
        child = mp.Process(target=start_several_and_end, args=(mp, box, [gate] * 3, True, how))
        child.start()
        grandchildren = box.take()
        see.exits(child, status)
    for grandchild in grandchildren:
        see.gone(grandchild)


@chapter.clause("process.daemon.others-joined", passage="all-start-methods/27")
def other_children_of_a_child_are_joined(mp: Any, see: See) -> None:
    """A child whose work is done ends only when its children that are no daemons have ended."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_child_and_return, args=(mp, box, gate, False))
    child.start()
    grandchild = box.take()
    see.settles(child.pid)
    see.equal(child.exitcode, None, "the exitcode while the grandchild runs")
    see.true(see.alive(grandchild), "the grandchild lives")
    gate.open()
    see.exits(child, 0)
    see.true(not see.alive(grandchild), "the grandchild has ended")


@chapter.clause("process.daemon.all-others-joined", passage="all-start-methods/27", cases=ENDS)
def all_other_children_of_a_child_are_joined(mp: Any, see: See, end: tuple[str, int]) -> None:
    """A child that returns, calls sys.exit() or raises ends only after all its children that are no daemons."""
    box, gates = see.mailbox(), [see.gate(), see.gate()]
    how, status = end
    with see.output():
        child = mp.Process(target=start_several_and_end, args=(mp, box, gates, False, how))
        child.start()
        for gate, grandchild in zip(gates, box.take()):
            see.settles(child.pid)
            see.equal(child.exitcode, None, "the exitcode while a grandchild runs")
            gate.open()
            see.gone(grandchild)
        see.exits(child, status)


@chapter.clause("process.daemon.joined", passage=f"{DAEMON}/8", methods=ANY_METHOD)
def a_daemon_can_be_joined(mp: Any, see: See) -> None:
    """A daemonic process is an ordinary child until its parent ends: it is alive, runs, and can be joined."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate), daemon=True)
    child.start()
    see.equal(box.take(), child.pid, "the message")
    see.equal(mp.active_children(), [child], "the active children")
    gate.open()
    see.exits(child, 0)
