"""`mpconform list`: the clauses, one a line; or the gaps between them and the page."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator

from mpspec.clause import Clause, Level
from mpspec.loader import CHAPTERS, load
from mpspec.page import gaps
from mpspec.registers.passages import editions

from mpconform import checks
from mpconform.commands import grammar
from mpconform.errors import Unusable
from mpconform.reports import colour

HELP = "the clauses, one a line; or the gaps between them and the page"
STYLES = {Level.MUST: "bold", Level.UNSPECIFIED: "faint"}
"""Levels that stand out, and how."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments: each leaves clauses out."""
    parser.usage = "mpconform list [ID ...] [--search=PATTERN] [OPTION ...]"
    grammar.add_choice(parser)
    group = parser.add_argument_group("what is listed")
    group.add_argument(
        "--search", metavar="PATTERN", help="only clauses in whose id or sentence this regular expression is"
    )
    group.add_argument(
        "--gaps",
        action="store_true",
        help="instead, of each edition: passages without a clause, and clauses that demand what none says, by section",
    )


def carry_out(options: argparse.Namespace) -> int:
    """Print them. Raises Unusable where there is none."""
    if options.gaps:
        return _gaps(options)
    paint = colour.paint(sys.stdout)
    found = list(_matching(options))
    for clause in found:
        methods = "any" if clause.once else ",".join(clause.methods) if clause.methods else "-"
        level = paint(f"{clause.level.value:<12}", STYLES.get(clause.level, "yellow"))
        print(f"{clause.id:<52} {level} {methods:<22} {clause.sentence}")
    if not found:
        raise Unusable("no clause matches; `mpconform list` shows them all")
    return 0


def _gaps(options: argparse.Namespace) -> int:
    if options.words or options.impl_level or options.impl_start_method or options.search:
        raise Unusable("--gaps: gaps are between the page and whole chapters; only --chapter confines them")
    chosen = grammar.selection(options)
    chapters = [load(name) for name in CHAPTERS if name in chosen.chapters] or [*checks.chapters()]
    for edition in editions():
        print(f"edition {edition}")
        for line in gaps.report(gaps.gaps(chapters, edition), edition):
            print(f"  {line}")
    return 0


def _matching(options: argparse.Namespace) -> Iterator[Clause]:
    try:
        pattern = re.compile(options.search or "")
    except re.error as error:
        raise Unusable(f"--search={options.search}: not a regular expression ({error}); correct it") from None
    wanted = grammar.known_methods(options)
    for clause in grammar.selection(options).clauses():
        if (not wanted or set(wanted) & set(clause.methods)) and (
            pattern.search(clause.id) or pattern.search(clause.sentence)
        ):
            yield clause
