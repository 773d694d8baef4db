"""Pipe, and the connections that it returns. Section "Connection Objects"."""

from __future__ import annotations

import os
from _pickle import UnpicklingError, loads
from errno import EBADF

from .. import descriptors
from ..errors import AuthenticationError, BufferTooShort
from ..polling import wait_readable
from ..quantities import whole
from ..transfer import framing, handover
from ..transfer.framing import PickleBuffer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from _typeshed import ReadableBuffer, WriteableBuffer

    from .descriptor_server import Ticket


def Pipe(duplex: bool = True) -> tuple[Connection, Connection]:
    """Return the two ends of a new pipe. Section "Pipes and Queues".

    duplex: True for two ends that both send and receive; False for one that receives and one that sends.
    """
    if duplex:
        import _socket

        near, far = (descriptors.lift(descriptors.patient(end).detach()) for end in _socket.socketpair())
        return Connection(near), Connection(far)
    reading, writing = descriptors.pipe()
    return Connection(reading, writable=False), Connection(writing, readable=False)


class Connection:
    """One end of a connection that carries whole messages: objects or bytes.

    handle: its descriptor, which belongs to it from now on. readable, writable: what it can be used for.

    A connection is a context manager that closes it. OSError: it is closed, or used in the wrong direction.
    Sent by another connection, or put into a queue, it is received as a connection to the same other end.
    """

    _mpref_handle = -1
    _mpref_close = staticmethod(os.close)  # still here when the interpreter has emptied its modules

    def __init__(self, handle: int, readable: bool = True, writable: bool = True) -> None:
        if not isinstance(handle, int) or handle < 0:
            raise ValueError(f"a connection needs a descriptor, a number that is not negative, not {handle!r}")
        if not readable and not writable:
            raise ValueError(
                "a connection that can neither receive nor send is of no use: make it readable or writable"
            )
        self._mpref_handle = handle
        self._mpref_incoming = handle if readable else -1
        self._mpref_outgoing = handle if writable else -1
        self._mpref_bulky = False

    # Objects

    def send(self, obj: Any) -> None:
        """Send an object, as it is now, for the other end to recv(). Raises what pickling it raises."""
        if self._mpref_outgoing < 0:
            raise self._mpref_refusal("send")
        if handover.issued:
            handover.begin_message()
        try:
            self._mpref_bulky = framing.write_object(self._mpref_outgoing, obj, self._mpref_bulky)
        except TypeError as error:
            self._mpref_send_with_sockets(obj, error)
        except BaseException:
            _withdraw_issued()
            raise

    def recv(self) -> Any:
        """Return the next object that the other end has sent; wait for it. Raises what unpickling it raises.

        EOFError: nothing is left to be received, and the other end is closed.
        AuthenticationError: the other end demands a key, or refuses this one.
        """
        if self._mpref_incoming < 0:
            raise self._mpref_refusal("receive")
        size = framing.read_size(self._mpref_incoming)
        if size > framing.TRUSTED:
            return framing.read_object(self._mpref_incoming, size)
        body = framing.read(self._mpref_incoming, size)
        try:
            return loads(body)
        except UnpicklingError:
            _require_no_demand(body)
            raise

    # Bytes

    def send_bytes(self, buf: ReadableBuffer, offset: int = 0, size: int | None = None) -> None:
        """Send a message that consists of bytes.

        buf: any bytes-like object. offset, size: which part of it, in bytes; None: up to its end.
        """
        if self._mpref_outgoing < 0:
            raise self._mpref_refusal("send")
        if type(buf) is bytes and size is None and offset == 0:
            framing.write_bytes(self._mpref_outgoing, buf)
            return
        view = _bytes_of(buf)
        offset = whole(offset, "offset")
        if size is not None:
            size = whole(size, "size")
        end = len(view) if size is None else offset + size
        if not 0 <= offset <= end <= len(view):
            raise ValueError(f"offset {offset} and size {size} reach outside a buffer of {len(view)} bytes")
        framing.write(self._mpref_outgoing, [view[offset:end]], end - offset)

    def recv_bytes(self, maxlength: int | None = None) -> bytes:
        """Return the next message as bytes; wait for it.

        EOFError: nothing is left to be received, and the other end is closed.
        OSError: it is longer than `maxlength`; nothing can be received any more then.
        """
        if self._mpref_incoming < 0:
            raise self._mpref_refusal("receive")
        if maxlength is not None and (maxlength := whole(maxlength, "maxlength")) < 0:
            raise ValueError(f"maxlength must not be negative, and it is {maxlength}")
        size = framing.read_size(self._mpref_incoming)
        if maxlength is not None and size > maxlength:
            self._mpref_stop_receiving()
            raise OSError(
                f"the message has {size} bytes, and not more than maxlength, {maxlength}, were to be received"
            )
        return framing.read(self._mpref_incoming, size)

    def recv_bytes_into(self, buf: WriteableBuffer, offset: int = 0) -> int:
        """Receive the next message into a buffer, and return its length in bytes; wait for it.

        buf: any bytes-like object that can be written. offset: where the message begins in it, in bytes.
        EOFError: nothing is left to be received, and the other end is closed.
        BufferTooShort: it does not fit; it is the first argument of the exception.
        """
        if self._mpref_incoming < 0:
            raise self._mpref_refusal("receive")
        view = _bytes_of(buf)
        if view.readonly:
            raise TypeError(f"buf must be writable, and a {type(buf).__name__} is not")
        offset = whole(offset, "offset")
        if offset and not 0 < offset < len(view):
            raise ValueError(f"offset {offset} is outside a buffer of {len(view)} bytes")
        size = framing.read_size(self._mpref_incoming)
        if size > len(view) - offset:
            raise BufferTooShort(framing.read(self._mpref_incoming, size))
        framing.read_into(self._mpref_incoming, view[offset : offset + size])
        return size

    # The connection itself

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Tell whether there is something to be received.

        timeout: seconds to wait for it at most; None to wait for ever. At the end of file there is: EOFError.
        """
        if self._mpref_incoming < 0:
            raise self._mpref_refusal("receive")
        return wait_readable(self._mpref_incoming, timeout)

    def fileno(self) -> int:
        """Return the descriptor."""
        if self._mpref_handle < 0:
            raise self._mpref_refusal("have a descriptor")
        return self._mpref_handle

    def close(self) -> None:
        """Close the connection; the other end gets what was sent, then EOFError."""
        handle, self._mpref_handle = self._mpref_handle, -1
        self._mpref_incoming = self._mpref_outgoing = -1
        if handle >= 0:
            self._mpref_close(handle)

    def __del__(self, close: Callable[[Connection], None] = close) -> None:
        try:  # not what a subclass makes of close()
            close(self)
        except OSError:  # somebody closed what was not theirs
            return

    @property
    def closed(self) -> bool:
        """Whether it is closed."""
        return self._mpref_handle < 0

    @property
    def readable(self) -> bool:
        """Whether it can receive."""
        return self._mpref_incoming >= 0

    @property
    def writable(self) -> bool:
        """Whether it can send."""
        return self._mpref_outgoing >= 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        ways = [word for word, way in (("receives", self._mpref_incoming), ("sends", self._mpref_outgoing)) if way >= 0]
        state = " and ".join(ways) if self._mpref_handle >= 0 else "closed"
        return f"<{type(self).__name__} {self._mpref_handle} {state}>"

    def __reduce__(self) -> tuple[Callable[..., Connection], tuple[Any, ...]]:
        descriptor = self.fileno()
        delivery = handover.being_started()
        given = _ticket(descriptor) if delivery is None else delivery.give(descriptor)
        return type(self), (given, self.readable, self.writable)

    def _mpref_send_with_sockets(self, thing: Any, error: TypeError) -> None:
        from .reduction import pickled_with_sockets

        try:
            body = pickled_with_sockets(thing, error)
            framing.write(self._mpref_outgoing, [body], len(body))
        except BaseException:
            _withdraw_issued()
            raise

    def _mpref_stop_receiving(self) -> None:
        if self._mpref_outgoing < 0:
            self.close()
        self._mpref_incoming = -1

    def _mpref_refusal(self, use: str) -> OSError:
        if self._mpref_handle < 0:
            reason = "it is closed"
        elif use == "send":
            reason = "it is the end of a one-way pipe that receives"
        elif self._mpref_outgoing == self._mpref_handle:
            reason = "it is the end of a one-way pipe that sends, or a message was longer than maxlength"
        else:
            reason = "it is in no state for that"
        return OSError(EBADF, f"this connection cannot {use}: {reason}")


def _withdraw_issued() -> None:
    """Take back the connections and sockets in a message that this thread has begun, and that is not sent."""
    if handover.issued:
        from .reduction import withdraw_issued

        withdraw_issued()


def _ticket(descriptor: int) -> Ticket:
    from .descriptor_server import ticket  # few connections are sent

    return ticket(descriptor)


def _bytes_of(buffer: Any) -> memoryview:
    """Return the memory of a bytes-like object as plain bytes, whatever its items are."""
    try:
        return PickleBuffer(buffer).raw()
    except BufferError:
        raise TypeError("the memory of the buffer must be in one piece: make bytes of it first") from None


def _require_no_demand(body: bytes) -> None:
    """Raise AuthenticationError where a listener or client with a key has spoken: no pickle begins like that."""
    from . import authentication

    if body.startswith(authentication.CHALLENGE):
        raise AuthenticationError("the other end demands a proof that this one knows its key: give authkey here, too")
    if body == authentication.FAILURE:
        raise AuthenticationError("the other end has a key, and this one has not proved to know it")
