"""Process pools: functions are called in worker processes. Section "Process Pools"."""

from __future__ import annotations

from .failures import BrokenPool, MaybeEncodingError, WorkerEnded
from .pool import Pool, ThreadPool
from .results import AsyncResult, MapResult, ResultIterator, UnorderedResultIterator

__all__ = [
    "AsyncResult",
    "BrokenPool",
    "MapResult",
    "MaybeEncodingError",
    "Pool",
    "ResultIterator",
    "ThreadPool",
    "UnorderedResultIterator",
    "WorkerEnded",
]
