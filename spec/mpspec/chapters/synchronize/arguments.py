"""What the primitives do not take."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.synchronize.chapter import chapter
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See


@chapter.clause(
    "synchronize.arguments.surplus",
    passage=(
        "multiprocessing.Lock.acquire/1,4",
        "multiprocessing.Lock.release/1",
        "multiprocessing.RLock.acquire/1,5",
        "multiprocessing.RLock.release/1",
        *(f"multiprocessing.{name}/1" for name in ("Semaphore", "BoundedSemaphore", "Condition", "Barrier")),
        "multiprocessing.Event/2",
    ),
    level=SHOULD,
    methods=NO_METHOD,
    cases={
        "Lock.acquire": lambda mp: mp.Lock().acquire(True, 0, 0),
        "Lock.acquire, as in threading": lambda mp: mp.Lock().acquire(blocking=True),
        "Lock.release": lambda mp: mp.Lock().release(1),
        "RLock.acquire": lambda mp: mp.RLock().acquire(True, 0, 0),
        "RLock.acquire, as in threading": lambda mp: mp.RLock().acquire(blocking=True),
        "RLock.release": lambda mp: mp.RLock().release(1),
        "Semaphore": lambda mp: mp.Semaphore(1, 1),
        "Semaphore.acquire, as in threading": lambda mp: mp.Semaphore().acquire(blocking=True),
        "BoundedSemaphore": lambda mp: mp.BoundedSemaphore(1, 1),
        "BoundedSemaphore.acquire, as in threading": lambda mp: mp.BoundedSemaphore().acquire(blocking=True),
        "Condition": lambda mp: mp.Condition(None, 1),
        "Event.set": lambda mp: mp.Event().set(1),
        "Event.wait": lambda mp: mp.Event().wait(0, 0),
        "Barrier": lambda mp: mp.Barrier(1, None, 1, 1),
        "Barrier.wait": lambda mp: mp.Barrier(1).wait(0, 0),
    },
)
def what_is_not_taken_is_refused(mp: Any, see: See, use: Callable[[Any], Any]) -> None:
    """An argument more than a signature has, or one of the name that threading has for it, raises TypeError."""
    with see.raises(TypeError):
        use(mp)
