"""The threads of a ThreadPool. They do what the workers of a Pool do, and nothing is pickled."""

from __future__ import annotations

import os
import threading
from collections import deque

from ..errors import ProcessError
from .failures import broken
from .jobs import AHEAD, CLOSED, ENDED, NOTHING, OPEN
from .packets import CALL, EACH, ITEM

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .jobs import Job


class Threads:
    """Threads that work. count: how many. initializer, initargs: what each calls first."""

    def __init__(self, count: int, initializer: Callable[..., object] | None, initargs: tuple[Any, ...]) -> None:
        self.count = count
        self.stage = OPEN
        self._creator = os.getpid()
        self._initializer = initializer, initargs
        self._cause: BaseException | None = None
        self._lock = threading.RLock()
        self._news = threading.Condition(self._lock)
        self._waiting: deque[Job] = deque()
        self._unfinished: set[Job] = set()
        self._feeding: set[Any] = set()
        self._threads = [
            threading.Thread(target=self._work, name=f"ThreadPoolWorker-{n + 1}", daemon=True) for n in range(count)
        ]
        for thread in self._threads:
            thread.start()

    def handler(self) -> int:
        """Return the ident of a thread that must not wait: none, for each handles the results of its own calls."""
        return 0

    def ahead(self) -> int:
        """Return how many chunks of an imap() may be begun before their results are wanted."""
        return AHEAD * self.count

    def require_here(self) -> None:
        """Raise unless this process has made the pool."""
        if os.getpid() != self._creator:
            raise ProcessError(
                f"a pool can be used by the process that has made it, {self._creator}, and not in process {os.getpid()}"
            )

    def require_open(self) -> None:
        """Raise unless jobs are taken."""
        if self._cause is not None:
            raise broken(self._cause)
        if self.stage is not OPEN:
            raise ValueError("the pool is closed or terminated, and takes no more tasks")

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
        error = broken(self._cause)
        for job in jobs:
            job.receiver._abort(error)

    def join(self) -> None:
        """Wait until the threads have ended, but for those that are in a call when the pool is terminated."""
        for thread in self._threads:
            if thread is not threading.current_thread():
                while thread.is_alive() and self.stage is not ENDED:
                    thread.join(0.05)

    def described(self) -> str:
        """Describe the pool."""
        return f"{('open', 'closed', 'terminated')[self.stage]}, {self.count} threads"

    def _work(self) -> None:
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
        with self._news:
            while True:
                while self._waiting and self.stage is not ENDED:
                    job = self._waiting[0]
                    given = job.take()
                    if given is NOTHING or job.over:
                        self._waiting.popleft()
                    if given is not NOTHING:
                        return job, *given
                if self.stage is ENDED or (self.stage is CLOSED and not self._unfinished and not self._feeding):
                    return None
                self._news.wait()

    def _put(self, job: Job, index: int, success: bool, value: Any) -> None:
        with self._news:
            if job not in self._unfinished:
                return
            job.put(index, success, value)
            if job.complete:
                self._unfinished.discard(job)
                self._news.notify_all()


def _called(job: Job, given: Any) -> Any:
    function = job.function
    if job.how == CALL:
        return function(*given[0], **given[1])
    if job.how == ITEM:
        return function(given)
    if job.how == EACH:
        return [function(item) for item in given]
    return [function(*item) for item in given]
