"""What workers of a pool call. Imported by every spawned worker, hence next to no imports."""

from __future__ import annotations

import os

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox


@target
def pid(*_: Any) -> int:
    """The id of the process that is at work."""
    return os.getpid()


@target
def given(*args: Any, **kwargs: Any) -> tuple[Any, ...]:
    """The arguments, as they have come; keyword arguments as sorted pairs behind them."""
    return (*args, *sorted(kwargs.items()))


@target
def square(number: Any) -> Any:
    """The square of a number."""
    return number * number


@target
def post_and_wait(box: Mailbox, gate: Gate, number: Any = None) -> Any:
    """Post the id of the process, wait at the gate, and give back the number."""
    box.post(os.getpid())
    gate.wait()
    return number
