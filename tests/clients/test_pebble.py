"""pebble's pool of processes, over contexts of the reference."""

from __future__ import annotations

from collections.abc import Callable

import pytest

pytest.importorskip("pebble", reason="pebble is not installed")

Run = Callable[..., str]

PROGRAM = """
import os, time
from pebble import ProcessExpired, ProcessPool

def square(number):
    return number * number

def fail():
    raise KeyError(1)

if __name__ == "__main__":
    context = mpref.get_context(sys.argv[1])
    with ProcessPool(max_workers=2, context=context) as pool:
        print(list(pool.map(square, range(5)).result()))
        slow = pool.schedule(time.sleep, args=(1000,), timeout=0.3)
        for future in slow, pool.schedule(fail), pool.schedule(os._exit, args=(3,)):
            error = future.exception()
            print(type(error).__name__, getattr(error, "exitcode", None))
        print(pool.schedule(square, args=(4,)).result())
    print(mpref.active_children())
"""


def test_calls_run_into_timeouts_errors_and_exits(run: Run, method: str) -> None:
    assert run(PROGRAM, method).splitlines() == [
        "[0, 1, 4, 9, 16]",
        "TimeoutError None",
        "KeyError None",
        "ProcessExpired 3",
        "16",
        "[]",
    ]
