"""Processes among each other: daemons, zombies, active_children, current_process, parent_process."""

from __future__ import annotations

import gc
import os
import signal
import threading
from typing import Any

from mpspec.chapters.process.chapter import chapter, start_in_a_thread, sweep
from mpspec.chapters.process.targets import (
    MISUSE,
    join_parent_for_a_moment,
    nothing,
    post_children,
    post_current,
    post_current_in_a_thread,
    post_flags_below,
    post_kernel_parent,
    post_own,
    post_parent,
    post_parent_below,
    post_parent_life,
    post_pid_and_wait,
    start_a_child_and_return,
    start_outliver,
    try_to_start_a_child,
    wait,
)
from mpspec.clause import ANY_METHOD, NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See

# daemon


@chapter.clause("process.daemon.default", source="multiprocessing.Process.daemon", methods=NO_METHOD)
def a_child_of_the_main_process_is_no_daemon(mp: Any, see: See) -> None:
    """The main process is no daemon, and neither is a child that it creates without saying so."""
    see.true(mp.current_process().daemon is False, "daemon of the main process is False")
    see.true(
        mp.Process().daemon is False and mp.Process(daemon=None).daemon is False, "daemon of its children is False"
    )


@chapter.clause(
    "process.daemon.given",
    source="multiprocessing.Process.daemon",
    methods=NO_METHOD,
    cases={"true": True, "false": False},
)
def the_constructor_sets_the_flag(mp: Any, see: See, flag: bool) -> None:
    """The parameter daemon of the constructor sets the flag."""
    see.true(mp.Process(daemon=flag).daemon is flag, f"daemon is {flag}")


@chapter.clause(
    "process.daemon.set",
    source="multiprocessing.Process.daemon",
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


@chapter.clause("process.daemon.set-late", source="multiprocessing.Process.daemon")
def the_flag_cannot_be_set_after_the_start(mp: Any, see: See) -> None:
    """Setting daemon raises once the process was started, also after its end; the flag stays."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    with see.raises(*MISUSE):
        child.daemon = True
    gate.open()
    see.exits(child, 0)
    with see.raises(*MISUSE):
        child.daemon = True
    see.equal(child.daemon, False, "the flag")


@chapter.clause("process.daemon.truth", source="multiprocessing.Process.daemon", level=UNSPECIFIED, methods=NO_METHOD)
def a_flag_that_is_no_truth_value(mp: Any, see: See) -> None:
    """Whether daemon becomes a truth value when something else is given is left open."""
    see.records(one=mp.Process(daemon=1).daemon, nothing=mp.Process(daemon="").daemon)


@chapter.clause(
    "process.daemon.inherited", source="multiprocessing.Process.daemon", cases={"true": True, "false": False}
)
def the_flag_is_inherited(mp: Any, see: See, flag: bool) -> None:
    """A process takes its flag from the process that creates it, unless the constructor says otherwise."""
    box = see.mailbox()
    child = mp.Process(target=post_flags_below, args=(mp, box), daemon=flag)
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [flag, flag, not flag], "the flags of the grandchildren")


@chapter.clause("process.daemon.no-children", source="multiprocessing.Process.daemon")
def a_daemon_has_no_children(mp: Any, see: See) -> None:
    """start() raises in a daemonic process, whatever the flag of the child, and nothing runs."""
    box, below = see.mailbox(), see.mailbox()
    child = mp.Process(target=try_to_start_a_child, args=(mp, box, below), daemon=True)
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), "refused", "what came of it")
    see.true(below.empty(), "nothing ran")


@chapter.clause("process.daemon.ends-with-child", source="multiprocessing.Process.daemon", hanging=True)
def daemons_of_a_child_end_with_it(mp: Any, see: See) -> None:
    """When a child ends, its daemonic children are terminated; they do not hold it up."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_child_and_return, args=(mp, box, gate, True))
    child.start()
    grandchild = box.take()
    see.exits(child, 0)
    see.gone(grandchild)


@chapter.clause("process.daemon.others-joined", source="multiprocessing.Process.daemon")
def other_children_of_a_child_are_joined(mp: Any, see: See) -> None:
    """A child whose work is done ends only when its children that are no daemons have ended."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_child_and_return, args=(mp, box, gate, False))
    child.start()
    grandchild = box.take()
    see.sleeps(child.pid)
    see.equal(child.exitcode, None, "the exitcode while the grandchild runs")
    see.true(see.alive(grandchild), "the grandchild lives")
    gate.open()
    see.exits(child, 0)
    see.true(not see.alive(grandchild), "the grandchild has ended")


@chapter.clause("process.daemon.joined", source="multiprocessing.Process.daemon", methods=ANY_METHOD)
def a_daemon_can_be_joined(mp: Any, see: See) -> None:
    """A daemonic process is an ordinary child until its parent ends: it is alive, runs, and can be joined."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate), daemon=True)
    child.start()
    see.equal(box.take(), child.pid, "the letter")
    see.equal(mp.active_children(), [child], "the active children")
    gate.open()
    see.exits(child, 0)


# active_children and zombies


@chapter.clause("active_children.signature", source="multiprocessing.active_children", methods=NO_METHOD)
def active_children_takes_nothing(mp: Any, see: See) -> None:
    """active_children takes no parameter and returns a new list each time, empty where there are no children."""
    see.signature(mp.active_children, "()")
    first = mp.active_children()
    see.equal(first, [], "the children")
    first.append("not a child")
    see.equal((mp.active_children(), first), ([], ["not a child"]), "the next list, and the first one")


@chapter.clause("active_children.living", source="multiprocessing.active_children")
def active_children_lists_the_living(mp: Any, see: See) -> None:
    """active_children lists the process objects of the living children, and of no others."""
    gates = [see.gate(), see.gate()]
    children = [mp.Process(target=wait, args=(gate,)) for gate in gates]
    see.equal(mp.active_children(), [], "the children before the start")
    for child in children:
        child.start()
    see.equal(sorted(map(id, mp.active_children())), sorted(map(id, children)), "the children, by identity")
    gates[0].open()
    see.exits(children[0], 0)
    see.true(mp.active_children() == [children[1]], "the other child is left", mp.active_children())
    gates[1].open()
    see.exits(children[1], 0)
    see.equal(mp.active_children(), [], "the children after the end")


@chapter.clause("active_children.unjoined", source="multiprocessing.active_children")
def active_children_notices_an_end(mp: Any, see: See) -> None:
    """A child that has ended without being joined soon is no active child; its exitcode is known then."""
    child = mp.Process(target=nothing)
    child.start()
    see.eventually(lambda: mp.active_children() == [], "there are no active children")
    see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("active_children.dropped", source="multiprocessing.active_children")
def a_running_child_is_never_forgotten(mp: Any, see: See) -> None:
    """A running child whose process object the program has dropped is an active child, and can be joined."""
    box, gate = see.mailbox(), see.gate()
    mp.Process(target=post_pid_and_wait, args=(box, gate), name="dropped").start()
    pid = box.take()
    gc.collect()
    found = mp.active_children()
    see.equal([(child.name, child.pid) for child in found], [("dropped", pid)], "the active children")
    gate.open()
    see.exits(found[0], 0)


@chapter.clause("active_children.reaps", source="multiprocessing.active_children", methods=("fork", "spawn"))
def active_children_joins_what_has_ended(mp: Any, see: See) -> None:
    """active_children() joins the children that have ended: no zombie of them is left."""
    children = [mp.Process(target=nothing) for _ in range(3)]
    for child in children:
        child.start()
    for child in children:
        # A later start may already have joined it, which is why the zombie itself is not waited for.
        see.eventually(lambda pid=child.pid: not see.alive(pid), "the child ends")  # type: ignore[misc]
    see.equal(mp.active_children(), [], "the active children")
    see.true(not any(see.zombie(child.pid) for child in children), "no zombie is left")


@chapter.clause("process.start.reaps", source="multiprocessing-programming", methods=("fork", "spawn"))
def the_next_start_joins_what_has_ended(mp: Any, see: See) -> None:
    """start() of another process joins the children that have ended: no zombie of them is left."""
    gate = see.gate()
    child = mp.Process(target=nothing)
    child.start()
    see.eventually(lambda: see.zombie(child.pid), "the first child is a zombie")
    following = mp.Process(target=wait, args=(gate,))
    following.start()
    see.true(not see.zombie(child.pid), "the zombie is gone")
    gate.open()
    see.exits(following, 0)


@chapter.clause("active_children.own", source="multiprocessing.active_children")
def a_child_has_children_of_its_own(mp: Any, see: See) -> None:
    """A child begins without children, whatever its parent has, and sees its own; the parent does not see these."""
    box, gate = see.mailbox(), see.gate()
    sibling = mp.Process(target=wait, args=(gate,))
    sibling.start()
    child = mp.Process(target=post_children, args=(mp, box, gate))
    child.start()
    see.equal(box.take(), [0, [True]], "the children of the child, before and after a start")
    see.equal(len(mp.active_children()), 2, "the number of children of the parent")
    gate.open()
    see.exits(child, 0)
    see.exits(sibling, 0)


# current_process


@chapter.clause("current_process.main", source="multiprocessing.current_process", methods=NO_METHOD)
def the_main_process_is_called_mainprocess(mp: Any, see: See) -> None:
    """In the main process current_process() has the name 'MainProcess' and the process's own id."""
    see.signature(mp.current_process, "()")
    own = mp.current_process()
    see.equal((own.name, own.pid), ("MainProcess", os.getpid()), "name and pid")


@chapter.clause("current_process.same", source="multiprocessing.current_process", methods=NO_METHOD)
def current_process_is_one_object(mp: Any, see: See) -> None:
    """current_process() is the same object each time and in every thread."""
    seen = [mp.current_process()]
    thread = threading.Thread(target=lambda: seen.append(mp.current_process()))
    thread.start()
    thread.join()
    see.true(seen[0] is seen[1] is mp.current_process(), "one object")


@chapter.clause("current_process.members", source="multiprocessing.current_process", methods=NO_METHOD)
def the_main_process_is_a_process_object(mp: Any, see: See) -> None:
    """current_process() of the main process offers every member of a process object."""
    own = mp.current_process()
    for name in [
        "run",
        "start",
        "join",
        "name",
        "is_alive",
        "daemon",
        "pid",
        "exitcode",
        "authkey",
        "terminate",
        "kill",
        "close",
    ]:
        see.true(hasattr(own, name), f"the main process has {name}")
    see.equal(own.exitcode, None, "the exitcode of a process that has not ended")


@chapter.clause("current_process.rename", source="multiprocessing.current_process", methods=NO_METHOD)
def the_main_process_can_be_renamed(mp: Any, see: See) -> None:
    """The name of the main process can be set."""
    mp.current_process().name = "renamed"
    see.equal(mp.current_process().name, "renamed", "the name")


@chapter.clause("current_process.child", source="multiprocessing.current_process")
def a_child_is_its_current_process(mp: Any, see: See) -> None:
    """In a child current_process() is the process object of that child: name, pid, flag; the same each time."""
    box = see.mailbox()
    child = mp.Process(target=post_current, args=(mp, box), name="the child", daemon=True)
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), ["the child", True, True, True, True], "name, own pid, daemon, one object, a Process")


@chapter.clause("current_process.child-thread", source="multiprocessing.current_process", methods=("fork", "spawn"))
def a_thread_of_a_child_belongs_to_it(mp: Any, see: See) -> None:
    """In a thread of a child current_process() is the object of that child."""
    box = see.mailbox()
    child = mp.Process(target=post_current_in_a_thread, args=(mp, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), True, "whether it is the same object")


# parent_process


@chapter.clause("parent_process.main", source="multiprocessing.parent_process", since="3.8", methods=NO_METHOD)
def the_main_process_has_no_parent(mp: Any, see: See) -> None:
    """In the main process parent_process() is None."""
    see.signature(mp.parent_process, "()")
    see.returns(None, mp.parent_process)


@chapter.clause("parent_process.child", source="multiprocessing.parent_process", since="3.8")
def a_child_knows_its_parent(mp: Any, see: See) -> None:
    """In a child parent_process() stands for the process that started it: pid, name, alive; the same each time."""
    box = see.mailbox()
    child = mp.Process(target=post_parent, args=(mp, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [os.getpid(), "MainProcess", True, True], "pid, name, is_alive(), one object")


@chapter.clause("parent_process.grandchild", source="multiprocessing.parent_process", since="3.8")
def the_parent_of_a_grandchild_is_the_child(mp: Any, see: See) -> None:
    """In a grandchild parent_process() stands for the child, under the child's name."""
    box = see.mailbox()
    child = mp.Process(target=post_parent_below, args=(mp, box), name="in the middle")
    child.start()
    pid = box.take()
    see.equal(box.take(), [pid, "in the middle", True, True], "pid, name, is_alive(), one object")
    see.exits(child, 0)


@chapter.clause("parent_process.kernel", source="multiprocessing.Process", methods=("fork", "spawn"))
def the_kernel_knows_the_same_parent(mp: Any, see: See) -> None:
    """os.getppid() in a child is the process id of the parent."""
    box = see.mailbox()
    child = mp.Process(target=post_kernel_parent, args=(box,))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), os.getpid(), "what os.getppid() returns")


@chapter.clause("parent_process.join-timeout", source="multiprocessing.parent_process", since="3.8", hanging=True)
def joining_a_living_parent_gives_up(mp: Any, see: See) -> None:
    """join(timeout) of the parent gives up after the timeout and returns None while the parent lives."""
    box = see.mailbox()
    child = mp.Process(target=join_parent_for_a_moment, args=(mp, box))
    child.start()
    see.equal(box.take(), [None, True, None, True], "what join() returns, whether it took its time, and is_alive()")
    see.exits(child, 0)


def outliver(mp: Any, see: See, how: str, siblings: int = 0) -> None:
    """A child is killed while its own child waits for that; the siblings of the latter live on."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_outliver, args=(mp, box, gate, how, siblings))
    child.start()
    letters = box.take_all(1 + siblings)
    [[grandchild, alive]] = [letter for letter in letters if isinstance(letter, list)]
    see.equal(alive, True, "is_alive() of the parent before its end")
    see.sleeps(grandchild)
    os.kill(child.pid, signal.SIGKILL)
    see.equal(box.take(), False, "is_alive() of the parent after its end")
    gate.open()
    for letter in letters:
        see.gone(letter if isinstance(letter, int) else grandchild)
    child.join()
    sweep(see)


@chapter.clause(
    "parent_process.killed",
    source="multiprocessing.parent_process",
    since="3.8",
    cases={"join": "join", "join-timeout": "timeout", "sentinel": "sentinel"},
    hanging=True,
)
def a_child_notices_the_end_of_its_parent(mp: Any, see: See, how: str) -> None:
    """When the parent is killed, join() and the sentinel of parent_process() say so, and is_alive() is False."""
    outliver(mp, see, how)


@chapter.clause("parent_process.killed-siblings", source="multiprocessing.parent_process", since="3.8", hanging=True)
def siblings_do_not_hide_the_end_of_the_parent(mp: Any, see: See) -> None:
    """A child notices the end of its parent though later children of that parent live on."""
    outliver(mp, see, "join", siblings=1)


@chapter.clause(
    "parent_process.thread", source="multiprocessing.parent_process", since="3.8", methods=("fork", "spawn")
)
def the_parent_is_the_process_and_not_the_thread(mp: Any, see: See) -> None:
    """A child that a thread has started outlives that thread, and its parent is alive as long as the process is."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_parent_life, args=(mp, box, gate), name="low")
    start_in_a_thread(child)
    see.equal(child.exitcode, None, "the exitcode")
    gate.open()
    see.equal(box.take(), ["alive", True], "is_alive() of the parent")
    see.exits(child, 0)
