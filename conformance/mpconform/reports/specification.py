"""Which specification a document was made from: the sentences that it judges by, as one short text."""

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
    """What changes where a clause comes, goes, or has another level or sentence; version: that of mpconform."""
    told = sorted((clause.id, clause.level.value, clause.sentence) for clause in clauses)
    return hashlib.sha256(json.dumps([version, told]).encode()).hexdigest()[:LENGTH]
