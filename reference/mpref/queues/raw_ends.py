"""The ends of the pipe of a queue, as programs know them that wait for several queues or close one by force.

The documentation has no such names; `concurrent.futures` and other clients use them, see mpref.util.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .shared_pipe import End


class RawEnd:
    """One end, as far as a Connection would do the same. It belongs to the queue."""

    def __init__(self, end: End, receive: Callable[[], Any] | None = None) -> None:
        self._end = end
        self._receive = receive

    def __eq__(self, other: object) -> bool:
        """Whether it is the same end: each access to the attribute of a queue makes a new object."""
        return isinstance(other, RawEnd) and other._end is self._end

    def __hash__(self) -> int:
        return hash(self._end)

    @property
    def closed(self) -> bool:
        """Whether this process has closed it."""
        return self._end.descriptor < 0

    def fileno(self) -> int:
        """Return its descriptor. OSError: it is closed."""
        if self.closed:
            raise OSError("the end of the queue is closed in this process")
        return self._end.descriptor

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Wait at most `timeout` seconds, None for ever, until it can be used; tell whether it can."""
        return self._end.ready(timeout)

    def recv(self) -> Any:
        """Take out the next item of a SimpleQueue."""
        if self._receive is None:
            raise OSError("items of this queue are taken out by get() alone, which counts them")
        return self._receive()

    def close(self) -> None:
        """Close it in this process."""
        self._end.close()
