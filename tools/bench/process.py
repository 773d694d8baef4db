"""What it costs to import the package, to start and join a process by each start method, and to have one."""

from __future__ import annotations

import os
import time

from floors import forks, interpreters
from paired import implementation, main, measure
from targets import nothing, tell_private_memory


def starts(module: str, method: str, count: int, warm: int) -> float:
    """Milliseconds for a start and a join, after `warm` that do not count."""
    mp = implementation(module, method)
    for _ in range(warm):
        process = mp.Process(target=nothing)
        process.start()
        process.join()
    began = time.perf_counter()
    for _ in range(count):
        process = mp.Process(target=nothing)
        process.start()
        process.join()
    return (time.perf_counter() - began) / count * 1000


@measure("import of the package", unit="ms", goal=0.30)
def importing(module: str, count: int) -> float:
    began = time.perf_counter()
    __import__(module)
    return (time.perf_counter() - began) * 1000


@measure("import and first attribute", unit="ms", goal=0.30)
def importing_process(module: str, count: int) -> float:
    began = time.perf_counter()
    __import__(module).Process  # noqa: B018 - what a lazy package has put off
    return (time.perf_counter() - began) * 1000


@measure("fork, next", unit="ms", count=100, goal=0.90, floor=forks)
def fork_next(module: str, count: int) -> float:
    return starts(module, "fork", count, 3)


@measure("fork, first", unit="ms", goal=0.90, floor=forks)
def fork_first(module: str, count: int) -> float:
    return starts(module, "fork", count, 0)


@measure(
    "spawn, next",
    unit="ms",
    count=12,
    goal=0.60,
    floor=interpreters,
    only=("stdlib", "reference", "multiprocess"),
)
def spawn_next(module: str, count: int) -> float:
    return starts(module, "spawn", count, 2)


@measure("spawn, first", unit="ms", goal=0.60, floor=interpreters, only=("stdlib", "reference", "multiprocess"))
def spawn_first(module: str, count: int) -> float:
    return starts(module, "spawn", count, 0)


@measure("forkserver, next", unit="ms", count=60, goal=0.25, floor=forks, only=("stdlib", "reference", "multiprocess"))
def forkserver_next(module: str, count: int) -> float:
    return starts(module, "forkserver", count, 3)


@measure("forkserver, first", unit="ms", goal=0.70, floor=interpreters, only=("stdlib", "reference", "multiprocess"))
def forkserver_first(module: str, count: int) -> float:
    return starts(module, "forkserver", count, 0)


def private_memory(module: str, method: str) -> float:
    """Private memory, in MB, of a child started by the method."""
    mp = implementation(module, method)
    reading, writing = os.pipe()
    process = mp.Process(target=tell_private_memory, args=(f"/proc/{os.getpid()}/fd/{writing}",))
    process.start()
    process.join()
    return float(os.read(reading, 100))


@measure("private memory of a spawn child", unit="MB", goal=0.75, only=("stdlib", "reference", "multiprocess"))
def memory_spawn(module: str, count: int) -> float:
    return private_memory(module, "spawn")


@measure("private memory of a forkserver child", unit="MB", only=("stdlib", "reference", "multiprocess"))
def memory_forkserver(module: str, count: int) -> float:
    return private_memory(module, "forkserver")


@measure("private memory of a fork child", unit="MB")
def memory_fork(module: str, count: int) -> float:
    return private_memory(module, "fork")


main(__name__, __file__)
