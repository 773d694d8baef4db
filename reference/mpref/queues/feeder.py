"""The feeder of a queue: writes into its pipe what the pipe does not take while nobody reads, so that put() returns."""

from __future__ import annotations

import os
import sys
from _thread import RLock, allocate_lock, start_new_thread
from _weakrefset import WeakSet
from collections import deque

from .. import finalize
from .shared_pipe import AT_ONCE, BRIEF, LARGE, size_of, used_after_close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .shared_pipe import Message, ReadingEnd, WritingEnd

ATOMIC = 4096
"""The kernel takes a message of this size whole or not at all."""


class Feeder:
    """What this process has put and the pipe has not taken, and the thread that brings it there.

    There is such a thread only while there is something for it to do; it goes on when the queue is collected.
    end: where it writes; None for a queue that is closed. reading: the other end, if this process has it.
    flush_at_exit: whether the exit of this process waits for it.
    """

    def __init__(self, end: WritingEnd | None, reading: ReadingEnd | None, flush_at_exit: bool) -> None:
        self._end = end
        self._reading = reading
        self._begin(flush_at_exit)
        _feeders.add(self)

    def _begin(self, flush_at_exit: bool) -> None:
        """Have nothing to do. After a fork, too: what waited is the parent's, and so is the thread."""
        self._flush_at_exit = flush_at_exit
        self._patient = True
        self._turn = RLock()  # recursive: a finalizer that runs within send() may put something itself
        self._waiting: deque[Message] = deque()
        self._begun: Message | None = None  # the rest of a message, for which this process holds the lock
        self._busy = False
        self._closed = self._end is None
        self._idle = allocate_lock()  # taken while the thread runs
        self._at_exit: finalize.Finalizer | None = None

    def send(self, message: Message) -> None:
        """Write the message, or leave it to the thread: this does not wait for a reader.

        RuntimeError: the pipe does not take it, and no thread can be started; then nothing of it is written.
        ValueError: another thread has closed the queue.
        """
        end = self._open_end()
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
            try:
                rest = self._offer(message)
            finally:  # if a signal handler has raised, too: what was begun has to be ended
                if rest is not None:
                    self._start(message)

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

    def close(self) -> None:
        """Let go of the pipe, once all is written."""
        with self._turn:
            self._reading = None
            if not self._busy:
                self._end = None
            self._closed = True

    def _open_end(self) -> WritingEnd:
        end = self._end
        if end is None or self._closed:
            raise used_after_close("put into")
        return end

    def _offer(self, message: Message) -> Message | None:
        """Write a message as long as others read: sooner done than to have the thread woken for it.

        Return what is left, and leave it to the thread to be started.
        """
        end = self._open_end()
        lock = end.lock
        rest: Message | None = message
        try:
            while lock.acquire(True, BRIEF):
                try:
                    rest = end.attempt(message)
                    while rest is not None and rest is not message and end.ready(BRIEF):
                        rest = end.attempt(rest)
                finally:
                    if rest is None or rest is message:
                        lock.release()
                if rest is not message or not end.ready(BRIEF):
                    break
        finally:
            if rest is message:
                self._waiting.append(message)
            else:
                self._begun = rest
        return rest

    def _start(self, message: Message) -> None:
        """Start the thread. RuntimeError: none can be started; nothing of the message is left in the pipe then."""
        self._busy = True
        self._idle.acquire()
        if self._flush_at_exit:
            self._at_exit = finalize.Finalizer(self.join, priority=finalize.AFTER_CHILDREN)
        try:
            start_new_thread(self._work, ())
        except RuntimeError as error:
            if "shutdown" in str(error) or sys.is_finalizing() or not self._withdraw(message):
                self._work()
                return
            raise RuntimeError(
                "nothing is put into the queue: its pipe does not take it now, and no thread can be started that does "
                f"so later: {error}"
            ) from error

    def _withdraw(self, message: Message) -> bool:
        """Take a message back of which the pipe has not taken all, unless somebody has begun to read it."""
        end, rest = self._open_end(), self._begun
        if rest is not None:
            if self._reading is None or not self._reading.take_back(end, size_of(message) - size_of(rest)):
                return False
            self._begun = None
            end.lock.release()
        self._waiting.clear()
        self._stop()
        return True

    def _work(self) -> None:
        """Write what waits, in its order, until nothing is left."""
        end = self._end
        assert end is not None  # it is there as long as this is busy
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
        if self._closed:
            self._end = None
        if self._at_exit is not None:
            self._at_exit.cancel()
            self._at_exit = None
        self._idle.release()


_feeders: WeakSet[Feeder] = WeakSet()
"""Those of this process, for a forked child to forget what was in them."""


def _after_fork() -> None:
    for feeder in tuple(_feeders):
        feeder._begin(flush_at_exit=True)


os.register_at_fork(after_in_child=_after_fork)
