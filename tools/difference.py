"""Different implementations: the reference with one design replaced by another one that is as correct.

They are mutants the other way round: not one clause may fail. From the command line, all clauses that they have to
keep, by every start method: `python tools/difference.py [-j JOBS] [NAME ...]`. Exit status 0: all is kept; 1: something
is not; 2: usage. One of them is a file of tests/different:

what = "how it differs, in a sentence"
chapters = ["queues"]             # whose clauses it has to keep
clauses = ["queue.get"]           # absent: all of them; else those whose ids begin so
[[change]]
file = "queues/__init__.py"       # below the reference
find = "text that stands there once"
replace = "text to put instead"
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import threading
import time
import tomllib
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import mutation
from mpconform import checks
from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.checks import Check
from mpconform.driver.judge import Judge
from mpconform.errors import Unusable
from mpconform.outcomes import Outcome, Verdict
from mpspec.clause import METHODS
from mpspec.loader import load

FOLDER = Path(__file__).parent.parent / "tests" / "different"
"""Where they are, a file each."""
RIGHT = (Outcome.KEPT, Outcome.NOT_APPLICABLE, Outcome.UNSPECIFIED)
"""The outcomes of a check that a correct implementation may have."""


@dataclass(frozen=True)
class Change:
    """One replacement; the fields are the keys of the file."""

    file: str
    find: str
    replace: str


@dataclass(frozen=True)
class Different:
    """One different implementation; the fields are the keys of the file, whose name it has."""

    name: str
    what: str
    chapters: tuple[str, ...]
    clauses: tuple[str, ...]
    changes: tuple[Change, ...]


def read(path: Path) -> Different:
    """The different implementation of a file. Raises Unusable that names the file."""
    try:
        entry = tomllib.loads(path.read_text(encoding="utf-8"))
        changes = tuple(Change(**change) for change in entry.pop("change"))
        lists = {key: tuple(entry.pop(key, ())) for key in ("chapters", "clauses")}
        return Different(path.stem, entry.pop("what"), **lists, changes=changes, **entry)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise Unusable(f"{path}: {error}; correct the file") from None


@contextlib.contextmanager
def reached(different: Different) -> Iterator[Adapter]:
    """How the implementation is reached, while the block runs. Raises Unusable where a change does not fit."""
    with tempfile.TemporaryDirectory(prefix="mpconform-different-") as folder:
        copy = Path(folder, "mpref")
        shutil.copytree(mutation.reference(), copy, ignore=shutil.ignore_patterns("__pycache__"))
        for change in different.changes:
            text = mutation.replaced(different.name, copy, change.file, change.find, change.replace)
            (copy / change.file).write_text(text, encoding="utf-8")
        yield replace(adapter("reference"), name=different.name, expose=(str(copy),))


def concerned(different: Different, methods: Iterable[str] = METHODS) -> list[Check]:
    """The checks of the clauses that it has to keep, by these start methods."""
    wanted = tuple(methods)
    clauses = [clause for name in different.chapters for clause in load(name).clauses.values()]
    clauses = [clause for clause in clauses if clause.id.startswith(different.clauses or "")]
    return [check for check in checks.checks(clauses, wanted) if check.method is None or check.method in wanted]


def deviations(implementation: Adapter, wanted: Iterable[Check], jobs: int) -> dict[str, Verdict]:
    """The verdicts of the checks that are not right, by id. jobs: so many at once, most of which wait."""
    rest = iter(list(wanted))
    lock = threading.Lock()
    found: dict[str, Verdict] = {}

    def part(_: int) -> None:
        with contextlib.closing(Judge(implementation, interpreter(None))) as judge:
            while True:
                with lock:
                    check = next(rest, None)
                if check is None:
                    return
                verdict = judge.verdict(check)
                if verdict.outcome not in RIGHT:
                    found[check.id] = verdict

    with ThreadPoolExecutor(jobs) as several:
        list(several.map(part, range(jobs)))
    return found


def told(found: dict[str, Verdict]) -> str:
    """The deviations, a line each."""
    return "\n".join(f"{id}: {v.outcome}: {v.promised}; {v.seen}; {v.line}" for id, v in sorted(found.items()))


def main() -> int:
    """Judge them by every clause that they have to keep; a line for each that is not kept, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("-j", "--jobs", type=int, default=4 * (os.cpu_count() or 1), help="so many checks at once")
    options = parser.parse_args()
    several = {path.stem: path for path in sorted(FOLDER.glob("*.toml"))}
    unknown = sorted(set(options.names) - set(several))
    if unknown:
        parser.error(f"there is no {unknown[0]!r}; there are {', '.join(several)}")
    wrong = 0
    for name in options.names or several:
        began = time.monotonic()
        try:
            different = read(several[name])
            wanted = concerned(different)
            with reached(different) as implementation:
                found = deviations(implementation, wanted, options.jobs)
        except Unusable as error:
            print(error, file=sys.stderr)
            return 2
        print(told(found)) if found else None
        print(f"{name}: {len(wanted) - len(found)} of {len(wanted)} right in {time.monotonic() - began:.0f} s")
        wrong += len(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
