"""The command line: `mpconform run`, `list`, `explain` and `verify`, each a module of `commands`.

Exit status 0; 1 a promise is broken or a baseline no longer fits; 2 usage; 3 the adapter or the run itself failed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Protocol

from mpconform import __version__, ending
from mpconform.commands import explain, run, verify
from mpconform.commands import list as listing
from mpconform.errors import Unusable


class Command(Protocol):
    """What a module of `commands` offers."""

    HELP: str

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Give a parser its arguments."""

    def carry_out(self, options: argparse.Namespace) -> int:
        """Do what the arguments ask. Returns the exit status; raises Unusable where that cannot be done."""


COMMANDS: dict[str, Command] = {"run": run, "list": listing, "explain": explain, "verify": verify}
"""What is written behind `mpconform` -> the module that knows it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; arguments: the words behind the program's name. Returns the exit status."""
    parser = argparse.ArgumentParser("mpconform", description="An executable specification of multiprocessing.")
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, command in COMMANDS.items():
        command.add(commands.add_parser(name, help=command.HELP))
    options, rest = parser.parse_known_args(arguments)
    if options.command == "run":
        options.rest = rest
    elif rest:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    ending.in_order()
    try:
        status = COMMANDS[options.command].carry_out(options)
        sys.stdout.flush()
    except Unusable as error:
        print(f"mpconform: {error}", file=sys.stderr)
        return error.status
    except BrokenPipeError:  # the reader has seen enough, as `| head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return status
