"""Pipes that several processes write whole messages into and read whole messages out of. Queues are made of them.

Neither end ever blocks by itself, and nobody holds a lock while waiting for others: a process that is killed
while it waits leaves the pipe as it was.
"""

from __future__ import annotations

import os
from _pickle import dumps, loads
from contextlib import suppress
from errno import EBADF
from fcntl import F_SETPIPE_SZ, fcntl
from select import EPOLLIN, POLLIN, POLLOUT, epoll, poll
from time import monotonic

from .. import descriptors
from ..memory.semaphore import Lock
from ..quantities import seconds
from ..transfer import allocation, handover
from ..transfer.framing import HEAD, PROTOCOL, SMALL, left, length_of, long_length, pickled, unpacked

try:
    from select import EPOLLEXCLUSIVE
except ImportError:  # PyPy does not name it
    EPOLLEXCLUSIVE = 1 << 28  # type: ignore[misc]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..start_method import Context

    Message = bytes | list[bytes | memoryview]
    """What pickled() makes of an object: its length and its pickle, in one piece or several."""

CAPACITY = 1 << 19
"""Bytes of a pipe that was full once: all pipes of a user count together, and few get full. Less than a megabyte: if a
program joins a process before taking out what that has put, this shall be found out while the program is being written,
not when the items get larger."""

LARGE = 1 << 16
"""Bytes from which a pickle is written in the pieces in which it is made, and read into a buffer that is kept."""

AT_ONCE = 256
"""Pieces of a message; the kernel takes 1024."""

KEPT = 1 << 23
"""Bytes of such a buffer, above which it is not kept."""

BRIEF = 0.001
"""Seconds to wait for a lock that others hold only while the kernel copies, and for a reader who may be at work."""

RECHECK = 1.0
"""Seconds after which a waiting process looks for itself, in case that the one that was woken was killed over it."""


class End:
    """One end of a pipe: its descriptor, and the lock of those that use it. Closed when it is collected."""

    __slots__ = ("descriptor", "lock")

    _event: int
    _close = staticmethod(os.close)  # still here when the interpreter has emptied its modules

    def __init__(self, descriptor: int, lock: Lock) -> None:
        self.descriptor = descriptor
        self.lock = lock

    def ready(self, timeout: float | None) -> bool:
        """Wait at most `timeout` seconds, None for ever, until it can be used; tell whether it can."""
        if self.descriptor < 0:
            raise OSError(EBADF, "the queue is closed in this process")
        poller = poll()
        poller.register(self.descriptor, self._event)
        return bool(poller.poll(None if timeout is None else timeout * 1000))

    def close(self) -> None:
        """Give up the descriptor."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            self._close(descriptor)

    def __del__(self) -> None:
        try:
            self.close()
        except OSError:  # somebody closed what was not theirs
            return

    def __reduce__(self) -> tuple[Callable[..., End], tuple[Any, ...]]:
        return type(self), (handover.require(self).give(self.descriptor), self.lock)


class ReadingEnd(End):
    """The end from which messages come."""

    __slots__ = ("_alarm", "_buffer")

    _event = POLLIN

    def __init__(self, descriptor: int, lock: Lock) -> None:
        super().__init__(descriptor, lock)
        self._alarm: epoll | None = None
        self._buffer: bytearray | None = None

    def receive(self, timeout: float | None) -> bytes | memoryview | None:
        """Take out the next message, waiting at most `timeout` seconds; None: there was none in time."""
        lock, descriptor = self.lock, self.descriptor
        if timeout is not None:
            timeout = seconds(timeout)
        end = None if timeout is None else monotonic() + timeout
        while lock.acquire() if end is None else lock.acquire(True, max(end - monotonic(), BRIEF)):
            try:
                return self._rest(os.read(descriptor, HEAD))
            except BlockingIOError:
                pass
            finally:
                lock.release()
            rest = RECHECK if end is None else min(end - monotonic(), RECHECK)
            if rest <= 0:
                break
            (self._alarm or self._new_alarm()).poll(rest)
        return None

    def take_back(self, writing: WritingEnd, count: int) -> bool:
        """Take back the last `count` bytes that were written, unless others read meanwhile; tell whether that is done.

        The lock of the writing end has to be held.
        """
        if not self.lock.acquire(True, BRIEF):
            return False
        try:
            data = b""
            with suppress(BlockingIOError):
                while True:
                    data += os.read(self.descriptor, CAPACITY)
            if len(data) < count:  # one who was reading was killed over it
                count = 0
            back = data[: len(data) - count]
            while back:  # it fits, as it has fitted before
                back = back[os.write(writing.descriptor, back) :]
            return count > 0
        finally:
            self.lock.release()

    def close(self) -> None:
        """Give up the descriptor."""
        self._alarm = None
        super().close()

    def _new_alarm(self) -> epoll:
        """Make what wakes up one of those that wait, and not all of them, as poll() would."""
        alarm = self._alarm = epoll()
        alarm.register(self.descriptor, EPOLLIN | EPOLLEXCLUSIVE)
        return alarm

    def opened(self, message: bytes | memoryview) -> Any:
        """Unpickle what receive() has returned, once; others may receive meanwhile."""
        if isinstance(message, bytes):
            return loads(message)
        try:
            return loads(message)
        finally:
            buffer = message.obj
            if isinstance(buffer, bytearray) and len(buffer) <= KEPT:
                self._buffer = buffer

    def _rest(self, head: bytes) -> bytes | memoryview:
        """Read the message that begins so. A writer can have split it anywhere."""
        if len(head) < HEAD:
            if not head:
                raise EOFError("nobody is left who could put anything into the queue")
            head += self._exactly(HEAD - len(head))
        size: int = unpacked(head)[0]
        if size < 0:
            size = long_length(size, self._exactly)
        if size > SMALL:
            allocation.keep()
        if size >= LARGE:
            return self._exactly(size)
        try:
            body = os.read(self.descriptor, size)
        except BlockingIOError:
            body = b""
        return body if len(body) == size else body + bytes(self._exactly(size - len(body)))

    def _exactly(self, size: int) -> memoryview:
        buffer, self._buffer = self._buffer, None
        if buffer is None or len(buffer) < size:
            buffer = bytearray(size)
        message = rest = memoryview(buffer)[:size]
        while True:
            try:
                done = os.readv(self.descriptor, (rest,))
            except BlockingIOError:
                self.ready(None)
                continue
            if not done:
                raise EOFError(f"the process that wrote this message ended {len(rest)} bytes before its end")
            if done == len(rest):
                return message
            rest = rest[done:]


class WritingEnd(End):
    """The end into which messages go."""

    __slots__ = ("_grown", "_in_pieces")

    _event = POLLOUT

    def __init__(self, descriptor: int, lock: Lock) -> None:
        super().__init__(descriptor, lock)
        self._grown = False
        self._in_pieces = False

    def pickled(self, thing: Any) -> Message:
        """Make the message for an object. Raises what pickling it raises."""
        if not self._in_pieces:
            body = dumps(thing, PROTOCOL)
            size = len(body)
            if size > SMALL:
                allocation.keep()
            if size < LARGE:
                return length_of(size) + body
            self._in_pieces = True  # of one large item the next is likely to be another
            return [length_of(size), body]
        # What is written later must not change until then, as only bytes do not.
        pieces = [piece if isinstance(piece, bytes) else bytes(piece) for piece in pickled(thing)]
        if len(pieces) > AT_ONCE:
            pieces = [b"".join(pieces)]
        size = sum(map(len, pieces))
        self._in_pieces = size >= LARGE
        return [length_of(size), *pieces]

    def send(self, message: Message) -> None:
        """Write a message, waiting while the pipe is full or others write."""
        lock = self.lock
        while True:
            lock.acquire()
            try:
                rest = self.attempt(message)
                if rest is not message:
                    self.complete(rest)
                    return
            finally:
                lock.release()
            self.ready(None)

    def attempt(self, message: Message) -> Message | None:
        """Write what the pipe takes at once and return the rest: None, or `message` itself if it took nothing.

        The lock has to be held, until all is written of which something was.
        """
        try:
            if isinstance(message, bytes):
                done = os.write(self.descriptor, message)
                rest: Message | None = message[done:]
            else:
                done = os.writev(self.descriptor, message)
                rest = None if done == sum(map(len, message)) else left(message, done)
        except BlockingIOError:
            rest = message
        return self.attempt(rest) if rest and self._grow() else rest or None

    def _grow(self) -> bool:
        """Let the pipe hold more, if this process has not tried it before; tell whether it does."""
        if self._grown:
            return False
        self._grown = True
        try:
            fcntl(self.descriptor, F_SETPIPE_SZ, CAPACITY)
        except OSError:  # the user's processes may have as much already as they are allowed to have
            return False
        return True

    def complete(self, rest: Message | None) -> None:
        """Write the rest of a message, waiting while the pipe is full. The lock has to be held."""
        while rest is not None:
            self.ready(None)
            rest = self.attempt(rest)


def size_of(message: Message) -> int:
    """Return the bytes of a message."""
    return len(message) if isinstance(message, bytes) else sum(map(len, message))


def used_after_close(how: str) -> ValueError:
    """Return the exception for one who uses a queue so, whose process has closed it."""
    return ValueError(f"the queue was {how} after close(), which is the last thing to do with it in a process")


def pipe(ctx: Context | None) -> tuple[ReadingEnd, WritingEnd]:
    """Make a pipe, reading end first, for the processes of a context; None: of the program's."""
    ends = descriptors.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ReadingEnd(ends[0], Lock(ctx=ctx)), WritingEnd(ends[1], Lock(ctx=ctx))
