"""The chapter process, which its parts fill, and the work that its children do."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from mpspec.clause import Chapter
from mpspec.letters import Gate, Mailbox
from mpspec.witness import target

chapter = Chapter("process", section="Process and exceptions", source="process-and-exceptions")

MISUSE = (AssertionError, RuntimeError, TypeError, ValueError)
"""The errors that tell of a misuse, where the page says that there is one and not which."""


@target
def nothing() -> None:
    """Return at once."""


@target
def post(box: Mailbox, letter: Any) -> None:
    """Post the letter."""
    box.post(letter)


@target
def post_arguments(box: Mailbox, *args: Any, **kwargs: Any) -> None:
    """Post what else came as arguments."""
    box.post([list(args), kwargs])


@target
def post_pid(box: Mailbox) -> None:
    """Post the process id as the kernel tells it."""
    box.post(os.getpid())


@target
def wait(gate: Gate) -> None:
    """Wait at the gate."""
    gate.wait()


@target
def post_pid_and_wait(box: Mailbox, gate: Gate) -> None:
    """Post the process id, then wait at the gate."""
    box.post(os.getpid())
    gate.wait()


@target
def post_own(mp: Any, box: Mailbox, *names: str) -> None:
    """Post these attributes of current_process(); bytes of any kind as plain bytes."""
    own = [getattr(mp.current_process(), name) for name in names]
    box.post([bytes(value) if isinstance(value, bytes) else value for value in own])


@target
def leave(status: Any) -> None:
    """End by sys.exit(status)."""
    sys.exit(status)


@target
def leave_at_once(status: int) -> None:
    """End by os._exit(status), past everything that Python does at an end."""
    os._exit(status)


@target
def fall(error: BaseException) -> None:
    """Raise the error."""
    raise error


@target
def die_of(number: int) -> None:
    """Send the signal to itself, with its default disposition."""
    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pause()


@target
def ignore_terminate_and_wait(box: Mailbox, gate: Gate) -> None:
    """Ignore SIGTERM, post the process id, then wait at the gate."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    box.post(os.getpid())
    gate.wait()


@target
def start_one_and_wait(mp: Any, box: Mailbox, gate: Gate, gate_below: Gate) -> None:
    """Start a child that posts its process id and waits at gate_below; wait at the gate, then end past everything."""
    child = mp.Process(target=post_pid_and_wait, args=(box, gate_below))
    child.start()
    gate.wait()
    os._exit(0)
