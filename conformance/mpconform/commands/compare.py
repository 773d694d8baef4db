"""`mpconform compare`: what differs between two runs; exit status 1 where a promise is kept less than before."""

from __future__ import annotations

import argparse
import sys

from mpconform.errors import Unusable
from mpconform.reports import colour, difference
from mpconform.reports.comparison import compare
from mpconform.reports.reading import settled

HELP = "what became worse, healed or changed between two run documents: a gate"
FORMATS = ("text", "markdown")


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform compare BEFORE AFTER [--format=text|markdown] [--shared] [--all]"
    parser.epilog = (
        "BEFORE and AFTER are what `mpconform run --report=FILE` has written. The exit status is 1 where less of a "
        "MUST, SHOULD or MAY is kept than before, or a run that means to judge it does not; what is known to deviate "
        "sometimes only does not count."
    )
    parser.add_argument("--format", default="text", metavar="FORMAT", help="text (default) or markdown")
    parser.add_argument("--shared", action="store_true", help="where the specs differ, compare the checks of both")
    parser.add_argument("--all", action="store_true", help="list every change, however many there are")


def carry_out(options: argparse.Namespace) -> int:
    """Print it. Returns 1 where anything became worse; raises Unusable where the two cannot be compared."""
    if options.format not in FORMATS:
        raise Unusable(f"--format={options.format}: there are {' and '.join(FORMATS)}; name one of them")
    if len(options.words) != 2:
        raise Unusable(
            f"compare takes two documents, not {len(options.words)}; the earlier comes first: "
            "`mpconform compare BEFORE AFTER`"
        )
    first, second = map(settled, options.words)
    found = compare(first, second, shared=options.shared)
    if options.format == "markdown":
        told = difference.markdown(found, every=options.all)
    else:
        told = difference.lines(found, colour.paint(sys.stdout), every=options.all)
    print("\n".join(told))
    return 1 if found.is_worse else 0
