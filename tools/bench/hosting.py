"""What hosting costs: milliseconds for an empty check, from a zygote and in a fresh interpreter, on this machine.

Beside it stands the floor, measured in the same rounds: a fork of a process as large as the zygote, that ends at once,
and its wait; or a bare interpreter. On a busy machine both grow; what is between them is the engine's.

Usage: python tools/bench/hosting.py [--checks 1000] [--python VERSION]
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mpconform import ending
from mpconform.adapters.adapter import adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.checks import Check
from mpconform.driver.zygotes import WORTH_TWO, Zygote, Zygotes

SAMPLES = Path(__file__).resolve().parent.parent.parent / "tests" / "engine"
ROUNDS = 10


def main() -> None:
    """Host empty checks one after the other, in rounds with the floor; print medians, lowest and highest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=1000)
    parser.add_argument("--python")
    parser.add_argument("--impl", default="stdlib")
    options = parser.parse_args()
    ending.in_order()
    sys.path.insert(0, str(SAMPLES))
    from samples.plain.chapter import chapter

    reached = adapter(options.impl)
    reached = replace(reached, expose=(*reached.expose, str(SAMPLES / "samples")))
    running = interpreter(options.python)
    with Zygotes(lambda: Zygote(reached, running, package="samples")) as zygotes:
        for id, count, floor in (
            ("plain.empty", options.checks, _fork),
            ("plain.surroundings-fresh", options.checks // 10, lambda: _interpreter(running.path)),
        ):
            check = Check(chapter.clauses[id], None, None)
            for _ in range(WORTH_TWO + 2):
                _host(zygotes, check)  # both are there, and have a host ready
            hosted, bare = [], []
            for _ in range(ROUNDS):
                hosted.append(_milliseconds(lambda one=check: _host(zygotes, one), count // ROUNDS))
                bare.append(_milliseconds(floor, count // ROUNDS))
            how = "fresh interpreter" if check.clause.fresh else "fork of the zygote"
            print(f"{how:<20} {_told(hosted)} a check, {count} checks")
            print(f"{'  its floor':<20} {_told(bare)}")


def _host(zygotes: Zygotes, check: Check) -> None:
    answer = zygotes.host(check)
    assert answer["outcome"] == "kept", answer


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _interpreter(path: str) -> None:
    subprocess.run([path, "-c", "pass"], check=True)


def _milliseconds(one: Callable[[], None], count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        one()
    return (time.perf_counter() - began) / count * 1000


def _told(parts: list[float]) -> str:
    return f"{statistics.median(parts):6.2f} ms [{min(parts):.2f}, {max(parts):.2f}]"


if __name__ == "__main__":
    main()
