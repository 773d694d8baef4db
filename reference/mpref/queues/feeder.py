"""The feeder of a queue: writes into its pipe what the pipe does not take at once, so that put() does not wait."""

from __future__ import annotations

import os
from _thread import RLock, allocate_lock, start_new_thread
from _weakrefset import WeakSet
from collections import deque

from .. import finalize
from .shared_pipe import AT_ONCE, BRIEF, LARGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .shared_pipe import Message, WritingEnd

ATOMIC = 4096
"""The kernel takes a message of this size whole or not at all."""


class Feeder:
    """What this process has put and the pipe has not taken, and the thread that brings it there.

    There is such a thread only while there is something for it to do; it goes on when the queue is collected.
    flush_at_exit: whether the exit of this process waits for it.
    """

    def __init__(self, end: WritingEnd, flush_at_exit: bool) -> None:
        self._end = end
        self._finished = False
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

    def finish(self) -> None:
        """Let go of the end of the pipe once everything is written: nothing more is sent."""
        with self._turn:
            self._finished = True
            if not self._busy:
                del self._end

    def _start(self) -> None:
        self._busy = True
        self._idle.acquire()
        if self._flush_at_exit:
            self._at_exit = finalize.Finalizer(self.join, priority=finalize.AFTER_CHILDREN)
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
        if self._finished:
            del self._end
        self._idle.release()


_feeders: WeakSet[Feeder] = WeakSet()
"""Those of this process, for a forked child to forget what was in them."""


def _after_fork() -> None:
    for feeder in tuple(_feeders):
        feeder._begin(flush_at_exit=True)


os.register_at_fork(after_in_child=_after_fork)
