"""`mpconform verify`: repeat checks, shuffled and under load, and tell each that has more than one outcome."""

from __future__ import annotations

import argparse
import contextlib
import os

from mpspec.loader import CHAPTERS

from mpconform import checks
from mpconform.adapters.adapter import adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.driver import smoke
from mpconform.driver.repetition import Repetition, loaded

HELP = "repeat checks, shuffled and under load: the gate against flakes"


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("clauses", nargs="*", help="ids of clauses; all of them where none is named")
    parser.add_argument("--impl", required=True)
    parser.add_argument("--python")
    parser.add_argument("--chapter", choices=CHAPTERS, action="append")
    parser.add_argument("--times", type=int, default=20, help="rounds on the machine as it is (default 20)")
    parser.add_argument("--loaded", type=int, default=5, help="further rounds with every core loaded (default 5)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--patience", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)


def carry_out(options: argparse.Namespace) -> int:
    """Repeat, and print what differs. Returns 1 where anything does."""
    running = interpreter(options.python)
    reached = adapter(options.impl, running, options.patience)
    reached, _ = smoke.test(reached, running, reached.methods, options.patience)
    clauses = [checks.clause(id) for id in options.clauses] or [
        clause
        for chapter in checks.chapters()
        if not options.chapter or chapter.name in options.chapter
        for clause in chapter.clauses.values()
    ]
    repetition = Repetition(
        reached,
        running,
        list(checks.checks(clauses, reached.methods)),
        jobs=options.jobs,
        patience=options.patience,
        seed=options.seed,
    )
    flaky: set[str] = set()
    with contextlib.closing(repetition):
        for number in range(options.times + options.loaded):
            with contextlib.nullcontext() if number < options.times else loaded():
                different = repetition.round()
            flaky.update(different)
            for id in different:
                outcomes = repetition.outcomes[id]
                told = "; ".join(f"{o}: {v.promised} {v.seen} {v.line}".strip() for o, v in outcomes.items())
                print(f"round {number + 1}: {id}: {told}", flush=True)
    print(
        f"{len(repetition.checks)} checks, {options.times} rounds and {options.loaded} under load: "
        f"{len(flaky)} with more than one outcome"
    )
    return 1 if flaky else 0
