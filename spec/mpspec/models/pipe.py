"""A pipe as a sequential model: what comes of an operation on one of its ends after those before it.

Several processes can have the same end open, each its own copy; an end is closed when none of them has it any more.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple


class Message(NamedTuple):
    """One message on its way. is_object: sent by send(), to be received by recv(); else bytes."""

    is_object: bool
    content: bytes


REFUSED = "OSError"
"""This process has closed the end, or the end does not lead that way, or no process has the other one open."""
OVER = "EOFError"
"""Nothing is left to be received, and the other end is closed."""
WAITS = "waits"
"""The operation has to wait for a message."""
COMES = "comes"
"""The operation has a message."""


class PipeModel:
    """A pipe between end 0 and end 1, one operation at a time.

    duplex: whether both ends send and receive; otherwise end 0 receives what end 1 sends.
    held: which copies there are, as pairs of process and end.
    """

    def __init__(self, duplex: bool, held: set[tuple[int, int]]) -> None:
        self.open = set(held)
        self.ended_reading: tuple[int, int] | None = None
        """The copy that has met a message beyond maxlength: only that it cannot receive any more is known since."""
        self._receives = {0, 1} if duplex else {0}
        self._sends = {0, 1} if duplex else {1}
        self._coming: dict[int, deque[Message]] = {0: deque(), 1: deque()}

    def is_open(self, end: int) -> bool:
        """Whether any process has this end."""
        return any(one == end for _, one in self.open)

    def coming(self, end: int) -> list[Message]:
        """What this end can receive, the next one first."""
        return list(self._coming[end])

    def lost(self, end: int) -> bool:
        """Whether the other end was closed before it had received everything that this one sent."""
        return not self.is_open(1 - end) and bool(self._coming[1 - end])

    def sending(self, process: int, end: int) -> str:
        """What comes of sending by this copy, if there is room: REFUSED or 'done'."""
        if (process, end) not in self.open or end not in self._sends or not self.is_open(1 - end):
            return REFUSED
        return "done"

    def send(self, end: int, message: Message) -> None:
        """Put a message on its way from this end."""
        self._coming[1 - end].append(message)

    def receiving(self, process: int, end: int) -> str:
        """What comes of receiving by this copy: REFUSED, OVER, WAITS or COMES."""
        if (process, end) not in self.open or end not in self._receives or (process, end) == self.ended_reading:
            return REFUSED
        if self._coming[end]:
            return COMES
        return WAITS if self.is_open(1 - end) else OVER

    def receive(self, end: int) -> Message:
        """Take the next message."""
        return self._coming[end].popleft()

    def close(self, process: int, end: int) -> None:
        """Close this copy, or do nothing where it is closed."""
        self.open.discard((process, end))
