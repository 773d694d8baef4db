"""Pipe, Listener, Client, the connections that they return, and wait(). Section "Listeners and Clients".

Listener and Client, and what belongs to them, are imported when they are first used.
"""

from __future__ import annotations

from ..polling import wait
from .ends import Connection, Pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .listeners import Client, Listener, answer_challenge, deliver_challenge

__all__ = ["Client", "Connection", "Listener", "Pipe", "answer_challenge", "deliver_challenge", "wait"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    from . import listeners

    return getattr(listeners, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
