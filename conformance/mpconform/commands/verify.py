"""`mpconform verify`: repeat checks, shuffled and under load, and tell each that has more than one outcome."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import time

from mpconform import quantities
from mpconform.commands import grammar
from mpconform.driver import smoke
from mpconform.driver.repetition import Repetition, loaded
from mpconform.errors import Unusable
from mpconform.reports import colour, text
from mpconform.reports.text import bounded

HELP = "repeat checks, shuffled and under load: the gate against flakes"


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform verify --impl=IMPL [ID ...] [OPTION ...]"
    grammar.add_judged(parser)
    grammar.add_choice(parser)
    grammar.add_timed(parser)
    group = parser.add_argument_group("how often")
    group.add_argument("--times", metavar="ROUNDS", default="20", help="rounds on the machine as it is; default: 20")
    group.add_argument(
        "--loaded", metavar="ROUNDS", default="5", help="further rounds with every core busy; default: 5"
    )
    group.add_argument("-n", "--jobs", metavar="NUMBER", help="checks at once; default: the number of cores")
    group.add_argument("--seed", metavar="NUMBER", default="0", help="of the shuffling; the same gives the same order")


def carry_out(options: argparse.Namespace) -> int:
    """Repeat, and print what differs. Returns 1 where anything does, 130 where it was interrupted."""
    times, under_load = (quantities.count(name, getattr(options, name), 0) for name in ("times", "loaded"))
    if not times and not under_load:
        raise Unusable("--times=0 --loaded=0: nothing would be repeated; give one of them a number")
    jobs = os.cpu_count() or 1 if options.jobs in (None, "auto") else quantities.count("jobs", options.jobs, 1)
    seed = quantities.count("seed", options.seed, 0)
    patience, deadline = grammar.times(options)
    chosen = grammar.selection(options)
    clauses = chosen.clauses()
    reached, running, methods = grammar.reached(options)
    chapters = {clause.chapter for clause in clauses}
    reached, _ = smoke.test(reached, running, chosen.needed(methods, reached.methods), patience, chapters)
    wanted = list(chosen.checks(clauses, methods, reached.methods))
    word = chosen.without(methods)
    if word is not None:
        raise Unusable(f"{word}: there is no such check at the start methods {', '.join(methods)}")
    repetition = Repetition(reached, running, wanted, jobs=jobs, patience=patience, deadline=deadline, seed=seed)
    progress = Progress(repetition, times + under_load)
    flaky: set[str] = set()
    done = 0
    try:
        with contextlib.closing(repetition):
            for number in range(times + under_load):
                with contextlib.nullcontext() if number < times else loaded():
                    different = repetition.round(progress.show)
                done = number + 1
                flaky.update(different)
                progress.clear()
                for id in different:
                    _tell(repetition, id, done)
                progress.ended(done, len(flaky), under_load=number >= times)
    except KeyboardInterrupt:
        progress.clear()
        print(
            f"interrupted after {done} of {times + under_load} rounds: "
            f"{len(flaky)} of {len(wanted)} checks with more than one outcome until then"
        )
        return 130
    if repetition.in_doubt:
        print(text.in_doubt(len(repetition.in_doubt)))
    paint = colour.paint(sys.stdout)
    verdict = paint(f"{len(flaky)} with more than one outcome", "red" if flaky else "green")
    print(f"{len(wanted)} checks, {times} rounds and {under_load} under load: {verdict}")
    return 1 if flaky else 0


def _tell(repetition: Repetition, id: str, number: int) -> None:
    outcomes = repetition.outcomes[id]
    told = "; ".join(f"{o}: {bounded(v.promised)} {bounded(v.seen)} {v.line}".strip() for o, v in outcomes.items())
    paint = colour.paint(sys.stdout)
    print(f"round {number}: {paint(id, 'bold')}: {told}", flush=True)


class Progress:
    """How far it is: a line that is rewritten where there is a terminal, otherwise one for each round."""

    def __init__(self, repetition: Repetition, rounds: int) -> None:
        self._checks = len(repetition.checks)
        self._rounds = rounds
        self._terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._began = time.monotonic()
        self._round = 1
        self._told = 0.0

    def show(self, done: int) -> None:
        """done: checks of this round."""
        now = time.monotonic()
        if self._terminal and now - self._told > 0.1:
            self._told = now
            line = f"round {self._round} of {self._rounds}, {done} of {self._checks} checks, {now - self._began:.0f} s"
            print(f"\r\x1b[2K{line}", end="", flush=True)

    def clear(self) -> None:
        """Make room for what stays."""
        if self._terminal:
            print("\r\x1b[2K", end="", flush=True)

    def ended(self, number: int, flaky: int, *, under_load: bool) -> None:
        """A round is over."""
        self._round = number + 1
        if not self._terminal:
            load = " under load" if under_load else ""
            seconds = time.monotonic() - self._began
            print(
                f"round {number} of {self._rounds}{load}: {flaky} of {self._checks} checks with more than one outcome, "
                f"{seconds:.0f} s",
                flush=True,
            )
