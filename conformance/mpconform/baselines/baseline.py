"""Baselines: what is known of one implementation at one version, with reason and evidence, as TOML.

implementation = "stdlib"
version = "3.11"
[floor]                       # checks that ran, per chapter, in a full run: fewer is a failure
process = 412
[[deviation]]
clause = "process.close.running"
methods = ["spawn"]           # absent: every method
cases = ["label"]             # absent: every case
outcome = "broken"
sometimes = true              # absent: always; a race that the implementation sometimes wins
reason = "one sentence"
link = "the evidence"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.errors import Unusable
from mpconform.outcomes import DEVIATIONS, Outcome

FOLDER = Path(__file__).parent
"""Where the baselines lie that come with the engine."""
KEYS = {"clause", "methods", "cases", "outcome", "sometimes", "reason", "link"}


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

    def covers(self, check: Check) -> bool:
        """Whether it speaks of this check."""
        return (
            self.clause == check.clause.id
            and (not self.methods or check.method in self.methods)
            and (not self.cases or check.case in self.cases)
        )


@dataclass(frozen=True)
class Baseline:
    """What is known of an implementation at a version. floor: chapter -> number of checks that run."""

    implementation: str
    version: str
    floor: dict[str, int] = field(default_factory=dict)
    deviations: tuple[Deviation, ...] = ()

    def expected(self, check: Check) -> Deviation | None:
        """The known deviation of the check, or None where it is to be kept."""
        return next((d for d in self.deviations if d.covers(check)), None)


def place(adapter: Adapter, interpreter: Interpreter) -> Path:
    """Where what is known of the implementation on the interpreter is recorded, whether it is already or not."""
    return FOLDER / f"{adapter.baseline or adapter.name}-{interpreter.name}.toml"


def known(adapter: Adapter, interpreter: Interpreter) -> Baseline:
    """What is recorded of the implementation on the interpreter: nothing, where there is no record."""
    path = place(adapter, interpreter)
    return read(path) if path.exists() else Baseline(adapter.name, interpreter.name)


def read(path: Path) -> Baseline:
    """Read a baseline. Raises Unusable that names file, entry and rule."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        deviations = []
        for entry in data.get("deviation", []):
            unknown = set(entry) - KEYS
            if unknown:
                raise Unusable(
                    f"baseline {path}: there is no key {sorted(unknown)[0]!r}; the keys are {', '.join(sorted(KEYS))}"
                )
            outcome = Outcome(entry["outcome"])
            if outcome not in DEVIATIONS:
                raise Unusable(
                    f"baseline {path}: {outcome.value!r} is no deviation; use {', '.join(sorted(DEVIATIONS))}"
                )
            lists = {key: tuple(entry[key]) for key in ("methods", "cases") if key in entry}
            deviations.append(Deviation(**{**entry, **lists, "outcome": outcome}))
        return Baseline(data["implementation"], data["version"], data.get("floor", {}), tuple(deviations))
    except OSError as error:
        raise Unusable(f"baseline {path}: cannot be read ({error.strerror}); correct the path") from None
    except KeyError as error:
        raise Unusable(f"baseline {path}: the key {error} is missing; add it") from None
    except ValueError as error:
        raise Unusable(f"baseline {path}: {error}; correct the file") from None


def write(path: Path, baseline: Baseline, header: Iterable[str] = ()) -> None:
    """Write a baseline, sorted by clause, so that a change of behaviour shows as a change of lines."""
    lines = [*(f"# {line}" for line in header)]
    lines += [
        f"implementation = {_quoted(baseline.implementation)}",
        f"version = {_quoted(baseline.version)}",
        "",
        "[floor]",
    ]
    lines += [f"{chapter} = {count}" for chapter, count in sorted(baseline.floor.items())]
    for entry in sorted(baseline.deviations, key=lambda d: (d.clause, d.methods, d.cases)):
        lines += ["", "[[deviation]]", f"clause = {_quoted(entry.clause)}"]
        for key in ("methods", "cases"):
            words = getattr(entry, key)
            if words:
                lines.append(f"{key} = [{', '.join(map(_quoted, words))}]")
        lines.append(f"outcome = {_quoted(entry.outcome.value)}")
        if entry.sometimes:
            lines.append("sometimes = true")
        lines += [f"reason = {_quoted(entry.reason)}", f"link = {_quoted(entry.link)}"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
