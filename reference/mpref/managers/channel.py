"""The connection of a thread to a server: one request at a time, and its answer."""

from __future__ import annotations

from _thread import allocate_lock

from .line import Line, Unreadable, Unwritable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from ..connection import Connection
    from .line import Notation


class Channel(Line):
    """The connection of a thread.

    busy: whether an answer is due. arrived: the idents of the referents of new proxies in that.
    """

    __slots__ = ("__weakref__", "_writing", "arrived", "busy")

    def __init__(self, connection: Connection, notation: Notation | None = None) -> None:
        super().__init__(connection, notation)
        self.busy = False
        self.arrived: list[str] = []
        self._writing = allocate_lock()

    def ask(self, request: Any) -> Any:
        """Send a request, and return the answer.

        Unwritable, Unreadable: as the reasons say, and the channel can be used again. After all else it cannot.
        """
        self.busy = True
        try:
            with self._writing:
                self.send(request)
            answer = self.receive()
        except (Unwritable, Unreadable):
            self.busy = False
            raise
        self.busy = False
        return answer

    def tell(self, dropped: Iterable[str]) -> bool:
        """Say what is not referred to any more, unless a message is being written. Any thread may; tells whether."""
        if not self._writing.acquire(False):
            return False
        try:
            self.send((None, "drop", tuple(dropped), {}))
        finally:
            self._writing.release()
        return True
