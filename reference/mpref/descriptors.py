"""Descriptors that other processes get: above those of the standard streams, and sent over a Unix socket."""

from __future__ import annotations

import os
import sys
from errno import EMFILE, ETOOMANYREFS
from time import sleep

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket
    from collections.abc import Callable, Iterable
    from typing import TypeVar

    AnySocket = TypeVar("AnySocket", bound=Socket)

_AT_ONCE = 250
"""Descriptors in one message; the kernel takes 253."""

PATIENCE = 1.0
"""Seconds in which descriptors of the same user have to arrive where too many of them are under way."""

_PAUSE = 0.01


def pipe() -> tuple[int, int]:
    """Make a pipe, reading end first, whose ends cannot be taken for standard streams."""
    reading, writing = os.pipe()
    if reading > 2:
        return reading, writing
    try:
        reading = lift(reading)
    except BaseException:
        os.close(writing)
        raise
    try:
        return reading, lift(writing)
    except BaseException:
        os.close(reading)
        raise


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
    OSError: more descriptors of this user are under way than it may have, those of other programs included.
    """
    import _socket

    attempts = 0
    every = list(descriptors)
    while True:
        now, every = every[:_AT_ONCE], every[_AT_ONCE:]
        packed = b"".join([one.to_bytes(4, sys.byteorder) for one in now])
        ancillary = [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, packed)] if now else []
        try:
            channel.sendmsg([data], ancillary)
        except BlockingIOError:
            if channel.gettimeout() is not None:
                raise
            every = now + every  # another process is about to call patient() for a socket of the same end
            continue
        except OSError as error:
            attempts += 1
            if error.errno != ETOOMANYREFS or attempts > PATIENCE / _PAUSE:
                raise
            every = now + every
            sleep(_PAUSE)  # nobody tells of their arrival
            continue
        if not every:
            return
        data = b"+"


def receive(channel: Socket, size: int, count: Callable[[bytes], int]) -> tuple[bytes, list[int]]:
    """Receive what send() has sent: `size` bytes of data and as many descriptors as they say.

    count: tells from the data how many descriptors come with them.
    EOFError: the other end is gone. OSError: there is no room for the descriptors. What was received is closed then.
    """
    data, descriptors = b"", list[int]()
    wanted = 0
    try:
        while len(data) < size or len(descriptors) < wanted:
            some, new = receive_some(channel, size - len(data) or 1)
            descriptors += new
            if len(data) < size:
                data += some
                wanted = count(data) if len(data) == size else 0
    except BaseException:
        for descriptor in descriptors:
            os.close(descriptor)
        raise
    return data, descriptors


def receive_some(channel: Socket, size: int) -> tuple[bytes, list[int]]:
    """Receive once: at most `size` bytes, and the descriptors with them. It raises what receive() raises."""
    import _socket

    space = _socket.CMSG_SPACE(4 * _AT_ONCE)
    some, ancillary, flags, _ = channel.recvmsg(size, space, getattr(_socket, "MSG_CMSG_CLOEXEC", 0))
    new = []
    for _level, _kind, packed in ancillary:
        new += [int.from_bytes(packed[at : at + 4], sys.byteorder) for at in range(0, len(packed) - 3, 4)]
    for descriptor in new:
        os.set_inheritable(descriptor, False)
    if some and not flags & _socket.MSG_CTRUNC:
        return some, new
    for descriptor in new:
        os.close(descriptor)
    if some:
        raise OSError(EMFILE, "no descriptor is left in this process for those that it was sent")
    raise EOFError("the other end of the socket is gone")
