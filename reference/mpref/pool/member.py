"""A worker, as its pool sees it: a process, the tasks that it was given, and what connects the two."""

from __future__ import annotations

import _socket
import errno
import os
from _signal import (  # type: ignore[import-not-found]  # `signal` is expensive
    SIG_BLOCK,
    SIG_SETMASK,
    SIGINT,
    SIGTERM,
    getsignal,
    pthread_sigmask,
)
from contextlib import ExitStack

from ..launch import lifeline
from ..launch.start import Process
from .packets import (
    LARGE,
    LASTING,
    PIECE,
    RESULT_HEAD,
    ROOM,
    SIZE,
    TASK_HEAD,
    read_result_head,
    read_task_head,
    task_head,
)
from .worker import work

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from ..process import BaseProcess
    from ..transfer.framing import Piece
    from .jobs import Job

LEAST, MOST = 2, 32
"""Tasks that a worker is given at once: one that it works on, and those that it would otherwise wait for."""

_AT_ONCE = 1 << 16
"""Bytes of results that are read at once."""

_WIDE = 1 << 20
"""Bytes that a pipe for large results takes."""

_KIND = getattr(_socket, "SOCK_SEQPACKET", _socket.SOCK_STREAM)
_APART = _KIND != _socket.SOCK_STREAM
"""Whether packets are kept apart."""

_FULL = (errno.EAGAIN, errno.ENOBUFS, errno.ENOMEM)


class Task:
    """A task on its way. packet: as it is sent; pieces: what follows it, where it is large."""

    __slots__ = ("index", "job", "number", "packet", "pieces")

    def __init__(self, number: int, job: Job, index: int, packet: bytes, pieces: Sequence[Piece] | None) -> None:
        self.number = number
        self.job = job
        self.index = index
        self.packet = packet
        self.pieces = pieces

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return self.job.name(self.index)


def packed(number: int, job: Job, index: int, function: bytes, how: int, given: Sequence[Piece], size: int) -> Task:
    """Return a task. function: pickled; given: what it is called with, pickled, `size` bytes."""
    if _APART and TASK_HEAD + len(function) + size <= ROOM:
        return Task(number, job, index, b"".join([task_head(number, how, len(function)), function, *given]), None)
    head = task_head(number, how | LARGE, len(function)) + (len(function) + size).to_bytes(SIZE, "big")
    return Task(number, job, index, head, [function, *given])


class Member:
    """A worker. Until it works it is deaf to Ctrl-C, which is for the program, and to SIGTERM where the program handles
    that: what a handler raises right after a fork is lost, and printed.

    assigned: its tasks by their numbers; it has begun the first one at most. depth: how many it is given at once.
    left: how many it may still be given, None: any number. ready: whether it works. reason: why it leaves, as told.
    """

    def __init__(self, process: Callable[[Any], BaseProcess], work_with: tuple[Any, ...], most: int | None) -> None:
        from ..connection import Connection
        from ..descriptors import duplicate, lift, patient, pipe

        near, far = map(patient, _socket.socketpair(_socket.AF_UNIX, _KIND))
        self._theirs = patient(_socket.socket(fileno=lift(far.detach())))
        with ExitStack() as failed, ExitStack() as given:
            failed.callback(self._theirs.close)
            self.tasks = self._own(lift(near.detach()), failed)
            heard = given.enter_context(Connection(duplicate(self._theirs.fileno())))
            reading, writing = pipe()
            self.results = self._own(reading, failed)
            told = given.enter_context(Connection(writing))
            self.process = process((heard, told, ROOM if _APART else TASK_HEAD + SIZE, *work_with))
            before = pthread_sigmask(SIG_BLOCK, (SIGINT, SIGTERM) if callable(getsignal(SIGTERM)) else (SIGINT,))
            try:
                self.process.start()
            finally:
                pthread_sigmask(SIG_SETMASK, before)
            failed.callback(self._end)
            self.sentinel = self.process.sentinel
            failed.pop_all()
        lifeline.vital.add(self._theirs.fileno())
        self.assigned: dict[int, Task] = {}
        self.depth = LEAST
        self.left = most
        self.ready = False
        self.leaving = False
        self.full = False
        self.reason: tuple[BaseException | str, str] | None = None
        self._outgoing: list[memoryview] = []
        self._large_task = 0
        """The number of the last task in pieces, which is the only one: what was not begun could not be told apart."""
        self._data = b""
        self._large: memoryview | None = None
        self._large_kind = 0, 0
        self._filled = 0
        self._buffer = bytearray()
        self._wide = False

    def _end(self) -> None:
        """End the process, and forget it."""
        self.process.kill()
        self.process.join()
        self.process.close()

    def give_up(self) -> None:
        """End it, whatever it is at, and release everything."""
        self._end()
        self.close()

    @staticmethod
    def _own(descriptor: int, failed: ExitStack) -> int:
        """Have a descriptor be this process's alone, and wait for nothing."""
        failed.callback(_release, descriptor)
        lifeline.vital.add(descriptor)
        os.set_blocking(descriptor, False)
        return descriptor

    def __str__(self) -> str:
        return f"worker {self.process.name} (process {self.process.pid})"

    @property
    def outgoing(self) -> bool:
        """Whether a large task is on its way."""
        return bool(self._outgoing)

    def takes(self, level: int) -> bool:
        """Tell whether it has at most `level` tasks, and takes another one."""
        return (
            len(self.assigned) <= level < self.depth
            and self.ready
            and not self.full
            and self.left != 0
            and not self.leaving
            and self._large_task not in self.assigned
        )

    def give(self, task: Task) -> bool:
        """Give it a task; tell whether it could be given."""
        if task.pieces is not None and self.assigned:
            return False
        self.assigned[task.number] = task
        try:
            os.write(self.tasks, task.packet)
        except BaseException as error:
            self.assigned.pop(task.number, None)
            if not (isinstance(error, OSError) and (error.errno in _FULL or self.leaving)):
                raise
            self.full = bool(self.assigned)
            return False
        if self.left is not None:
            self.left -= 1
        if task.pieces is not None:
            self._large_task = task.number
            whole = [memoryview(piece).cast("B") for piece in task.pieces]
            self._outgoing = [view[at : at + PIECE] for view in whole for at in range(0, len(view), PIECE)]
            self._outgoing.reverse()
            self.send_on()
        return True

    def send_on(self) -> None:
        """Send what is on its way, as far as it goes."""
        while self._outgoing:
            try:
                done = os.write(self.tasks, self._outgoing[-1])
            except OSError as error:
                if error.errno not in _FULL:
                    raise
                return
            piece = self._outgoing.pop()
            if done < len(piece):  # packets are not kept apart
                self._outgoing.append(piece[done:])

    def take_back(self) -> list[Task]:
        """Take back the tasks that it has not begun."""
        back = []
        for packet in self._unread():
            task = self.assigned.pop(read_task_head(packet)[0], None)
            if task is not None:
                back.append(task)
        if self.left is not None:
            self.left += len(back)
        return back

    def recover(self) -> list[Task]:
        """Take back the tasks that it has not begun, for it has ended."""
        for task in self.assigned.values():
            if task.pieces is not None:  # it is the only one
                begun = not next(self._unread(), b"").startswith(task.packet)
                return [] if begun else [self.assigned.pop(task.number)]
        return self.take_back()

    def dismiss(self) -> None:
        """Let it leave, once it has done what it was given."""
        if not self.leaving:
            self.leaving = True
            tasks, self.tasks = self.tasks, -1  # it may be the number of another worker's descriptor soon
            _release(tasks)

    def close(self) -> None:
        """Release what connects the two."""
        self.dismiss()
        _release(self.results)
        _release(self._theirs.detach())

    def heard(self) -> list[tuple[int, int, Any]] | None:
        """Return what has come from it: number, kind, pickled body. None: nothing ever comes any more.

        BlockingIOError: nothing has come.
        """
        if self._large is not None:
            return self._more_of_a_large_one()
        data = os.read(self.results, _AT_ONCE)
        if not data:
            return None
        if self._data:
            data = self._data + data
        found, at, have = [], 0, len(data)
        while have - at >= RESULT_HEAD:
            number, kind, size = read_result_head(data, at)
            end = at + RESULT_HEAD + size
            if end > have:
                if size > _AT_ONCE:
                    self._begin_a_large_one(number, kind, size, data[at + RESULT_HEAD :])
                    at = have
                break
            found.append((number, kind, data[at + RESULT_HEAD : end]))
            at = end
        self._data = data[at:]
        return found

    def _begin_a_large_one(self, number: int, kind: int, size: int, begun: bytes) -> None:
        if len(self._buffer) < size:
            self._buffer = bytearray(size)
        self._large = memoryview(self._buffer)[:size]
        self._large_kind = number, kind
        self._large[: len(begun)] = begun
        self._filled = len(begun)
        if not self._wide:
            self._wide = True
            try:
                import fcntl

                fcntl.fcntl(self.results, fcntl.F_SETPIPE_SZ, _WIDE)
            except (OSError, AttributeError):  # more than this user may have, or not Linux
                pass

    def _more_of_a_large_one(self) -> list[tuple[int, int, Any]] | None:
        assert self._large is not None
        done = os.readv(self.results, [self._large[self._filled :]])
        if not done:
            return None
        self._filled += done
        if self._filled < len(self._large):
            return []
        whole, self._large = self._large, None
        if len(self._buffer) > LASTING:
            self._buffer = bytearray()
        return [(*self._large_kind, whole)]

    def _unread(self) -> Iterator[bytes]:
        """Take back packets that it has not read."""
        try:  # by the socket that was made: a new one would do to the worker's what setdefaulttimeout() says
            while packet := self._theirs.recv(PIECE, _socket.MSG_DONTWAIT):
                yield packet
        except BlockingIOError:
            return


def _release(descriptor: int) -> None:
    lifeline.vital.discard(descriptor)
    os.close(descriptor)


def launched(target_arguments: Any, context: Any) -> BaseProcess:
    """Return the process of a new worker, which is not started yet."""
    kind: Any = Process if context is None else context.Process
    process: BaseProcess = kind(target=work, args=target_arguments)
    process.name = process.name.replace("Process", "PoolWorker")
    process.daemon = True
    return process
