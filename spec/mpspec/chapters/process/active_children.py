"""active_children(): the living children of a process, and the end of the others."""

from __future__ import annotations

import gc
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.targets import nothing, post_children, post_pid_and_wait, wait
from mpspec.clause import NO_METHOD
from mpspec.observation.see import See

ACTIVE_CHILDREN = "multiprocessing.active_children"


@chapter.clause("active_children.signature", passage=f"{ACTIVE_CHILDREN}/2,1", methods=NO_METHOD)
def active_children_takes_nothing(mp: Any, see: See) -> None:
    """active_children takes no parameter and returns a list, empty where there are no children."""
    see.signature(mp.active_children, "()")
    children = mp.active_children()
    see.equal(children, [], "the children")
    children.append("not a child")
    see.equal(mp.active_children(), [], "the children after a change to the list")


@chapter.clause("active_children.living", passage=f"{ACTIVE_CHILDREN}/2")
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


@chapter.clause("active_children.unjoined", passage=f"{ACTIVE_CHILDREN}/2,3")
def active_children_notices_an_end(mp: Any, see: See) -> None:
    """A child that has ended without being joined soon is no active child; its exitcode is known then."""
    child = mp.Process(target=nothing)
    child.start()
    see.eventually(lambda: mp.active_children() == [], "there are no active children")
    see.equal(child.exitcode, 0, "the exitcode")


@chapter.clause("active_children.dropped", passage=f"{ACTIVE_CHILDREN}/2")
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


@chapter.clause("active_children.reaps", passage=f"{ACTIVE_CHILDREN}/3", methods=("fork", "spawn"))
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


@chapter.clause("process.start.reaps", passage="all-start-methods/12,11", methods=("fork", "spawn"))
def the_next_start_joins_what_has_ended(mp: Any, see: See) -> None:
    """start() of another process joins all children that have ended: no zombie of them is left."""
    together, gate = see.gate(), see.gate()
    children = [mp.Process(target=wait, args=(together,)) for _ in range(2)]
    for child in children:
        child.start()
    together.open()
    see.eventually(lambda: not any(see.alive(child.pid) for child in children), "both children end")
    following = mp.Process(target=wait, args=(gate,))
    following.start()
    see.true(not any(see.zombie(child.pid) for child in children), "no zombie is left")
    gate.open()
    see.exits(following, 0)


@chapter.clause("active_children.own", passage=f"{ACTIVE_CHILDREN}/2")
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
