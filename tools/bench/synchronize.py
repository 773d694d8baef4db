"""What the synchronization primitives cost: alone, contended, and from one process to another and back."""

from __future__ import annotations

import resource
import time
from functools import partial

from paired import implementation, main, measure
from targets import enter_often, pass_barrier, return_condition, return_event

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def seconds(call: Any, count: int) -> float:
    """How long so many calls take on this thread's own clock, which stands while others run."""
    began = time.thread_time()
    for _ in range(count):
        call()
    return time.thread_time() - began


def pairs(make: str, module: str, count: int) -> float:
    """Nanoseconds for acquire() and release() without contention."""
    lock = getattr(implementation(module, "fork"), make)()
    acquire, release = lock.acquire, lock.release
    began = time.thread_time()
    for _ in range(count):
        acquire()
        release()
    return (time.thread_time() - began) / count * 1e9


def withs(make: str, module: str, count: int) -> float:
    """Nanoseconds for a with statement without contention."""
    lock = getattr(implementation(module, "fork"), make)()
    began = time.thread_time()
    for _ in range(count):
        with lock:
            pass
    return (time.thread_time() - began) / count * 1e9


@measure("Lock, acquire and release", unit="ns", count=300_000, goal=1.05)
def lock_pair(module: str, count: int) -> float:
    return pairs("Lock", module, count)


@measure("RLock, acquire and release", unit="ns", count=300_000, goal=1.05)
def rlock_pair(module: str, count: int) -> float:
    return pairs("RLock", module, count)


@measure("Semaphore, acquire and release", unit="ns", count=300_000, goal=1.05)
def semaphore_pair(module: str, count: int) -> float:
    return pairs("Semaphore", module, count)


@measure("with Lock", unit="ns", count=300_000, goal=0.65)
def lock_with(module: str, count: int) -> float:
    return withs("Lock", module, count)


@measure("with RLock", unit="ns", count=300_000, goal=0.65)
def rlock_with(module: str, count: int) -> float:
    return withs("RLock", module, count)


@measure("with Lock, two processes contend", unit="ns", count=100_000, goal=1.0)
def lock_contended(module: str, count: int) -> float:
    mp = implementation(module, "fork")
    lock, ready = mp.Lock(), mp.Barrier(3)
    children = [mp.Process(target=enter_often, args=(lock, ready, count)) for _ in range(2)]
    for child in children:
        child.start()
    ready.wait()
    began = time.perf_counter()
    for child in children:
        child.join()
    return (time.perf_counter() - began) / count / 2 * 1e9


@measure("a new Lock", unit="us", count=2_000, goal=1.0)
def lock_new(module: str, count: int) -> float:
    return seconds(implementation(module, "fork").Lock, count) / count * 1e6


@measure("a new Event", unit="us", count=1_000, goal=1.0)
def event_new(module: str, count: int) -> float:
    return seconds(implementation(module, "fork").Event, count) / count * 1e6


def cpu() -> float:
    """Seconds that this process and its ended children have run."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def sleeps(pid: int) -> bool:
    """Whether the process is asleep, as one is that has begun and waits."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        return file.read().rpartition(")")[2].split()[0] == "S"


def condition(mp: Any, count: int) -> tuple[Any, Callable[[], None]]:
    """A child that takes turns with this process, and what this process does."""
    shared, turn = mp.Condition(), mp.RawValue("i", 0)

    def trips() -> None:
        with shared:
            for _ in range(count):
                turn.value = 1
                shared.notify()
                while turn.value:
                    shared.wait()

    return mp.Process(target=return_condition, args=(shared, turn, count)), trips


def event(mp: Any, count: int) -> tuple[Any, Callable[[], None]]:
    """A child that answers an event by another one, and what this process does."""
    there, back = mp.Event(), mp.Event()

    def trips() -> None:
        for _ in range(count):
            there.set()
            back.wait()
            back.clear()

    return mp.Process(target=return_event, args=(there, back, count)), trips


def barrier(mp: Any, count: int) -> tuple[Any, Callable[[], None]]:
    """A child that comes to a barrier, and what this process does."""
    meeting = mp.Barrier(2)
    return mp.Process(target=pass_barrier, args=(meeting, count)), lambda: pass_barrier(meeting, count)


def elapsed(what: Callable[[Any, int], tuple[Any, Callable[[], None]]], module: str, count: int) -> float:
    """Microseconds for a trip, once the child waits for the first."""
    mp = implementation(module, "fork")
    child, trips = what(mp, count)
    child.start()
    while not sleeps(child.pid):  # it waits for this process
        time.sleep(0.001)
    began = time.perf_counter()
    trips()
    spent = time.perf_counter() - began
    child.join()
    return spent / count * 1e6


def work(what: Callable[[Any, int], tuple[Any, Callable[[], None]]], module: str, count: int) -> float:
    """Microseconds of processor time of both processes for a trip; other programs do not disturb it much."""
    child, trips = what(implementation(module, "fork"), count)
    began = cpu()
    child.start()
    trips()
    child.join()
    return (cpu() - began) / count * 1e6


for name, what in (("Condition", condition), ("Event", event), ("Barrier", barrier)):
    measure(f"{name}, there and back", unit="us", count=3_000, goal=1.0)(partial(elapsed, what))
    measure(f"{name}, processor time of both", unit="us", count=3_000, goal=1.0)(partial(work, what))


main(__name__, __file__)
