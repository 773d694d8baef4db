"""How children end that are to end in a certain way. Imported by every such child, hence next to no imports."""

from __future__ import annotations

import os
import sys

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox


@target
def leave(status: Any) -> None:
    """End by sys.exit(status)."""
    sys.exit(status)


@target
def leave_at_once(status: int) -> None:
    """End by os._exit(status), which skips everything that Python does at exit."""
    os._exit(status)


@target
def fall(error: BaseException) -> None:
    """Raise the error."""
    raise error


@target
def die_of(number: int) -> None:
    """Send the signal to itself, with its default disposition."""
    import signal

    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pause()


@target
def ignore_terminate_and_wait(box: Mailbox, gate: Gate) -> None:
    """Ignore SIGTERM, post the process id, then wait at the gate."""
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    box.post(os.getpid())
    gate.wait()


@target
def return_something(value: Any) -> Any:
    """Return the value."""
    return value


class Withdrawal(BaseException):
    """An exception that is no Exception."""


@target
def interrupt_oneself(box: Mailbox) -> None:
    """Send SIGINT to itself as the kernel does for Ctrl-C."""
    import signal

    try:
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    except KeyboardInterrupt:
        box.post("interrupted")
        raise


@target
def post_a_handled_interrupt(box: Mailbox, gate: Gate) -> None:
    """Handle SIGINT by posting its number, post "ready", wait at the gate."""
    import signal

    signal.signal(signal.SIGINT, lambda number, frame: box.post(int(number)))
    box.post("ready")
    gate.wait()


@target
def discard_an_interrupt(box: Mailbox, gate: Gate, later: Gate) -> None:
    """Post "ready", wait at the gate for a KeyboardInterrupt, post "discarded", wait at the other gate."""
    try:
        box.post("ready")
        gate.wait()
    except KeyboardInterrupt:
        box.post("discarded")
    later.wait()


@target
def leave_at_an_interrupt(box: Mailbox, gate: Gate, status: int) -> None:
    """Post "ready", wait at the gate for a KeyboardInterrupt, and end by sys.exit(status)."""
    try:
        box.post("ready")
        gate.wait()
    except KeyboardInterrupt:
        sys.exit(status)


@target
def print_and_end(how: str) -> None:
    """Write to both outputs without a line's end or a flush, then end in this way."""
    sys.stdout.write("left in the buffer")
    sys.stderr.write("of either stream")
    if how == "exit":
        sys.exit(0)
    if how == "raise":
        raise KeyboardInterrupt


@target
def start_a_thread(box: Mailbox, gate: Gate, daemon: bool) -> None:
    """Start a thread that waits at the gate, then posts; return at once."""
    import threading

    def work() -> None:
        box.post("thread")
        gate.wait()
        box.post("over")

    threading.Thread(target=work, daemon=daemon).start()


@target
def register_and_end(box: Mailbox) -> None:
    """Register an exit handler that posts."""
    import atexit

    atexit.register(box.post, "handler")


@target
def post_the_signal(box: Mailbox, gate: Gate) -> None:
    """Post the number of a SIGTERM that arrives, then end with the status 4."""
    import signal

    def arrived(number: int, frame: Any) -> None:
        box.post(number)
        sys.exit(4)

    signal.signal(signal.SIGTERM, arrived)
    box.post("ready")
    gate.wait()


@target
def post_at_the_end(box: Mailbox, gate: Gate) -> None:
    """Leave messages for an exit handler and a finally clause to post; wait at the gate."""
    import atexit

    atexit.register(box.post, "exit handler")
    try:
        box.post("ready")
        gate.wait()
    finally:
        box.post("finally")


@target
def let_go_of_the_input(box: Mailbox, how: str) -> None:
    """Have sys.stdin "closed" or "replaced", and post what its descriptor reads then."""
    import gc

    descriptor = sys.stdin.fileno()
    if how == "closed":
        sys.stdin.close()
    else:
        sys.stdin = None  # and nobody else has it
        gc.collect()
    try:
        box.post(os.read(descriptor, 1))
    except OSError as error:
        box.post(type(error).__name__)


AFTERWARDS = """\
import pickle, sys
sys.path[:0] = sys.argv[2:]
box, gate, status = pickle.loads(bytes.fromhex(sys.argv[1]))
box.post("now")
gate.wait()
sys.exit(status)
"""
"""The program that takes over a process: it posts "now", waits at the gate, and ends with the status."""


@target
def exec_another_program(box: Mailbox, gate: Gate, status: int) -> None:
    """Run another program in this process."""
    import pickle

    work = pickle.dumps((box, gate, status)).hex()
    os.execv(sys.executable, [sys.executable, "-c", AFTERWARDS, work, *sys.path])
