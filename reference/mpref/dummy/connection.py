"""Connections between threads. Section "The multiprocessing.dummy module".

Objects are handed over as they are; bytes are copied.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from io import UnsupportedOperation
from time import monotonic

from ..errors import AuthenticationError, BufferTooShort
from ..quantities import seconds

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, NoReturn, Self

__all__ = ["Client", "Connection", "Listener", "Pipe", "wait"]

_news = threading.Condition()
"""Whatever happens to a connection is told here: whoever waits looks for what it waits for."""


def _renew() -> None:
    """Begin anew in a child that was just forked: whoever had the lock is not there."""
    global _news
    _news = threading.Condition()


os.register_at_fork(after_in_child=_renew)


class _State:
    """Whether one end of a pipe is closed. Both ends have it, and not each other, so that either can be dropped."""

    closed = False


class Connection:
    """One end of a pipe between threads. See multiprocessing.connection.Connection."""

    def __init__(self, incoming: deque[Any] | None, outgoing: deque[Any] | None, here: _State, there: _State) -> None:
        self._incoming = incoming
        self._outgoing = outgoing
        self._here = here
        self._there = there

    @property
    def closed(self) -> bool:
        """Whether this end is closed."""
        return self._here.closed

    @property
    def readable(self) -> bool:
        """Whether something can be received here."""
        return self._incoming is not None

    @property
    def writable(self) -> bool:
        """Whether something can be sent here."""
        return self._outgoing is not None

    def send(self, obj: Any) -> None:
        """Send an object, which is not copied. OSError: this end is closed or receives only; the other is closed."""
        with _news:
            self._require_open()
            if self._outgoing is None:
                raise OSError("this end of a pipe receives only")
            if self._there.closed:
                raise BrokenPipeError("the other end of the pipe is closed")
            self._outgoing.append(obj)
            _news.notify_all()

    def recv(self) -> Any:
        """Wait for an object, and return it. EOFError: there is none, and the other end is closed."""
        with _news:
            incoming = self._receiving()
            while not incoming:
                if self._there.closed:
                    raise EOFError("the other end is closed, and nothing is left to be received")
                _news.wait()
                self._require_open()
            return incoming.popleft()

    def poll(self, timeout: float | None = 0.0) -> bool:
        """Tell whether something can be received, or the end. timeout: seconds to wait at most, None for ever."""
        with _news:
            self._receiving()
        return bool(wait([self], timeout))

    def send_bytes(self, buffer: Any, offset: int = 0, size: int | None = None) -> None:
        """Send bytes. ValueError: offset or size are not within the buffer."""
        view = memoryview(buffer).cast("B")
        if offset < 0 or offset > len(view):
            raise ValueError(f"offset must be within the {len(view)} bytes of the buffer, not {offset}")
        if size is None:
            size = len(view) - offset
        if size < 0 or offset + size > len(view):
            raise ValueError(f"size must be within the {len(view)} bytes of the buffer, not {size} from {offset}")
        self.send(bytes(view[offset : offset + size]))

    def recv_bytes(self, maxlength: int | None = None) -> bytes:
        """Wait for bytes, and return them. OSError: they are more than `maxlength`, and are lost."""
        if maxlength is not None and maxlength < 0:
            raise ValueError(f"maxlength must not be negative, and is {maxlength}")
        data: bytes = self.recv()
        if maxlength is not None and len(data) > maxlength:
            self.close()
            raise OSError(f"a message of {len(data)} bytes has come, and {maxlength} are allowed")
        return data

    def recv_bytes_into(self, buffer: Any, offset: int = 0) -> int:
        """Wait for bytes, write them into a buffer and return how many. BufferTooShort: they do not fit."""
        view = memoryview(buffer).cast("B")
        if not 0 <= offset <= len(view):
            raise ValueError(f"offset must be within the {len(view)} bytes of the buffer, not {offset}")
        data: bytes = self.recv()
        if len(data) > len(view) - offset:
            raise BufferTooShort(data)
        view[offset : offset + len(data)] = data
        return len(data)

    def fileno(self) -> NoReturn:
        """Refuse: there is no descriptor."""
        raise UnsupportedOperation("a connection between threads has no descriptor")

    def close(self) -> None:
        """Close this end."""
        with _news:
            self._here.closed = True
            _news.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        self._here.closed = True
        if _news.acquire(timeout=1):  # at the exit of the program, who has the lock may be gone
            _news.notify_all()
            _news.release()

    def _require_open(self) -> None:
        if self._here.closed:
            raise OSError("this end of a pipe is closed")

    def _receiving(self) -> deque[Any]:
        self._require_open()
        if self._incoming is None:
            raise OSError("this end of a pipe sends only")
        return self._incoming

    def _ready(self) -> bool:
        return bool(self._incoming) or self._there.closed or self._here.closed


def Pipe(duplex: bool = True) -> tuple[Connection, Connection]:
    """Return both ends of a pipe between threads; if not duplex, the first receives and the second sends."""
    there: deque[Any] = deque()
    back: deque[Any] | None = deque() if duplex else None
    one, other = _State(), _State()
    return Connection(there, back, one, other), Connection(back, there, other, one)


def wait(object_list: Iterable[Any], timeout: float | None = None) -> list[Any]:
    """Wait until some of the connections are ready, and return those. timeout: seconds at most, None for ever."""
    objects = list(object_list)
    end = None if timeout is None else monotonic() + seconds(timeout)
    with _news:
        while True:
            ready = [one for one in objects if one._ready()]
            left = None if end is None else end - monotonic()
            if ready or (left is not None and left <= 0):
                return ready
            _news.wait(None if left is None else min(left, threading.TIMEOUT_MAX))


_listening: dict[Any, Listener] = {}
_chosen = iter(range(1, 1 << 62))


class Listener:
    """Accepts connections from other threads. See multiprocessing.connection.Listener.

    address: anything hashable, None: one is chosen. authkey: what clients have to give, too.
    """

    last_accepted = None

    def __init__(self, address: Any = None, family: Any = None, backlog: int = 1, authkey: bytes | None = None) -> None:
        with _news:
            if address is None:
                address = f"dummy-{next(_chosen)}"
            if address in _listening:
                raise OSError(f"somebody listens at {address!r} already")
            _listening[address] = self
        self._address = address
        self._key = authkey
        self._come: deque[Connection] = deque()
        self._closed = False

    @property
    def address(self) -> Any:
        """Where clients find it."""
        return self._address

    def accept(self) -> Connection:
        """Wait for a client, and return the connection to it. OSError: the listener is closed."""
        with _news:
            while not self._come:
                if self._closed:
                    raise OSError("this listener is closed")
                _news.wait()
            return self._come.popleft()

    def close(self) -> None:
        """Accept nobody any more."""
        with _news:
            self._closed = True
            if _listening.get(self._address) is self:
                del _listening[self._address]
            _news.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def Client(address: Any, family: Any = None, authkey: bytes | None = None) -> Connection:
    """Return a connection to the listener at an address. OSError: there is none. AuthenticationError: another key."""
    near, far = Pipe()
    with _news:
        listener = _listening.get(address)
        if listener is None:
            raise ConnectionRefusedError(f"nobody listens at {address!r}")
        if listener._key != authkey:
            raise AuthenticationError(f"the listener at {address!r} has another key")
        listener._come.append(far)
        _news.notify_all()
    return near
