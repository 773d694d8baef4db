"""The command line: run, list, explain, verify.

Exit status 0; 1 a promise is broken or a baseline no longer fits; 2 usage; 3 the adapter or the run itself failed.
"""

from __future__ import annotations

import argparse
import contextlib
import inspect
import os
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence

import pytest
from mpspec.clause import METHODS, Clause, Level
from mpspec.loader import CHAPTERS
from mpspec.registers.links import link

from mpconform import __version__, baseline, checks, verify
from mpconform.adapters import adapter
from mpconform.errors import Unusable
from mpconform.interpreters import interpreter


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; arguments: the words behind the program's name. Returns the exit status."""
    parser = argparse.ArgumentParser("mpconform", description="An executable specification of multiprocessing.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser(
        "run",
        usage="mpconform run --impl=IMPL [CLAUSE ...] [OPTION ...]",
        help="judge an implementation: by all clauses, or by those named; further options are pytest's",
    )
    run.add_argument("--impl", required=True)

    listing = commands.add_parser("list", help="the clauses, one a line")
    listing.add_argument("pattern", nargs="?", default="", help="a regular expression searched in id and sentence")
    listing.add_argument("--chapter", choices=CHAPTERS)
    listing.add_argument("--level", choices=[level.value for level in Level])
    listing.add_argument("--start-method", choices=METHODS)

    explain = commands.add_parser("explain", help="one clause: sentence, link, body, where it stands")
    explain.add_argument("clause")
    explain.add_argument("--impl", help="also tell where it stands for this implementation")
    explain.add_argument("--python")

    repeat = commands.add_parser("verify", help="repeat checks, shuffled and under load: the gate against flakes")
    repeat.add_argument("clauses", nargs="*", help="ids of clauses; all of them where none is named")
    repeat.add_argument("--impl", required=True)
    repeat.add_argument("--python")
    repeat.add_argument("--chapter", choices=CHAPTERS, action="append")
    repeat.add_argument("--times", type=int, default=20, help="rounds on the machine as it is (default 20)")
    repeat.add_argument("--loaded", type=int, default=5, help="further rounds with every core loaded (default 5)")
    repeat.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    repeat.add_argument("--patience", type=float, default=1.0)
    repeat.add_argument("--seed", type=int, default=0)

    options, rest = parser.parse_known_args(arguments)
    if options.command != "run" and rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        match options.command:
            case "run":
                return _run(options.impl, *_split(rest))
            case "verify":
                return _verify(options)
            case "list":
                return _list(options)
            case _:
                return _explain(options)
    except Unusable as error:
        print(f"mpconform: {error}", file=sys.stderr)
        return error.status


def _split(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Ids of clauses, and pytest's own words. Raises Unusable for what looks like an id and is none."""
    ids: list[str] = []
    others: list[str] = []
    for before, word in zip(["", *words], words, strict=False):
        value_of_option = before.startswith("-") and "=" not in before and before not in _FLAGS
        if re.match(r"[a-z_]+\.[a-z0-9_.-]+(\[.*\])?$", word) and not value_of_option and not os.path.exists(word):
            ids.append(checks.clause(re.sub(r"\[.*\]$", "", word)).id)
        else:
            others.append(word)
    return ids, others


_FLAGS = ("-q", "-qq", "-v", "-vv", "-x", "-s", "--lf", "--ff", "--update-baseline")
"""Options of pytest and of ours behind which no value stands."""


def _run(impl: str, ids: Sequence[str], rest: Sequence[str]) -> int:
    """Hand over to pytest, which collects the chapters of the installed spec."""
    targets = [_module(name) for name in CHAPTERS]
    selection: list[str] = []
    if ids:
        wanted = [checks.clause(id) for id in ids]
        targets = sorted({_module(clause.chapter) for clause in wanted})
        selection = [f"--clause={clause.id}" for clause in wanted]
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # this command has imported the plugin already
    quiet += [] if {"--lf", "--last-failed", "--ff"} & set(rest) else ["-p", "no:cacheprovider"]
    status = pytest.main(["--pyargs", *targets, f"--impl={impl}", *quiet, *selection, *rest])
    # pytest's own: 2 interrupted or our usage, 3 internal or our broken adapter, 4 usage, 5 nothing collected.
    return {4: 2, 5: 3}.get(int(status), int(status))


def _module(chapter: str) -> str:
    return f"mpspec.chapters.{chapter}.chapter"


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
    print(f"page     {link(clause)}\napplies  {'; '.join(applies)}")
    if clause.cases:
        print(f"cases    {', '.join(clause.cases)}")
    if clause.builds_on:
        print(f"builds   on {', '.join(clause.builds_on)}")
    print(f"\n{textwrap.dedent(inspect.getsource(clause.body))}")
    if options.impl:
        _stands(clause, options)
    return 0


def _verify(options: argparse.Namespace) -> int:
    reached, running = adapter(options.impl), interpreter(options.python)
    clauses = [checks.clause(id) for id in options.clauses] or [
        clause
        for chapter in checks.chapters()
        if not options.chapter or chapter.name in options.chapter
        for clause in chapter.clauses.values()
    ]
    repetition = verify.Repetition(
        reached,
        running,
        list(checks.checks(clauses, reached.methods)),
        jobs=options.jobs,
        patience=options.patience,
        seed=options.seed,
    )
    flaky: set[str] = set()
    try:
        for number in range(options.times + options.loaded):
            with contextlib.nullcontext() if number < options.times else verify.loaded():
                different = repetition.round()
            flaky.update(different)
            for id in different:
                outcomes = repetition.outcomes[id]
                told = "; ".join(f"{o}: {v.promised} {v.seen} {v.line}".strip() for o, v in outcomes.items())
                print(f"round {number + 1}: {id}: {told}", flush=True)
    finally:
        repetition.close()
    print(
        f"{len(repetition.checks)} checks, {options.times} rounds and {options.loaded} under load: "
        f"{len(flaky)} with more than one outcome"
    )
    return 1 if flaky else 0


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
