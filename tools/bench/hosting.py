"""What hosting costs: milliseconds for an empty check, from a zygote and in a fresh interpreter, on this machine.

Usage: python tools/bench/hosting.py [--checks 1000] [--python VERSION]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path

from mpconform.adapters import adapter
from mpconform.checks import Check
from mpconform.hosting import Zygote
from mpconform.interpreters import interpreter

SAMPLES = Path(__file__).resolve().parent.parent.parent / "tests" / "engine"


def main() -> None:
    """Host empty checks one after the other; print median, lowest and highest of ten parts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=1000)
    parser.add_argument("--python")
    parser.add_argument("--impl", default="stdlib")
    options = parser.parse_args()
    sys.path.insert(0, str(SAMPLES))
    from samples.plain import chapter

    reached = adapter(options.impl)
    reached = replace(reached, expose=(*reached.expose, str(SAMPLES / "samples")))
    with Zygote(reached, interpreter(options.python), package="samples") as zygote:
        for id, count in (("plain.empty", options.checks), ("plain.surroundings-fresh", options.checks // 10)):
            check = Check(chapter.clauses[id], None, None)
            zygote.host(check)
            parts = [_milliseconds(zygote, check, count // 10) for _ in range(10)]
            how = "fresh interpreter" if check.clause.fresh else "fork of the zygote"
            spread = f"[{min(parts):.2f}, {max(parts):.2f}]"
            print(f"{how:<20} {statistics.median(parts):6.2f} ms a check {spread}, {count} checks")


def _milliseconds(zygote: Zygote, check: Check, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        answer = zygote.host(check)
        assert answer["outcome"] == "kept", answer
    return (time.perf_counter() - began) / count * 1000


if __name__ == "__main__":
    main()
