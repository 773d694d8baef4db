"""`mpconform explain`: a clause in full, and where it stands for an implementation."""

from __future__ import annotations

import argparse
import contextlib
import inspect
import sys
import textwrap

from mpspec.clause import Clause, Version
from mpspec.page.links import link
from mpspec.registers import unfounded

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.baselines import places
from mpconform.commands import grammar
from mpconform.driver import smoke
from mpconform.driver.judge import Judge
from mpconform.errors import Unusable
from mpconform.outcomes import DEVIATIONS, Outcome
from mpconform.reports import colour, text
from mpconform.reports.colour import Paint
from mpconform.selection import Selection

HELP = "clauses in full: sentence, link, body, where they stand"


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform explain ID [...] [--impl=IMPL] [OPTION ...]"
    grammar.add_choice(parser)
    grammar.add_judged(parser, required=False)
    grammar.add_timed(parser)


def carry_out(options: argparse.Namespace) -> int:
    """Print them. Raises Unusable where there are none."""
    grammar.times(options)
    chosen = grammar.selection(options)
    if not (chosen.words or chosen.chapters or chosen.levels):
        raise Unusable("explain what? Name a clause, as in `mpconform explain process.join.again`")
    paint = colour.paint(sys.stdout)
    judged = grammar.reached(options) if options.impl else None
    for number, clause in enumerate(chosen.clauses()):
        print("\n" * (number > 0), end="")
        _explain(clause, None if judged is None else judged[0].follows(judged[1]), paint)
        if judged is not None:
            _stands(clause, chosen, judged, options, paint)
    return 0


def _explain(clause: Clause, edition: Version | None, paint: Paint) -> None:
    methods = "any one" if clause.once else ", ".join(clause.methods)
    applies = [f"start methods {methods}" if clause.methods else "no start method"]
    applies += [f"since {'.'.join(map(str, clause.since))}"] if clause.since else []
    applies += [f"{case} since {'.'.join(map(str, edition))}" for case, edition in clause.cases_since.items()]
    applies += [f"until {'.'.join(map(str, clause.until))}"] if clause.until else []
    applies += [f"platforms {', '.join(clause.platforms)}"]
    print(f"{paint(clause.id, 'bold')}  ({clause.level.value}, chapter {clause.chapter})\n")
    print(f"{textwrap.fill(clause.sentence, 100)}\n")
    rows = [("page", link(clause, edition)), ("applies", "; ".join(applies)), ("rests", _list("on", clause.passages))]
    rows += [
        ("open", textwrap.fill(debt.demand, 91).replace("\n", "\n" + " " * 9))
        for debt in unfounded.read()
        if debt.clause == clause.id
    ]
    rows += [("cases", ", ".join(clause.cases)), ("builds", _list("on", clause.builds_on))]
    for label, value in rows:
        if value:
            print(f"{paint(label, 'bold')}{' ' * (9 - len(label))}{value}")
    print(f"\n{textwrap.dedent(inspect.getsource(clause.body))}")


def _list(word: str, ids: tuple[str, ...]) -> str:
    return f"{word} {', '.join(ids)}" if ids else ""


def _stands(
    clause: Clause,
    chosen: Selection,
    judged: tuple[Adapter, Interpreter, tuple[str, ...]],
    options: argparse.Namespace,
    paint: Paint,
) -> None:
    """Judge the clause now, and tell what is recorded of it."""
    reached, running, methods = judged
    patience, deadline = grammar.times(options)
    reached, _ = smoke.test(reached, running, chosen.needed(methods, reached.methods), patience, {clause.chapter})
    known = places.known(reached, running)
    with contextlib.closing(Judge(reached, running, patience=patience, deadline=deadline)) as judge:
        for check in chosen.checks([clause], methods, reached.methods):
            verdict = judge.verdict(check)
            style = "red" if verdict.outcome in DEVIATIONS else "green" if verdict.outcome is Outcome.KEPT else "yellow"
            print(f"{check.id}: {paint(verdict.outcome.value, style)} by {reached.name} on {running.name}")
            if verdict.seen:
                print(f"  promised  {text.bounded(verdict.promised)}\n  seen      {text.bounded(verdict.seen)}")
            entry = known.expected(check, verdict.outcome)
            if entry:
                print(f"  recorded  {entry.outcome.value}: {entry.reason} {entry.link}".rstrip())
        if judge.in_doubt:
            print(text.in_doubt(len(judge.in_doubt)))
