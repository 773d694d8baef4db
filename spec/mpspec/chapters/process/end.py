"""The end of a process: exit statuses of every kind, and what the child still does before."""

from __future__ import annotations

import atexit
import signal
import sys
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.end_targets import (
    Withdrawal,
    die_of,
    fall,
    interrupt_oneself,
    leave,
    leave_at_once,
    print_and_end,
    register_and_end,
    return_something,
    start_a_thread,
)
from mpspec.chapters.process.targets import nothing
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

EXITCODE = "multiprocessing.Process.exitcode"
PROCESS = "multiprocessing.Process"

# exitcode


@chapter.clause(
    "process.exitcode.return",
    passage=f"{EXITCODE}/4,2,1",
    cases={"none": None, "number": 7, "text": "text"},
)
def a_run_that_returns_gives_0(mp: Any, see: See, value: Any) -> None:
    """The exitcode is 0 when run() returns, whatever the target returns."""
    child = mp.Process(target=return_something, args=(value,))
    child.start()
    see.exits(child, 0)


@chapter.clause(
    "process.exitcode.sys-exit",
    passage=f"{EXITCODE}/5",
    cases={"0": 0, "1": 1, "3": 3, "255": 255},
)
def sys_exit_with_an_integer_gives_it(mp: Any, see: See, status: int) -> None:
    """The exitcode is N when the child ends by sys.exit(N)."""
    child = mp.Process(target=leave, args=(status,))
    child.start()
    see.exits(child, status)


@chapter.clause(
    "process.exitcode.sys-exit-bool",
    passage=f"{EXITCODE}/5",
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
    passage=f"{EXITCODE}/5",
    level=SHOULD,
    cases={"none": (None,), "nothing": ()},
)
def sys_exit_without_a_status_gives_0(mp: Any, see: See, args: Any) -> None:
    """The exitcode is 0 after sys.exit() and sys.exit(None), as for any program."""
    child = mp.Process(target=sys.exit, args=args)
    child.start()
    see.exits(child, 0)


@chapter.clause("process.exitcode.sys-exit-text", passage=f"{EXITCODE}/6,5", level=SHOULD)
def sys_exit_with_a_text_gives_1(mp: Any, see: See) -> None:
    """After sys.exit("text") the exitcode is 1, as for any program."""
    with see.output():
        child = mp.Process(target=leave, args=("the last words",))
        child.start()
        see.exits(child, 1)


@chapter.clause("process.exitcode.sys-exit-words", source=EXITCODE, level=UNSPECIFIED, methods=ANY_METHOD)
def the_text_of_sys_exit_is_shown(mp: Any, see: See) -> None:
    """What is on standard error after sys.exit("text") of a child is left open."""
    with see.output() as seen:
        child = mp.Process(target=leave, args=("the last words",))
        child.start()
        child.join()
    see.records(err=seen.err)


@chapter.clause(
    "process.exitcode.sys-exit-beyond",
    source=EXITCODE,
    level=UNSPECIFIED,
    cases={"256": 256, "257": 257, "minus-1": -1, "huge": 1 << 40},
)
def sys_exit_beyond_a_byte(mp: Any, see: See, status: int) -> None:
    """What the exitcode is where the kernel cannot carry the status of sys.exit() is left open."""
    child = mp.Process(target=leave, args=(status,))
    child.start()
    child.join()
    see.records(exitcode=child.exitcode)


@chapter.clause("process.exitcode.os-exit", passage=f"{EXITCODE}/2", level=SHOULD, cases={"0": 0, "5": 5, "255": 255})
def os_exit_gives_its_status(mp: Any, see: See, status: int) -> None:
    """The exitcode is the status with which the child ends past the interpreter, by os._exit()."""
    child = mp.Process(target=leave_at_once, args=(status,))
    child.start()
    see.exits(child, status)


@chapter.clause(
    "process.exitcode.exception",
    passage=f"{EXITCODE}/6",
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


@chapter.clause("process.exitcode.traceback", passage="using-a-pool-of-workers/10", level=SHOULD)
def an_uncaught_exception_is_shown(mp: Any, see: See) -> None:
    """An exception that leaves run() is shown on standard error: what was raised, and its text."""
    with see.output() as seen:
        child = mp.Process(target=fall, args=(LookupError("told to the user"),), name="the named one")
        child.start()
        see.exits(child, 1)
    see.true("LookupError: told to the user" in seen.err, "the exception is shown", seen.err)


@chapter.clause("process.exitcode.traceback-form", source=EXITCODE, level=UNSPECIFIED, methods=ANY_METHOD)
def how_an_uncaught_exception_is_shown(mp: Any, see: See) -> None:
    """What stands around the exception of a child on standard error is left open."""
    with see.output() as seen:
        child = mp.Process(target=fall, args=(LookupError("told to the user"),), name="the named one")
        child.start()
        child.join()
    lines = seen.err.splitlines()
    see.records(begins=lines[:2], ends=lines[-1:], line_that_raised="    raise error" in lines)


@chapter.clause("process.exitcode.interrupt", passage=f"{EXITCODE}/6", level=SHOULD)
def an_interrupt_is_an_exception_of_the_child(mp: Any, see: See) -> None:
    """SIGINT raises KeyboardInterrupt in the child; left uncaught it gives the exitcode 1."""
    box = see.mailbox()
    with see.output():
        child = mp.Process(target=interrupt_oneself, args=(box,))
        child.start()
        see.exits(child, 1)
    see.equal(box.take(), "interrupted", "the message")


@chapter.clause(
    "process.exitcode.signal",
    passage=f"{EXITCODE}/7",
    cases={
        name: int(getattr(signal, f"SIG{name.upper()}"))
        for name in ("term", "kill", "segv", "abrt", "usr1", "alrm")
        if hasattr(signal, f"SIG{name.upper()}")
    },
)
def a_signal_gives_its_negative_number(mp: Any, see: See, number: int) -> None:
    """The exitcode is -N when the child is terminated by the signal N."""
    with see.output():
        child = mp.Process(target=die_of, args=(number,))
        child.start()
        see.exits(child, -number)


# What the child still does at its end


@chapter.clause("process.end.flushes", passage="the-process-class/4", level=SHOULD)
def a_child_flushes_its_output(mp: Any, see: See) -> None:
    """What a child has printed is written out before it ends."""
    with see.output() as seen:
        child = mp.Process(target=print_and_end, args=("return",))
        child.start()
        child.join()
    see.equal(seen.out, "left in the buffer", "standard output")


@chapter.clause(
    "process.end.flushes-otherwise",
    source=PROCESS,
    level=UNSPECIFIED,
    cases={"return": "return", "exit": "exit", "raise": "raise"},
)
def a_child_flushes_its_outputs_however_it_ends(mp: Any, see: See, how: str) -> None:
    """Whether what a child has written to either stream is flushed after sys.exit() or an exception is left open."""
    with see.output() as seen:
        child = mp.Process(target=print_and_end, args=(how,))
        child.start()
        child.join()
    see.records(out=seen.out == "left in the buffer", err=seen.err.startswith("of either stream"))


@chapter.clause("process.end.joins-threads", source=PROCESS, level=UNSPECIFIED)
def a_child_waits_for_its_threads(mp: Any, see: See) -> None:
    """Whether a child whose work is done ends before its threads that are not daemons have ended is left open."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_thread, args=(box, gate, False))
    child.start()
    see.settles(child.pid, or_ends=True)
    see.records(waits=child.is_alive())
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.end.daemon-threads", source=PROCESS, level=UNSPECIFIED)
def a_child_does_not_wait_for_daemon_threads(mp: Any, see: See) -> None:
    """Whether a child whose work is done waits for a daemon thread is left open."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=start_a_thread, args=(box, gate, True))
    child.start()
    see.settles(child.pid, or_ends=True)
    see.records(waits=child.is_alive())
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.end.exit-handlers", source=PROCESS, level=UNSPECIFIED)
def exit_handlers_of_a_child(mp: Any, see: See) -> None:
    """Whether exit handlers that a child registers run at its regular end is left open."""
    box = see.mailbox()
    child = mp.Process(target=register_and_end, args=(box,))
    child.start()
    see.exits(child, 0)
    see.records(handlers_run=not box.empty())


@chapter.clause("process.end.exit-handlers-inherited", source=PROCESS, level=UNSPECIFIED, methods=("fork",))
def exit_handlers_of_the_parent(mp: Any, see: See) -> None:
    """Whether a forked child runs the exit handlers of its parent is left open."""
    box = see.mailbox()
    atexit.register(box.post, "handler")
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)
    atexit.unregister(box.post)
    see.records(handlers_run=not box.empty())
