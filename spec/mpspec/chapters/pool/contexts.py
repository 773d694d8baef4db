"""The context: by which start method the workers are started."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.pool.chapter import chapter, ending
from mpspec.chapters.pool.life_targets import MEMORY, parent_and_memory
from mpspec.chapters.pool.targets import square
from mpspec.clause import ITS_CASE, METHODS, NO_METHOD, SHOULD, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

POOL = "multiprocessing.pool.Pool"
BY_METHOD = cases(*METHODS)


def origin(pool: Any) -> str:
    """The start method that the parent and the memory of a worker give away."""
    parent, changed = pool.apply_async(parent_and_memory).get(LONG)
    if parent != os.getpid():
        return "forkserver"
    return "fork" if changed else "spawn"


@chapter.clause("pool.context.argument", passage=f"{POOL}/9", methods=NO_METHOD, uses=ITS_CASE, cases=BY_METHOD)
def the_context_that_is_given_starts_the_workers(mp: Any, see: See, method: str) -> None:
    """The workers of a pool that is given a context are started by that context's start method."""
    MEMORY["changed"] = True
    with ending(mp.pool.Pool, 1, context=mp.get_context(method)) as pool:
        see.equal(origin(pool), method, "the start method of the worker")


@chapter.clause("pool.context.method", passage=f"{POOL}/11,10", methods=NO_METHOD, uses=ITS_CASE, cases=BY_METHOD)
def the_method_of_a_context_starts_the_workers_by_it(mp: Any, see: See, method: str) -> None:
    """The workers of a pool that the method Pool() of a context makes are started by that context's start method."""
    MEMORY["changed"] = True
    with ending(mp.get_context(method).Pool, 1) as pool:
        see.equal(origin(pool), method, "the start method of the worker")


@chapter.clause("pool.context.function", passage=f"{POOL}/11,10")
def the_function_uses_the_global_start_method(mp: Any, see: See) -> None:
    """The workers of a pool that multiprocessing.Pool() makes are started by the global start method."""
    MEMORY["changed"] = True
    with ending(mp.Pool, 1) as pool:
        see.equal(origin(pool), mp.get_start_method(), "the start method of the worker")


@chapter.clause("pool.context.none", passage=f"{POOL}/12,9", since="3.13")
def without_a_context_the_global_start_method_is_used(mp: Any, see: See) -> None:
    """The workers of a pool of the class without a context are started by the global start method, which stays."""
    MEMORY["changed"] = True
    method = mp.get_start_method()
    with ending(mp.pool.Pool, 1, context=None) as pool:
        see.equal(origin(pool), method, "the start method of the worker")
        see.returns(method, mp.get_start_method)


@chapter.clause(
    "pool.context.replacements",
    passage=f"{POOL}/9,7",
    methods=NO_METHOD,
    uses=ITS_CASE,
    cases=BY_METHOD,
    hanging=True,
)
def the_context_starts_the_replacements_as_well(mp: Any, see: See, method: str) -> None:
    """Workers that take the place of others are started by the start method of the pool's context as well."""
    MEMORY["changed"] = True
    with ending(mp.pool.Pool, 1, maxtasksperchild=1, context=mp.get_context(method)) as pool:
        see.equal([origin(pool), origin(pool)], [method, method], "the start methods of two workers")


FIXES = """\
import multiprocessing
import multiprocessing.pool


if __name__ == "__main__":
    print(multiprocessing.get_start_method(allow_none=True))
    with MAKER as pool:
        print(pool.map(abs, [-1, 2]))
    fixed = multiprocessing.get_start_method(allow_none=True)
    print(fixed in multiprocessing.get_all_start_methods())
"""
"""What shows that the start method is fixed. MAKER: makes a pool, as an expression."""


def fixes(see: See, maker: str) -> None:
    """Once the program has made such a pool, it has a start method."""
    ended = see.program(FIXES.replace("MAKER", maker))
    seen = ended.status, ended.out, ended.err
    see.equal(seen, (0, "None\n[1, 2]\nTrue\n", ""), "status, start method before and after, and errors")


@chapter.clause("pool.context.none-fixes", passage=f"{POOL}/12", methods=NO_METHOD, since="3.13", fresh=True)
def a_pool_without_a_context_fixes_the_start_method(mp: Any, see: See) -> None:
    """A pool of the class without a context sets the global start method, where none was set yet."""
    fixes(see, "multiprocessing.pool.Pool(1)")


@chapter.clause(
    "pool.context.function-fixes", passage=f"{POOL}/12", level=SHOULD, methods=NO_METHOD, since="3.13", fresh=True
)
def the_function_fixes_the_start_method(mp: Any, see: See) -> None:
    """multiprocessing.Pool() sets the global start method, where none was set yet."""
    fixes(see, "multiprocessing.Pool(1)")


@chapter.clause("pool.context.side-by-side", passage=f"{POOL}/9", methods=NO_METHOD, uses=("fork", "spawn"))
def pools_of_several_contexts(mp: Any, see: See) -> None:
    """Pools of several contexts work at the same time, each with workers by its own start method."""
    MEMORY["changed"] = True
    with ending(mp.get_context("fork").Pool, 1) as forked, ending(mp.get_context("spawn").Pool, 1) as spawned:
        see.equal([origin(forked), origin(spawned)], ["fork", "spawn"], "the start methods of the workers")
        see.equal([spawned.apply(square, (2,)), forked.apply(square, (3,))], [4, 9], "the results")
