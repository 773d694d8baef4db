"""dummy.Pool: a pool of threads."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.dummy.chapter import chapter
from mpspec.clause import NO_METHOD
from mpspec.observation.see import See


@chapter.clause("dummy.pool.thread-pool", passage="module-multiprocessing.dummy/2", methods=NO_METHOD)
def pool_returns_a_thread_pool(mp: Any, see: See) -> None:
    """The function Pool of multiprocessing.dummy returns an instance of multiprocessing.pool.ThreadPool."""
    with mp.dummy.Pool(1) as pool:
        see.true(isinstance(pool, mp.pool.ThreadPool), "a ThreadPool", type(pool))
        pool.close()
        pool.join()
