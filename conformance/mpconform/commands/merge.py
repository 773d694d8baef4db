"""`mpconform merge`: the documents of shards, or of other parts of one run, become one document."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from mpconform.errors import Unusable
from mpconform.reports import files, text
from mpconform.reports.merging import merge
from mpconform.reports.reading import read

HELP = "make one run document of those of its shards or parts"


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform merge OUT DOCUMENT [...] [--force]"
    parser.epilog = (
        "DOCUMENT is what `mpconform run --shard=I/N --report=DOCUMENT` has written: all N of them, in any order, or "
        "those of runs that have no check in common, as of single chapters; all of one implementation, version, "
        "interpreter and spec."
    )
    parser.add_argument("--force", action="store_true", help="write OUT also where there is such a file already")


def carry_out(options: argparse.Namespace) -> int:
    """Write it. Raises Unusable where they are not parts of one run."""
    if len(options.words) < 2:
        raise Unusable("merge what? Name the new document and those it is made of: `mpconform merge OUT DOCUMENT ...`")
    out, *names = options.words
    if Path(out).exists() and not options.force:  # it may well be the first of those that are to be merged
        raise Unusable(f"merge {out}: there is such a file already; name another for OUT first, or say --force")
    merged = merge([read(name) for name in names])
    files.put(Path(out), json.dumps(merged, indent=1) + "\n")
    print(
        f"{len(merged['checks'])} checks of {len(names)} documents written to {out}: {text.must_line(merged['checks'])}"
    )
    return 0
