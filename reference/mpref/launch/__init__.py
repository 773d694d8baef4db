"""How processes are started: what all start methods share. Each has a module here; `methods` chooses among them."""

from __future__ import annotations

import os
from _thread import RLock

#: Held while something is started that a process has once: lifeline, tracker, fork server.
once = RLock()

#: The default start method of this process, once it is settled; the default context reads and sets it.
fixed_method: str | None = None

#: Descriptors that a child was given by name when it began: "tracker", "server".
inherited: dict[str, int] = {}

#: Descriptors that a child was given for the objects among its arguments; `handover` takes them out.
received: list[int | None] = []


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
