"""What a pool costs for each task: by method, by size of arguments and results, by number of tasks and of workers.

The floor of a task is a message to another process and one back, of which two are done at once.
"""

from __future__ import annotations

import time
from functools import partial

from floors import forks, served_of
from paired import IMPLEMENTATIONS, main, measure
from peers import FORK, pool_of
from sizes import SIZES
from targets import doze, length, of_length, same

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

PER_TASK, APPLY, RANGE, LIST, LARGE, START, MOST_ALLOWED = 0.45, 0.60, 0.80, 0.95, 0.65, 0.60, 1.00
"""Goals: what the reference may take of the time of the standard library."""
WORKERS = 2
WARM = 50
"""Tasks that do not count."""
PEERS = (*IMPLEMENTATIONS, "concurrent.futures", "loky", "mpire")
POOLS = tuple(IMPLEMENTATIONS)
VOLUME, MOST, LEAST = 30_000_000, 3_000, 10
"""Bytes of the arguments, or results, of a figure, and how many there are at most and at least."""


def timed(work: Callable[[Any, int], object], workers: int, module: str, count: int) -> float:
    """Microseconds for a task. work: does so many with a pool."""
    pool = pool_of(module, workers)
    work(pool, WARM)
    began = time.perf_counter()
    work(pool, count)
    spent = time.perf_counter() - began
    pool.terminate()
    pool.join()
    return spent / count * 1e6


def map_one_by_one(pool: Any, count: int) -> None:
    """map() with chunks of one item."""
    pool.map(same, range(count), 1)


def imap(pool: Any, count: int) -> None:
    """imap()."""
    for _ in pool.imap(same, range(count)):
        pass


def imap_of_an_iterator(pool: Any, count: int) -> None:
    """imap() of what has no length."""
    for _ in pool.imap(same, iter(range(count))):
        pass


def imap_unordered(pool: Any, count: int) -> None:
    """imap_unordered()."""
    for _ in pool.imap_unordered(same, range(count)):
        pass


def apply_async(pool: Any, count: int) -> None:
    """apply_async(), all of them, and then get()."""
    for result in [pool.apply_async(same, (number,)) for number in range(count)]:
        result.get()


def apply(pool: Any, count: int) -> None:
    """apply(), one after the other."""
    for number in range(count):
        pool.apply(same, (number,))


def map_of_a_range(pool: Any, count: int) -> None:
    """map() of a range, in chunks as it makes them."""
    pool.map(same, range(count))


def map_of_a_list(pool: Any, count: int) -> None:
    """map() of a list."""
    pool.map(same, [*range(count)])


def map_of_texts(pool: Any, count: int) -> None:
    """map() of a list of str."""
    pool.map(same, [str(number) for number in range(count)])


for _work, _count, _goal, _only in (
    (map_one_by_one, 20_000, PER_TASK, PEERS),
    (imap, 10_000, PER_TASK, PEERS),
    (imap_of_an_iterator, 10_000, PER_TASK, POOLS),
    (imap_unordered, 10_000, PER_TASK, (*POOLS, "mpire")),
    (apply_async, 10_000, PER_TASK, PEERS),
    (apply, 1_000, APPLY, PEERS),
    (map_of_a_range, 100_000, RANGE, (*POOLS, "mpire")),
    (map_of_a_list, 100_000, LIST, (*POOLS, "mpire")),
    (map_of_texts, 50_000, LIST, (*POOLS, "mpire")),
):
    _floor = served_of(64, WORKERS) if _count < 50_000 else None
    measure(_work.__name__.replace("_", " "), unit="us", count=_count, goal=_goal, floor=_floor, only=_only)(
        partial(timed, _work, WORKERS)
    )


def with_arguments(size: int, pool: Any, count: int) -> None:
    """map() of bytes."""
    pool.map(length, [b"x" * size] * min(count, max(LEAST, VOLUME // size)), 1)


def with_results(size: int, pool: Any, count: int) -> None:
    """map() that gives bytes."""
    pool.map(of_length, [size] * min(count, max(LEAST, VOLUME // size)), 1)


for _size in SIZES[1:]:
    for _what, _of in (("arguments", with_arguments), ("results", with_results)):
        _goal = LARGE if (_what, _size) == ("results", 1 << 20) else MOST_ALLOWED
        _count = min(MOST, max(LEAST, VOLUME // _size))
        measure(f"{_what} of {_size} bytes", unit="us", count=_count, goal=_goal, only=PEERS)(
            partial(timed, partial(_of, _size), WORKERS)
        )

for _tasks in (10, 100, 1_000, 10_000, 100_000, 1_000_000):
    measure(f"map one by one, {_tasks} tasks", unit="us", count=_tasks, goal=PER_TASK, only=("stdlib", "reference"))(
        partial(timed, map_one_by_one, WORKERS)
    )


def dozing(seconds: float, pool: Any, count: int) -> None:
    """map() of tasks that take so long."""
    pool.map(doze, [seconds] * count, 1)


for _workers in (1, 2, 4, 8):
    for _milliseconds in (0, 0.1, 1, 10):
        measure(
            f"{_workers} workers, tasks of {_milliseconds} ms",
            unit="us",
            count=max(100, int(4_000 / (1 + 10 * _milliseconds))),
            goal=MOST_ALLOWED,
            only=POOLS,
        )(partial(timed, partial(dozing, _milliseconds / 1000), _workers))


@measure("start, first task and end, by fork", unit="ms", count=20, goal=START, floor=forks, only=POOLS)
def start(module: str, count: int) -> float:
    """Milliseconds for a pool."""
    pool_of(module, WORKERS).terminate()
    began = time.perf_counter()
    for _ in range(count):
        pool = pool_of(module, WORKERS, FORK)
        pool.apply(same, (1,))
        pool.close()
        pool.join()
    return (time.perf_counter() - began) / count * 1e3


main(__name__, __file__)
