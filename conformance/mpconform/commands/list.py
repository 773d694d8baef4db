"""`mpconform list`: the clauses, one a line; or the gaps between them and the page."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from mpspec.clause import METHODS, Clause, Level
from mpspec.loader import CHAPTERS, load
from mpspec.page import gaps
from mpspec.page.links import EDITION

from mpconform import checks
from mpconform.errors import Unusable

HELP = "the clauses, one a line; or the gaps between them and the page"


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments: each leaves clauses out."""
    parser.add_argument("pattern", nargs="?", default="", help="a regular expression searched in id and sentence")
    parser.add_argument("--chapter", choices=CHAPTERS)
    parser.add_argument("--level", choices=[level.value for level in Level])
    parser.add_argument("--start-method", choices=METHODS)
    parser.add_argument(
        "--gaps",
        action="store_true",
        help="instead: passages of the page without a clause, and clauses that demand what none says, by section",
    )


def carry_out(options: argparse.Namespace) -> int:
    """Print them. Raises Unusable where there is none."""
    if options.gaps:
        return _gaps(options.chapter)
    found = list(_matching(options))
    for clause in found:
        methods = "any" if clause.once else ",".join(clause.methods) if clause.methods else "-"
        print(f"{clause.id:<52} {clause.level.value:<12} {methods:<22} {clause.sentence}")
    if not found:
        raise Unusable("no clause matches; `mpconform list` shows them all")
    return 0


def _gaps(chapter: str | None) -> int:
    chapters = [load(chapter)] if chapter else checks.chapters()
    for line in gaps.report(gaps.gaps(chapters, EDITION), EDITION):
        print(line)
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
