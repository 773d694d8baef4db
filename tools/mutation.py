"""Hunt mutants from the command line: `python tools/mutation.py [--chapter NAME] [-j JOBS] [NAME ...]`.

Exit status 0: every mutant is caught; 1: one escapes; 2: usage.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mpconform import mutation
from mpconform.errors import Unusable

MUTANTS = Path(__file__).parent.parent / "tests" / "mutants"


def main() -> int:
    """Hunt, several at once; a line for each that escapes, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="only these mutants")
    parser.add_argument("--chapter", help="only the mutants of this chapter")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1, help="so many at once")
    options = parser.parse_args()
    began = time.monotonic()
    try:
        files = sorted(path for path in MUTANTS.glob("*.toml") if path.stem != "exceptions")
        files = [path for path in files if options.chapter in (None, path.stem)]
        mutants = [m for path in files for m in mutation.read(path) if not options.names or m.name in options.names]
    except Unusable as error:
        print(error, file=sys.stderr)
        return 2
    if not mutants:
        print("no mutant of that name or chapter", file=sys.stderr)
        return 2
    with ThreadPoolExecutor(options.jobs) as several:
        escaped = sum(several.map(_report, mutants))
    print(f"{len(mutants) - escaped} of {len(mutants)} mutants caught in {time.monotonic() - began:.0f} s")
    return 1 if escaped else 0


def _report(mutant: mutation.Mutant) -> bool:
    """Whether it escapes, told in a line."""
    try:
        escapes = mutation.hunt(mutant)
    except Unusable as error:
        print(error)
        return True
    for escape in escapes:
        print(f"{mutant.name}: escapes {escape.check} ({escape.outcome}; {escape.why})")
    return bool(escapes)


if __name__ == "__main__":
    sys.exit(main())
