"""terminate(), kill() and close()."""

from __future__ import annotations

import os
import select
import signal
import time
from typing import Any, Callable

from mpspec.chapters.process.chapter import chapter, remove_leftovers
from mpspec.chapters.process.end_targets import (
    ignore_terminate_and_wait,
    leave,
    post_at_the_end,
    post_the_signal,
)
from mpspec.chapters.process.parent_targets import start_one_that_looks_back
from mpspec.chapters.process.targets import nothing, post_pid_and_wait, start_a_child_and_wait, wait
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.descriptors import open_files
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

TERMINATE = "multiprocessing.Process.terminate"
CLOSE = "multiprocessing.Process.close"

# terminate, kill

ENDINGS: dict[str, str] = {"terminate": "terminate", "kill": "kill"}
NUMBERS = {"terminate": int(signal.SIGTERM), "kill": int(getattr(signal, "SIGKILL", 9))}  # Windows has none


@chapter.clause(
    "process.terminate.status",
    passage=(f"{TERMINATE}/3,1,2", "multiprocessing.Process.kill/1"),
    cases=ENDINGS,
    since={"kill": "3.7"},
)
def terminate_and_kill_end_the_process(mp: Any, see: See, ending: str) -> None:
    """terminate() ends the child by SIGTERM and kill() by SIGKILL: the exitcode says so."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    child.start()
    box.take()
    getattr(child, ending)()
    see.exits(child, -NUMBERS[ending])


@chapter.clause(
    "process.terminate.early",
    passage=(f"{TERMINATE}/3", "multiprocessing.Process.kill/2"),
    cases=ENDINGS,
    hanging=True,
    since={"kill": "3.7"},
)
def a_process_can_be_ended_right_after_its_start(mp: Any, see: See, ending: str) -> None:
    """terminate() and kill() work as soon as start() has returned, wherever the child is."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    getattr(child, ending)()
    see.gone(child.pid)
    child.join()


@chapter.clause("process.terminate.sigterm", passage=f"{TERMINATE}/3")
def terminate_can_be_handled(mp: Any, see: See) -> None:
    """What terminate() sends is SIGTERM: a handler of the child for it is called."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_the_signal, args=(box, gate))
    child.start()
    see.equal(box.take(), "ready", "the message")
    child.terminate()
    see.equal(box.take(), int(signal.SIGTERM), "the signal")
    see.exits(child, 4)


@chapter.clause("process.terminate.ignored", passage=f"{TERMINATE}/3", methods=ANY_METHOD)
def terminate_sends_and_does_not_wait(mp: Any, see: See) -> None:
    """terminate() returns while a child that ignores SIGTERM goes on."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=ignore_terminate_and_wait, args=(box, gate))
    child.start()
    box.take()
    child.terminate()
    see.settles(child.pid)
    see.equal((child.is_alive(), child.exitcode), (True, None), "is_alive() and exitcode")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.kill.sigkill", passage="multiprocessing.Process.kill/2", since="3.7", hanging=True)
def kill_cannot_be_ignored(mp: Any, see: See) -> None:
    """kill() ends a child that ignores SIGTERM."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=ignore_terminate_and_wait, args=(box, gate))
    child.start()
    box.take()
    child.kill()
    see.exits(child, -signal.SIGKILL)


@chapter.clause(
    "process.terminate.no-handlers",
    passage=(f"{TERMINATE}/4", "multiprocessing.Process.kill/2"),
    cases=ENDINGS,
    since={"kill": "3.7"},
)
def nothing_of_python_runs_at_a_violent_end(mp: Any, see: See, ending: str) -> None:
    """A child that is ended by terminate() or kill() runs neither exit handlers nor finally clauses."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_at_the_end, args=(box, gate))
    child.start()
    see.equal(box.take(), "ready", "the message")
    getattr(child, ending)()
    see.gone(child.pid)
    child.join()
    see.true(box.empty(), "no further message", "a message arrived")


@chapter.clause(
    "process.terminate.orphans",
    passage=(f"{TERMINATE}/5", "multiprocessing.Process.kill/2"),
    cases=ENDINGS,
    since={"kill": "3.7"},
)
def descendants_are_not_ended(mp: Any, see: See, ending: str) -> None:
    """The children of a process that is ended by terminate() or kill() live on as orphans."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_child_and_wait, args=(mp, box, gate, False))
    child.start()
    grandchild = box.take()
    getattr(child, ending)()
    child.join()
    see.settles(grandchild)
    gate.open()
    see.gone(grandchild)
    remove_leftovers(see)


@chapter.clause(
    "process.terminate.orphans-parent",
    passage=("multiprocessing.parent_process/2", f"{TERMINATE}/5", "multiprocessing.Process.kill/2"),
    level=SHOULD,
    since="3.8",
    cases=ENDINGS,
)
def an_orphan_keeps_its_parent(mp: Any, see: See, ending: str) -> None:
    """parent_process() of an orphan stands for the process that was ended by terminate() or kill(): it is not alive."""
    box, gate, never = see.mailbox(), see.gate(), see.gate()
    child = mp.Process(target=start_one_that_looks_back, args=(mp, box, gate, never), name="ended")
    child.start()
    orphan, pid = box.take(), child.pid
    getattr(child, ending)()
    see.exits(child, -NUMBERS[ending])
    gate.open()
    see.equal(box.take(), [pid, "ended", False], "pid, name and is_alive() of the orphan's parent")
    see.gone(orphan)
    mp.active_children()  # join() may have come back before the sentinel, which the orphan had inherited, was ready
    remove_leftovers(see)


@chapter.clause("process.terminate.ended", source=TERMINATE, level=UNSPECIFIED, cases=ENDINGS)
def an_ended_process_is_not_ended_again(mp: Any, see: See, ending: str) -> None:
    """What terminate() and kill() of a process that has ended do is left open, before it is joined and after."""
    child = mp.Process(target=leave, args=(6,))
    child.start()
    see.eventually(lambda: not see.alive(child.pid), "the child ends")
    for when in ("before", "after"):
        try:
            getattr(child, ending)()
            see.records(**{when: child.exitcode})
        except Exception as error:
            see.records(**{when: type(error).__name__})
        child.join()


@chapter.clause(
    "process.terminate.before-start",
    source=TERMINATE,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases=ENDINGS,
)
def ending_what_was_not_started(mp: Any, see: See, ending: str) -> None:
    """What terminate() and kill() do before the start is left open."""
    try:
        getattr(mp.Process(), ending)()
    except Exception as error:
        see.records(raises=type(error).__name__)
    else:
        see.records(raises=None)


@chapter.clause("process.terminate.windows", passage=f"{TERMINATE}/3", methods=("spawn",), platforms=("win32",))
def windows_ends_it_by_terminate_process(mp: Any, see: See) -> None:
    """On Windows terminate() ends the child by TerminateProcess."""
    child = mp.Process(target=time.sleep, args=(1000,))
    child.start()
    child.terminate()
    child.join(LONG)
    see.true(child.exitcode not in (None, 0), "an exitcode other than 0", child.exitcode)


# close


@chapter.clause("process.close.running", passage=f"{CLOSE}/3,4", since="3.7")
def a_running_process_cannot_be_closed(mp: Any, see: See) -> None:
    """close() of a process that still runs raises ValueError; the process and its object go on as before."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    with see.raises(ValueError):
        child.close()
    see.equal((child.is_alive(), child.exitcode), (True, None), "is_alive() and exitcode")
    gate.open()
    see.exits(child, 0)


def closed(mp: Any) -> Any:
    """A process that has run, was joined and closed."""
    child = mp.Process(target=nothing)
    child.start()
    child.join()
    child.close()
    return child


MEMBERS: dict[str, Callable[[Any], Any]] = {
    "start": lambda process: process.start(),
    "join": lambda process: process.join(),
    "is_alive": lambda process: process.is_alive(),
    "exitcode": lambda process: process.exitcode,
    "pid": lambda process: process.pid,
    "sentinel": lambda process: process.sentinel,
    "terminate": lambda process: process.terminate(),
    "kill": lambda process: process.kill(),
}


@chapter.clause(
    "process.close.then",
    passage=f"{CLOSE}/4",
    since="3.7",
    level=SHOULD,
    methods=ANY_METHOD,
    cases=MEMBERS,
)
def a_closed_process_cannot_be_used(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """After close() what asks for the child raises ValueError."""
    child = closed(mp)
    with see.raises(ValueError):
        use(child)


@chapter.clause("process.close.most", passage=f"{CLOSE}/4", since="3.7")
def most_of_a_closed_process_is_gone(mp: Any, see: See) -> None:
    """After close() most methods and attributes of the process raise ValueError."""
    child = closed(mp)
    refused = []
    for name in (
        "run",
        "start",
        "join",
        "name",
        "is_alive",
        "daemon",
        "pid",
        "exitcode",
        "authkey",
        "sentinel",
        "terminate",
        "kill",
    ):
        try:
            member = getattr(child, name)
            if callable(member) and name != "run":
                member()
        except ValueError:
            refused.append(name)
    see.true(len(refused) > 6, "more than half of the twelve raise ValueError", refused)


@chapter.clause("process.close.returns", passage=f"{CLOSE}/2,4,1", since="3.7", methods=ANY_METHOD)
def close_returns(mp: Any, see: See) -> None:
    """close() of a joined process returns, and raises nothing."""
    child = mp.Process(target=nothing)
    child.start()
    child.join()
    see.comes_back(child.close)


@chapter.clause("process.close.unjoined", passage=(f"{CLOSE}/2,3", "multiprocessing.active_children/2"), since="3.7")
def an_ended_process_can_be_closed_unjoined(mp: Any, see: See) -> None:
    """close() of a process that has ended needs no join() before; no zombie stays and it is no active child."""
    child = mp.Process(target=nothing)
    child.start()
    pid = child.pid
    select.select([child.sentinel], [], [], LONG)
    see.gone(pid)
    see.comes_back(child.close)
    see.eventually(lambda: not see.zombie(pid), "no zombie stays")
    see.equal(mp.active_children(), [], "the active children")


@chapter.clause("process.close.descriptors", passage=f"{CLOSE}/2", since="3.7")
def close_releases_the_descriptors(mp: Any, see: See) -> None:
    """close() releases every descriptor that the process object held, while the object itself lives on."""
    kept = [closed(mp)]
    before = len(open_files())
    child = mp.Process(target=nothing)
    child.start()
    sentinel = child.sentinel
    child.join()
    child.close()
    kept.append(child)
    see.equal(len(open_files()), before, "the number of open descriptors")
    with see.raises(OSError):
        os.fstat(sentinel)


@chapter.clause("process.close.hundred", passage=f"{CLOSE}/2", since="3.7", methods=ANY_METHOD, patience=2)
def a_hundred_processes_leave_nothing_open(mp: Any, see: See) -> None:
    """A hundred processes that are started, joined and closed leave no descriptor open."""
    kept = [closed(mp)]
    before = len(open_files())
    kept += [closed(mp) for _ in range(100)]
    see.equal(len(open_files()), before, "the number of open descriptors")


@chapter.clause("process.close.before-start", passage=f"{CLOSE}/3,4", since="3.7", level=SHOULD, methods=NO_METHOD)
def a_process_can_be_closed_unstarted(mp: Any, see: See) -> None:
    """A process that was never started can be closed; start() raises ValueError then."""
    process = mp.Process(target=nothing)
    see.comes_back(process.close)
    with see.raises(ValueError):
        process.start()


@chapter.clause("process.close.twice", source=CLOSE, since="3.7", level=UNSPECIFIED, methods=ANY_METHOD)
def closing_twice(mp: Any, see: See) -> None:
    """What a second close() does is left open, and so is the text of a closed process."""
    child = closed(mp)
    try:
        child.close()
        see.records(second_close="passes", text=str(child).rsplit(" ", 1)[-1])
    except ValueError:
        see.records(second_close="ValueError", text=str(child).rsplit(" ", 1)[-1])
