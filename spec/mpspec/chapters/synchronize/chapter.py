"""Synchronization primitives: what Lock, RLock, Semaphore, BoundedSemaphore, Condition, Event and Barrier promise."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from typing import Any, Callable

from mpspec.clause import Chapter
from mpspec.observation import settling
from mpspec.observation.see import Blocked, See
from mpspec.observation.waits import LONG

chapter = Chapter(
    "synchronize",
    section="Synchronization primitives",
    source="synchronization-primitives",
    subjects=(
        "lock",
        "acquire",
        "rlock",
        "semaphore",
        "locked",
        "condition",
        "notify",
        "event",
        "barrier",
        "meeting",
        "arguments",
        "inheritance",
    ),
)

EXCLUSIVE = ("Lock", "RLock", "Semaphore", "BoundedSemaphore")
"""What can be acquired and released; made without arguments each admits one at a time."""

ALL = (*EXCLUSIVE, "Condition", "Event", "Barrier")
"""Every primitive of the page."""

SOON = 1e-6
"""Seconds until a signal comes by a timer: the fewest there are."""


def made(mp: Any, name: str) -> Any:
    """A primitive of that name; a barrier for two."""
    return mp.Barrier(2) if name == "Barrier" else getattr(mp, name)()


def posted_by_a_child(mp: Any, see: See, target: Callable[..., None], *args: Any) -> Any:
    """The message that the target posts in a child, once that has ended."""
    box = see.mailbox()
    child = mp.Process(target=target, args=(box, *args))
    child.start()
    see.exits(child, 0)
    return box.take()


def refuses_release_while_free(see: See, lock: Any, error: type[Exception]) -> None:
    """release() raises the error, of a new lock and of one that was released."""
    with see.raises(error):
        lock.release()
    lock.acquire()
    lock.release()
    with see.raises(error):
        lock.release()


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


def interrupted(exception: type[Exception]) -> contextlib.AbstractContextManager[None]:
    """One signal whose handler raises the exception comes to the main thread, once that waits in the block."""

    def handler() -> None:
        raise exception("from the handler")

    return at_the_wait(handler)


@contextlib.contextmanager
def at_the_wait(handler: Callable[[], None]) -> Iterator[None]:
    """One signal with this handler comes to the main thread, once that waits in the block.

    A timer sends it: where threads are greenlets, their ids are none by which a thread could be signalled.
    """
    asleep, over = threading.get_native_id(), threading.Event()

    def watch() -> None:
        waits = settling.of_thread(asleep)
        while not over.wait(0.002):
            if waits.over():
                signal.setitimer(signal.ITIMER_REAL, SOON)
                return

    before = signal.signal(signal.SIGALRM, lambda number, frame: handler())
    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        over.set()
        watcher.join()
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def at_each_line(call: Callable[[], Any], handler: Callable[[], None]) -> None:
    """Make the call again and again, each time with one signal: at its first line of Python, its second, to its last.

    The line may be that of any function that is called; where the call has none, no signal comes.
    """
    arrivals = []

    def on_signal(number: int, frame: object) -> None:
        arrivals.append(number)
        handler()

    def interrupt_at(wanted: int) -> bool:
        lines = 0

        def trace(frame: Any, event: str, argument: object) -> Any:
            nonlocal lines
            if event == "line" and frame.f_code is not call.__code__:
                lines += 1
                if lines == wanted:
                    signal.raise_signal(signal.SIGALRM)
            return trace

        tracing = sys.gettrace()  # as that of a tool that measures coverage
        sys.settrace(trace)
        try:
            call()
        finally:
            sys.settrace(tracing)
        return lines >= wanted

    before = signal.signal(signal.SIGALRM, on_signal)
    try:
        wanted = 1
        while interrupt_at(wanted):
            wanted += 1
    finally:
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def over_in_time(see: See) -> Iterator[None]:
    """The block, in the main thread, is over within LONG; what blocks in it for longer, a handler too, is ended."""

    def end(number: int, frame: object) -> None:
        see.true(False, f"it is over within {LONG} s", "it blocks")

    before = signal.signal(signal.SIGVTALRM, end)
    watcher = threading.Timer(LONG, os.kill, (os.getpid(), signal.SIGVTALRM))
    watcher.start()
    try:
        yield
    finally:
        watcher.cancel()
        watcher.join()
        signal.signal(signal.SIGVTALRM, before)
