"""The command line: run, list, explain. Exit status 0; 1 a promise is broken; 2 usage; 3 the run itself failed."""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence

import mpspec
import pytest
from mpspec.clause import METHODS, Clause, Level

from mpconform import __version__, baseline, checks
from mpconform.adapters import adapter
from mpconform.errors import Unusable
from mpconform.interpreters import interpreter


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; arguments: the words behind the program's name. Returns the exit status."""
    parser = argparse.ArgumentParser("mpconform", description="An executable specification of multiprocessing.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="judge an implementation; further options are pytest's")
    run.add_argument("clauses", nargs="*", help="ids of clauses; all of them where none is named")
    run.add_argument("--impl", required=True)

    listing = commands.add_parser("list", help="the clauses, one a line")
    listing.add_argument("pattern", nargs="?", default="", help="a regular expression searched in id and sentence")
    listing.add_argument("--chapter", choices=mpspec.CHAPTERS)
    listing.add_argument("--level", choices=[level.value for level in Level])
    listing.add_argument("--start-method", choices=METHODS)

    explain = commands.add_parser("explain", help="one clause: sentence, link, body, where it stands")
    explain.add_argument("clause")
    explain.add_argument("--impl", help="also tell where it stands for this implementation")
    explain.add_argument("--python")

    options, rest = parser.parse_known_args(arguments)
    if options.command != "run" and rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        match options.command:
            case "run":
                return _run(options.impl, options.clauses, rest)
            case "list":
                return _list(options)
            case _:
                return _explain(options)
    except Unusable as error:
        print(f"mpconform: {error}", file=sys.stderr)
        return error.status


def _run(impl: str, ids: Sequence[str], rest: Sequence[str]) -> int:
    """Hand over to pytest, which collects the chapters of the installed spec."""
    targets = [f"mpspec.{name}" for name in mpspec.CHAPTERS]
    selection: list[str] = []
    if ids:
        wanted = [checks.clause(re.sub(r"\[.*\]$", "", id)) for id in ids]
        targets = sorted({f"mpspec.{clause.chapter}" for clause in wanted})
        selection = [f"--clause={clause.id}" for clause in wanted]
    status = pytest.main(["--pyargs", *targets, f"--impl={impl}", "-p", "no:cacheprovider", *selection, *rest])
    # pytest's own: 2 interrupted or our usage, 3 internal or our broken adapter, 4 usage, 5 nothing collected.
    return {4: 2, 5: 3}.get(int(status), int(status))


def _list(options: argparse.Namespace) -> int:
    found = list(_matching(options))
    for clause in found:
        methods = ",".join(clause.methods) if clause.methods else "-"
        print(f"{clause.id:<52} {clause.level.value:<12} {methods:<22} {clause.sentence}")
    if not found:
        raise Unusable("no clause matches; `mpconform list` shows them all")
    return 0


def _matching(options: argparse.Namespace) -> Iterator[Clause]:
    try:
        pattern = re.compile(options.pattern)
    except re.error as error:
        raise Unusable(f"the pattern {options.pattern!r} is not a regular expression ({error}); correct it") from None
    for chapter in checks.chapters():
        for clause in chapter.clauses.values():
            if (
                options.chapter in (None, clause.chapter)
                and options.level in (None, clause.level.value)
                and (options.start_method is None or options.start_method in clause.methods)
                and (pattern.search(clause.id) or pattern.search(clause.sentence))
            ):
                yield clause


def _explain(options: argparse.Namespace) -> int:
    clause = checks.clause(options.clause)
    applies = [f"start methods {', '.join(clause.methods)}" if clause.methods else "no start method"]
    applies += [f"since {'.'.join(map(str, clause.since))}"] if clause.since else []
    applies += [f"until {'.'.join(map(str, clause.until))}"] if clause.until else []
    applies += [f"platforms {', '.join(clause.platforms)}"]
    print(f"{clause.id}  ({clause.level.value}, chapter {clause.chapter})\n\n{textwrap.fill(clause.sentence, 100)}\n")
    print(f"page     {clause.link}\napplies  {'; '.join(applies)}")
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
    from mpconform.judge import Judge

    reached, running = adapter(options.impl), interpreter(options.python)
    path = baseline.folder() / f"{reached.baseline or reached.name}-{running.name}.toml"
    known = baseline.read(path) if path.exists() else None
    judge = Judge(reached, running)
    try:
        for check in checks.checks([clause], reached.methods):
            verdict = judge.verdict(check)
            print(f"{check.id}: {verdict.outcome.value} by {reached.name} on {running.name}")
            if verdict.seen:
                print(f"  promised  {verdict.promised}\n  seen      {verdict.seen}")
            entry = known.expected(check) if known else None
            if entry:
                print(f"  recorded  {entry.outcome.value}: {entry.reason} {entry.link}".rstrip())
    finally:
        judge.close()
