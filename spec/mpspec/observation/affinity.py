"""Which processors a thread may run on. Linux."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator


@contextlib.contextmanager
def one_cpu() -> Iterator[None]:
    """Let this thread run on one CPU alone. By the C library: PyPy has no os.sched_setaffinity."""
    import ctypes

    library = ctypes.CDLL(None)
    allowed, one = ctypes.create_string_buffer(128), ctypes.create_string_buffer(128)
    library.sched_getaffinity(0, 128, allowed)
    first = next(number for number in range(1024) if allowed.raw[number // 8] >> number % 8 & 1)
    one[first // 8] = bytes([1 << first % 8])
    library.sched_setaffinity(0, 128, one)
    try:
        yield
    finally:
        library.sched_setaffinity(0, 128, allowed)
