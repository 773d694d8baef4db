"""current_process(): the process object of the caller."""

from __future__ import annotations

import os
import threading
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.parent_targets import post_current, post_current_in_a_thread
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See

CURRENT_PROCESS = "multiprocessing.current_process"


@chapter.clause("current_process.main", passage=f"{CURRENT_PROCESS}/2,1", methods=NO_METHOD)
def the_main_process_is_its_current_process(mp: Any, see: See) -> None:
    """current_process takes no parameter; in the main process its result has the process's own id."""
    see.signature(mp.current_process, "()")
    see.equal(mp.current_process().pid, os.getpid(), "the pid")


@chapter.clause("current_process.main-name", passage="logging/4", level=SHOULD, methods=NO_METHOD)
def the_main_process_is_called_mainprocess(mp: Any, see: See) -> None:
    """The main process has the name 'MainProcess'."""
    see.equal(mp.current_process().name, "MainProcess", "the name")


@chapter.clause("current_process.same", passage=f"{CURRENT_PROCESS}/2,3", methods=NO_METHOD)
def current_process_is_one_object(mp: Any, see: See) -> None:
    """current_process() is the same object each time and in every thread."""
    seen = [mp.current_process()]
    thread = threading.Thread(target=lambda: seen.append(mp.current_process()))
    thread.start()
    thread.join()
    see.true(seen[0] is seen[1] is mp.current_process(), "one object")


@chapter.clause("current_process.members", passage=f"{CURRENT_PROCESS}/2", methods=NO_METHOD)
def the_main_process_is_a_process_object(mp: Any, see: See) -> None:
    """current_process() of the main process offers every member of a process object."""
    own, other = mp.current_process(), mp.Process()
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
        see.equal(hasattr(own, name), hasattr(other, name), f"whether the main process has {name}, as others have")
    see.equal(own.exitcode, None, "the exitcode of a process that has not ended")


@chapter.clause(
    "current_process.rename",
    passage=("multiprocessing.Process.name/6", "the-process-class/2"),
    level=SHOULD,
    methods=NO_METHOD,
)
def the_main_process_can_be_renamed(mp: Any, see: See) -> None:
    """The name of the main process can be set."""
    mp.current_process().name = "renamed"
    see.equal(mp.current_process().name, "renamed", "the name")


@chapter.clause("current_process.child", passage=f"{CURRENT_PROCESS}/2")
def a_child_is_its_current_process(mp: Any, see: See) -> None:
    """In a child current_process() is the process object of that child: name, pid, flag; the same each time."""
    box = see.mailbox()
    child = mp.Process(target=post_current, args=(mp, box), name="the child", daemon=True)
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), ["the child", True, True, True, True], "name, own pid, daemon, one object, a Process")


@chapter.clause("current_process.child-thread", passage=f"{CURRENT_PROCESS}/2,3", methods=("fork", "spawn"))
def a_thread_of_a_child_belongs_to_it(mp: Any, see: See) -> None:
    """In a thread of a child current_process() is the object of that child."""
    box = see.mailbox()
    child = mp.Process(target=post_current_in_a_thread, args=(mp, box))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), True, "whether it is the same object")
