"""The work of the children of the chapter contexts. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

import os
import signal
import sys

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from mpspec.observation.mailbox import Gate, Mailbox

CONSTANT = ("a", "constant")
"""Nobody changes it."""

MEMORY = {"changed": False}
"""What a clause changes in its own process and only a copy of its memory shows."""


@target
def nothing() -> None:
    """Return at once."""


@target
def take_anything(*args: Any, **kwargs: Any) -> None:
    """Return at once, whatever the arguments."""


@target
def count_arguments(*args: Any, **kwargs: Any) -> None:
    """End with the number of arguments as exit status."""
    sys.exit(len(args) + len(kwargs))


@target
def post(box: Mailbox, message: Any) -> None:
    """Post the message."""
    box.post(message)


@target
def wait(gate: Gate) -> None:
    """Wait at the gate."""
    gate.wait()


@target
def post_parent_and_wait(box: Mailbox, gate: Gate) -> None:
    """Post the kernel's id of the parent, then wait at the gate."""
    box.post(os.getppid())
    gate.wait()


@target
def post_origin(box: Mailbox) -> None:
    """Post the kernel's id of the parent, and whether this process has the memory of the clause's process."""
    box.post((os.getppid(), MEMORY["changed"]))


@target
def post_constant(box: Mailbox) -> None:
    """Post the constant of this module."""
    box.post(CONSTANT)


@target
def post_method(mp: Any, box: Mailbox) -> None:
    """Post the start method of this process."""
    box.post(mp.get_start_method(allow_none=True))


@target
def post_origin_of_a_child(mp: Any, box: Mailbox) -> None:
    """Start a child that posts its origin, and post the own process id after it."""
    MEMORY["changed"] = True
    child = mp.Process(target=post_origin, args=(box,))
    child.start()
    child.join()
    box.post(os.getpid())


@target
def post_aspect(box: Mailbox, *names: str) -> None:
    """Post what this process shows of the aspect, of each in turn."""
    for name in names:
        box.post(LOOKS[name]())


@target
def wait_and_post_aspect(box: Mailbox, gate: Gate, name: str) -> None:
    """Wait at the gate, then post what this process shows of the aspect."""
    gate.wait()
    box.post(LOOKS[name]())


@target
def post_open_files(box: Mailbox, gate: Gate) -> None:
    """Post device and inode of every open descriptor, then wait at the gate."""
    from mpspec.observation.descriptors import open_files  # no other child of this module needs it

    box.post(list(open_files().values()))
    gate.wait()


@target
def read_from(box: Mailbox, descriptor: int) -> None:
    """Post what can be read from the descriptor."""
    box.post(os.read(descriptor, 100))


def _handler(*_: object) -> None:
    """Handle a signal by doing nothing."""


def _umask() -> int:
    before = os.umask(0o077)
    os.umask(before)
    return before


CHANGES: dict[str, Callable[[], Any]] = {
    "memory": lambda: MEMORY.update(changed=True),
    "modules": lambda: sys.modules.update(mpspec_invented=type(os)("mpspec_invented")),
    "signal-handler": lambda: signal.signal(signal.SIGUSR1, _handler),
    "environment": lambda: os.environ.update(MPSPEC_INVENTED="yes"),
    "directory": lambda: os.chdir("/"),
    "path": lambda: sys.path.append("/invented"),
    "argv": lambda: sys.argv.append("--invented"),
    "umask": lambda: os.umask(0o027),
    "recursion-limit": lambda: sys.setrecursionlimit(1234),
}
"""Aspect of a process -> how to change it."""

LOOKS: dict[str, Callable[[], Any]] = {
    "memory": lambda: MEMORY["changed"],
    "modules": lambda: "mpspec_invented" in sys.modules,
    "signal-handler": lambda: signal.getsignal(signal.SIGUSR1) is _handler,
    "environment": lambda: os.environ.get("MPSPEC_INVENTED"),
    "directory": os.getcwd,
    "path": lambda: "/invented" in sys.path,
    "argv": lambda: sys.argv[-1:],
    "umask": _umask,
    "recursion-limit": sys.getrecursionlimit,
}
"""Aspect of a process -> what the process shows of it, as a plain value."""

ASPECTS = {name: name for name in CHANGES}
"""Every aspect as a table of cases."""


class Unbuildable:
    """Pickles well and cannot be built again."""

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _fail, ()


class Countdown:
    """Counts how often it was taken apart."""

    taken = 0

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        Countdown.taken += 1
        return Countdown, ()


def _fail() -> None:
    raise LookupError("it cannot be built again")
