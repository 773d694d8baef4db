"""What every child does, whatever its start method: begin, run its process object, leave."""

from __future__ import annotations

import atexit
import os
import sys
from _io import BufferedReader, TextIOWrapper

from .. import log
from .. import process as processes
from . import lifeline
from .empty_input import empty_input

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_PACKAGE = processes.__package__


def begin(process: processes.BaseProcess, parent: lifeline.ParentProcess) -> None:
    """Be `process`, a child of `parent`."""
    before = processes.parent_process()
    processes.become(process, parent)
    if before is not None and before.sentinel != parent.sentinel:
        os.close(before.sentinel)  # a grandparent, known by the fork only
    replace_stdin()
    if process._mpref_.daemon:
        lifeline.end_with(parent.sentinel)


def run(process: processes.BaseProcess) -> int:
    """Call run() of this process and return the exit status that its outcome means."""
    log.info("child process calling self.run()")
    try:
        process.run()
        status = 0
    except SystemExit as leaving:
        status = status_of(leaving)
    except BaseException:
        report(process._mpref_.name)
        status = 1
    log.info("process exiting with exitcode %d", status)
    return status


def leave(status: int) -> NoReturn:
    """End a forked process as an interpreter ends: threads, exit handlers, streams. Its stack is not its own."""
    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
        atexit._run_exitfuncs()
    except SystemExit as leaving:  # of a signal handler: exit handlers that raise are seen to by themselves
        status = status_of(leaving)
    except BaseException:
        report(processes.current_process()._mpref_.name)
        status = status or 1
    finally:
        flush()
        os._exit(status & 0xFF)


def status_of(leaving: SystemExit) -> int:
    """Return the exit status that the interpreter would end with, after it has printed what it would print."""
    code = leaving.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    _write(f"{code}\n")
    return 1


def report(name: str, headline: str = "") -> None:
    """Write the exception that is being handled to the standard error stream, in one piece.

    Its traceback begins where it leaves this package: how a child gets that far helps nobody.
    """
    from ..tracebacks import text_of  # few children report

    _, error, trace = sys.exc_info()
    begin = trace
    while begin is not None and (begin.tb_frame.f_globals.get("__package__") or "").startswith(_PACKAGE):
        begin = begin.tb_next
    _write(f"Process {name}:\n{headline}" + text_of(error, begin or trace))


def flush() -> None:
    """Flush the standard streams, so that nothing is written twice, or never."""
    for stream in (sys.stdout, sys.stderr):
        try:  # noqa: SIM105
            stream.flush()
        except Exception:  # none, broken, closed, or of a kind of its own
            pass


def replace_stdin() -> None:
    """Let the child read an empty standard input instead of competing with its parent for its own."""
    before, after = sys.stdin, empty_input()
    if before is not after:
        try:
            buffer = before.buffer if type(before) is TextIOWrapper else before
            if type(buffer) is BufferedReader:
                buffer.raw.close()  # a thread of the parent that waits for input holds the lock of the others
            else:
                before.close()
        except Exception:  # none, broken, closed, or of a kind of its own
            pass
        sys.stdin = after


def leave_threads_to_parent() -> None:
    """Put right what a fork leaves in modules of the standard library: of all threads only this one is here."""
    threading = sys.modules.get("threading")
    if threading is None:
        return
    renew = getattr(threading.main_thread(), "_set_native_id", None)
    if renew is not None:
        renew()
    # At the end of a process its executors wait for their threads, and one of these may be this very thread.
    for module, name in (
        ("concurrent.futures.thread", "_threads_queues"),
        ("concurrent.futures.process", "_threads_wakeups"),
    ):
        threads = getattr(sys.modules.get(module), name, None)
        if threads:
            threads.clear()


def renew_streams() -> None:
    """Give the streams for output, errors and logs new locks: what another thread held at the fork stays locked.

    What that thread had not written yet is the parent's to write.
    """
    from _io import BufferedRandom, BufferedWriter

    handlers = [reference() for reference in getattr(sys.modules.get("logging"), "_handlerList", ())]
    logs = [getattr(handler, "stream", None) for handler in handlers]
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__, *logs):
        buffer: Any = getattr(stream, "buffer", stream)
        if type(buffer) in (BufferedWriter, BufferedRandom):
            try:  # noqa: SIM105
                buffer.__init__(buffer.raw)  # this is how it gets another lock
            except (OSError, ValueError):  # closed, detached
                pass


def _write(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except Exception:
        pass
