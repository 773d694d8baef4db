"""Baselines: what is known of one implementation at one version, with reason and evidence, as TOML.

implementation = "stdlib"
version = "3.13"              # or "every", for a file that serves all versions
recorded = ["3.13.0", "3.13.18"]  # the exact versions of the interpreter that it was made with; PyPy's own: "7.3.11",
                              # but in a file for all versions those of Python
partly = ["3.13.2"]           # absent: none; the exact versions at which only a part was judged
[floor]                       # checks that ran, per chapter, in a full run: fewer is a failure; "every": the fewest
process = 412
[[deviation]]
clause = "process.close.running"
methods = ["spawn"]           # absent: every method
cases = ["label"]             # absent: every case
outcome = "broken"
sometimes = true              # absent: always; a race, which the implementation sometimes wins, or which comes beside
                              # what always is
since = "3.13.2"              # absent: from the first of the version on; the first exact version that has it
until = "3.13.18"             # absent: to this day; the first exact version that no longer has it
reason = "one sentence"
link = "the evidence"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpspec.clause import METHODS

from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.errors import Unusable
from mpconform.outcomes import DEVIATIONS, Outcome

Release = tuple[int, ...]
"""An exact version, as numbers: (3, 13, 2)."""
EVERY = "every"
"""The version of a baseline that serves all versions."""


@dataclass(frozen=True)
class Deviation:
    """One known deviation; the fields are the keys of the file."""

    clause: str
    outcome: Outcome
    reason: str = ""
    link: str = ""
    methods: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    sometimes: bool = False
    since: str = ""
    until: str = ""

    def speaks_of(self, clause: str, method: str | None, case: str | None) -> bool:
        """Whether it speaks of this check, at whatever exact version; method: None where none makes a difference."""
        return (
            self.clause == clause
            and (not self.methods or method is None or method in self.methods)
            and (not self.cases or case in self.cases)
        )

    def holds(self, release: Release) -> bool:
        """Whether it is known of this exact version."""
        return (not self.since or numbers(self.since) <= release) and (not self.until or release < numbers(self.until))


@dataclass(frozen=True)
class Baseline:
    """What is known of an implementation at a version.

    floor: chapter -> number of checks that run. recorded: the exact versions that it was made with; partly: those at
    which only a part was judged. release: that of the interpreter at hand, which decides what holds; (): everything
    does.
    """

    implementation: str
    version: str
    floor: Mapping[str, int] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()
    recorded: tuple[str, ...] = ()
    release: Release = ()
    partly: tuple[str, ...] = ()

    def of(self, interpreter: Interpreter) -> Release:
        """The exact version of the interpreter as the file counts: of Python's versions where it serves all of them."""
        return interpreter.version if self.version == EVERY else interpreter.release

    def expected(self, check: Check, seen: Outcome | None = None) -> Deviation | None:
        """The deviation that is known of the check here, or None where it is to be kept.

        seen: what came of it. Of several deviations it decides which one is meant: a check that is always broken can
        have a race besides that hangs it.
        """
        method = None if check.clause.once else check.method
        found = (
            known
            for known in self.deviations
            if known.speaks_of(check.clause.id, method, check.case) and (not self.release or known.holds(self.release))
        )
        return meant(found, seen)


def meant(known: Iterable[Deviation], seen: Outcome | None) -> Deviation | None:
    """Of what is known of one check: what was seen, or else what always is."""
    return min(known, key=lambda one: (one.outcome is not seen, one.sometimes), default=None)


def numbers(version: str) -> Release:
    """ "3.13.2" as (3, 13, 2), which compares as versions do."""
    return tuple(map(int, version.split(".")))


def dotted(release: Release) -> str:
    """(3, 13, 2) as "3.13.2"."""
    return ".".join(map(str, release))


def read(path: Path, release: Release = ()) -> Baseline:
    """Read a baseline. release: of the interpreter. Raises Unusable that names file, entry, key, rule, value."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(
            f"baseline {path}: cannot be read ({error.strerror}); correct the path, "
            "or write a first one there with --update-baseline"
        ) from None
    except ValueError as error:  # no TOML, or no UTF-8
        raise Unusable(f"baseline {path}: not TOML ({error}); correct the file") from None
    _hold(f"baseline {path}", data, _FILE, ("implementation", "version"))
    deviations = []
    for number, entry in enumerate(data.get("deviation", []), 1):
        where = f"baseline {path}: deviation {number} ({entry.get('clause', 'of no clause')})"
        _hold(where, entry, _DEVIATION, ("clause", "outcome"))
        if "since" in entry and "until" in entry and numbers(entry["since"]) >= numbers(entry["until"]):
            raise Unusable(f"{where}: since is before until, not {entry['since']!r} to {entry['until']!r}; correct it")
        lists = {key: tuple(entry[key]) for key in ("methods", "cases") if key in entry}
        deviations.append(Deviation(**{**entry, **lists, "outcome": Outcome(entry["outcome"])}))
    return Baseline(
        data["implementation"],
        data["version"],
        data.get("floor", {}),
        tuple(deviations),
        tuple(data.get("recorded", ())),
        release,
        tuple(data.get("partly", ())),
    )


_Rules = Mapping[str, tuple[str, Callable[[Any], bool]]]
"""Key -> the rule for its value in words, and whether a value keeps it."""


def _hold(where: str, table: Mapping[str, Any], rules: _Rules, needed: tuple[str, ...]) -> None:
    """Raise Unusable where a key or a value of the table breaks a rule."""
    for key, value in table.items():
        if key not in rules:
            raise Unusable(f"{where}: there is no key {key!r}; the keys are {', '.join(rules)}")
        rule, keeps = rules[key]
        if not keeps(value):
            raise Unusable(f"{where}: {key} is {rule}, not {value!r}; correct it")
    for key in needed:
        if key not in table:
            raise Unusable(f"{where}: the key {key!r} is missing; add it")


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_text, value))


def _labels(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(label, str) for label in value)


def _exact(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"\d+\.\d+\.\d+", value) is not None


def _counts(value: Any) -> bool:
    return isinstance(value, dict) and all(type(count) is int and count >= 0 for count in value.values())


_EXACT = 'an exact version of the interpreter such as "3.13.2", or PyPy\'s own such as "7.3.11"'
_RELEASES: tuple[str, Callable[[Any], bool]] = (
    'a list of exact versions such as "3.13.2"',
    lambda value: isinstance(value, list) and all(map(_exact, value)),
)
_FILE: _Rules = {
    "implementation": ("the name of the implementation", _text),
    "version": ('a version such as "3.13" or "pypy3.9", or "every"', _text),
    "recorded": _RELEASES,
    "partly": _RELEASES,
    "floor": ("a table of chapter = number of checks", _counts),
    "deviation": (
        "a list of tables, each under [[deviation]]",
        lambda value: isinstance(value, list) and all(isinstance(entry, dict) for entry in value),
    ),
}
_DEVIATION: _Rules = {
    "clause": ("the id of a clause", _text),
    "methods": (
        f"a list of start methods among {', '.join(METHODS)}, or absent",
        lambda value: _texts(value) and set(value) <= set(METHODS),
    ),
    "cases": ("a list of labels of cases, or absent", _labels),
    "outcome": (
        f"a deviation: {', '.join(sorted(DEVIATIONS))}",
        lambda value: isinstance(value, str) and value in {outcome.value for outcome in DEVIATIONS},
    ),
    "sometimes": ("true or false", lambda value: isinstance(value, bool)),
    "since": (_EXACT, _exact),
    "until": (_EXACT, _exact),
    "reason": ("a sentence", lambda value: isinstance(value, str)),
    "link": ("an address", lambda value: isinstance(value, str)),
}
