"""What stands for the results of tasks: AsyncResult, and the iterators of imap(). Section "Process Pools"."""

from __future__ import annotations

from _thread import RLock, allocate_lock, get_ident
from collections import deque
from math import inf
from time import monotonic

from ..errors import ProcessError, TimeoutError
from ..joinable_thread import SELDOM, SOON
from ..quantities import seconds
from ..tracebacks import text_of
from .packets import ITEM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self

    from .jobs import Job


class AsyncResult:
    """The result of a task that has been submitted. Section "Process Pools", AsyncResult.

    job: what was submitted; callback, error_callback: what is called, by the thread that handles results, with the
    result or the exception.
    """

    def __init__(
        self,
        job: Job,
        callback: Callable[[Any], object] | None,
        error_callback: Callable[[BaseException], object] | None,
    ) -> None:
        job.receiver = self
        self._job: Job | None = job
        self._callbacks = error_callback, callback
        self._waiting = allocate_lock()
        self._waiting.acquire()
        self._ready = False
        self._success = False
        self._value: Any = None

    def get(self, timeout: float | None = None) -> Any:
        """Return the result when it is there. timeout: seconds to wait at most, None for ever.

        multiprocessing.TimeoutError: it has not come in time. It raises what the call has raised.
        """
        if not self._ready:
            self.wait(timeout)
            if not self._ready:
                raise TimeoutError(f"the result of {_called(self._job)} has not come within {timeout} s")
        if self._success:
            return self._value
        raise self._value

    def wait(self, timeout: float | None = None) -> None:
        """Wait until the result is there. timeout: seconds to wait at most, None for ever."""
        if self._ready:
            return
        _require_waiting(self._job, timeout)
        try:
            acquired(self._waiting, timeout)
        finally:  # a signal handler may have raised at once: whoever waits, too, has to come by
            if self._ready:
                self._open()

    def ready(self) -> bool:
        """Tell whether the call has completed."""
        return self._ready

    def successful(self) -> bool:
        """Tell whether the call has completed without raising an exception. ValueError: it has not completed."""
        if not self._ready:
            raise ValueError(f"{_called(self._job)} has not completed yet: nobody knows whether it will be successful")
        return self._success

    def _settle(self, success: bool, value: Any) -> None:
        """Be ready, with a result or an exception."""
        callback = self._callbacks[success]
        self._callbacks = None, None
        if callback is not None:
            try:
                callback(value)
            except BaseException as error:
                success, value = False, _of_callback(_called(self._job), error)
        if self._ready:  # the callback has terminated the pool
            return
        self._success, self._value = success, value
        self._job = None
        self._ready = True
        self._open()

    def _open(self) -> None:
        """Let the next one by that waits."""
        try:  # noqa: SIM105
            self._waiting.release()
        except RuntimeError:  # it is open
            pass

    def _abort(self, error: BaseException) -> None:
        """Have failed, for the pool does nothing any more."""
        if not self._ready:
            self._settle(False, error)


class MapResult(AsyncResult):
    """The results of a call of map_async() or starmap_async(): a list. count: of how many items, in chunks."""

    def __init__(self, job: Job, count: int, chunks: int, size: int, *callbacks: Any) -> None:
        super().__init__(job, *callbacks)
        self._values: list[Any] = [None] * count
        self._left = chunks
        self._size = size
        self._bare = job.how == ITEM
        self._error: BaseException | None = None
        if not chunks:
            self._settle(True, [])

    def _put(self, index: int, success: bool, value: Any) -> None:
        if not success:
            self._error = self._error or value
        elif self._bare:
            self._values[index] = value
        else:
            self._values[index * self._size : (index + 1) * self._size] = value
        self._left -= 1
        if not self._left:
            if self._error is None:
                self._settle(True, self._values)
            else:
                error, self._error, self._values = self._error, None, []
                self._settle(False, error)


class ResultIterator:
    """The results of imap(), in the order of the items. Section "Process Pools", imap.

    An iterator whose next() takes a timeout.
    """

    def __init__(self, job: Job, size: int, count: int | None) -> None:
        job.receiver = self
        self._job: Job | None = job
        self._size = size
        self._arrived: dict[int, tuple[bool, Any]] = {}
        self._given = 0
        """Chunks that have been given out."""
        self._count = count
        """How many chunks there are, None: nobody knows yet."""
        self._chunk: deque[Any] = deque()
        self._broken: BaseException | None = None
        self._lock: Any = RLock()
        self._signal = allocate_lock()
        self._signal.acquire()

    def __iter__(self) -> Self:
        return self

    def next(self, timeout: float | None = None) -> Any:
        """Return the next result. timeout: seconds to wait at most, None for ever.

        multiprocessing.TimeoutError: it has not come in time. StopIteration: there is none. What the call has raised.
        """
        end = None if timeout is None else monotonic() + seconds(timeout)
        try:
            if not (self._lock.acquire(False) or acquired(self._lock, timeout)):  # another thread takes the next one
                raise TimeoutError(f"the next result of {_called(self._job)} has not come within {timeout} s")
            if self._chunk:
                return self._chunk.popleft()
            while (taken := self._taken()) is None:
                if self._given == self._count:
                    self._job = None
                    raise StopIteration
                if self._broken is not None:
                    raise self._broken
                _require_waiting(self._job, timeout)
                self._tell()
                if not acquired(self._signal, None if end is None else end - monotonic()):
                    raise TimeoutError(f"the next result of {_called(self._job)} has not come within {timeout} s")
            if self._given % TOLD == 0:
                self._tell()
        finally:
            if self._lock._is_owned():  # a signal handler may have raised at once
                self._lock.release()
        success, value = taken
        if not success:
            raise value
        if self._size == 1:
            return value
        self._chunk.extend(value)
        return self.next(timeout)

    def __next__(self) -> Any:
        return self.next()

    def _tell(self) -> None:
        """Tell the job how many results were given out: it may begin as many more."""
        if self._job is not None:
            self._job.given(self._given)

    def _taken(self) -> tuple[bool, Any] | None:
        """Take the next result; None: it has not come."""
        taken = self._arrived.get(self._given)
        if taken is not None:
            self._given += 1
            del self._arrived[self._given - 1]
        return taken

    def _put(self, index: int, success: bool, value: Any) -> None:
        self._arrived[index] = success, value
        if index == self._given:
            self._wake()

    def _abort(self, error: BaseException) -> None:
        """Give nothing more than has come, for the pool does nothing any more."""
        self._broken = error
        self._wake()

    def _end(self, count: int) -> None:
        """Take note of how many chunks there are."""
        self._count = count
        self._wake()

    def _wake(self) -> None:
        try:  # noqa: SIM105
            self._signal.release()
        except RuntimeError:  # nobody has waited since the last time
            pass


class UnorderedResultIterator(ResultIterator):
    """The results of imap_unordered(), as they come. Section "Process Pools", imap_unordered."""

    def __init__(self, job: Job, size: int, count: int | None) -> None:
        super().__init__(job, size, count)
        self._results: deque[tuple[bool, Any]] = deque()

    def _taken(self) -> tuple[bool, Any] | None:
        if not self._results:
            return None
        self._given += 1
        return self._results.popleft()

    def _put(self, index: int, success: bool, value: Any) -> None:
        self._results.append((success, value))
        self._wake()


def acquired(lock: Any, timeout: float | None) -> bool:
    """Acquire a lock within `timeout` seconds, None for ever, zero for a negative one; tell whether it was."""
    left = inf if timeout is None else seconds(timeout)
    if left <= 0:
        return bool(lock.acquire(False))
    part = SOON
    while left > part:
        if lock.acquire(True, part):
            return True
        left -= part
        part = min(2 * part, SELDOM)
    return bool(lock.acquire(True, left))


TOLD = 16
"""Results of an imap() of which its job is told at once; whoever waits for one tells of all before."""


def _of_callback(called: str, error: BaseException) -> ProcessError:
    """Return what becomes of a task whose callback has raised; who waits for no result learns of it as of a thread."""
    import sys
    import threading

    with_trace = threading.ExceptHookArgs((type(error), error, error.__traceback__, threading.current_thread()))
    try:
        threading.excepthook(with_trace)
    except Exception:
        sys.excepthook(*sys.exc_info())
    failure = ProcessError(f"the callback of {called} has raised {text_of(error).splitlines()[-1]}")
    failure.__cause__ = error
    return failure


def _require_waiting(job: Job | None, timeout: float | None) -> None:
    """Raise where a result will never come: in another process, or in the thread that handles results."""
    if job is None:
        return
    job.pool.require_here()
    if timeout is None and get_ident() == job.pool.handler():
        raise ProcessError(
            f"a result of {job.called} would be waited for for ever, by the thread that handles results: "
            "a callback must not wait"
        )


def _called(job: Job | None) -> str:
    return "a call" if job is None else job.called
