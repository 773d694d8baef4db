"""The start of a process: start(), and what runs where."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.process.chapter import chapter, start_in_a_thread
from mpspec.chapters.process.targets import Precious, post, post_pid, post_pid_and_wait, wait_with
from mpspec.clause import SHOULD
from mpspec.observation.see import See

START = "multiprocessing.Process.start"
PROCESS = "multiprocessing.Process"


@chapter.clause("process.start.runs-elsewhere", passage=f"{START}/4,2,1")
def start_runs_it_in_another_process(mp: Any, see: See) -> None:
    """start() arranges that run() is called in a new process."""
    box = see.mailbox()
    child = mp.Process(target=post_pid, args=(box,))
    child.start()
    see.exits(child, 0)
    see.true(box.take() != os.getpid(), "another process id than the parent's")


@chapter.clause("process.start.once", passage=(f"{START}/3", f"{PROCESS}/3"), level=SHOULD)
def a_running_process_is_not_started_again(mp: Any, see: See) -> None:
    """A second start() of a running process raises, and the target does not run twice."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    child.start()
    with see.raises(Exception):
        child.start()
    see.equal(box.take(), child.pid, "the process id")
    gate.open()
    see.exits(child, 0)
    see.true(box.empty(), "no second message")


@chapter.clause("process.start.once-ever", passage=(f"{START}/3", f"{PROCESS}/3"), level=SHOULD)
def an_ended_process_is_not_started_again(mp: Any, see: See) -> None:
    """start() of a process that has ended and was joined raises, and the target does not run again."""
    box = see.mailbox()
    child = mp.Process(target=post, args=(box, "first"))
    child.start()
    see.exits(child, 0)
    with see.raises(Exception):
        child.start()
    see.equal((box.take(), child.exitcode), ("first", 0), "the message and the exitcode")
    see.true(box.empty(), "no second message")


@chapter.clause(
    "process.start.from-thread",
    passage=(f"{PROCESS}/27", f"{START}/4", "multiprocessing.active_children/2"),
    level=SHOULD,
)
def a_thread_may_start_and_another_join(mp: Any, see: See) -> None:
    """A process that one thread starts runs, can be joined by another thread, and is a child of the whole process."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    start_in_a_thread(child)
    see.equal(box.take(), child.pid, "the process id")
    see.equal(mp.active_children(), [child], "the children")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.start.many", passage=(f"{PROCESS}/2", "introduction/2"), hanging=True, patience=2)
def many_processes_run_at_once(mp: Any, see: See) -> None:
    """Several processes run at the same time, each in a process of its own."""
    box, gate = see.mailbox(), see.gate()
    children = [mp.Process(target=post_pid_and_wait, args=(box, gate)) for _ in range(6)]
    for child in children:
        child.start()
    pids = box.take_all(6)
    see.equal(sorted(pids), sorted(child.pid for child in children), "the process ids")
    see.equal(len(set(pids)), 6, "how many processes there are")
    gate.open()
    for child in children:
        see.exits(child, 0)


@chapter.clause("process.start.keeps-arguments", passage="all-start-methods/34")
def the_arguments_live_as_long_as_the_child(mp: Any, see: See) -> None:
    """An argument of a process, by position or keyword, is not garbage collected in the parent while the child runs."""
    import gc
    import weakref

    gate = see.gate()
    given = Precious(), Precious()
    references = [weakref.ref(each) for each in given]
    mp.Process(target=wait_with, args=(gate, given[0]), kwargs={"other": given[1]}).start()
    del given
    gc.collect()
    collected = [place for place, each in zip(("position", "keyword"), references) if each() is None]
    see.equal(collected, [], "what was collected of the arguments by position and by keyword")
    [child] = mp.active_children()
    gate.open()
    see.exits(child, 0)
