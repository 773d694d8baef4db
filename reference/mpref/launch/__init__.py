"""How processes are started: one module for each start method, and what a child finds when it begins."""

from __future__ import annotations

import os
from _thread import RLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..process import BaseProcess, Launched

#: Held while something is started that a process has once: lifeline, tracker, fork server.
once = RLock()

#: The default start method of this process, once it is settled; the default context reads and sets it.
fixed_method: str | None = None

#: Descriptors that a child was given by name when it began: "tracker", "server".
inherited: dict[str, int] = {}

#: Descriptors that a child was given for the objects among its arguments; `handover` takes them out.
received: list[int | None] = []


def start(process: BaseProcess, method: str) -> Launched:
    """Start a child that runs `process` by the start method 'fork', 'spawn' or 'forkserver'."""
    if method == "fork":
        from .fork import start
    elif method == "spawn":
        from .spawn import start
    else:
        from .forkserver import start
    return start(process)


def pipe() -> tuple[int, int]:
    """Make a pipe, reading end first, whose ends cannot be taken for standard streams."""
    reading, writing = os.pipe()
    return lift(reading), lift(writing)


def lift(descriptor: int) -> int:
    """Move a descriptor above those of the standard streams, which a child has for itself."""
    if descriptor > 2:
        return descriptor
    try:
        return duplicate(descriptor)
    finally:
        os.close(descriptor)


def duplicate(descriptor: int) -> int:
    """Duplicate a descriptor, above those of the standard streams, closed by exec."""
    return lift(os.dup(descriptor))
