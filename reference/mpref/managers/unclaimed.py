"""What a method has taken for a client that has gone meanwhile goes back: a lock, or an item of a queue."""

from __future__ import annotations

import sys
from collections import deque

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .server import Server

TAKING = frozenset(("acquire", "get", "get_nowait"))
"""The names of methods that may take something."""


def give_back(server: Server, ident: str, name: str, taken: Any) -> None:
    """Undo what a method of a referent has done, if it has taken something: nobody would release or get that."""
    if name != "acquire":
        _put_back(server.referents.referent(ident).object, taken)
    elif taken is True:
        server.call(ident, "release", (), {})


def _put_back(thing: Any, item: Any) -> None:
    """Have an item be the next of a queue again."""
    queues = sys.modules.get("queue")
    if queues is None or not isinstance(thing, queues.Queue):
        return
    with thing.mutex:
        if isinstance(thing.queue, deque):
            thing.queue.appendleft(item)
        else:  # of a class that has its own order
            thing._put(item)
        thing.not_empty.notify()
