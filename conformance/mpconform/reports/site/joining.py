"""Runs that differ in the start method alone that each was confined to are one column: they become one document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import Any, cast

from mpspec.clause import METHODS

from mpconform.outcomes import SEVERITY, Outcome
from mpconform.reports.document import Document, Row
from mpconform.reports.reading import Named
from mpconform.reports.site.fitting import identity

_BY = "--start-method="


def joined(given: Sequence[Named]) -> list[Named]:
    """The documents, those of one implementation, interpreter and selection together that have other start methods."""
    groups: dict[Hashable, list[Named]] = defaultdict(list)
    for one in given:
        groups[_apart(one.document)].append(one)
    found = []
    for group in groups.values():
        methods = [method for one in group for method in _confined(one.document)]
        apart = len(methods) == len(set(methods)) and all(_confined(one.document) for one in group)
        found += [_together(group)] if len(group) > 1 and apart else group
    return found


def _apart(document: Document) -> Hashable:
    """What the parts of one run have in common, beside the start methods."""
    selection = document["selection"]
    parts = sorted(part for part in selection["parts"] if not part.startswith(_BY))
    told = (selection["chapters"], selection["clauses"], selection["shard"], parts)
    return document["spec"], identity(document), repr(told)


def _confined(document: Document) -> list[str]:
    """The start methods that a run was confined to; none of them: it was not."""
    return [part.removeprefix(_BY) for part in document["selection"]["parts"] if part.startswith(_BY)]


def _together(group: Sequence[Named]) -> Named:
    """One document of all. Of a check that several have, one for which no start method matters, the worst counts."""
    first, documents = group[0].document, [one.document for one in group]
    rows: dict[str, Row] = {}
    for row in (row for one in documents for row in one["checks"]):
        known = rows.get(row["check"])
        if known is None or _severity(row) > _severity(known):
            rows[row["check"]] = row
    there = {method for one in documents for method in one["methods"]}
    parts = sorted({part for one in documents for part in one["selection"]["parts"]})
    told: dict[str, Any] = {
        **first,
        "methods": [method for method in METHODS if method in there],
        "started": min(one["started"] for one in documents),
        "seconds": sum(one["seconds"] for one in documents),
        "selection": {**first["selection"], "parts": parts},
        "complete": all(one["complete"] for one in documents),
        "checks": [*rows.values()],
    }
    return Named(" and ".join(one.name for one in group), cast(Document, told))


def _severity(row: Row) -> int:
    return SEVERITY.index(Outcome(row["outcome"]))
