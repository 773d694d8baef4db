"""The work of the children of the chapter process. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

import os
import sys

from mpspec.observation.witness import target, testify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from mpspec.observation.mailbox import Gate, Mailbox


MISUSE = (AssertionError, RuntimeError, TypeError, ValueError)
"""The errors of a misuse, where the page says that one is raised and not which."""

SIBLING: list[Any] = []
"""The process object that children inherit by fork."""


@target
def nothing() -> None:
    """Return at once."""


@target
def post(box: Mailbox, message: Any) -> None:
    """Post the message."""
    box.post(message)


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


class Worker:
    """Callable in several ways; posts how it was called."""

    def __init__(self, box: Mailbox, how: str = "instance") -> None:
        self.box = box
        self.how = how

    def __call__(self) -> None:
        testify()
        self.box.post(self.how)

    def method(self) -> None:
        """Post "method"."""
        testify()
        self.box.post("method")


class Deed:
    """A class whose construction is the work."""

    def __init__(self, box: Mailbox) -> None:
        testify()
        box.post("class")


class Precious:
    """An object that can be watched through a weak reference."""


@target
def wait_with(gate: Gate, thing: Any) -> None:
    """Wait at the gate and hold the thing."""
    gate.wait()
    del thing


@target
def join_oneself(mp: Any, box: Mailbox) -> None:
    """Join the current process and post what came of it."""
    try:
        mp.current_process().join()
    except MISUSE:
        box.post("refused")
    else:
        box.post("joined")


@target
def post_own_life(mp: Any, box: Mailbox) -> None:
    """Post whether the current process finds itself alive, and its exitcode."""
    own = mp.current_process()
    box.post([own.is_alive(), own.exitcode])


@target
def misuse(mp: Any, box: Mailbox, use: Callable[[Any], Any]) -> None:
    """Use the process object that this child has inherited as SIBLING; post what came of it."""
    try:
        use(SIBLING[0])
    except Exception as error:
        box.post(["raised", type(error).__name__])
    else:
        box.post(["passed"])


@target
def post_interpreter(box: Mailbox) -> None:
    """Post whether this is the other interpreter."""
    box.post(os.environ.get("OTHER"))


@target
def post_executable(box: Mailbox) -> None:
    """Post the interpreter's path."""
    box.post(sys.executable)
