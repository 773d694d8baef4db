"""The end of a process: exit statuses of every kind, terminate, kill, close."""

from __future__ import annotations

import atexit
import os
import select
import signal
import sys
import time
from typing import Any, Callable

from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.process_chapter import chapter, sweep
from mpspec.process_targets import (
    Withdrawal,
    die_of,
    fall,
    ignore_terminate_and_wait,
    interrupt_oneself,
    leave,
    leave_at_once,
    nothing,
    post_at_the_end,
    post_pid_and_wait,
    post_the_signal,
    print_and_end,
    register_and_end,
    return_something,
    start_a_child_and_wait,
    start_a_thread,
    wait,
)
from mpspec.see import See
from mpspec.waits import LONG

# exitcode


@chapter.clause(
    "process.exitcode.return",
    source="multiprocessing.Process.exitcode",
    cases={"none": None, "number": 7, "text": "text"},
)
def a_run_that_returns_gives_0(mp: Any, see: See, value: Any) -> None:
    """The exitcode is 0 when run() returns, whatever the target returns."""
    child = mp.Process(target=return_something, args=(value,))
    child.start()
    see.exits(child, 0)


@chapter.clause(
    "process.exitcode.sys-exit",
    source="multiprocessing.Process.exitcode",
    cases={"0": 0, "1": 1, "3": 3, "255": 255},
)
def sys_exit_with_an_integer_gives_it(mp: Any, see: See, status: int) -> None:
    """The exitcode is N when the child ends by sys.exit(N)."""
    child = mp.Process(target=leave, args=(status,))
    child.start()
    see.exits(child, status)


@chapter.clause(
    "process.exitcode.sys-exit-bool",
    source="multiprocessing.Process.exitcode",
    methods=ANY_METHOD,
    cases={"true": True, "false": False},
)
def a_truth_value_is_an_integer(mp: Any, see: See, status: bool) -> None:
    """The exitcode is 1 after sys.exit(True) and 0 after sys.exit(False)."""
    child = mp.Process(target=leave, args=(status,))
    child.start()
    see.exits(child, int(status))


@chapter.clause(
    "process.exitcode.sys-exit-empty",
    source="multiprocessing.Process.exitcode",
    level=SHOULD,
    cases={"none": (None,), "nothing": ()},
)
def sys_exit_without_a_status_gives_0(mp: Any, see: See, args: Any) -> None:
    """The exitcode is 0 after sys.exit() and sys.exit(None), as for any program."""
    child = mp.Process(target=sys.exit, args=args)
    child.start()
    see.exits(child, 0)


@chapter.clause("process.exitcode.sys-exit-text", source="multiprocessing.Process.exitcode", level=SHOULD)
def sys_exit_with_a_text_gives_1(mp: Any, see: See) -> None:
    """After sys.exit("text") the exitcode is 1 and the text is a line on standard error, as for any program."""
    with see.output() as seen:
        child = mp.Process(target=leave, args=("the last words",))
        child.start()
        see.exits(child, 1)
    see.equal(seen.err, "the last words\n", "standard error")


@chapter.clause(
    "process.exitcode.sys-exit-beyond",
    source="multiprocessing.Process.exitcode",
    level=UNSPECIFIED,
    cases={"256": 256, "257": 257, "minus-1": -1, "huge": 1 << 40},
)
def sys_exit_beyond_a_byte(mp: Any, see: See, status: int) -> None:
    """What the exitcode is where the kernel cannot carry the status of sys.exit() is left open."""
    child = mp.Process(target=leave, args=(status,))
    child.start()
    child.join()
    see.records(exitcode=child.exitcode)


@chapter.clause(
    "process.exitcode.os-exit", source="multiprocessing.Process.exitcode", cases={"0": 0, "5": 5, "255": 255}
)
def os_exit_gives_its_status(mp: Any, see: See, status: int) -> None:
    """The exitcode is the status with which the child ends past the interpreter, by os._exit()."""
    child = mp.Process(target=leave_at_once, args=(status,))
    child.start()
    see.exits(child, status)


@chapter.clause(
    "process.exitcode.exception",
    source="multiprocessing.Process.exitcode",
    cases={
        "exception": ValueError("thrown"),
        "base": Withdrawal("thrown"),
        "interrupt": KeyboardInterrupt("thrown"),
        "generator-exit": GeneratorExit("thrown"),
    },
)
def an_uncaught_exception_gives_1(mp: Any, see: See, error: BaseException) -> None:
    """The exitcode is 1 when an exception leaves run(), of whatever class but SystemExit."""
    with see.output():
        child = mp.Process(target=fall, args=(error,))
        child.start()
        see.exits(child, 1)


@chapter.clause("process.exitcode.traceback", source="multiprocessing.Process.exitcode", level=SHOULD)
def an_uncaught_exception_is_shown(mp: Any, see: See) -> None:
    """An exception that leaves run() is shown on standard error: the name of the process, then the traceback."""
    with see.output() as seen:
        child = mp.Process(target=fall, args=(LookupError("told to the user"),), name="the named one")
        child.start()
        see.exits(child, 1)
    lines = seen.err.splitlines()
    see.equal((lines[:2]), ["Process the named one:", "Traceback (most recent call last):"], "how it begins")
    see.equal(lines[-1], "LookupError: told to the user", "the last line")
    see.true("    raise error" in lines, "the line that raised is shown", seen.err)


@chapter.clause("process.exitcode.interrupt", source="multiprocessing.Process.exitcode")
def an_interrupt_is_an_exception_of_the_child(mp: Any, see: See) -> None:
    """SIGINT raises KeyboardInterrupt in the child; left uncaught it gives the exitcode 1."""
    box = see.mailbox()
    with see.output():
        child = mp.Process(target=interrupt_oneself, args=(box,))
        child.start()
        see.exits(child, 1)
    see.equal(box.take(), "interrupted", "the letter")


@chapter.clause(
    "process.exitcode.signal",
    source="multiprocessing.Process.exitcode",
    cases={
        "term": int(signal.SIGTERM),
        "kill": int(signal.SIGKILL),
        "segv": int(signal.SIGSEGV),
        "abrt": int(signal.SIGABRT),
        "usr1": int(signal.SIGUSR1),
        "alrm": int(signal.SIGALRM),
    },
)
def a_signal_gives_its_negative_number(mp: Any, see: See, number: int) -> None:
    """The exitcode is -N when the child is terminated by the signal N."""
    with see.output():
        child = mp.Process(target=die_of, args=(number,))
        child.start()
        see.exits(child, -number)


# What the child still does at its end


@chapter.clause(
    "process.end.flushes",
    source="multiprocessing.Process",
    level=SHOULD,
    cases={"return": "return", "exit": "exit", "raise": "raise"},
)
def a_child_flushes_its_outputs(mp: Any, see: See, how: str) -> None:
    """What a child has printed is written out before it ends, by return, sys.exit() or exception."""
    with see.output() as seen:
        child = mp.Process(target=print_and_end, args=(how,))
        child.start()
        child.join()
    see.equal(seen.out, "left in the buffer", "standard output")
    see.true(seen.err.startswith("of either stream"), "standard error has what was written", seen.err)


@chapter.clause("process.end.joins-threads", source="multiprocessing.Process", level=SHOULD)
def a_child_waits_for_its_threads(mp: Any, see: See) -> None:
    """A child ends after its threads that are not daemons have ended, as any program does."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_thread, args=(box, gate, False))
    child.start()
    see.equal(box.take(), "thread", "the letter")
    see.sleeps(child.pid)
    see.equal(child.exitcode, None, "the exitcode while the thread runs")
    gate.open()
    see.exits(child, 0)
    see.equal(box.take(), "over", "the last letter")


@chapter.clause("process.end.daemon-threads", source="multiprocessing.Process", level=SHOULD, hanging=True)
def a_child_does_not_wait_for_daemon_threads(mp: Any, see: See) -> None:
    """A child ends though a daemon thread of it still runs."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_thread, args=(box, gate, True))
    child.start()
    see.exits(child, 0)


@chapter.clause("process.end.exit-handlers", source="multiprocessing.Process", level=UNSPECIFIED)
def exit_handlers_of_a_child(mp: Any, see: See) -> None:
    """Whether exit handlers that a child registers run at its regular end is left open."""
    box = see.mailbox()
    child = mp.Process(target=register_and_end, args=(box,))
    child.start()
    see.exits(child, 0)
    see.records(handlers_run=not box.empty())


@chapter.clause(
    "process.end.exit-handlers-inherited", source="multiprocessing.Process", level=UNSPECIFIED, methods=("fork",)
)
def exit_handlers_of_the_parent(mp: Any, see: See) -> None:
    """Whether a forked child runs the exit handlers of its parent is left open."""
    box = see.mailbox()
    atexit.register(box.post, "handler")
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)
    atexit.unregister(box.post)
    see.records(handlers_run=not box.empty())


# terminate, kill

ENDINGS: dict[str, str] = {"terminate": "terminate", "kill": "kill"}
NUMBERS = {"terminate": signal.SIGTERM, "kill": signal.SIGKILL}


@chapter.clause("process.terminate.status", source="multiprocessing.Process.terminate", cases=ENDINGS)
def terminate_and_kill_end_the_process(mp: Any, see: See, ending: str) -> None:
    """terminate() ends the child by SIGTERM and kill() by SIGKILL: the exitcode says so; both return None."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_pid_and_wait, args=(box, gate))
    child.start()
    box.take()
    see.returns(None, getattr(child, ending))
    see.exits(child, -NUMBERS[ending])


@chapter.clause("process.terminate.early", source="multiprocessing.Process.terminate", cases=ENDINGS, hanging=True)
def a_process_can_be_ended_right_after_its_start(mp: Any, see: See, ending: str) -> None:
    """terminate() and kill() work as soon as start() has returned, wherever the child is."""
    gate = see.gate()
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    getattr(child, ending)()
    see.exits(child, -NUMBERS[ending])


@chapter.clause("process.terminate.sigterm", source="multiprocessing.Process.terminate")
def terminate_can_be_handled(mp: Any, see: See) -> None:
    """What terminate() sends is SIGTERM: a handler of the child for it is called."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_the_signal, args=(box, gate))
    child.start()
    see.equal(box.take(), "ready", "the letter")
    child.terminate()
    see.equal(box.take(), int(signal.SIGTERM), "the signal")
    see.exits(child, 4)


@chapter.clause("process.terminate.ignored", source="multiprocessing.Process.terminate", methods=ANY_METHOD)
def terminate_sends_and_does_not_wait(mp: Any, see: See) -> None:
    """terminate() returns while a child that ignores SIGTERM goes on."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=ignore_terminate_and_wait, args=(box, gate))
    child.start()
    box.take()
    child.terminate()
    see.sleeps(child.pid)
    see.equal((child.is_alive(), child.exitcode), (True, None), "is_alive() and exitcode")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.kill.sigkill", source="multiprocessing.Process.kill", since="3.7", hanging=True)
def kill_cannot_be_ignored(mp: Any, see: See) -> None:
    """kill() ends a child that ignores SIGTERM."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=ignore_terminate_and_wait, args=(box, gate))
    child.start()
    box.take()
    child.kill()
    see.exits(child, -signal.SIGKILL)


@chapter.clause("process.terminate.no-handlers", source="multiprocessing.Process.terminate", cases=ENDINGS)
def nothing_of_python_runs_at_a_violent_end(mp: Any, see: See, ending: str) -> None:
    """A child that is ended by terminate() or kill() runs neither exit handlers nor finally clauses."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_at_the_end, args=(box, gate))
    child.start()
    see.equal(box.take(), "ready", "the letter")
    getattr(child, ending)()
    see.exits(child, -NUMBERS[ending])
    see.true(box.empty(), "no further letter", "a letter arrived")


@chapter.clause("process.terminate.orphans", source="multiprocessing.Process.terminate", cases=ENDINGS)
def descendants_are_not_ended(mp: Any, see: See, ending: str) -> None:
    """The children of a process that is ended by terminate() or kill() live on as orphans."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_child_and_wait, args=(mp, box, gate, False))
    child.start()
    grandchild = box.take()
    getattr(child, ending)()
    child.join()
    see.equal(child.exitcode, -NUMBERS[ending], "the exitcode")
    see.sleeps(grandchild)
    gate.open()
    see.gone(grandchild)
    sweep(see)


@chapter.clause("process.terminate.ended", source="multiprocessing.Process.terminate", level=SHOULD, cases=ENDINGS)
def an_ended_process_is_not_ended_again(mp: Any, see: See, ending: str) -> None:
    """terminate() and kill() of a process that has ended do nothing, before it is joined and after."""
    child = mp.Process(target=leave_at_once, args=(6,))
    child.start()
    see.eventually(lambda: not see.alive(child.pid), "the child ends")
    see.returns(None, getattr(child, ending))
    see.exits(child, 6)
    see.returns(None, getattr(child, ending))
    see.equal(child.exitcode, 6, "the exitcode")


@chapter.clause(
    "process.terminate.before-start",
    source="multiprocessing.Process.terminate",
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


@chapter.clause(
    "process.terminate.windows", source="multiprocessing.Process.terminate", methods=("spawn",), platforms=("win32",)
)
def windows_ends_it_by_terminate_process(mp: Any, see: See) -> None:
    """On Windows terminate() ends the child by TerminateProcess."""
    child = mp.Process(target=time.sleep, args=(1000,))
    child.start()
    child.terminate()
    child.join(LONG)
    see.true(child.exitcode not in (None, 0), "an exitcode other than 0", child.exitcode)


# close


@chapter.clause("process.close.running", source="multiprocessing.Process.close", since="3.7")
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
    source="multiprocessing.Process.close",
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


@chapter.clause("process.close.most", source="multiprocessing.Process.close", since="3.7")
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


@chapter.clause("process.close.returns", source="multiprocessing.Process.close", since="3.7", methods=ANY_METHOD)
def close_returns_none(mp: Any, see: See) -> None:
    """close() of a joined process returns None."""
    child = mp.Process(target=nothing)
    child.start()
    child.join()
    see.returns(None, child.close)


@chapter.clause("process.close.unjoined", source="multiprocessing.Process.close", since="3.7")
def an_ended_process_can_be_closed_unjoined(mp: Any, see: See) -> None:
    """close() of a process that has ended needs no join() before; no zombie stays and it is no active child."""
    child = mp.Process(target=nothing)
    child.start()
    pid = child.pid
    select.select([child.sentinel], [], [], LONG)
    see.gone(pid)
    see.returns(None, child.close)
    see.eventually(lambda: not see.zombie(pid), "no zombie stays")
    see.equal(mp.active_children(), [], "the active children")


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd"))


@chapter.clause("process.close.descriptors", source="multiprocessing.Process.close", since="3.7")
def close_releases_the_descriptors(mp: Any, see: See) -> None:
    """close() releases every descriptor that the process object held, while the object itself lives on."""
    kept = [closed(mp)]
    before = descriptors()
    child = mp.Process(target=nothing)
    child.start()
    sentinel = child.sentinel
    child.join()
    child.close()
    kept.append(child)
    see.equal(descriptors(), before, "the number of open descriptors")
    with see.raises(OSError):
        os.fstat(sentinel)


@chapter.clause(
    "process.close.hundred", source="multiprocessing.Process.close", since="3.7", methods=ANY_METHOD, patience=2
)
def a_hundred_processes_leave_nothing_open(mp: Any, see: See) -> None:
    """A hundred processes that are started, joined and closed leave no descriptor open."""
    kept = [closed(mp)]
    before = descriptors()
    kept += [closed(mp) for _ in range(100)]
    see.equal(descriptors(), before, "the number of open descriptors")


@chapter.clause(
    "process.close.before-start", source="multiprocessing.Process.close", since="3.7", level=SHOULD, methods=NO_METHOD
)
def a_process_can_be_closed_unstarted(mp: Any, see: See) -> None:
    """A process that was never started can be closed; start() raises ValueError then."""
    process = mp.Process(target=nothing)
    see.returns(None, process.close)
    with see.raises(ValueError):
        process.start()


@chapter.clause(
    "process.close.twice", source="multiprocessing.Process.close", since="3.7", level=UNSPECIFIED, methods=ANY_METHOD
)
def closing_twice(mp: Any, see: See) -> None:
    """What a second close() does is left open, and so is the text of a closed process."""
    child = closed(mp)
    try:
        child.close()
        see.records(second_close="passes", text=str(child).rsplit(" ", 1)[-1])
    except ValueError:
        see.records(second_close="ValueError", text=str(child).rsplit(" ", 1)[-1])
