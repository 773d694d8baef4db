"""Mailboxes and gates of files alone, for a platform that has neither sockets on a path nor locks for whole files.

They do what those of `mailbox` do. Who waits looks every few milliseconds.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import time

from mpspec.observation.mailbox import NoMessage
from mpspec.observation.waits import LONG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PAUSE = 0.003
"""Seconds between two looks."""


class Mailbox:
    """Many processes write, the clause reads. Messages: None, bool, numbers, str, bytes, tuple, list, dict.

    A folder with a file for each message: it gets its name once it is complete, and the names are in the order of
    their writer.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._last = 0
        os.makedirs(path, exist_ok=True)

    def post(self, message: Any) -> None:
        """Put a message into the box, from any process. Raises ValueError for what is not a plain value."""
        data = marshal.dumps(message)
        self._last = max(time.time_ns(), self._last + 1)
        name = f"{self._last:020}-{os.urandom(8).hex()}"
        incomplete = os.path.join(self._path, f".{name}")
        with open(incomplete, "wb") as file:
            file.write(data)
        os.rename(incomplete, os.path.join(self._path, name))

    def take(self, timeout: float = LONG) -> Any:
        """The next message; NoMessage where none arrives within timeout seconds."""
        name = self._first(timeout)
        if name is None:
            raise NoMessage()
        path = os.path.join(self._path, name)
        with open(path, "rb") as file:
            message = marshal.loads(file.read())
        os.unlink(path)
        return message

    def take_all(self, count: int) -> list[Any]:
        """The next count messages, in the order of arrival."""
        return [self.take() for _ in range(count)]

    def empty(self, after: float = 0.0) -> bool:
        """Whether no message is there, and none arrives within after seconds."""
        return self._first(after) is None

    def close(self) -> None:
        """Remove the folder; the host does it for the clause."""
        with contextlib.suppress(OSError):
            for name in os.listdir(self._path):
                os.unlink(os.path.join(self._path, name))
            os.rmdir(self._path)

    def _first(self, timeout: float) -> str | None:
        end = time.monotonic() + timeout
        while True:
            names = [name for name in os.listdir(self._path) if not name.startswith(".")]
            if names:
                return min(names)
            if time.monotonic() >= end:
                return None
            time.sleep(PAUSE)


class Gate:
    """Processes wait() until the clause opens it; it stays open. Several may wait. A file that stands for 'open'."""

    def __init__(self, path: str) -> None:
        self._path = path

    def wait(self) -> None:
        """Wait until the gate is open."""
        while not os.path.exists(self._path):
            time.sleep(PAUSE)

    def open(self) -> None:
        """Let every process through, now and later."""
        with open(self._path, "wb"):
            pass

    close = open
