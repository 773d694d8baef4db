"""`mpconform badge`: a run document as a badge, for a README."""

from __future__ import annotations

import argparse
from pathlib import Path

from mpconform.errors import Unusable
from mpconform.reports import files
from mpconform.reports.badge import badge, endpoint, svg
from mpconform.reports.reading import settled

HELP = "a run document as a badge, as SVG or for the endpoint of shields.io"
WRITERS = {"svg": svg, "json": endpoint}


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform badge DOCUMENT [-o FILE.svg] [-o FILE.json]"
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        default=[],
        metavar="FILE",
        help="write it there: an SVG, or the JSON of shields.io, by its ending; can be given again; default: an SVG to "
        "standard output",
    )


def carry_out(options: argparse.Namespace) -> int:
    """Write it. Raises Unusable where the document is not that of a whole run, or FILE has another ending."""
    if len(options.words) != 1:
        raise Unusable(f"badge takes one document, not {len(options.words)}: `mpconform badge DOCUMENT`")
    for name in options.output:
        if Path(name).suffix[1:] not in WRITERS:
            raise Unusable(f"--output={name}: its ending is .svg or .json; give it one of them")
    made = badge(settled(options.words[0]).document)
    for name in options.output:
        files.put(Path(name), WRITERS[Path(name).suffix[1:]](made))
    if not options.output:
        print(svg(made), end="")
    return 0
