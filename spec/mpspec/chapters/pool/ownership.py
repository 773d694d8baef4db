"""A pool belongs to the process that has made it. What follows elsewhere the page does not say."""

from __future__ import annotations

import os
import pickle
from typing import Any

from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.life_targets import work_with_a_pool
from mpspec.chapters.pool.targets import pid, square
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SMALL

POOL = "multiprocessing.pool.Pool"
USES = {
    "apply_async": lambda pool: pool.apply_async(square, (2,)).get(SMALL),
    "map_async": lambda pool: pool.map_async(square, [1, 2]).get(SMALL),
    "close": lambda pool: pool.close(),
    "terminate": lambda pool: pool.terminate(),
}


@chapter.clause("pool.owner.child", passage=f"{POOL}/14", level=SHOULD, hanging=True)
def a_child_has_a_pool_of_its_own(mp: Any, see: See) -> None:
    """A child can make a pool, and use it: it is the process which created it."""
    box = see.mailbox()
    child = mp.Process(target=work_with_a_pool, args=(box,))
    child.start()
    worker, owner = box.take()
    see.equal(owner, child.pid, "the process that has made the pool")
    see.true(worker not in (owner, os.getpid()), "a worker calls the function")
    see.exits(child, 0)


@chapter.clause("pool.owner.children", passage=f"{POOL}/8", level=SHOULD)
def a_child_that_ends_leaves_the_pool_alone(mp: Any, see: See) -> None:
    """The end of a child of the process that has made a pool ends none of its workers."""
    with pool_of(mp, 1) as pool:
        worker = pool.apply(pid)
        child = mp.Process(target=pid)
        child.start()
        see.exits(child, 0)
        see.equal(pool.apply_async(pid).get(LONG), worker, "the process that works")


@chapter.clause(
    "pool.owner.forked",
    passage=(f"{POOL}/14", "using-a-pool-of-workers/5"),
    level=UNSPECIFIED,
    methods=("fork",),
    cases=USES,
)
def a_pool_is_used_by_a_forked_child(mp: Any, see: See, use: Any) -> None:
    """What the methods of a pool do in a forked child of the process that has made it is left open."""
    box = see.mailbox()

    def child() -> None:
        call = see.in_thread(use, pool)
        call.thread.join(SMALL * 5)
        try:
            box.post("it waits" if call.thread.is_alive() else repr(call.ends()))
        except Exception as error:
            box.post(type(error).__name__)
        os._exit(0)

    with pool_of(mp, 1) as pool:
        other = mp.Process(target=child)
        other.start()
        see.records(in_the_child=box.take())
        other.join()
        result = pool.apply_async(square, (3,))
        result.wait(SMALL * 5)
        see.records(later_in_the_parent=result.get(0) if result.ready() else "no result")


@chapter.clause(
    "pool.owner.pickled", source=POOL, level=UNSPECIFIED, methods=ANY_METHOD, cases=cases("pickle", "argument")
)
def a_pool_is_pickled(mp: Any, see: See, how: str) -> None:
    """Which error a pool raises that is pickled, or handed to one of its own tasks, is left open."""
    with pool_of(mp, 1) as pool:
        try:
            if how == "pickle":
                see.records(then=len(pickle.dumps(pool)) > 0)
            else:
                see.records(then=pool.apply_async(square, (pool,)).get(LONG))
        except Exception as error:
            see.records(then=type(error).__name__)
