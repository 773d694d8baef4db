"""What messages over a pipe cost: there and back, and one way; each end in a process of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from floors import messages_of
from paired import implementation, main, measure

FORK = "fork"


def echo(end: Any, back: Any, count: int) -> None:
    """Send so many objects back."""
    for _ in range(count):
        back.send(end.recv())


def swallow(end: Any, back: Any, count: int) -> None:
    """Receive so many objects, then say so."""
    for _ in range(count):
        end.recv()
    back.send(None)


def ends(mp: Any, one_way: bool) -> tuple[Any, Any, Any, Any]:
    """What this process receives from and sends to, and likewise the child: one duplex pipe, or two of one way."""
    if one_way:
        child_receives, here_sends = mp.Pipe(False)
        here_receives, child_sends = mp.Pipe(False)
        return here_receives, here_sends, child_receives, child_sends
    here, there = mp.Pipe()
    return here, here, there, there


def with_child(module: str, target: Any, count: int, one_way: bool, work: Callable[[Any, Any], None]) -> float:
    """Microseconds for each of the messages that work exchanges with the target in a child."""
    mp = implementation(module, FORK)
    receiving, sending, *theirs = ends(mp, one_way)
    child = mp.Process(target=target, args=(*theirs, count))
    child.start()
    began = time.perf_counter()
    work(receiving, sending)
    spent = time.perf_counter() - began
    child.join()
    return spent / count * 1e6


def round_trip(module: str, size: int, count: int, one_way: bool = False) -> float:
    """Microseconds for bytes there and back."""
    thing = b"x" * size

    def work(receiving: Any, sending: Any) -> None:
        for _ in range(count):
            sending.send(thing)
            receiving.recv()

    return with_child(module, echo, count, one_way, work)


def one_way(module: str, size: int, count: int, pipes: bool = False) -> float:
    """Microseconds for each of many bytes objects in one direction, until the last one is received."""
    thing = b"x" * size

    def work(receiving: Any, sending: Any) -> None:
        for _ in range(count):
            sending.send(thing)
        receiving.recv()

    return with_child(module, swallow, count, pipes, work)


def throughput(module: str, size: int, count: int, pipes: bool = False) -> float:
    """MB for a second, one way."""
    return size / one_way(module, size, count, pipes)


@measure("round trip 64 B", unit="us", count=6000, goal=0.90, floor=messages_of(64, back=True))
def round_trip_of_64(module: str, count: int) -> float:
    """A duplex pipe."""
    return round_trip(module, 64, count)


@measure("round trip 64 B, two one-way pipes", unit="us", count=6000, floor=messages_of(64, back=True, pipes=True))
def round_trip_of_64_one_way(module: str, count: int) -> float:
    """Two pipes."""
    return round_trip(module, 64, count, one_way=True)


@measure("round trip 64 KB", unit="us", count=1500, goal=0.75, floor=messages_of(1 << 16, back=True))
def round_trip_of_64k(module: str, count: int) -> float:
    """A duplex pipe."""
    return round_trip(module, 1 << 16, count)


@measure("one way 64 B", unit="us", count=20000, goal=0.80, floor=messages_of(64))
def one_way_of_64(module: str, count: int) -> float:
    """A duplex pipe."""
    return one_way(module, 64, count)


@measure("one way 64 B, one-way pipe", unit="us", count=20000, goal=0.80, floor=messages_of(64, pipes=True))
def one_way_of_64_pipe(module: str, count: int) -> float:
    """A one-way pipe."""
    return one_way(module, 64, count, pipes=True)


@measure("one way 4 KB", unit="us", count=10000, floor=messages_of(4096))
def one_way_of_4k(module: str, count: int) -> float:
    """A duplex pipe."""
    return one_way(module, 4096, count)


@measure("throughput 1 MB", unit="MB/s", count=150, goal=3.0, more=True, floor=messages_of(1 << 20, rate=True))
def throughput_of_1m(module: str, count: int) -> float:
    """A duplex pipe."""
    return throughput(module, 1 << 20, count)


@measure("throughput 8 MB", unit="MB/s", count=20, goal=3.0, more=True, floor=messages_of(1 << 23, rate=True))
def throughput_of_8m(module: str, count: int) -> float:
    """A duplex pipe."""
    return throughput(module, 1 << 23, count)


@measure(
    "throughput 1 MB, one-way pipe",
    unit="MB/s",
    count=150,
    goal=1.8,
    more=True,
    floor=messages_of(1 << 20, pipes=True, rate=True),
)
def throughput_of_1m_pipe(module: str, count: int) -> float:
    """A one-way pipe."""
    return throughput(module, 1 << 20, count, pipes=True)


main(__name__, __file__)
