"""`mpconform adapter`: a commented adapter file to begin with, in which two keys have to be filled in."""

from __future__ import annotations

import argparse
from pathlib import Path

from mpconform.errors import Unusable

HELP = "print a commented adapter file to begin with"
TEMPLATE = Path(__file__).with_suffix(".toml")
"""The file that is printed. It shows every key."""


def add(parser: argparse.ArgumentParser) -> None:
    """It has no arguments."""
    parser.usage = "mpconform adapter > FILE.toml"
    parser.epilog = "Fill in `name` and `implementation`; then `mpconform run --impl=FILE.toml` judges what they name."


def carry_out(options: argparse.Namespace) -> int:
    """Print it. Raises Unusable where it is asked for something else."""
    if options.words:
        raise Unusable(f"adapter takes no words, not {options.words[0]!r}; it prints: `mpconform adapter > FILE.toml`")
    print(TEMPLATE.read_text(encoding="utf-8"), end="")
    return 0
