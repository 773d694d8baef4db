"""A connection between a client and a server of managers: whole messages, and how they are written down.

What is read may reach into the next message, so that a small one takes one system call.
"""

from __future__ import annotations

import os
from _pickle import Unpickler, dumps, loads
from contextlib import suppress

from ..transfer import allocation, handover
from ..transfer.broken_pipe import without_signal
from ..transfer.framing import (
    BULKY,
    HEAD,
    PROTOCOL,
    TRUSTED,
    Body,
    long_length,
    pickled,
    unpacked,
    write,
    write_bytes,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Protocol

    from ..connection import Connection

    class Notation(Protocol):
        """How objects are written down, other than by the pickles of this package."""

        def dumps(self, thing: Any) -> bytes:
            """Write an object down. It raises what the object, or the notation, is not fit for."""

        def loads(self, data: bytes) -> Any:
            """Read what dumps() has written."""


AHEAD = 1 << 14
"""Bytes that are read at once, at most."""

_read = os.read


class Unreadable(Exception):
    """A message has come that cannot be read; its cause says why. What comes behind it can be."""


class Unwritable(Exception):
    """A message is not sent, for it cannot be written down; its cause says why."""


class Ended(EOFError):
    """The other end is closed."""


class CutOff(OSError):
    """The other end was closed in the middle of a message."""

    def __init__(self) -> None:
        super().__init__("the other end was closed in the middle of a message")


def is_broken(error: BaseException) -> bool:
    """Tell whether what has come out of a connection says that it is broken, or that none is to be had.

    It does not where a signal handler has raised it, a TimeoutError often: the kernel's errors have a number.
    """
    return isinstance(error, (Ended, CutOff)) or getattr(error, "errno", None) is not None


class Line:
    """One end of such a connection, for one thread at a time.

    connection: what it is made of. notation: None for the pickles of this package.
    """

    __slots__ = ("_ahead", "_bulky", "connection", "descriptor", "notation")

    def __init__(self, connection: Connection, notation: Notation | None = None) -> None:
        self.connection = connection
        self.notation = notation
        self.descriptor = connection.fileno()
        self._ahead = b""
        self._bulky = False

    def send(self, message: Any) -> None:
        """Send a message. Unwritable: there is none. OSError: the other end is gone."""
        if handover.issued:
            handover.begin_message()
        pieces = None
        try:
            if self.notation is not None:
                body = self.notation.dumps(message)
            elif self._bulky:
                pieces = pickled(message)
            else:
                body = dumps(message, PROTOCOL)
        except Exception as error:
            body = self._with_sockets(message, error)
        if pieces is None:
            without_signal(write_bytes, self.descriptor, body)
            self._bulky = len(body) > BULKY
        else:
            size = sum(map(len, pieces))
            without_signal(write, self.descriptor, pieces, size)
            self._bulky = size > BULKY

    def receive(self) -> Any:
        """Return the next message; wait for it. All of it is read, whatever its reading raises.

        Unreadable: it cannot be read. Ended: the other end is closed. CutOff: so it is, in the middle of a message.
        """
        data = self._ahead or self._more()
        while len(data) < HEAD:
            data += self._more(within=True)
        size: int = unpacked(data[:HEAD])[0]
        if size == len(data) - HEAD and self.notation is None:  # as it mostly is
            self._ahead = b""
            try:
                return loads(data[HEAD:])
            except Exception as error:
                raise Unreadable from error
        begin = HEAD
        if size < 0:
            while len(data) < HEAD + 8:
                data += self._more(within=True)
            size = long_length(size, lambda count: data[HEAD : HEAD + count])
            begin += 8
        left = begin + size - len(data)
        self._ahead = data[begin + size :] if left < 0 else b""
        body = memoryview(data)[begin : begin + size]
        if left > 0 and (self.notation is not None or size <= TRUSTED):
            body = memoryview(self._rest(body, left))
            left = 0
        try:
            if left > 0:
                return self._read_long(body, left)
            return loads(body) if self.notation is None else self.notation.loads(bytes(body))
        except CutOff:
            raise
        except Exception as error:
            raise Unreadable from error

    def close(self) -> None:
        """Close the connection."""
        with suppress(OSError):  # a program that becomes a daemon has closed all that is open
            self.connection.close()

    def _with_sockets(self, message: Any, error: Exception) -> bytes:
        """Pickle a message whose plain pickling has raised `error`, as it does where there is a socket in it."""
        from ..connection.reduction import pickled_with_sockets, withdraw_issued

        try:
            if isinstance(error, TypeError) and self.notation is None:
                return pickled_with_sockets(message, error)
        except Exception as other:
            error = other
        withdraw_issued()
        raise Unwritable from error

    def _read_long(self, begun: memoryview, left: int) -> Any:
        """Unpickle a message as it comes."""
        allocation.keep()
        body = Body(self.descriptor, left, bytes(begun))
        try:
            return Unpickler(body).load()
        finally:
            try:
                body.drain()
            except OSError as error:
                raise CutOff from error

    def _rest(self, begun: memoryview, left: int) -> bytes:
        """Read the rest of a message that is small, or has to be read as a whole; no memory for what is not sent."""
        allocation.keep()
        parts: list[bytes | memoryview] = [begun]
        while left:
            some = _read(self.descriptor, min(left, TRUSTED))
            if not some:
                raise CutOff
            parts.append(some)
            left -= len(some)
        return b"".join(parts)

    def _more(self, within: bool = False) -> bytes:
        try:
            data = _read(self.descriptor, AHEAD)
        except ConnectionResetError:
            data = b""
        if not data:
            raise CutOff if within else Ended
        return data
