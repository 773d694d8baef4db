"""Which specification a document was made from: what it judges by, and which checks there are, as one short text."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Iterable

from mpspec.clause import Clause

from mpconform import __version__
from mpconform.checks import known

LENGTH = 16
"""Hexadecimal digits of a fingerprint."""


@functools.cache
def installed() -> str:
    """The fingerprint of the specification that is installed here: of all of it, whatever a run selects."""
    return fingerprint(known().values(), __version__)


def fingerprint(clauses: Iterable[Clause], version: str) -> str:
    """What changes where a clause comes or goes, says something else, or has other checks; version: that of mpconform.

    Shards of two specs of which one has a case more would together look whole, and lack checks. What a body does is
    not in it.
    """
    told = sorted(map(_told, clauses), key=lambda one: one[0])
    return hashlib.sha256(json.dumps([version, told]).encode()).hexdigest()[:LENGTH]


def _told(clause: Clause) -> tuple[str, list[object]]:
    """Its id; and its promise, and all that says which checks it has and where they apply."""
    uses = sorted((case or "", methods) for case, methods in clause.uses.items())
    promise = [clause.level.value, clause.sentence]
    return clause.id, [
        *promise,
        clause.methods,
        clause.once,
        uses,
        list(clause.cases),
        clause.since,
        sorted(clause.cases_since.items()),
        clause.until,
        clause.platforms,
    ]
