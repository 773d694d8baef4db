"""What the children of the clauses on guidelines run. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

import sys

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox


@target
def leave(status: int) -> None:
    """End with the status."""
    sys.exit(status)


@target
def hold(box: Mailbox, gate: Gate, lock: Any) -> None:
    """Hold the lock until the gate opens."""
    with lock:
        box.post("held")
        gate.wait()


@target
def wait(box: Mailbox, gate: Gate) -> None:
    """Share nothing, and wait at the gate."""
    box.post("waiting")
    gate.wait()


@target
def use(gate: Gate, lock: Any, queue: Any) -> None:
    """Put something into the queue before the gate and behind it, with the lock."""
    for stage in ("before", "after"):
        with lock:
            queue.put(stage)
        gate.wait()
