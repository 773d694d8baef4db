"""Queue, SimpleQueue and JoinableQueue: first in, first out, between any number of processes and threads.

An object is pickled by the thread that puts it, so that what was put is what arrives. The message goes straight
into a pipe; only what the pipe does not take, since nobody reads, waits in this process for a thread to bring it there.
Section "Pipes and Queues".
"""

from __future__ import annotations

from _multiprocessing import SemLock
from errno import EBADF
from queue import Empty, Full

from .. import finalize
from ..memory.semaphore import BoundedSemaphore, Semaphore
from ..quantities import seconds, whole
from ..transfer import handover
from ..transfer.framing import length_of
from .feeder import Feeder
from .shared_pipe import ReadingEnd, WritingEnd, pipe, used_after_close

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from ..start_method import Context
    from .shared_pipe import Message


class _Raw:
    """An attribute that gives an end of the pipe, unless an object has one of its own of that name."""

    def __init__(self, end: str, receives: bool = False) -> None:
        self._end = end
        self._receives = receives

    def __get__(self, queue: Any, kind: type) -> Any:
        from .raw_ends import RawEnd

        return self if queue is None else RawEnd(getattr(queue, self._end), queue.get if self._receives else None)


class Queue:
    """A queue that processes share.

    maxsize: how many items it holds at most; zero or less for any number. Section "Pipes and Queues".
    """

    def __init__(self, maxsize: int = 0, *, ctx: Context | None = None) -> None:
        maxsize = min(whole(maxsize, "maxsize"), SemLock.SEM_VALUE_MAX)
        self._mpref_maxsize = maxsize if maxsize > 0 else SemLock.SEM_VALUE_MAX
        self._mpref_slots = BoundedSemaphore(self._mpref_maxsize, ctx=ctx)
        self._mpref_reading, self._mpref_writing = pipe(ctx)
        self._mpref_feeder = Feeder(self._mpref_writing, self._mpref_reading, flush_at_exit=False)
        self._mpref_closed = False

    def put(self, obj: Any, block: bool = True, timeout: float | None = None) -> None:
        """Put a copy of `obj` into the queue, waiting for a free slot if need be, at most `timeout` seconds.

        block: False raises at once where no slot is free; `timeout` does not count then.
        queue.Full: there was no free slot in time. ValueError: the queue is closed. What pickling `obj` raises.
        RuntimeError: the pipe is full, and no thread can be started.
        """
        if self._mpref_closed:
            raise used_after_close("put into")
        if handover.issued:
            handover.begin_message()
        try:
            message = self._mpref_writing.pickled(obj)
        except Exception as error:
            try:
                message = _pickled_otherwise(obj, error)
            except Exception as final:
                self._on_queue_feeder_error(final, obj)
                return
        try:
            self._mpref_take_slot(block, timeout)
        except BaseException:
            _withdraw_issued()
            raise
        try:
            self._mpref_feeder.send(message)
        except (RuntimeError, ValueError):  # nothing of it is written
            self._mpref_give_slot_back()
            _withdraw_issued()
            raise
        except BrokenPipeError:
            if not self._ignore_epipe:
                raise

    def get(self, block: bool = True, timeout: float | None = None) -> Any:
        """Take out the oldest item, waiting for one if need be, at most `timeout` seconds.

        block: False raises at once where there is no item; `timeout` does not count then.
        queue.Empty: there was no item in time. ValueError: the queue is closed.
        """
        if self._mpref_closed:
            raise used_after_close("got from")
        reading = self._mpref_reading
        message = reading.receive(timeout if block else 0)
        if message is None:
            raise Empty
        self._mpref_slots.release()
        return reading.opened(message)

    def put_nowait(self, obj: Any) -> None:
        """Do as ``put(obj, False)``."""
        self.put(obj, False)

    def get_nowait(self) -> Any:
        """Do as ``get(False)``."""
        return self.get(False)

    def qsize(self) -> int:
        """Return about how many items there are; it may have changed already.

        NotImplementedError: the platform, such as macOS, does not tell.
        """
        return self._mpref_maxsize - self._mpref_slots.get_value()

    def empty(self) -> bool:
        """Tell whether there is no item to be got; it may have changed already. OSError: the queue is closed."""
        if self._mpref_closed:
            raise OSError(EBADF, "the queue is closed")
        return not self._mpref_reading.ready(0)

    def full(self) -> bool:
        """Tell whether there is no free slot; it may have changed already."""
        return self._mpref_slots.locked()

    def close(self) -> None:
        """Put and get no more in this process. What it has put is still brought to the others.

        It happens by itself when the queue is collected.
        """
        if not self._mpref_closed:
            self._mpref_closed = True
            del self._mpref_reading, self._mpref_writing  # not closed before the last thread has come back from them
            self._mpref_feeder.close()
            finalize.collect()

    def join_thread(self) -> None:
        """Wait until all that this process has put is in the pipe. AssertionError: it was not closed before."""
        if not self._mpref_closed:
            raise AssertionError("join_thread() waits for the end of what can be put: close() the queue before")
        self._mpref_feeder.join()

    def cancel_join_thread(self) -> None:
        """Let neither join_thread() nor the exit of this process wait. What is not written then is lost."""
        self._mpref_feeder.let_go()

    def _mpref_take_slot(self, block: bool, timeout: float | None) -> None:
        if timeout is not None and block:
            timeout = seconds(timeout)
        if not self._mpref_slots.acquire(block, timeout):
            raise Full

    def _mpref_give_slot_back(self) -> None:
        slots = self._mpref_slots
        slots.release()

    def __getstate__(self) -> dict[str, Any]:
        handover.require(self)
        if self._mpref_closed:
            raise used_after_close("handed to a process")
        # What the subclass of an executor has beside is for the process that made it: locks, and its work.
        alone = type(self)._on_queue_feeder_error is not Queue._on_queue_feeder_error
        return {
            name: value
            for name, value in vars(self).items()
            if name != "_mpref_feeder" and (name.startswith("_mpref_") or not alone)
        }

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._mpref_feeder = Feeder(self._mpref_writing, self._mpref_reading, flush_at_exit=True)

    # What the documentation does not name, for the clients that mpref.util lists

    _ignore_epipe = False

    _reader = _Raw("_mpref_reading")
    _writer = _Raw("_mpref_writing")

    def _on_queue_feeder_error(self, e: Exception, obj: Any) -> None:
        """Tell of an object that cannot be pickled: here by raising that in put(), in a subclass as it likes."""
        raise e

    def _terminate_broken(self) -> None:
        """Close the queue by force: nobody will get what waits for the pipe."""
        end = self._mpref_reading
        self.cancel_join_thread()
        self.close()
        end.close()


class JoinableQueue(Queue):
    """A queue that counts its unfinished items: those put for which task_done() was not called yet.

    maxsize: as for Queue. Section "Pipes and Queues".
    """

    def __init__(self, maxsize: int = 0, *, ctx: Context | None = None) -> None:
        from ..synchronize import Condition  # no other queue needs it

        super().__init__(maxsize, ctx=ctx)
        self._mpref_unfinished = Semaphore(0, ctx=ctx)
        self._mpref_finished = Condition(ctx=ctx)

    def task_done(self) -> None:
        """Report an item that was got as finished. ValueError: there were fewer items than such reports."""
        with self._mpref_finished:
            if not self._mpref_unfinished.acquire(False):
                raise ValueError("task_done() was called more often than items were put into the queue")
            if self._mpref_unfinished.locked():
                self._mpref_finished.notify_all()

    def join(self) -> None:
        """Wait until every item that was put is finished."""
        with self._mpref_finished:
            if not self._mpref_unfinished.locked():
                self._mpref_finished.wait()

    def _mpref_take_slot(self, block: bool, timeout: float | None) -> None:
        super()._mpref_take_slot(block, timeout)
        self._mpref_unfinished.release()  # before anybody can get the item, and finish it

    def _mpref_give_slot_back(self) -> None:
        super()._mpref_give_slot_back()
        self.task_done()


class SimpleQueue:
    """A queue without a size or timeouts: little more than a pipe with locks. Section "Pipes and Queues"."""

    def __init__(self, *, ctx: Context | None = None) -> None:
        self._mpref_reading, self._mpref_writing = pipe(ctx)

    def put(self, item: Any) -> None:
        """Put a copy of `item` into the queue; this waits while the pipe is full. OSError: it is closed."""
        if handover.issued:
            handover.begin_message()
        try:
            message = self._mpref_writing.pickled(item)
        except Exception as error:
            message = _pickled_otherwise(item, error)
        try:
            self._mpref_writing.send(message)
        except OSError:
            _withdraw_issued()
            raise

    def get(self) -> Any:
        """Take out the oldest item, waiting for one if need be. OSError: the queue is closed."""
        message = self._mpref_reading.receive(None)
        assert message is not None  # there is no timeout
        return self._mpref_reading.opened(message)

    def empty(self) -> bool:
        """Tell whether there is no item; it may have changed already. OSError: the queue is closed."""
        return not self._mpref_reading.ready(0)

    def close(self) -> None:
        """Release the descriptors that this process has of the queue, which is of no use here any more."""
        self._mpref_reading.close()
        self._mpref_writing.close()

    def __getstate__(self) -> tuple[ReadingEnd, WritingEnd]:
        handover.require(self)
        return self._mpref_reading, self._mpref_writing

    def __setstate__(self, ends: tuple[ReadingEnd, WritingEnd]) -> None:
        self._mpref_reading, self._mpref_writing = ends

    # As Queue has them, for the clients that mpref.util lists

    _reader = _Raw("_mpref_reading", receives=True)
    _writer = _Raw("_mpref_writing")


_sentinel = object()
"""For a client that imports it, see mpref.util."""


def _pickled_otherwise(thing: Any, error: Exception) -> Message:
    """Make the message for an object that could not be pickled, if a way is known; else raise the error."""
    try:
        if not isinstance(error, TypeError):
            raise error
        from ..connection.reduction import pickled_with_sockets

        body = pickled_with_sockets(thing, error)
        return [length_of(len(body)), body]
    except BaseException:
        _withdraw_issued()
        raise


def _withdraw_issued() -> None:
    if handover.issued:
        from ..connection.reduction import withdraw_issued

        withdraw_issued()
