"""Have a pool do its tasks while workers are killed: `python tools/kills.py [--tasks N] [--every S] [--method METHOD]`.

All the time one worker or another, whatever it does, is killed by SIGKILL, unless no task has ended since: on a machine
that does a lot else, nobody would ever be ready. In the end each task has ended once, with
its result or with an error that is a ProcessError. A line says how many of either; exit status 1 where that does not
hold, or where the tasks are not done in time.
"""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

from mpconform import ending

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "reference"))

AT_ONCE = 10_000
"""Tasks that are submitted before their results are asked for."""


def square(x: int) -> int:
    """Be a task."""
    return x * x


class Kills:
    """A thread that kills a child of this process every few seconds, as long as tasks end, of which `calls` tells."""

    def __init__(self, mp: Any, every: float, seed: int, calls: Counter[int]) -> None:
        self.count = 0
        self._calls = calls
        self._mp = mp
        self._every = every
        self._chance = random.Random(seed)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        seen = 0
        while not self._over.wait(self._every):
            children = self._mp.active_children()
            if children and len(self._calls) > seen:
                seen = len(self._calls)
                self._chance.choice(children).kill()
                self.count += 1

    def end(self) -> None:
        """Kill no more."""
        self._over.set()
        self._thread.join()


def ended(mp: Any, workers: Any, tasks: int, patience: float, calls: Counter[int]) -> Counter[str]:
    """Return how many tasks have ended in which way. calls: is told of each by its number."""
    found: Counter[str] = Counter()
    for first in range(0, tasks, AT_ONCE):
        numbers = range(first, min(first + AT_ONCE, tasks))
        results = []
        for number in numbers:

            def once(_: object, number: int = number) -> None:
                calls[number] += 1

            results.append(workers.apply_async(square, (number,), {}, once, once))
        for number, result in zip(numbers, results, strict=True):
            try:
                found["done" if result.get(patience) == number**2 else "wrong"] += 1
            except mp.TimeoutError:
                found["not ended"] += 1
            except mp.ProcessError as error:
                found[type(error).__name__] += 1
    found["ended twice, or not told"] = sum(calls[number] != 1 for number in range(tasks))
    return found


def main() -> int:
    """Submit tasks, kill, and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--every", type=float, default=0.05, help="seconds between two kills")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--most", type=int, default=None, help="tasks of each worker")
    parser.add_argument("--patience", type=float, default=120, help="seconds to wait for a result")
    parser.add_argument("--impl", default="mpref", help="the module (default mpref)")
    parser.add_argument("--method", default="fork", choices=["fork", "spawn", "forkserver"])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    ending.in_order()
    mp = importlib.import_module(options.impl)
    began = time.monotonic()
    with mp.get_context(options.method).Pool(options.processes, maxtasksperchild=options.most) as workers:
        calls: Counter[int] = Counter()
        kills = Kills(mp, options.every, options.seed, calls)
        try:
            found = ended(mp, workers, options.tasks, options.patience, calls)
        finally:
            kills.end()
    told = ", ".join(f"{count} {how}" for how, count in sorted(found.items()))
    print(f"{options.tasks} tasks, {kills.count} kills, {time.monotonic() - began:.0f} s: {told}")
    return 1 if found["wrong"] or found["not ended"] or found["ended twice, or not told"] else 0


if __name__ == "__main__":
    sys.exit(main())
