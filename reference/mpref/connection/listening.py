"""A socket that listens, at which some threads wait for callers while another may close it."""

from __future__ import annotations

import _socket
import os
from errno import EBADF
from select import POLLIN, poll

from .. import descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Closing:
    """Says that a socket is closed, to all threads of this process that wait at it. They hold on to this meanwhile.

    descriptor: readable from the moment on at which that is said. said: whether it was.
    """

    __slots__ = ("_saying", "descriptor", "process", "said")

    def __init__(self) -> None:
        self.descriptor = self._saying = -1
        self.said = False
        self.process = os.getpid()
        self.descriptor, self._saying = descriptors.pipe()

    def say(self) -> None:
        """Say it."""
        self.said = True
        os.write(self._saying, b".")

    def __del__(self, close: Callable[[int], None] = os.close) -> None:
        # A parameter: at the exit of the interpreter this module may be torn down already.
        if self._saying >= 0:
            close(self.descriptor)
            close(self._saying)


class ListeningSocket:
    """A bound socket that listens from now on. It belongs to this, which closes it where that fails.

    A forked child has it as well, and closes it for itself.
    """

    def __init__(self, bound: _socket.socket, backlog: int) -> None:
        self._socket = bound
        self._kind = int(bound.family), int(bound.type), bound.proto
        try:
            bound.listen(backlog)
            bound.setblocking(False)
            self._closing = Closing()
        except BaseException:
            bound.close()
            raise

    def accept(self) -> tuple[_socket.socket, Any]:
        """Return the socket and the address of the next caller; wait for it. OSError: the socket is closed."""
        while True:
            watched = poll()
            closing = self.watched_by(watched)
            caller = self.attempt(closing)
            if caller is not None:
                caller[0].setblocking(True)
                return caller
            watched.poll()

    def watched_by(self, watched: poll) -> Closing:
        """Have both watched, the callers and the end. OSError: the socket is closed."""
        closing = self._closing
        if closing.process != os.getpid():  # a fork: that one is the parent's
            closing = self._closing = Closing()
        try:
            watched.register(self.fileno(), POLLIN)
        except ValueError:
            raise _closed() from None
        watched.register(closing.descriptor, POLLIN)
        return closing

    def attempt(self, closing: Closing) -> tuple[_socket.socket, Any] | None:
        """Return the socket and the address of the next caller, None where there is none. It may block or not.

        closing: what watched_by() has returned. OSError: the socket is closed.
        """
        if closing.said:
            raise _closed()
        try:
            descriptor, address = self._socket._accept()  # type: ignore[attr-defined]
            return _socket.socket(*self._kind, descriptor), address
        except (BlockingIOError, ConnectionAbortedError):  # another process has got it, or it has left
            return None
        except OSError as error:
            raise _closed() if error.errno == EBADF else error from None

    def fileno(self) -> int:
        """Return the descriptor; below zero when it is closed."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close it, and let those know that wait."""
        if self._closing.process == os.getpid() and not self._closing.said:
            self._closing.say()
        self._socket.close()


def _closed() -> OSError:
    return OSError(EBADF, "this listener is closed and accepts nobody")
