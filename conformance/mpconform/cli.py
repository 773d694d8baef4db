"""The command line: `mpconform run`, `list`, `explain` and further commands, each a module of `commands`.

Exit status 0; 1 a promise is broken or a baseline no longer fits; 2 usage; 3 the adapter or the run itself failed;
130 interrupted; of `exec`, that of the command that it has become.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, Protocol

from mpconform import __version__, ending
from mpconform.commands import adapter, badge, compare, explain, matrix, merge, repro, run, site, verify
from mpconform.commands import exec as execute
from mpconform.commands import list as listing
from mpconform.errors import Unusable
from mpconform.outlet import outliving


class Command(Protocol):
    """What a module of `commands` offers."""

    HELP: str

    def add(self, parser: argparse.ArgumentParser) -> None:
        """Give a parser its arguments."""

    def carry_out(self, options: argparse.Namespace) -> int:
        """Do what the arguments ask. Returns the exit status; raises Unusable where that cannot be done."""


COMMANDS: dict[str, Command] = {
    "run": run,
    "list": listing,
    "explain": explain,
    "verify": verify,
    "exec": execute,
    "matrix": matrix,
    "merge": merge,
    "compare": compare,
    "badge": badge,
    "repro": repro,
    "site": site,
    "adapter": adapter,
}
"""What is written behind `mpconform` -> the module that knows it."""
TO_THE_END = ("run", "verify", "matrix", "compare")
"""Commands that go on when nobody reads them any more: their verdict is the exit status, and what they write."""
WITH_REST = ("run", "exec")
"""Commands that hand on what stands behind `--` as it is."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence; the options are in the help."""

    def error(self, message: str) -> NoReturn:
        """Leave with the sentence."""
        self.exit(2, f"{self.prog}: {message}; `{self.prog} --help` shows what there is\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; arguments: the words behind the program's name. Returns the exit status."""
    ending.in_order()
    ending.where_asked()
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words[0] if words and words[0] in COMMANDS else ""
    try:
        with outliving() if name in TO_THE_END else contextlib.nullcontext():
            status = _carry_out(name, words)
            sys.stdout.flush()
            return status
    except BrokenPipeError:  # the reader has seen enough, as `| head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("mpconform: interrupted", file=sys.stderr)
        return 130


def _carry_out(name: str, words: list[str]) -> int:
    try:
        options = _parsed(name, words)
        return COMMANDS[name].carry_out(options)
    except Unusable as error:
        print(f"mpconform: {error}", file=sys.stderr)
        return error.status


def _parsed(name: str, words: list[str]) -> argparse.Namespace:
    """The options of a command. Ends the program with help, version or an error where there is no command in them."""
    if not name:
        parser = Parser("mpconform", description="An executable specification of multiprocessing.", allow_abbrev=False)
        parser.add_argument("--version", action="version", version=__version__)
        commands = parser.add_subparsers(metavar="COMMAND", required=True)
        for each, command in COMMANDS.items():
            commands.add_parser(each, help=command.HELP)
        parser.parse_args(words)
    own, rest = words[1:], []
    if name in WITH_REST and "--" in own:
        own, rest = own[: own.index("--")], own[own.index("--") + 1 :]
    parser = Parser(f"mpconform {name}", description=COMMANDS[name].HELP + ".", allow_abbrev=False)
    COMMANDS[name].add(parser)
    # Words may stand anywhere among the options, which argparse cannot tell from options that there are not.
    options, others = parser.parse_known_args([word for word in own if word != "--"])
    unknown = [word for word in others if word.startswith("-")]
    options.words = [word for word in others if word not in unknown]
    if unknown:
        hint = {"run": "; what is meant for pytest", "exec": "; the command"}.get(name, "")
        hint += " stands behind `--`" if hint else ""
        parser.error(f"there is no option {unknown[0]}{hint}")
    options.rest = rest
    return options
