"""What queues cost end to end: from the first put to the last get, pickling, buffering and wake-ups included."""

from __future__ import annotations

import importlib
import time
from typing import Any

from floors import messages_of, stream_of
from paired import IMPLEMENTATIONS, OTHERS, implementation, main, measure
from targets import drain, fill, finish_all, hand_back

FORK = "fork"
WITH_FIFO = (*IMPLEMENTATIONS, "faster-fifo")
CAPACITY = 1 << 18
"""Bytes of the ring of a faster-fifo queue, as many as the reference's pipe has; eight items where those are larger."""


def made(module: str, kind: str, size: int, maxsize: int = 0) -> tuple[Any, Any]:
    """What makes processes, and a queue of this kind. faster-fifo has queues alone, for the stdlib's processes."""
    if module != OTHERS["faster-fifo"]:
        mp = implementation(module, FORK)
        return mp, getattr(mp, kind)(*([maxsize] if maxsize else []))
    fifo = importlib.import_module(module)
    bounds = {"max_size_bytes": max(CAPACITY, 8 * size), **({"maxsize": maxsize} if maxsize else {})}
    return implementation("multiprocessing", FORK), fifo.Queue(**bounds)


def flow(
    module: str, kind: str, size: int, count: int, *, producers: int = 1, consumers: int = 1, maxsize: int = 0
) -> float:
    """Microseconds for an item of `size` bytes from producers to consumers, each a process of its own."""
    mp, queue = made(module, kind, size, maxsize)
    ready, go, over = (mp.SimpleQueue() for _ in range(3))
    work = finish_all if kind == "JoinableQueue" else drain
    children = [
        *(mp.Process(target=work, args=(queue, ready, over, count // consumers)) for _ in range(consumers)),
        *(mp.Process(target=fill, args=(queue, ready, go, size, count // producers)) for _ in range(producers)),
    ]
    for child in children:
        child.start()
    for _ in children:
        ready.get()
    began = time.perf_counter()
    for _ in range(producers):
        go.put(None)
    if kind == "JoinableQueue":
        over.get()
        queue.join()
    else:
        for _ in range(consumers):
            over.get()
    spent = time.perf_counter() - began
    for child in children:
        child.join()
    return spent / count * 1e6


def round_trips(module: str, kind: str, count: int) -> float:
    """Microseconds for 64 bytes there and back over two queues."""
    mp, there = made(module, kind, 64)
    _, back = made(module, kind, 64)
    child = mp.Process(target=hand_back, args=(there, back))
    child.start()
    item = b"x" * 64
    for _ in range(20):
        there.put(item)
        back.get()
    began = time.perf_counter()
    for _ in range(count):
        there.put(item)
        back.get()
    spent = time.perf_counter() - began
    there.put(None)
    back.get()
    child.join()
    return spent / count * 1e6


@measure("Queue 64 B, 1 to 1", unit="us", count=20_000, goal=0.59, floor=stream_of(64), only=WITH_FIFO)
def one_to_one(module: str, count: int) -> float:
    return flow(module, "Queue", 64, count)


@measure("Queue 64 B, 2 to 1", unit="us", count=20_000, goal=0.59, floor=stream_of(64, 2), only=WITH_FIFO)
def two_to_one(module: str, count: int) -> float:
    return flow(module, "Queue", 64, count, producers=2)


@measure("Queue 64 B, 1 to 2", unit="us", count=20_000, goal=0.59, only=WITH_FIFO)
def one_to_two(module: str, count: int) -> float:
    return flow(module, "Queue", 64, count, consumers=2)


@measure("Queue 64 B, maxsize 100", unit="us", count=20_000, goal=0.59, only=WITH_FIFO)
def bounded(module: str, count: int) -> float:
    return flow(module, "Queue", 64, count, maxsize=100)


@measure("Queue 4 KB, 1 to 1", unit="us", count=10_000, goal=1.0, floor=stream_of(4096), only=WITH_FIFO)
def four_kilobytes(module: str, count: int) -> float:
    return flow(module, "Queue", 4096, count)


@measure("Queue 1 MB, 1 to 1", unit="us", count=200, goal=0.83, floor=stream_of(1 << 20), only=WITH_FIFO)
def a_megabyte(module: str, count: int) -> float:
    return flow(module, "Queue", 1 << 20, count)


@measure(
    "Queue round trip, 64 B",
    unit="us",
    count=3_000,
    goal=0.45,
    floor=messages_of(64, back=True, pipes=True),
    only=WITH_FIFO,
)
def queue_round_trip(module: str, count: int) -> float:
    return round_trips(module, "Queue", count)


@measure("SimpleQueue 64 B, 1 to 1", unit="us", count=20_000, goal=0.59, floor=stream_of(64))
def simple(module: str, count: int) -> float:
    return flow(module, "SimpleQueue", 64, count)


@measure("SimpleQueue round trip, 64 B", unit="us", count=3_000, floor=messages_of(64, back=True, pipes=True))
def simple_round_trip(module: str, count: int) -> float:
    return round_trips(module, "SimpleQueue", count)


@measure("JoinableQueue 64 B with task_done", unit="us", count=20_000, goal=0.59, floor=stream_of(64))
def joinable(module: str, count: int) -> float:
    return flow(module, "JoinableQueue", 64, count)


@measure("get() of what is there, 64 B", unit="us", count=500)
def ready_items(module: str, count: int) -> float:
    queue = implementation(module, FORK).Queue()
    for _ in range(count):
        queue.put(b"x" * 64)
    while queue.qsize() < count or queue.empty():
        time.sleep(0.001)
    time.sleep(0.05)
    began = time.perf_counter()
    for _ in range(count):
        queue.get()
    return (time.perf_counter() - began) / count * 1e6


@measure("put() alone, nobody gets, 64 B", unit="us", count=500)
def puts_alone(module: str, count: int) -> float:
    queue = implementation(module, FORK).Queue()
    item = b"x" * 64
    began = time.perf_counter()
    for _ in range(count):
        queue.put(item)
    spent = time.perf_counter() - began
    for _ in range(count):
        queue.get()
    return spent / count * 1e6


main(__name__, __file__)
