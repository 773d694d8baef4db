"""JSON objects over a stream socket or pipe, each behind its length: how driver, zygote and host talk."""

from __future__ import annotations

import json
import os
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mpconform.hosts.protocol import Answer, Ended, Finding, Greeting, Importing, Launch, Launched, Made, Request

    Message = Made | Launch | Launched | Ended | Importing | Greeting | Request | Finding | Answer

_LENGTH = struct.Struct("!I")


def packed(message: Message) -> bytes:
    """The bytes that stand for a message."""
    data = json.dumps(message).encode()
    return _LENGTH.pack(len(data)) + data


def put(descriptor: int, message: Message) -> None:
    """Write one message whole. Raises OSError where the other end is gone."""
    view = memoryview(packed(message))
    while view:
        view = view[os.write(descriptor, view) :]


def get(descriptor: int) -> Any:
    """Read one message whole, or None where the other end is gone. Who reads it declares which one it is."""
    head = _exactly(descriptor, _LENGTH.size)
    body = head and _exactly(descriptor, _LENGTH.unpack(head)[0])
    return json.loads(body) if body else None


class Partial:
    """One message that arrives in pieces on a descriptor that is polled along with others."""

    def __init__(self) -> None:
        self._data = b""

    def feed(self, piece: bytes) -> None:
        """Add what was read."""
        self._data += piece

    @property
    def message(self) -> Any:
        """The message, or None while it is not whole."""
        if len(self._data) < _LENGTH.size:
            return None
        size = _LENGTH.unpack_from(self._data)[0]
        body = self._data[_LENGTH.size : _LENGTH.size + size]
        return json.loads(body) if len(body) == size else None


def _exactly(descriptor: int, size: int) -> bytes | None:
    data = b""
    while len(data) < size:
        piece = os.read(descriptor, size - len(data))
        if not piece:
            return None
        data += piece
    return data
