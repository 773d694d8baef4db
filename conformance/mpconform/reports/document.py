"""One JSON document a run: what was run, and what came of each check."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Protocol, TypedDict, cast

from mpconform import __version__
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.outcomes import DEVIATIONS, Outcome, Verdict
from mpconform.reports import specification

SCHEMA = 4
"""Version of the document's schema, published as `document.schema.json` beside this module."""


class Evidence(TypedDict, total=False):
    """What a verdict rests on; the fields are those of Verdict, without the empty ones."""

    promised: str
    seen: str
    line: str
    traceback: str
    out: str
    err: str
    post_mortem: str
    recorded: dict[str, str]
    unjudged: str


class Expected(Protocol):
    """A deviation that a baseline expects."""

    @property
    def outcome(self) -> Outcome:
        """How the check deviates."""

    @property
    def reason(self) -> str:
        """Why."""

    @property
    def sometimes(self) -> bool:
        """Whether it does so sometimes only."""


class Known(TypedDict):
    """What the baseline knows of a check."""

    outcome: str
    reason: str
    sometimes: bool


class Row(TypedDict):
    """One check."""

    check: str
    """Its stable id."""
    clause: str
    chapter: str
    level: str
    method: str | None
    case: str | None
    outcome: str
    known: Known | None
    """Where the baseline expects a deviation."""
    standing: str | None
    """"known", "new" (also where another outcome is known) or "healed"; None where neither deviates."""
    seconds: float
    remark: str | None
    """What the processes of a check that is kept have written that no clause expects."""
    evidence: Evidence
    """Empty for a check that is kept."""


class Running(TypedDict):
    """The interpreter under test."""

    name: str
    version: str
    """Of the language."""
    release: str
    """The exact version of the interpreter: another one than of the language for PyPy."""
    implementation: str
    path: str


class Version(TypedDict):
    """The version of the implementation."""

    number: str
    told_by: str
    """"module" (its `__version__`), "distribution" (its metadata) or "interpreter" (neither was found)."""


class Share(TypedDict):
    """A shard: of the checks that the rest of the selection means, those of one share by their ids."""

    number: int
    """Which, from 1."""
    of: int
    """How many there are."""


class Selection(TypedDict):
    """What the run was confined to."""

    chapters: list[str] | None
    """The chapters that were named; None: all of them."""
    clauses: list[str]
    """The clauses that were named; none of them: all of the chapters."""
    parts: list[str]
    """What else left something out, as options: ["-k=fork", "--start-method=spawn"]."""
    shard: Share | None
    """Of a run that several machines do together, which part this is; None: it is all here."""


class Document(TypedDict):
    """One run."""

    schema: int
    mpconform: str
    spec: str
    """Fingerprint of the specification that it was judged by: what its clauses promise, and which checks they have."""
    implementation: str
    version: Version
    documentation: str
    interpreter: Running
    platform: str
    methods: list[str]
    started: str
    """ISO 8601, in UTC."""
    seconds: float
    """From the start of the session to the end of its last check; of merged documents, the sum."""
    selection: Selection
    complete: bool
    """Whether every check that was selected has run."""
    checks: list[Row]


@dataclass(frozen=True)
class Circumstances:
    """A run apart from its checks. started: seconds since the epoch; the others as in Document."""

    started: float
    seconds: float
    version: Version
    selection: Selection
    complete: bool


def row(check: Check, verdict: Verdict, known: Expected | None) -> Row:
    """The entry of one check. known: the deviation that is expected, None where none is."""
    return {
        "check": check.id,
        "clause": check.clause.id,
        "chapter": check.clause.chapter,
        "level": check.clause.level.value,
        "method": check.method,
        "case": check.case,
        "outcome": verdict.outcome.value,
        "known": None if known is None else told(known),
        "standing": _standing(verdict.outcome, known),
        "seconds": round(verdict.seconds, 4),
        "remark": verdict.remark or None,
        "evidence": _evidence(verdict),
    }


def document(
    adapter: Adapter,
    interpreter: Interpreter,
    methods: Iterable[str],
    rows: Iterable[Row],
    circumstances: Circumstances,
) -> Document:
    """The document of a run."""
    return {
        "schema": SCHEMA,
        "mpconform": __version__,
        "spec": specification.installed(),
        "implementation": adapter.name,
        "version": circumstances.version,
        "documentation": ".".join(map(str, adapter.follows(interpreter))),
        "interpreter": {
            "name": interpreter.name,
            "version": ".".join(map(str, interpreter.version)),
            "release": dotted(interpreter),
            "implementation": interpreter.implementation,
            "path": interpreter.path,
        },
        "platform": f"{platform.system()} {platform.machine()}",
        "methods": list(methods),
        "started": datetime.fromtimestamp(circumstances.started, UTC).isoformat(timespec="seconds"),
        "seconds": round(circumstances.seconds, 3),
        "selection": circumstances.selection,
        "complete": circumstances.complete,
        "checks": sorted(rows, key=lambda r: (r["chapter"], r["check"])),
    }


def told(entry: Expected) -> Known:
    """What a document tells of the entry of a baseline."""
    return {"outcome": entry.outcome.value, "reason": entry.reason, "sometimes": entry.sometimes}


def dotted(interpreter: Interpreter) -> str:
    """The exact version of the interpreter: "3.13.2", or PyPy's own."""
    return ".".join(map(str, interpreter.release))


def _standing(outcome: Outcome, known: Expected | None) -> str | None:
    """How what came of a check stands to what is known of it."""
    if outcome in DEVIATIONS:
        return "known" if known is not None and known.outcome is outcome else "new"
    if known is None or outcome not in (Outcome.KEPT, Outcome.NOT_OFFERED):
        return None
    return "known" if known.sometimes else "healed"


def _evidence(verdict: Verdict) -> Evidence:
    """What tells of a check that is not kept; of one that is, what was recorded, as of each choice that MAY allows."""
    told = asdict(verdict)
    fields = ["recorded"] if verdict.outcome is Outcome.KEPT else Evidence.__annotations__
    return cast(Evidence, {key: told[key] for key in fields if told[key]})
