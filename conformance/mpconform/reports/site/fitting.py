"""Whether run documents can stand beside each other in one site, and what keeps one of them from being whole."""

from __future__ import annotations

from collections.abc import Sequence

from mpconform.errors import Unusable
from mpconform.reports import specification
from mpconform.reports.document import Document
from mpconform.reports.reading import Named


def refuse_what_does_not_fit(given: Sequence[Named]) -> None:
    """Raise Unusable where documents are of different specs, of another one than that at hand, or of one run twice.

    A site shows sentences and bodies of clauses, which no document has: they come from the spec at hand.
    """
    seen: dict[tuple[str, ...], str] = {}
    for one in given:
        first = given[0]
        if one.document["spec"] != first.document["spec"]:
            raise Unusable(
                f"{first.name} and {one.name}: made from different specs ({_spec(first)}, {_spec(one)}); judge both by "
                "one"
            )
        if one.document["spec"] != specification.installed():
            raise Unusable(
                f"{one.name}: made from another spec than this one ({_spec(one)}, here {specification.installed()}); "
                "run it again, or make the site with the mpconform that ran it"
            )
        origin = identity(one.document)
        if origin in seen:
            raise Unusable(
                f"{seen[origin]} and {one.name}: both are of {', '.join(filter(None, origin))}; name one of them, or "
                "put them together by `mpconform merge`"
            )
        seen[origin] = one.name


def identity(document: Document) -> tuple[str, ...]:
    """What tells a column from others: implementation, its version, interpreter, system."""
    running, version = document["interpreter"], document["version"]
    number = "" if version["told_by"] == "interpreter" else version["number"]
    return document["implementation"], number, f"{running['name']} ({running['release']})", document["platform"]


def marks(document: Document) -> list[str]:
    """In words that follow "the run is", what keeps it from saying something of every clause."""
    found = []
    if not document["complete"]:
        found.append("not complete: some of what was selected has not run")
    selection = document["selection"]
    named = [*(selection["chapters"] or ()), *selection["parts"]]
    named += [f"{len(selection['clauses'])} clauses"] if selection["clauses"] else []
    shard = selection["shard"]
    named += [f"shard {shard['number']} of {shard['of']}"] if shard is not None and shard["of"] > 1 else []
    if named:
        found.append(f"a part: {', '.join(named)}")
    return found


def _spec(one: Named) -> str:
    return f"{one.document['spec']} of mpconform {one.document['mpconform']}"
