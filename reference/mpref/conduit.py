"""Pipes that several processes write whole messages into and read whole messages out of. Queues are made of them.

Neither end ever blocks by itself, and nobody holds a lock while waiting for others: a process that is killed
while it waits leaves the pipe as it was.
"""

from __future__ import annotations

import os
from _pickle import dumps, loads
from _thread import RLock, allocate_lock, start_new_thread
from _weakrefset import WeakSet
from collections import deque
from contextlib import suppress
from errno import EBADF
from fcntl import F_SETPIPE_SZ, fcntl
from select import EPOLLEXCLUSIVE, EPOLLIN, POLLIN, POLLOUT, epoll, poll
from time import monotonic

from . import finalize, handover, launch
from .message import PROTOCOL, length_of, pickled, unpacked
from .semaphore import Lock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .semaphore import Context

    #: What pickled() makes of an object: its length and its pickle, in one piece or several.
    Message = bytes | list[bytes | memoryview]

#: Bytes of a pipe. Far less than a megabyte: who joins a process before taking out what that has put shall
#: find out about it while the program is being written, not when the items get larger.
CAPACITY = 1 << 18

#: The kernel takes a message of this size whole or not at all.
ATOMIC = 4096

#: Bytes from which a pickle is written in the pieces in which it is made, and read into a buffer that is kept.
LARGE = 1 << 16

#: Pieces of a message; the kernel takes 1024.
AT_ONCE = 256

#: Bytes of such a buffer, above which it is not kept.
KEPT = 1 << 23

#: Seconds to wait for a lock that others hold only while the kernel copies.
BRIEF = 0.001

#: Seconds after which a waiting process looks for itself, in case that the one that was woken was killed over it.
RECHECK = 1.0

#: Priority of finalizers: what a process has put may be needed by its children, which are joined at 0.
AFTER_CHILDREN = -5


class End:
    """One end of a pipe: its descriptor, and the lock of those who use it. Closed when it is collected."""

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
        self.close()

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
        end = None if timeout is None else monotonic() + timeout
        while lock.acquire() if end is None else lock.acquire(True, max(end - monotonic(), BRIEF)):
            try:
                return self._rest(os.read(descriptor, 4))
            except BlockingIOError:
                pass
            finally:
                lock.release()
            rest = RECHECK if end is None else min(end - monotonic(), RECHECK)
            if rest <= 0:
                break
            (self._alarm or self._new_alarm()).poll(rest)
        return None

    def close(self) -> None:
        """Give up the descriptor."""
        self._alarm = None
        super().close()

    def _new_alarm(self) -> epoll:
        """Make what wakes up one of those who wait, and not all of them, as poll() would."""
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
        if len(head) < 4:
            if not head:
                raise EOFError("nobody is left who could put anything into the queue")
            head += self._exactly(4 - len(head))
        size: int = unpacked(head)[0]
        if size < 0:  # as `message` writes what is too long for four bytes
            size = int.from_bytes(self._exactly(8), "big")
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
        message = memoryview(buffer)[:size]
        at = 0
        while at < size:
            try:
                done = os.readv(self.descriptor, [message[at:]])
            except BlockingIOError:
                self.ready(None)
                continue
            if not done:
                raise EOFError(f"the process that wrote this message ended {size - at} bytes before its end")
            at += done
        return message


class WritingEnd(End):
    """The end into which messages go."""

    __slots__ = ("_in_pieces",)

    _event = POLLOUT

    def __init__(self, descriptor: int, lock: Lock) -> None:
        super().__init__(descriptor, lock)
        self._in_pieces = False

    def pickled(self, thing: Any) -> Message:
        """Make the message for an object. Raises what pickling it raises."""
        if not self._in_pieces:
            body = dumps(thing, PROTOCOL)
            size = len(body)
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
                return None if done == len(message) else message[done:]
            done = os.writev(self.descriptor, message)
        except BlockingIOError:
            return message
        left = list(message)
        while left and done >= len(left[0]):
            done -= len(left.pop(0))
        if left and done:
            left[0] = memoryview(left[0])[done:]
        return left or None

    def complete(self, rest: Message | None) -> None:
        """Write the rest of a message, waiting while the pipe is full. The lock has to be held."""
        while rest is not None:
            self.ready(None)
            rest = self.attempt(rest)


class Outbox:
    """What this process has put and the pipe has not taken, and the thread that brings it there.

    There is such a thread only while there is something for it to do; it goes on when the queue is collected.
    flush_at_exit: whether the exit of this process waits for it.
    """

    def __init__(self, end: WritingEnd, flush_at_exit: bool) -> None:
        self._end = end
        self._begin(flush_at_exit)
        _outboxes.add(self)

    def _begin(self, flush_at_exit: bool) -> None:
        """Have nothing to do. After a fork, too: what waited is the parent's, and so is the thread."""
        self._flush_at_exit = flush_at_exit
        self._patient = True
        self._turn = RLock()  # recursive: a finalizer that runs within send() may put something itself
        self._waiting: deque[Message] = deque()
        self._begun: Message | None = None  # the rest of a message, for which this process holds the lock
        self._busy = False
        self._idle = allocate_lock()  # taken while the thread runs
        self._at_exit: finalize.Finalizer | None = None

    def send(self, message: Message) -> None:
        """Write the message, or leave it to the thread: this does not wait for a reader."""
        end = self._end
        lock = end.lock
        # Where nothing waits here, what the pipe takes whole or not at all needs no turn: the lock keeps it apart.
        if not self._busy and type(message) is bytes and len(message) <= ATOMIC and lock.acquire(False):
            try:
                os.write(end.descriptor, message)
                return
            except BlockingIOError:
                pass
            finally:
                lock.release()
        with self._turn:
            if self._busy:
                self._waiting.append(message)
                return
            rest: Message | None = message
            if lock.acquire(True, BRIEF):
                try:
                    rest = end.attempt(message)
                finally:
                    if rest is None or rest is message:
                        lock.release()
                if rest is None:
                    return
            if rest is message:
                self._waiting.append(message)
            else:
                self._begun = rest
            self._start()

    def join(self) -> None:
        """Wait until everything is written, unless let_go() was called."""
        if self._patient:
            with self._idle:
                pass

    def let_go(self) -> None:
        """Let neither join() nor the exit of this process wait."""
        self._patient = self._flush_at_exit = False
        if self._at_exit is not None:
            self._at_exit.cancel()

    def _start(self) -> None:
        self._busy = True
        self._idle.acquire()
        if self._flush_at_exit:
            self._at_exit = finalize.Finalizer(self.join, priority=AFTER_CHILDREN)
        try:
            start_new_thread(self._work, ())
        except RuntimeError:  # there are no threads to be had, as at the end of the interpreter
            self._work()

    def _work(self) -> None:
        """Write what waits, in its order, until nothing is left."""
        end = self._end
        try:
            while True:
                with self._turn:
                    rest, self._begun = self._begun, None
                    message = self._next() if rest is None else None
                    if rest is None and message is None:
                        self._stop()
                        return
                if rest is not None:
                    try:
                        end.complete(rest)
                    finally:
                        end.lock.release()
                elif message is not None:
                    end.send(message)
        except BrokenPipeError:  # nobody is left who could get it
            with self._turn:
                self._waiting.clear()
                self._stop()

    def _next(self) -> Message | None:
        """Take the next message from those that wait, with as many as go with it: small ones only up to ATOMIC."""
        waiting = self._waiting
        if not waiting:
            return None
        message = waiting.popleft()
        if type(message) is not bytes:
            return message
        whole = len(message) <= ATOMIC
        batch, room = [message], (ATOMIC if whole else LARGE) - len(message)
        while waiting and len(batch) < AT_ONCE:
            following = waiting[0]
            if type(following) is not bytes or len(following) > room:
                break
            room -= len(following)
            batch.append(following)
            waiting.popleft()
        return b"".join(batch) if whole else [*batch]

    def _stop(self) -> None:
        self._busy = False
        if self._at_exit is not None:
            self._at_exit.cancel()
            self._at_exit = None
        self._idle.release()


def pipe(ctx: Context | None) -> tuple[ReadingEnd, WritingEnd]:
    """Make a pipe, reading end first, for the processes of a context; None: of the program's."""
    ends = launch.pipe()
    for end in ends:
        os.set_blocking(end, False)
    with suppress(OSError):  # the user's processes may have as much already as they are allowed to have
        fcntl(ends[0], F_SETPIPE_SZ, CAPACITY)
    return ReadingEnd(ends[0], Lock(ctx=ctx)), WritingEnd(ends[1], Lock(ctx=ctx))


#: Those of this process, for a forked child to forget what was in them.
_outboxes: WeakSet[Outbox] = WeakSet()


def _after_fork() -> None:
    for outbox in tuple(_outboxes):
        outbox._begin(flush_at_exit=True)


os.register_at_fork(after_in_child=_after_fork)
