"""Documents of parts of one run become one: all shards of a selection, or selections that have no check in common."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, cast

from mpspec.clause import METHODS
from mpspec.loader import CHAPTERS

from mpconform.errors import Unusable
from mpconform.reports.document import Document, Selection
from mpconform.reports.reading import Named, refuse_interrupted

DESELECTED = "deselected"
"""The part that a run names where some plugin has put checks aside, which need not be so in every shard."""


def merge(given: Sequence[Named]) -> Document:
    """The one document. given: at least one.

    Raises Unusable, which names two of the documents, where they are not of one run, or have a check in common, and
    where one is not complete or a shard is not there.
    """
    for each in given:
        refuse_interrupted(each)
        _refuse_others(given[0], each)
    _refuse_overlaps(given)
    groups: dict[str, list[Named]] = defaultdict(list)
    for each in given:
        groups[_unsharded(each.document["selection"])].append(each)
    for group in groups.values():
        _refuse_gaps(group)
    documents = [each.document for each in given]
    methods = {method for one in documents for method in one["methods"]}
    merged: dict[str, Any] = {
        **documents[0],
        "methods": [method for method in METHODS if method in methods],
        "started": min(one["started"] for one in documents),
        "seconds": round(sum(one["seconds"] for one in documents), 3),
        "selection": _union(documents),
        "checks": sorted(
            (row for one in documents for row in one["checks"]), key=lambda row: (row["chapter"], row["check"])
        ),
    }
    return cast(Document, merged)


def _refuse_others(first: Named, other: Named) -> None:
    """Raise Unusable where the two are not of one run. Where the interpreter lies may differ between machines."""
    for what, mine, its in zip(_OF_A_RUN, _origin(first.document), _origin(other.document), strict=True):
        if mine != its:
            raise Unusable(
                f"{first.name} and {other.name}: of different {what} ({mine}, {its}), so not parts of one run; "
                "`mpconform compare` tells what differs between two runs"
            )


_OF_A_RUN = ("specs", "implementations", "versions", "interpreters", "editions", "platforms")


def _origin(one: Document) -> tuple[str, ...]:
    running, version = one["interpreter"], one["version"]
    return (
        f"{one['spec']} of mpconform {one['mpconform']}",
        one["implementation"],
        f"{version['number']} by the {version['told_by']}",
        f"{running['implementation']} {running['release']}",
        one["documentation"],
        one["platform"],
    )


def _refuse_overlaps(given: Iterable[Named]) -> None:
    """Raise Unusable where two of them are the same shard, or have a check in common."""
    shards: dict[tuple[str, int, int], str] = {}
    checks: dict[str, str] = {}
    for each in given:
        selection = each.document["selection"]
        shard = selection["shard"]
        if shard is not None:
            which = (_unsharded(selection), shard["number"], shard["of"])
            if which in shards:
                raise Unusable(
                    f"{shards[which]} and {each.name}: both are shard {which[1]} of {which[2]}; leave one of them out"
                )
            shards[which] = each.name
        for row in each.document["checks"]:
            if row["check"] in checks:
                raise Unusable(
                    f"{checks[row['check']]} and {each.name}: they overlap, both have {row['check']}; leave one of "
                    "them out"
                )
        checks |= {row["check"]: each.name for row in each.document["checks"]}


def _refuse_gaps(group: Sequence[Named]) -> None:
    """Raise Unusable where documents of one selection are not all shards of it."""
    first = group[0]
    shards = {each.name: each.document["selection"]["shard"] for each in group}
    counts = {name: 1 if shard is None else shard["of"] for name, shard in shards.items()}
    for name, count in counts.items():
        if count != counts[first.name]:
            raise Unusable(
                f"{first.name} and {name}: the one of {counts[first.name]} shards, the other of {count}; give all "
                "shards of one run"
            )
    there = {shard["number"] for shard in shards.values() if shard is not None} or {1}
    missing = [str(number) for number in range(1, counts[first.name] + 1) if number not in there]
    if missing:
        names = first.name if len(group) == 1 else f"{first.name} to {group[-1].name}"
        raise Unusable(
            f"{names}: of {counts[first.name]} shards, {', '.join(missing)} {'is' if len(missing) == 1 else 'are'} "
            "missing; give all of them"
        )


def _unsharded(selection: Selection) -> str:
    """What the shards of one run have in common."""
    return repr((selection["chapters"], selection["clauses"], sorted({*selection["parts"]} - {DESELECTED})))


def _union(documents: Sequence[Document]) -> Selection:
    """What they were confined to, together. Never more than that: whole chapters beside single clauses are clauses."""
    selections = [one["selection"] for one in documents]
    every = any(selection["chapters"] is None for selection in selections)
    chapters = {name for selection in selections for name in selection["chapters"] or ()}
    clauses: set[str] = set()
    if any(selection["clauses"] for selection in selections):
        for one in documents:
            clauses |= {*one["selection"]["clauses"]} or {row["clause"] for row in one["checks"]}
    return {
        "chapters": None if every or chapters >= {*CHAPTERS} else sorted(chapters),
        "clauses": sorted(clauses),
        "parts": sorted({part for selection in selections for part in selection["parts"]}),
        "shard": None,
    }
