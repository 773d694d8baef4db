"""Messages on a descriptor: framed and written out, read in and unframed. The wire format of connections.

A message is its length, four bytes in network order, and its bytes. A length above 2**31 - 1 stands in eight
bytes behind a length of -1. An object is sent as a message that is its pickle.
"""

from __future__ import annotations

import os
from _pickle import Pickler, Unpickler, dumps, loads
from _struct import Struct

from . import allocation

try:
    from _pickle import PickleBuffer as PickleBuffer
except ImportError:  # the items of that of PyPy stay what they are

    class PickleBuffer:  # type: ignore[no-redef]  # as far as it is needed
        """The memory of a buffer."""

        def __init__(self, buffer: Any) -> None:
            self._view = memoryview(buffer)

        def raw(self) -> memoryview:
            """Return it as bytes. BufferError: it is not in one piece."""
            if not self._view.c_contiguous:
                raise BufferError("the memory is not in one piece")
            return self._view.cast("B")


TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    Piece = bytes | memoryview

PROTOCOL = 5
"""The highest protocol of every Python that may be at the other end."""

SMALL = 1 << 14
"""Bytes up to which a message is copied behind its length: cheaper than to have the kernel gather it."""

BULKY = 1 << 16
"""Bytes above which the next object is expected to be large as well, and pickled in pieces: fewer are copied sooner."""

TRUSTED = 1 << 18
"""Bytes above which a message is not read into a buffer of its length, which nobody has sent yet."""

HEAD = 4
"""Bytes of a length in its short form."""

_AT_ONCE = 1000
"""Pieces that the kernel takes at once (IOV_MAX)."""

_LONGEST = 0x7FFFFFFF
_short = Struct("!i")
_long = Struct("!iQ")
_pack = _short.pack
unpacked = _short.unpack
"""Read a length in its short form, a tuple of one number; one below zero is for long_length() to read on."""

# In a pickle: what stands before and after bytes of a length of eight bytes.
_BYTES_BEGIN, _BYTES_END = b"\x80\x04\x8e", b"."


class Pieces(list["Piece"]):
    """What a pickler writes, as it comes: large bytes are not copied."""

    write = list.append


def pickled(thing: Any) -> list[Piece]:
    """Pickle an object, in pieces."""
    pieces = Pieces()
    Pickler(pieces, PROTOCOL).dump(thing)
    # What is not bytes is the object itself that was pickled: a bytearray, or any buffer.
    return [piece if type(piece) is bytes else PickleBuffer(piece).raw() for piece in pieces]


def length_of(size: int) -> bytes:
    """Return what is written before a message of `size` bytes."""
    return _pack(size) if size <= _LONGEST else _long.pack(-1, size)


def long_length(short: int, more: Callable[[int], bytes | memoryview]) -> int:
    """Return the length of a message whose short form is below zero. more: reads so many bytes of what follows."""
    if short == -1:
        return int.from_bytes(more(8), "big")
    raise OSError(f"what arrives is not a message: its length is said to be {short}")


def left(data: Iterable[Piece], done: int) -> list[Piece]:
    """Return what is left of the data, of which so many bytes are written."""
    rest = list(data)
    while rest and done >= len(rest[0]):
        done -= len(rest.pop(0))
    if rest and done:
        rest[0] = memoryview(rest[0])[done:]
    return rest


def write_object(descriptor: int, thing: Any, bulky: bool) -> bool:
    """Send a pickled object. bulky: whether it is expected to be large; returns whether it was.

    Raises what pickling raises, and then nothing was sent.
    """
    if not bulky:
        body = dumps(thing, PROTOCOL)
        write_bytes(descriptor, body)
        return len(body) > BULKY
    pieces = pickled(thing)
    size = sum(map(len, pieces))
    write(descriptor, pieces, size)
    return size > BULKY


def write_bytes(descriptor: int, body: bytes) -> None:
    """Send a message that consists of these bytes."""
    size = len(body)
    if size > SMALL:
        allocation.keep()
        write(descriptor, [body], size)
        return
    data = _pack(size) + body
    done = os.write(descriptor, data)
    if done < len(data):
        _write_rest(descriptor, [data], done)


def write(descriptor: int, pieces: Sequence[Piece], size: int) -> None:
    """Send a message of `size` bytes that consists of `pieces`."""
    head = length_of(size)
    data = [b"".join([head, *pieces])] if size <= SMALL or len(pieces) > _AT_ONCE else [head, *pieces]
    done = os.writev(descriptor, data)
    if done < len(head) + size:
        _write_rest(descriptor, data, done)


def read_size(descriptor: int) -> int:
    """Read the length of the next message. EOFError: there is none, and the other end is closed."""
    try:
        head = os.read(descriptor, HEAD)
    except ConnectionResetError:  # so a socket tells that the other end is closed, and had something left to receive
        head = b""
    if len(head) != HEAD:
        if not head:
            raise EOFError("the other end is closed, and nothing is left to be received")
        head += _exactly(descriptor, HEAD - len(head))
    size: int = unpacked(head)[0]
    return size if size >= 0 else long_length(size, lambda count: _exactly(descriptor, count))


def read(descriptor: int, size: int) -> bytes:
    """Read the bytes of a message of this size."""
    if size > SMALL:
        allocation.keep()
        if size > TRUSTED:
            return _read_large(descriptor, size)
    body = os.read(descriptor, size) if size else b""
    return body if len(body) == size else body + _exactly(descriptor, size - len(body))


def read_into(descriptor: int, view: memoryview) -> None:
    """Read the bytes of a message as large as the view into it."""
    while view:
        done = os.readv(descriptor, (view,))
        if not done:
            raise _cut_off(len(view))
        view = view[done:]


def read_object(descriptor: int, size: int) -> Any:
    """Read and unpickle a message of this size; all of it is read, whatever unpickling raises."""
    if size <= TRUSTED:
        return loads(read(descriptor, size))
    allocation.keep()
    body = Body(descriptor, size)
    try:
        return Unpickler(body).load()
    finally:
        body.drain()


class Body:
    """The rest of a message on a descriptor, as a file that an unpickler can read.

    descriptor, size: where it is, and how many bytes. before, after: what is read before and after them.
    """

    AHEAD = 1 << 16
    """Bytes that are read ahead, within the message."""

    def __init__(self, descriptor: int, size: int, before: bytes = b"", after: bytes = b"") -> None:
        self._descriptor = descriptor
        self._left = size
        self._held = before
        self._at = 0
        self._after = after

    def read(self, size: int) -> bytes:
        """Read so many bytes, fewer at the end of the message only."""
        end = self._at + size
        if end > len(self._held):
            self._hold(size)
            end = self._at + size
        data = self._held[self._at : end]
        self._at += len(data)
        return data

    def readline(self) -> bytes:
        """Read up to and including the next newline; pickles of protocol 0 need it."""
        while (end := self._held.find(b"\n", self._at)) < 0 and self._hold(len(self._held) - self._at + 1):
            pass
        return self.read((end if end >= 0 else len(self._held)) + 1 - self._at)

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer; the kernel writes into it directly."""
        view = memoryview(buffer)
        held = self._held[self._at : self._at + len(view)]
        self._at += len(held)
        view[: len(held)] = held
        direct = min(len(view) - len(held), self._left)
        if direct:
            read_into(self._descriptor, view[len(held) : len(held) + direct])
            self._left -= direct
        return len(held) + direct

    def drain(self) -> None:
        """Read the rest of the message and forget it."""
        while self._left:
            self._left -= len(self._some(min(self._left, TRUSTED)))

    def _hold(self, size: int) -> bool:
        """Have so many bytes at hand, if the message has them; tell whether any came."""
        parts = [self._held[self._at :]]
        have = len(parts[0])
        before = have
        while have < size and self._left:
            parts.append(self._some(min(max(size - have, self.AHEAD), self._left, TRUSTED)))
            have += len(parts[-1])
            self._left -= len(parts[-1])
        if not self._left:
            parts.append(self._after)
            have += len(self._after)
            self._after = b""
        self._held, self._at = b"".join(parts), 0
        return have > before

    def _some(self, size: int) -> bytes:
        data = os.read(self._descriptor, size)
        if not data:
            raise _cut_off(self._left)
        return data


def _read_large(descriptor: int, size: int) -> bytes:
    """Read a large message. The unpickler alone can fill bytes in place, so it is told that they are pickled."""
    body = Body(descriptor, size, _BYTES_BEGIN + size.to_bytes(8, "little"), _BYTES_END)
    try:
        data: bytes = Unpickler(body).load()
    except (MemoryError, OverflowError) as error:
        raise OSError(f"a message of {size} bytes is announced, for which there is no memory") from error
    return data


def _exactly(descriptor: int, size: int) -> bytes:
    """Read so many bytes, which need not come at once."""
    parts = []
    while size:
        data = os.read(descriptor, size)
        if not data:
            raise _cut_off(size)
        parts.append(data)
        size -= len(data)
    return b"".join(parts)


def _cut_off(size: int) -> OSError:
    return OSError(f"the other end was closed in the middle of a message, of which {size} bytes are missing")


def _write_rest(descriptor: int, data: Iterable[Piece], done: int) -> None:
    """Write what is left of the data, of which so many bytes are written."""
    while rest := left(data, done):
        data, done = rest, os.writev(descriptor, rest)
