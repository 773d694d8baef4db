"""Synchronization primitives: what Lock, RLock, Semaphore, BoundedSemaphore, Condition, Event and Barrier promise."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Callable

from mpspec.clause import Chapter
from mpspec.observation import procfs
from mpspec.observation.see import Blocked, See
from mpspec.observation.waits import LONG, YIELD

chapter = Chapter(
    "synchronize",
    section="Synchronization primitives",
    source="synchronization-primitives",
    subjects=("lock", "rlock", "semaphore", "condition", "event", "barrier", "inheritance"),
)

EXCLUSIVE = ("Lock", "RLock", "Semaphore", "BoundedSemaphore")
"""What can be acquired and released; made without arguments each admits one at a time."""

ALL = (*EXCLUSIVE, "Condition", "Event", "Barrier")
"""Every primitive of the page."""


def cases(*names: str) -> dict[str, str]:
    """The names as a table of cases."""
    return {name: name for name in names}


def made(mp: Any, name: str) -> Any:
    """A primitive of that name; a barrier for two."""
    return mp.Barrier(2) if name == "Barrier" else getattr(mp, name)()


class Held:
    """While the block runs, another thread of this process has the lock; `let_go()` releases it earlier."""

    def __init__(self, lock: Any, times: int = 1) -> None:
        self._lock = lock
        self._times = times
        self._taken = threading.Event()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._hold, name="holder", daemon=True)

    def _hold(self) -> None:
        for _ in range(self._times):
            self._lock.acquire()
        self._taken.set()
        self._end.wait()
        for _ in range(self._times):
            self._lock.release()

    def __enter__(self) -> Held:
        self._thread.start()
        assert self._taken.wait(LONG), "the holder could not acquire it"
        return self

    def let_go(self) -> None:
        """Release it now."""
        self._end.set()
        self._thread.join(LONG)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()


def count_ended(calls: list[Blocked]) -> int:
    """How many of the calls have come back."""
    return sum(not call.thread.is_alive() for call in calls)


def exactly(see: See, calls: list[Blocked], number: int) -> None:
    """That many of the calls come back, and the others go on blocking."""
    see.eventually(lambda: count_ended(calls) >= number, f"{number} of {len(calls)} blocked calls come back")
    for call in calls:
        if call.thread.is_alive():
            call.thread.join(0.02)
    see.equal(count_ended(calls), number, "the number of calls that came back")


def wait_on(condition: Any, timeout: float | None = None) -> Any:
    """wait() of the condition, with its lock."""
    with condition:
        return condition.wait(timeout)


def notify_all(condition: Any) -> None:
    """notify_all() of the condition, with its lock."""
    with condition:
        condition.notify_all()


@contextlib.contextmanager
def signalled(handler: Callable[[], None], every: float) -> Iterator[None]:
    """The handler runs on a signal, again and again, in the main thread."""
    before = signal.signal(signal.SIGALRM, lambda number, frame: handler())
    signal.setitimer(signal.ITIMER_REAL, every, every)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def interrupted(exception: type[Exception]) -> Iterator[None]:
    """One signal whose handler raises the exception comes to the main thread, once that is known to sleep."""
    asleep, main, over = threading.get_native_id(), threading.get_ident(), threading.Event()

    def handler(number: int, frame: object) -> None:
        raise exception("from the handler")

    def watch() -> None:
        while not over.is_set():
            if procfs.thread_sleeps(os.getpid(), asleep, YIELD):
                signal.pthread_kill(main, signal.SIGALRM)
                return

    before = signal.signal(signal.SIGALRM, handler)
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        over.set()
        watcher.join()
        signal.signal(signal.SIGALRM, before)
