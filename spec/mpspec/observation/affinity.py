"""Which processors a thread may run on. Linux; by the C library: PyPy has no os.sched_setaffinity."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

SIZE = 128
"""Bytes of a set of CPUs."""


@contextlib.contextmanager
def one_cpu() -> Iterator[None]:
    """Let this thread run on one CPU alone, and what it starts."""
    import ctypes

    library = ctypes.CDLL(None)
    allowed, one = ctypes.create_string_buffer(SIZE), ctypes.create_string_buffer(SIZE)
    library.sched_getaffinity(0, SIZE, allowed)
    first = next(number for number in range(SIZE * 8) if allowed.raw[number // 8] >> number % 8 & 1)
    one[first // 8] = bytes([1 << first % 8])
    library.sched_setaffinity(0, SIZE, one)
    try:
        yield
    finally:
        library.sched_setaffinity(0, SIZE, allowed)


def usable() -> int:
    """On how many CPUs this thread may run: what os.process_cpu_count() returns, also where there is none."""
    import ctypes

    if hasattr(os, "process_cpu_count"):
        return os.process_cpu_count() or 1
    allowed = ctypes.create_string_buffer(SIZE)
    ctypes.CDLL(None).sched_getaffinity(0, SIZE, allowed)
    return sum(bin(byte).count("1") for byte in allowed.raw)
