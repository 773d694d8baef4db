"""`mpconform explain`: one clause in full, and where it stands for an implementation."""

from __future__ import annotations

import argparse
import contextlib
import inspect
import textwrap

from mpspec.clause import Clause
from mpspec.page.links import link
from mpspec.registers import unfounded

from mpconform import checks
from mpconform.adapters.adapter import adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.baselines import baseline
from mpconform.driver import smoke
from mpconform.driver.judge import Judge

HELP = "one clause: sentence, link, body, where it stands"


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.add_argument("clause")
    parser.add_argument("--impl", help="also tell where it stands for this implementation")
    parser.add_argument("--python")


def carry_out(options: argparse.Namespace) -> int:
    """Print it. Raises Unusable where there is no clause of this id."""
    clause = checks.clause(options.clause)
    applies = [f"start methods {', '.join(clause.methods)}" if clause.methods else "no start method"]
    applies += [f"since {'.'.join(map(str, clause.since))}"] if clause.since else []
    applies += [f"until {'.'.join(map(str, clause.until))}"] if clause.until else []
    applies += [f"platforms {', '.join(clause.platforms)}"]
    print(f"{clause.id}  ({clause.level.value}, chapter {clause.chapter})\n\n{textwrap.fill(clause.sentence, 100)}\n")
    print(f"page     {link(clause)}\napplies  {'; '.join(applies)}")
    if clause.passages:
        print(f"rests    on {', '.join(clause.passages)}")
    for debt in (debt for debt in unfounded.read() if debt.clause == clause.id):
        print(textwrap.fill(f"open     {debt.demand}", 100, subsequent_indent=" " * 9))
    if clause.cases:
        print(f"cases    {', '.join(clause.cases)}")
    if clause.builds_on:
        print(f"builds   on {', '.join(clause.builds_on)}")
    print(f"\n{textwrap.dedent(inspect.getsource(clause.body))}")
    if options.impl:
        _stands(clause, options)
    return 0


def _stands(clause: Clause, options: argparse.Namespace) -> None:
    """Judge the clause now, and tell what is recorded of it."""
    running = interpreter(options.python)
    reached = adapter(options.impl, running)
    reached, _ = smoke.test(reached, running, reached.methods, 1.0)
    known = baseline.known(reached, running)
    with contextlib.closing(Judge(reached, running)) as judge:
        for check in checks.checks([clause], reached.methods):
            verdict = judge.verdict(check)
            print(f"{check.id}: {verdict.outcome.value} by {reached.name} on {running.name}")
            if verdict.seen:
                print(f"  promised  {verdict.promised}\n  seen      {verdict.seen}")
            entry = known.expected(check)
            if entry:
                print(f"  recorded  {entry.outcome.value}: {entry.reason} {entry.link}".rstrip())
