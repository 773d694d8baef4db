"""Pools: what Pool, AsyncResult and ThreadPool promise.

Of a worker that dies the page says nothing: what becomes of its tasks is UNSPECIFIED, and recorded. In which order,
and in which worker, tasks are done is the pool's own affair, but for what the page says of a single worker.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from mpspec.clause import Chapter
from mpspec.observation.alone import alone

chapter = Chapter(
    "pool",
    section="Process Pools",
    source="module-multiprocessing.pool",
    subjects=(
        "workers",
        "initializer",
        "replacement",
        "contexts",
        "main_module",
        "ownership",
        "closing",
        "terminating",
        "joining",
        "with_statement",
        "resources",
        "failing_workers",
        "apply",
        "apply_async",
        "callbacks",
        "map",
        "map_async",
        "imap",
        "imap_unordered",
        "starmap",
        "starmap_async",
        "async_result",
        "exceptions",
        "signatures",
        "thread_pool",
        "thread_results",
        "thread_end",
    ),
)


@alone("def pool_of(mp, processes=1, *args, **kwargs): return mp.Pool(processes, *args, **kwargs)")
@contextmanager
def pool_of(mp: Any, processes: int | None = 1, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """A pool, for the block; after that it is terminated and joined, so that nothing of it is left."""
    with ending(mp.Pool, processes, *args, **kwargs) as pool:
        yield pool


@alone("def renewed(mp, processes, most): return mp.Pool(processes, maxtasksperchild=most)")
@contextmanager
def renewed(mp: Any, processes: int, most: int) -> Iterator[Any]:
    """A pool whose workers are replaced after so many tasks, for the block; after that it is closed, and all is done.

    To terminate it while a worker takes the place of another one is for clauses that are about that.
    """
    with pool_of(mp, processes, maxtasksperchild=most) as pool:
        yield pool
        pool.close()
        pool.join()


@alone("def ending(pool_class, *args, **kwargs): return pool_class(*args, **kwargs)")
@contextmanager
def ending(pool_class: Any, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """A pool of this class, or from this function, for the block; after that it is terminated and joined."""
    pool = made(pool_class, *args, **kwargs)
    try:
        yield pool
    finally:
        # Where the block has ended it, whether that can be done again is left open.
        for end in (pool.terminate, pool.join):
            with suppress(Exception):
                end()


@alone("def made(pool_class, *args, **kwargs): return pool_class(*args, **kwargs)")
def made(pool_class: Any, *args: Any, **kwargs: Any) -> Any:
    """A pool of this class, made beside threads, perhaps, of which another chapter says what they mean for a fork."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pool_class(*args, **kwargs)
