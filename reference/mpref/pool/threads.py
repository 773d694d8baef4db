"""The threads of a ThreadPool. They do what the workers of a Pool do, and nothing is pickled."""

from __future__ import annotations

import threading
from collections import deque

from ..errors import ProcessError
from .failures import broken
from .jobs import CLOSED, ENDED, NOTHING, OPEN
from .packets import CALL, EACH, ITEM
from .staff import Staff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .jobs import Job


class Threads(Staff):
    """Threads that work. count: how many. initializer, initargs: what each calls first."""

    KIND = "threads"

    def __init__(self, count: int, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]) -> None:
        super().__init__(count)
        self._initializer = initializer, initargs
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._waiting: deque[Job] = deque()
        self._unfinished: set[Job] = set()
        self._feeding: set[Any] = set()
        self._delivery = threading.RLock()
        self._given_up: deque[Job] = deque()
        self._handler = 0
        self._busy: set[threading.Thread] = set()
        self._threads = [
            threading.Thread(target=self._run, name=f"ThreadPoolWorker-{n + 1}", daemon=True) for n in range(count)
        ]
        self._busy.update(self._threads)  # with the initializer
        try:
            for thread in self._threads:
                thread.start()
        except BaseException:  # there are too many, or Ctrl-C
            self.terminate()
            raise

    def handler(self) -> int:
        """Return the ident of the thread that handles a result, 0: none does at the moment."""
        return self._handler

    def begin(self, job: Job) -> None:
        """Take a job. ValueError: the pool is closed. BrokenPool: it is broken."""
        with self._lock:
            self.require_open()
            self._unfinished.add(job)

    def forget(self, job: Job) -> None:
        """Do nothing more of a job."""
        with self._lock:
            job.over = job.complete = True
            self._unfinished.discard(job)
            self._feeding.discard(job)
        job.stop()

    def submit(self, job: Job) -> None:
        """Have a job done, or more of one."""
        with self._news:
            self._waiting.append(job)
            self._news.notify_all()

    call = submit

    def feed(self, job: Any) -> None:
        """Have a job done whose items a thread of its own reads."""
        with self._lock:
            self._feeding.add(job)
        job.feed()

    def settle(self, job: Job, index: int, error: BaseException) -> None:
        """Have a task fail."""
        self._put(job, index, False, error)

    def fed(self, job: Job) -> None:
        """Take note that an iterator is read to its end."""
        with self._news:
            self._feeding.discard(job)
            job.take_note()
            if job.complete:
                self._unfinished.discard(job)
            self._news.notify_all()

    def close(self) -> None:
        """Take no more jobs; the threads end when all is done."""
        with self._news:
            if self.stage is OPEN:
                self.stage = CLOSED
            jobs = tuple(self._unfinished)
            self._news.notify_all()
        for job in jobs:
            job.hurry()

    def terminate(self) -> None:
        """Begin nothing any more; what is not done fails. A call that has begun cannot be ended."""
        with self._news:
            self.stage = ENDED
            self._news.notify_all()
            jobs, self._unfinished = self._unfinished, set()
            self._waiting.clear()
            feeding, self._feeding = self._feeding, set()
        for job in feeding:
            job.stop()
        self._given_up.extend(jobs)
        self._abort()

    def join(self) -> None:
        """Wait until the threads have ended, and a call with them that has begun before the pool was terminated."""
        myself = threading.current_thread()
        for thread in self._threads:
            if thread is not myself:
                thread.join()

    def settle_end(self) -> None:
        """Wait, once the pool is terminated, until the threads have ended that are in no call."""
        with self._lock:
            idle = [thread for thread in self._threads if thread not in self._busy]
        for thread in idle:
            thread.join()

    def _run(self) -> None:
        initializer, initargs = self._initializer
        try:
            if initializer is not None:
                initializer(*initargs)
        except BaseException as error:
            self._cause = self._cause or error
            self.terminate()
            return
        while (found := self._next()) is not None:
            job, index, given = found
            try:
                value, success = _called(job, given), True
            except Exception as error:
                value, success = error, False
            except BaseException as error:
                value = ProcessError(f"{threading.current_thread().name} has met {error!r} in {job.name(index)}")
                value.__cause__ = error
                success = False
            self._put(job, index, success, value)
            del found, job, given, value

    def _next(self) -> Any:
        """Wait for a task; None: there will be none."""
        myself = threading.current_thread()
        with self._news:
            self._busy.discard(myself)
            while True:
                while self._waiting and self.stage is not ENDED:
                    job = self._waiting[0]
                    given: Any = NOTHING if job.over else job.take()
                    if given is NOTHING or job.over:
                        self._waiting.popleft()
                    if given is not NOTHING:
                        self._busy.add(myself)
                        return job, *given
                if self.stage is ENDED or (self.stage is CLOSED and not self._unfinished and not self._feeding):
                    return None
                self._news.wait()

    def _put(self, job: Job, index: int, success: bool, value: Any) -> None:
        with self._delivery:
            if job in self._unfinished:
                before, self._handler = self._handler, threading.get_ident()
                try:
                    job.put(index, success, value)
                finally:
                    self._handler = before
                if job.complete:
                    with self._news:
                        self._unfinished.discard(job)
                        self._news.notify_all()
        self._abort()

    def _abort(self) -> None:
        """Have those jobs fail that are given up. While a callback goes on, its thread does it after that."""
        while self._given_up and self._delivery.acquire(blocking=False):
            try:
                self._given_up.popleft().receiver._abort(broken(self._cause))
            except IndexError:  # a callback of the last one has ended the pool once more
                pass
            finally:
                self._delivery.release()


def _called(job: Job, given: Any) -> Any:
    function = job.function
    if job.how == CALL:
        return function(*given[0], **given[1])
    if job.how == ITEM:
        return function(given)
    if job.how == EACH:
        return [function(item) for item in given]
    return [function(*item) for item in given]
