"""One JSON document a run: what was run, and what came of each check."""

from __future__ import annotations

import platform
from collections.abc import Iterable
from dataclasses import asdict
from typing import TypedDict, cast

from mpconform import __version__
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.outcomes import Outcome, Verdict

SCHEMA = 1
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
    known: str | None
    """The reason of the baseline, where it expects a deviation."""
    seconds: float
    evidence: Evidence
    """Empty for a check that is kept."""


class Running(TypedDict):
    """The interpreter under test."""

    name: str
    version: str
    implementation: str


class Document(TypedDict):
    """One run."""

    schema: int
    mpconform: str
    implementation: str
    documentation: str
    interpreter: Running
    platform: str
    methods: list[str]
    checks: list[Row]


def row(check: Check, verdict: Verdict, known: str | None) -> Row:
    """The entry of one check. known: why a deviation is expected, None where none is."""
    return {
        "check": check.id,
        "clause": check.clause.id,
        "chapter": check.clause.chapter,
        "level": check.clause.level.value,
        "method": check.method,
        "case": check.case,
        "outcome": verdict.outcome.value,
        "known": known,
        "seconds": round(verdict.seconds, 4),
        "evidence": {} if verdict.outcome is Outcome.KEPT else _evidence(verdict),
    }


def document(adapter: Adapter, interpreter: Interpreter, methods: Iterable[str], rows: Iterable[Row]) -> Document:
    """The document of a run."""
    return {
        "schema": SCHEMA,
        "mpconform": __version__,
        "implementation": adapter.name,
        "documentation": ".".join(map(str, adapter.follows(interpreter))),
        "interpreter": {
            "name": interpreter.name,
            "version": ".".join(map(str, interpreter.version)),
            "implementation": interpreter.implementation,
        },
        "platform": f"{platform.system()} {platform.machine()}",
        "methods": list(methods),
        "checks": sorted(rows, key=lambda r: (r["chapter"], r["check"])),
    }


def _evidence(verdict: Verdict) -> Evidence:
    told = asdict(verdict)
    return cast(Evidence, {key: told[key] for key in Evidence.__annotations__ if told[key]})
