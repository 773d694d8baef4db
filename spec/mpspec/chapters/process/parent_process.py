"""parent_process(): the parent of the current process, and its end."""

from __future__ import annotations

import os
import signal
from typing import Any

from mpspec.chapters.process.chapter import chapter, remove_leftovers, start_in_a_thread
from mpspec.chapters.process.parent_targets import (
    join_parent_for_a_moment,
    post_kernel_parent,
    post_living_parent,
    post_parent,
    post_parent_below,
    post_parent_life,
    start_outliver,
)
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See

PARENT_PROCESS = "multiprocessing.parent_process"


@chapter.clause("parent_process.main", passage=f"{PARENT_PROCESS}/3,1", since="3.8", methods=NO_METHOD)
def the_main_process_has_no_parent(mp: Any, see: See) -> None:
    """In the main process parent_process() is None."""
    see.signature(mp.parent_process, "()")
    see.returns(None, mp.parent_process)


@chapter.clause("parent_process.child", passage=f"{PARENT_PROCESS}/2", since="3.8")
def a_child_knows_its_parent(mp: Any, see: See) -> None:
    """In a child parent_process() stands for the process that started it: its pid and its name."""
    box = see.mailbox()
    child = mp.Process(target=post_parent, args=(mp, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [os.getpid(), mp.current_process().name], "pid and name")


@chapter.clause("parent_process.alive", passage=f"{PARENT_PROCESS}/2", since="3.8", level=SHOULD)
def a_child_finds_its_parent_alive(mp: Any, see: See) -> None:
    """In a child parent_process() is alive while the parent is, and the same object each time."""
    box = see.mailbox()
    child = mp.Process(target=post_living_parent, args=(mp, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [True, True], "is_alive(), and whether it is one object")


@chapter.clause("parent_process.grandchild", passage=f"{PARENT_PROCESS}/2", since="3.8")
def the_parent_of_a_grandchild_is_the_child(mp: Any, see: See) -> None:
    """In a grandchild parent_process() stands for the child, under the child's name."""
    box = see.mailbox()
    child = mp.Process(target=post_parent_below, args=(mp, box), name="in the middle")
    child.start()
    pid = box.take()
    see.equal(box.take(), [pid, "in the middle"], "pid and name")
    see.exits(child, 0)


@chapter.clause(
    "parent_process.kernel",
    passage=("multiprocessing-start-method-fork/1", "multiprocessing-start-method-spawn/1"),
    methods=("fork", "spawn"),
)
def the_kernel_knows_the_same_parent(mp: Any, see: See) -> None:
    """os.getppid() in a child is the process id of the parent."""
    box = see.mailbox()
    child = mp.Process(target=post_kernel_parent, args=(box,))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), os.getpid(), "what os.getppid() returns")


@chapter.clause("parent_process.join-timeout", passage=f"{PARENT_PROCESS}/2", since="3.8", level=SHOULD, hanging=True)
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
    messages = box.take_all(1 + siblings)
    [[grandchild, alive]] = [message for message in messages if isinstance(message, list)]
    see.equal(alive, True, "is_alive() of the parent before its end")
    see.settles(grandchild)
    os.kill(child.pid, signal.SIGKILL)
    see.equal(box.take(), False, "is_alive() of the parent after its end")
    gate.open()
    for message in messages:
        see.gone(message if isinstance(message, int) else grandchild)
    child.join()
    remove_leftovers(see)


@chapter.clause(
    "parent_process.killed",
    passage=f"{PARENT_PROCESS}/2",
    since="3.8",
    level=SHOULD,
    cases={"join": "join", "join-timeout": "timeout", "sentinel": "sentinel"},
    hanging=True,
)
def a_child_notices_the_end_of_its_parent(mp: Any, see: See, how: str) -> None:
    """When the parent is killed, join() and the sentinel of parent_process() say so, and is_alive() is False."""
    outliver(mp, see, how)


@chapter.clause(
    "parent_process.killed-siblings", passage=f"{PARENT_PROCESS}/2", since="3.8", level=SHOULD, hanging=True
)
def siblings_do_not_hide_the_end_of_the_parent(mp: Any, see: See) -> None:
    """A child notices the end of its parent though later children of that parent live on."""
    outliver(mp, see, "join", siblings=1)


@chapter.clause(
    "parent_process.thread", passage=f"{PARENT_PROCESS}/2", since="3.8", level=SHOULD, methods=("fork", "spawn")
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
