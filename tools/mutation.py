"""Mutants: the reference with one promise broken on purpose, to be caught by the clauses that it names.

From the command line: `python tools/mutation.py [--chapter NAME] [-j JOBS] [NAME ...]` hunts those of tests/mutants.
Exit status 0: every mutant is caught; 1: one escapes; 2: usage. A mutant is written so:

[[mutant]]
name = "join-comes-back-at-once"
file = "process.py"               # below the reference
find = "text that stands there once"
replace = "text to put instead"
catchers = ["process.join.waits"]
methods = ["fork"]                # absent: the first start method of each catcher
outcome = "hung"                  # absent: broken; hung only for a clause that promises an end
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import functools
import importlib.util
import os
import py_compile
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mpconform import checks, ending
from mpconform.adapters.adapter import adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.checks import Check
from mpconform.driver import launching
from mpconform.driver.judge import Judge
from mpconform.errors import Unusable
from mpconform.outcomes import Outcome
from mpspec.clause import METHODS, Clause
from mpspec.loader import load

FOLDER = Path(__file__).parent.parent / "tests" / "mutants"
"""Where the mutants are, a file for each chapter."""
PATIENCE = 0.5
"""Factor on the waits: a mutant is expected to be caught, so its clause need not wait as long for the promised."""
DEADLINE = 16.0
"""Seconds for a check of a mutant, before patience."""
TRIES = 3
"""Some mutants are wrong for a moment only, which a busy machine can hide: one catch in so many tries is enough."""
OLDEST = (3, 13)
"""The edition that the reference keeps on the oldest interpreter that it runs on."""
CAUGHT = {"broken": Outcome.BROKEN, "hung": Outcome.HUNG, "leaked": Outcome.LEAKED, "missing": Outcome.MISSING}
KEYS = {"name", "file", "find", "replace", "catchers", "methods", "outcome"}


@dataclass(frozen=True)
class Mutant:
    """One mutant; the fields are the keys of the file."""

    name: str
    file: str
    find: str
    replace: str
    catchers: tuple[str, ...]
    methods: tuple[str, ...] = ()
    outcome: str = "broken"


@dataclass(frozen=True)
class Escape:
    """A catcher that did not catch its mutant, and what came of its check instead."""

    check: str
    outcome: Outcome
    why: str


def read(path: Path) -> list[Mutant]:
    """The mutants of a file. Raises Unusable that names file, mutant and rule."""
    try:
        entries = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"mutants {path}: {error}; correct the file") from None
    found: list[Mutant] = []
    for entry in entries:
        name = entry.get("name", "?")
        for wrong, rule in (
            (set(entry) - KEYS, f"the keys are {', '.join(sorted(KEYS))}"),
            (KEYS - {"methods", "outcome"} - set(entry), "every key but methods and outcome is needed"),
            (entry.get("outcome", "broken") not in CAUGHT, f"outcome is one of {', '.join(CAUGHT)}"),
            (not set(entry.get("methods", ())) <= set(METHODS), f"methods are among {', '.join(METHODS)}"),
            (not entry.get("catchers"), "a mutant without catchers proves nothing"),
            (name in {m.name for m in found}, "a name stands once"),
        ):
            if wrong:
                raise Unusable(f"mutants {path}: {name}: {rule}")
        lists: dict[str, Any] = {key: tuple(value) for key, value in entry.items() if isinstance(value, list)}
        found.append(Mutant(**{**entry, **lists}))
    return found


def hunt(mutant: Mutant) -> list[Escape]:
    """Run the catchers against the mutant: those that did not catch it. Empty: it is caught by each of them.

    Raises Unusable where the mutant does not fit the reference, or breaks more than a promise: its children still
    have to start and end, or anything would catch it.
    """
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=launching.folder()) as folder:
        reached = replace(
            adapter("reference"),
            name=f"mutant {mutant.name}",
            expose=(str(mutated(mutant, Path(folder))),),
            documentation=_edition(mutant),
            silent=False,
        )
        judge = Judge(reached, interpreter(None), patience=PATIENCE, deadline=DEADLINE)
        with contextlib.closing(judge):
            escapes = []
            for catcher in mutant.catchers:
                clause = checks.clause(catcher)
                for method in _methods(mutant, clause):
                    _alive(judge, mutant, method)
                    escape = _escape(judge, mutant, clause, method)
                    if escape is not None:
                        escapes.append(escape)
            return escapes


def _edition(mutant: Mutant) -> str:
    """The first edition that promises what its catchers ask for: the reference has more than its interpreter's."""
    asked = (checks.clause(catcher).since or OLDEST for catcher in mutant.catchers)
    return ".".join(map(str, max(OLDEST, *asked)))


def _escape(judge: Judge, mutant: Mutant, clause: Clause, method: str | None) -> Escape | None:
    """What the clause says of the mutant, where it is not what is expected; of a table one case has to catch it."""
    wanted = CAUGHT[mutant.outcome]
    for _ in range(TRIES):
        judge.forget()
        for case in clause.cases or [None]:
            check = Check(clause._replace(builds_on=()), method, case)
            verdict = judge.verdict(check)
            if verdict.outcome is wanted:
                return None
    return Escape(check.id, verdict.outcome, f"{verdict.promised} {verdict.seen}".strip())


def _alive(judge: Judge, mutant: Mutant, method: str | None) -> None:
    """The mutant is a working implementation otherwise."""
    clauses = load("smoke").clauses
    check = Check(clauses["smoke.child"], method, None) if method else Check(clauses["smoke.names"], None, "whole")
    verdict = judge.verdict(check)
    if verdict.outcome not in (Outcome.KEPT, Outcome.LEAKED):
        raise Unusable(
            f"mutant {mutant.name}: it breaks more than a promise, not even a child runs ({verdict.outcome}: "
            f"{verdict.seen}); break less"
        )


def _methods(mutant: Mutant, clause: Clause) -> Iterator[str | None]:
    if not clause.methods:
        yield None
        return
    yield from mutant.methods or clause.methods[:1]


def mutated(mutant: Mutant, folder: Path) -> Path:
    """A copy of the reference with the mutant applied."""
    copy = folder / "mpref"
    shutil.copytree(compiled(), copy, copy_function=os.link)
    changed = copy / mutant.file
    changed.unlink()  # a link: what it leads to serves the other mutants
    changed.write_text(text(mutant), encoding="utf-8")
    py_compile.compile(str(changed), invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    return copy


@functools.cache
def compiled() -> Path:
    """A copy of the reference with the bytecode of each module, which lasts as long as this process.

    Where bytecode is not written, each host and each spawned child would compile what no mutant has changed.
    """
    folder = Path(tempfile.mkdtemp(prefix="mutants-", dir=launching.folder()))
    copy = folder / "mpref"
    shutil.copytree(reference(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(copy, quiet=2, invalidation_mode=py_compile.PycInvalidationMode.CHECKED_HASH)
    return copy


def text(mutant: Mutant) -> str:
    """Its file with the mutant applied. Raises Unusable where the mutant does not fit the reference."""
    return replaced(f"mutant {mutant.name}", reference(), mutant.file, mutant.find, mutant.replace)


def replaced(who: str, folder: Path, file: str, find: str, replacement: str) -> str:
    """The text of a file of the reference in this folder with a part of it replaced; Unusable where it does not fit."""
    target = folder / file
    if not target.exists():
        raise Unusable(f"{who}: the reference has no file {file}; correct it")
    right = target.read_text(encoding="utf-8")
    if right.count(find) != 1:
        raise Unusable(f"{who}: its text stands {right.count(find)} times in {file}, not once; correct it: {find!r}")
    return right.replace(find, replacement)


@functools.cache
def reference() -> Path:
    """The folder of the reference."""
    spec = importlib.util.find_spec("mpref")
    if spec is None or spec.origin is None:
        raise Unusable("the package mpref is not installed; mutants are made of it")
    return Path(spec.origin).parent


def main() -> int:
    """Hunt, several at once; a line for each that escapes, and the sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="only these mutants")
    parser.add_argument("--chapter", help="only the mutants of this chapter")
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 1, help="so many at once")
    options = parser.parse_args()
    ending.in_order()
    began = time.monotonic()
    try:
        files = [path for path in sorted(FOLDER.glob("*.toml")) if options.chapter in (None, path.stem)]
        mutants = [m for path in files for m in read(path) if not options.names or m.name in options.names]
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


def _report(mutant: Mutant) -> bool:
    """Whether it escapes, told in a line."""
    try:
        escapes = hunt(mutant)
    except Unusable as error:
        print(error)
        return True
    for escape in escapes:
        print(f"{mutant.name}: escapes {escape.check} ({escape.outcome}; {escape.why})")
    return bool(escapes)


if __name__ == "__main__":
    sys.exit(main())
