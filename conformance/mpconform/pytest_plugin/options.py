"""The options of a conformance run: in pytest under names that are ours alone, in `mpconform run` under short ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from mpspec.clause import METHODS, Level
from mpspec.loader import CHAPTERS


class Option(NamedTuple):
    """One option. short: its name in `mpconform run`, without the dashes; several: it can be given again."""

    short: str
    metavar: str
    help: str
    several: bool = False

    @property
    def name(self) -> str:
        """Its name in pytest, which it shares with no other plugin."""
        return "--impl" if self.short == "impl" else f"--impl-{self.short}"

    @property
    def dest(self) -> str:
        """The attribute under which its value is found, by either name."""
        return self.name.lstrip("-").replace("-", "_")

    @property
    def attributes(self) -> dict[str, Any]:
        """What argparse is to know of it."""
        if not self.metavar:
            return {"dest": self.dest, "action": "store_true", "default": False, "help": self.help}
        return {
            "dest": self.dest,
            "action": "append" if self.several else "store",
            "default": [] if self.several else None,
            "metavar": self.metavar,
            "help": self.help + "; can be given again" * self.several,
        }


JUDGED = (
    Option(
        "impl", "NAME|MODULE|FILE", "the implementation: reference, stdlib, an importable module, or an adapter file"
    ),
    Option(
        "python", "PATH|VERSION", "the interpreter that runs it: a path, or a version such as 3.13; default: this one"
    ),
    Option(
        "environment", "", "install what the adapter requires into an environment of its own, kept for the next time"
    ),
)
CHOSEN = (
    Option("chapter", "NAME", f"only the clauses of this chapter: {', '.join(CHAPTERS)}", True),
    Option("level", "LEVEL", f"only the clauses of this level: {', '.join(level.value for level in Level)}", True),
    Option("start-method", "METHOD", f"only this start method: {', '.join(METHODS)}", True),
)
SHARD = Option(
    "shard", "I/N", "only the Ith of N shares of the checks, by their ids: so many machines do one run; then `merge`"
)
TIMED = (
    Option("patience", "FACTOR", "factor on every wait and deadline, for slow machines; default: 1"),
    Option(
        "deadline", "SECONDS", "seconds that a check may take before it counts as hung, before patience; default: 30"
    ),
)
RECORDED = (
    Option("baseline", "FILE", "what is known of it; default: the recorded baseline of implementation and version"),
    Option("update-baseline", "", "write the baseline from this run, keeping reasons that still fit"),
    Option("report", "FILE", "write the run's JSON document there"),
    Option(
        "resume", "FILE", "write verdicts there as they come, and take those that an interrupted run has left there"
    ),
)
CLAUSE = Option("clause", "ID", "only this clause, this check, or what is below this beginning of an id", True)
"""In `mpconform run` and among pytest's paths it is a word without an option."""
OPTIONS = (*JUDGED, *CHOSEN, SHARD, CLAUSE, *TIMED, *RECORDED)


def add(parser: pytest.Parser) -> None:
    """Make them known to pytest, as one group."""
    group = parser.getgroup("mpconform", "conformance of an implementation of multiprocessing (mpconform)")
    for option in OPTIONS:
        group.addoption(option.name, **option.attributes)


def add_short(parser: pytest.Parser) -> None:
    """Beside them the short spellings, where no other plugin has taken them: for a folder that is ours alone."""
    taken = set(_taken(parser))
    group = parser.getgroup("mpconform")
    for option in OPTIONS:
        spelling = f"--{option.short}"
        if spelling not in taken:
            group.addoption(spelling, **{**option.attributes, "help": f"short for {option.name}"})


def without_implementation(config: pytest.Config) -> str | None:
    """The option that was given although it says nothing without --impl, or None."""
    return next((o.name for o in OPTIONS if o.short != "impl" and config.getoption(o.dest, None)), None)


def _taken(parser: pytest.Parser) -> Iterator[str]:
    """The names of options that there are. pytest has no public way to ask before a clash ends the session."""
    for group in (*parser._groups, parser._anonymous):
        for option in group.options:
            yield from option.names()
