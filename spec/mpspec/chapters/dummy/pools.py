"""dummy.Pool: a pool of threads. What it can do is in the chapter pool, with ThreadPool."""

from __future__ import annotations

import threading
from typing import Any

from mpspec.chapters.dummy.chapter import API, POOL, chapter
from mpspec.clause import NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See


@chapter.clause("dummy.pool.thread-pool", passage=POOL, methods=NO_METHOD, since="3.9")
def pool_returns_a_thread_pool(mp: Any, see: See) -> None:
    """The function Pool of multiprocessing.dummy returns an instance of multiprocessing.pool.ThreadPool."""
    with mp.dummy.Pool(1) as pool:
        see.true(isinstance(pool, mp.pool.ThreadPool), "a ThreadPool", type(pool))
        pool.close()
        pool.join()


GIVEN = {
    "positional": lambda dummy, initializer, args: dummy.Pool(1, initializer, args),
    "by-name": lambda dummy, initializer, args: dummy.Pool(processes=1, initializer=initializer, initargs=args),
}


@chapter.clause("dummy.pool.arguments", passage=API, methods=NO_METHOD, cases=GIVEN)
def the_arguments_of_pool(mp: Any, see: See, case: Any) -> None:
    """Pool of multiprocessing.dummy takes processes, initializer and initargs, which is called in its thread."""
    seen: list[Any] = []
    pool = case(mp.dummy, lambda *args: seen.append((threading.get_ident(), args)), ("a", 2))
    see.equal(pool.apply(threading.get_ident), seen[0][0], "the thread of the initializer calls the function")
    see.equal([args for _, args in seen], [("a", 2)], "what the initializer is called with")
    pool.close()
    pool.join()


@chapter.clause("dummy.pool.defaults", passage=API, methods=NO_METHOD)
def all_arguments_of_pool_can_be_left_out(mp: Any, see: See) -> None:
    """Pool of multiprocessing.dummy can be called without arguments: it makes a pool, which is a context manager."""
    with mp.dummy.Pool() as pool:
        see.equal(pool.map(abs, [-1, -2, 3]), [1, 2, 3], "what map() returns")
        pool.close()
        pool.join()


@chapter.clause("dummy.pool.manager", passage=API, level=UNSPECIFIED, methods=NO_METHOD)
def a_manager_makes_pools(mp: Any, see: See) -> None:
    """Whether what Manager() of multiprocessing.dummy returns makes pools of threads is left open."""
    made = getattr(mp.dummy.Manager(), "Pool", None)
    if made is not None:
        pool = made(1)
        pool.terminate()
        pool.join()
    see.records(present=made is not None)
