"""`mpconform run`: judge an implementation. It is pytest over the chapters of the installed spec, in any folder."""

from __future__ import annotations

import argparse

import pytest
from mpspec.loader import CHAPTERS

from mpconform.pytest_plugin.selection import module

HELP = "judge an implementation: by all clauses, or by those named; further options are pytest's"


def add(parser: argparse.ArgumentParser) -> None:
    """The one argument of its own."""
    parser.usage = "mpconform run --impl=IMPL [CLAUSE ...] [OPTION ...]"
    parser.add_argument("--impl", required=True)


def carry_out(options: argparse.Namespace) -> int:
    """Hand over to pytest, whose plugin knows the ids of clauses among the words. Returns the exit status."""
    words: list[str] = options.rest
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # this command has imported the plugin already
    quiet += [] if {"--lf", "--last-failed", "--ff"} & set(words) else ["-p", "no:cacheprovider"]
    status = pytest.main(["--pyargs", *map(module, CHAPTERS), f"--impl={options.impl}", *quiet, *words])
    # pytest's own: 2 interrupted or our usage, 3 internal or our broken adapter, 4 usage, 5 nothing collected.
    return {4: 2, 5: 3}.get(int(status), int(status))
