"""Ids of clauses that are no longer in the spec; none of them is ever used again."""

from __future__ import annotations

RETIRED: frozenset[str] = frozenset(
    {
        "manager.sync.module",  # the same as manager.names
        "process.start.unpicklable",  # the same as context.pickling.error
        "synchronize.context.error-in-parent",  # the same as context.locks.of-fork-told
        "synchronize.platform.import-error",  # hid a module of CPython: no platform at hand is without semaphores
    }
)
