"""What the subjects about ThreadPool have in common: a pool of threads, and where the page speaks of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mpspec.chapters.pool.chapter import made

THREAD_POOL = "multiprocessing.pool.ThreadPool"
DUMMY = "module-multiprocessing.dummy"


@contextmanager
def threads_of(mp: Any, processes: int | None = 1, *args: Any, **kwargs: Any) -> Iterator[Any]:
    """A pool of threads, for the block; then it is terminated and joined, unless the block fails: a task may wait."""
    pool = made(mp.pool.ThreadPool, processes, *args, **kwargs)
    yield pool
    pool.terminate()
    pool.join()
