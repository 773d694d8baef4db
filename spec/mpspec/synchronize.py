"""Synchronization primitives: what Lock, RLock, Semaphore, BoundedSemaphore, Condition, Event and Barrier promise.

This module gathers the parts.
"""

from __future__ import annotations

# isort: off
from mpspec.synchronize_chapter import chapter
from mpspec import synchronize_lock, synchronize_rlock, synchronize_semaphore, synchronize_condition
from mpspec import synchronize_event, synchronize_barrier, synchronize_inheritance

# isort: on

__all__ = ["chapter"]

PARTS = (
    synchronize_lock,
    synchronize_rlock,
    synchronize_semaphore,
    synchronize_condition,
    synchronize_event,
    synchronize_barrier,
    synchronize_inheritance,
)
"""The modules that enter the clauses."""
