"""Descriptors that other processes get: above those of the standard streams, and sent over a Unix socket."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    AnySocket = TypeVar("AnySocket", bound=Socket)

_AT_ONCE = 250
"""Descriptors in one message; the kernel takes 253."""


def pipe() -> tuple[int, int]:
    """Make a pipe, reading end first, whose ends cannot be taken for standard streams."""
    reading, writing = os.pipe()
    return lift(reading), lift(writing)


def lift(descriptor: int) -> int:
    """Move a descriptor above those of the standard streams, which a child has for itself."""
    if descriptor > 2:
        return descriptor
    try:
        return duplicate(descriptor)
    finally:
        os.close(descriptor)


def duplicate(descriptor: int) -> int:
    """Duplicate a descriptor, above those of the standard streams, closed by exec."""
    return lift(os.dup(descriptor))


def patient(one: AnySocket) -> AnySocket:
    """Have a new socket wait as long as it takes, whatever the program says by socket.setdefaulttimeout()."""
    if one.gettimeout() is not None:
        one.setblocking(True)
    return one


def send(channel: Socket, data: bytes, descriptors: Iterable[int]) -> None:
    """Send a few bytes and any number of descriptors over a Unix socket.

    data: at least one byte, short enough to be taken at once; the receiver has to know its length.
    """
    import _socket

    every = list(descriptors)
    while True:
        now, every = every[:_AT_ONCE], every[_AT_ONCE:]
        packed = b"".join([one.to_bytes(4, sys.byteorder) for one in now])
        ancillary = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed)] if now else []
        channel.sendmsg([data], ancillary)
        if not every:
            return
        data = b"+"


def receive(channel: Socket, size: int, count: Callable[[bytes], int]) -> tuple[bytes, list[int]]:
    """Receive what send() has sent: `size` bytes of data and as many descriptors as they say.

    count: tells from the data how many descriptors come with them.
    EOFError: the other end is gone. What was received until then is closed.
    """
    data, descriptors = b"", list[int]()
    wanted = 0
    try:
        while len(data) < size or len(descriptors) < wanted:
            some, new = _receive(channel, size - len(data) or 1)
            descriptors += new
            if len(data) < size:
                data += some
                wanted = count(data) if len(data) == size else 0
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    return data, descriptors


def _receive(channel: Socket, size: int) -> tuple[bytes, list[int]]:
    import _socket

    space = _socket.CMSG_SPACE(4 * _AT_ONCE)
    some, ancillary, _, _ = channel.recvmsg(size, space, getattr(_socket, "MSG_CMSG_CLOEXEC", 0))
    new = []
    for _level, _kind, packed in ancillary:
        new += [int.from_bytes(packed[at : at + 4], sys.byteorder) for at in range(0, len(packed) - 3, 4)]
    for descriptor in new:
        os.set_inheritable(descriptor, False)
    if not some:
        for descriptor in new:
            os.close(descriptor)
        raise EOFError("the other end of the socket is gone")
    return some, new
