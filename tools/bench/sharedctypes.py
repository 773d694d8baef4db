"""What shared ctypes objects cost: to make, to read and to assign."""

from __future__ import annotations

import time

from paired import implementation, main, measure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


def seconds(call: Any, count: int) -> float:
    """How long so many calls take on this thread's own clock, which stands while others run."""
    began = time.thread_time()
    for _ in range(count):
        call()
    return time.thread_time() - began


@measure("the first Value of a process", unit="ms", goal=0.20)
def first_value(module: str, count: int) -> float:
    import ctypes  # noqa: F401 - costs the same everywhere

    mp = implementation(module, "fork")
    began = time.thread_time()
    mp.Value("i", 0)
    return (time.thread_time() - began) * 1e3


@measure("Value.value, read", unit="ns", count=200_000, goal=1.10)
def value_read(module: str, count: int) -> float:
    value = implementation(module, "fork").Value("i", 7)
    began = time.thread_time()
    for _ in range(count):
        value.value  # noqa: B018
    return (time.thread_time() - began) / count * 1e9


@measure("Value.value, assign", unit="ns", count=200_000, goal=1.10)
def value_write(module: str, count: int) -> float:
    value = implementation(module, "fork").Value("i", 7)
    began = time.thread_time()
    for _ in range(count):
        value.value = 5
    return (time.thread_time() - began) / count * 1e9


@measure("locked +=", unit="ns", count=100_000, goal=0.85)
def value_add(module: str, count: int) -> float:
    value = implementation(module, "fork").Value("i", 0)
    began = time.thread_time()
    for _ in range(count):
        with value.get_lock():
            value.value += 1
    return (time.thread_time() - began) / count * 1e9


@measure("Array item, read", unit="ns", count=100_000, goal=0.50)
def item_read(module: str, count: int) -> float:
    array = implementation(module, "fork").Array("i", 100)
    began = time.thread_time()
    for _ in range(count):
        array[50]
    return (time.thread_time() - began) / count * 1e9


@measure("Array item, assign", unit="ns", count=100_000, goal=0.50)
def item_write(module: str, count: int) -> float:
    array = implementation(module, "fork").Array("i", 100)
    began = time.thread_time()
    for _ in range(count):
        array[50] = 1
    return (time.thread_time() - began) / count * 1e9


@measure("Array, slice of 100", unit="ns", count=20_000, goal=1.0)
def slice_read(module: str, count: int) -> float:
    array = implementation(module, "fork").Array("i", 100)
    return seconds(lambda: array[:], count) / count * 1e9


@measure("a new RawArray of 1 KB", unit="us", count=5_000, goal=0.50)
def small_array(module: str, count: int) -> float:
    make = implementation(module, "fork").RawArray
    make("b", 1)  # what the first call imports is not the matter
    return seconds(lambda: make("b", 1024), count) / count * 1e6


@measure("a new RawArray of 4 MB", unit="us", count=30, goal=0.05)
def large_array(module: str, count: int) -> float:
    make = implementation(module, "fork").RawArray
    make("b", 1)
    return seconds(lambda: make("b", 4 << 20), count) / count * 1e6


@measure("a new Value", unit="us", count=2_000, goal=1.0)
def new_value(module: str, count: int) -> float:
    make = implementation(module, "fork").Value
    return seconds(lambda: make("i", 0), count) / count * 1e6


main(__name__, __file__)
