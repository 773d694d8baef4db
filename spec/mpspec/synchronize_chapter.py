"""The chapter synchronize, which its parts fill, and what its clauses have in common: targets, holders, counts."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Callable

from mpspec import kernel
from mpspec.clause import Chapter
from mpspec.letters import Gate, Mailbox
from mpspec.see import Blocked, See
from mpspec.waits import LONG, YIELD
from mpspec.witness import target

chapter = Chapter("synchronize", section="Synchronization primitives", source="synchronization-primitives")

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


def notify(condition: Any, *args: int) -> None:
    """notify() of the condition, with its lock."""
    with condition:
        condition.notify(*args)


def notify_all(condition: Any) -> None:
    """notify_all() of the condition, with its lock."""
    with condition:
        condition.notify_all()


def outcome(function: Any, *args: Any) -> str:
    """What comes of the call: the name of its exception, or 'returned' and what."""
    try:
        return f"returned {function(*args)!r}"
    except Exception as error:
        return type(error).__name__


@target
def nothing(*args: Any) -> None:
    """Return at once, whatever came along."""


@target
def post_outcome(box: Mailbox, thing: Any, method: str, *args: Any) -> None:
    """Call the method of the thing, and post what comes of it."""
    box.post(outcome(getattr(thing, method), *args))


@target
def try_to_acquire(box: Mailbox, lock: Any) -> None:
    """Post whether the lock can be acquired without blocking; release it then."""
    taken = lock.acquire(False)
    if taken:
        lock.release()
    box.post(taken)


@target
def acquire_and_post(box: Mailbox, lock: Any) -> None:
    """Post 'begin', acquire the lock, however long that takes, post 'acquired', release it."""
    box.post("begin")
    with lock:
        box.post("acquired")


@target
def hold(box: Mailbox, lock: Any, gate: Gate) -> None:
    """Acquire the lock, post 'held', wait at the gate, release it, post 'released'."""
    lock.acquire()
    box.post("held")
    gate.wait()
    lock.release()
    box.post("released")


@target
def acquire_and_end(box: Mailbox, lock: Any) -> None:
    """Acquire the lock and end without releasing it."""
    box.post(lock.acquire())


@target
def wait_and_post(box: Mailbox, condition: Any) -> None:
    """Wait on the condition: post 'waiting' while the lock is held, then what wait() returns."""
    with condition:
        box.post("waiting")
        box.post(condition.wait())


@target
def notify_there(condition: Any) -> None:
    """Notify one waiter of the condition."""
    notify(condition)


@target
def pass_and_post(box: Mailbox, barrier: Any) -> None:
    """Wait at the barrier, and post what comes of it."""
    box.post(outcome(barrier.wait))


@target
def wait_for_event(box: Mailbox, event: Any) -> None:
    """Post 'begin', wait for the event, post what wait() returns."""
    box.post("begin")
    box.post(event.wait())


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
            if kernel.thread_sleeps(os.getpid(), asleep, YIELD):
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
