"""What the synchronization primitives cost: alone, contended, and from one process to another and back."""

from __future__ import annotations

import time

from paired import implementation, main, measure
from targets import enter_often, pass_barrier, return_condition, return_event

TYPE_CHECKING = False
if TYPE_CHECKING:
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


@measure("Condition, there and back", unit="us", count=3_000, goal=1.0)
def condition_trip(module: str, count: int) -> float:
    mp = implementation(module, "fork")
    condition, turn = mp.Condition(), mp.RawValue("i", 0)
    child = mp.Process(target=return_condition, args=(condition, turn, count))
    child.start()
    with condition:
        condition.wait_for(lambda: turn.value == 0)
        began = time.perf_counter()
        for _ in range(count):
            turn.value = 1
            condition.notify()
            while turn.value:
                condition.wait()
        spent = time.perf_counter() - began
    child.join()
    return spent / count * 1e6


@measure("Event, there and back", unit="us", count=3_000, goal=1.0)
def event_trip(module: str, count: int) -> float:
    mp = implementation(module, "fork")
    there, back = mp.Event(), mp.Event()
    child = mp.Process(target=return_event, args=(there, back, count + 1))
    child.start()
    there.set()
    back.wait()
    back.clear()
    began = time.perf_counter()
    for _ in range(count):
        there.set()
        back.wait()
        back.clear()
    spent = time.perf_counter() - began
    child.join()
    return spent / count * 1e6


@measure("Barrier, two processes", unit="us", count=2_000, goal=1.0)
def barrier_round(module: str, count: int) -> float:
    mp = implementation(module, "fork")
    barrier = mp.Barrier(2)
    child = mp.Process(target=pass_barrier, args=(barrier, count + 1))
    child.start()
    barrier.wait()
    began = time.perf_counter()
    for _ in range(count):
        barrier.wait()
    spent = time.perf_counter() - began
    child.join()
    return spent / count * 1e6


main(__name__, __file__)
