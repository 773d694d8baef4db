"""apply(): one call, in a worker."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.targets import pid
from mpspec.observation.see import See

APPLY = "multiprocessing.pool.Pool.apply"


@chapter.clause("pool.apply.in-a-worker", passage=(f"{APPLY}/5", f"{APPLY}/2"))
def the_function_is_called_in_a_worker(mp: Any, see: See) -> None:
    """apply() has the function called in one of the workers, and not in the process that asks."""
    with pool_of(mp) as pool:
        see.true(pool.apply(pid) != os.getpid(), "another process calls the function")
