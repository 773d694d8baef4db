"""What differs between two runs, check by check, and whether anything that a promise rests on became worse."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mpspec.clause import Level

from mpconform.errors import Unusable
from mpconform.outcomes import DEVIATIONS, Outcome
from mpconform.reports.document import Document, Row, Selection
from mpconform.reports.reading import Named

_RANK = {
    Outcome.KEPT: 0,
    Outcome.NOT_APPLICABLE: 0,
    Outcome.UNSPECIFIED: 0,
    Outcome.NOT_OFFERED: 1,
    Outcome.LEAKED: 2,
    **dict.fromkeys((Outcome.BROKEN, Outcome.MISSING, Outcome.HUNG, Outcome.CRASHED), 3),
    **dict.fromkeys((Outcome.BLOCKED, Outcome.HARNESS), 3),
}
"""How little is left of a promise; of what is blocked, or where we are at fault, nobody has seen that anything is."""


class Kind(enum.StrEnum):
    """What has become of a check."""

    WORSE = "became worse"
    """Less of the promise is kept than before, or it is no longer shown that it is kept."""
    HEALED = "healed"
    """It is kept now."""
    CHANGED = "changed"
    """Another outcome, and neither of these."""
    RECORDED = "recorded otherwise"
    """The same outcome, and other behaviour where the page leaves a choice."""
    GONE = "only in the first"
    """And nothing was kept there, or the second did not mean to run it."""
    CAME = "only in the second"


@dataclass(frozen=True)
class Change:
    """One check. first, second: its rows; None where the document has not got it, at least one of them is there."""

    kind: Kind
    first: Row | None
    second: Row | None

    @property
    def row(self) -> Row:
        """The later of the two."""
        row = self.second or self.first
        assert row is not None
        return row


@dataclass(frozen=True)
class Comparison:
    """Two runs. changes: of the checks that differ, in the order of the documents; checks: how many both have."""

    first: Named
    second: Named
    changes: tuple[Change, ...]
    checks: int

    def of(self, kind: Kind) -> list[Change]:
        """The changes of one kind."""
        return [change for change in self.changes if change.kind is kind]

    @property
    def is_worse(self) -> bool:
        """Whether anything that a promise rests on became worse."""
        return bool(self.of(Kind.WORSE))


def compare(first: Named, second: Named, *, shared: bool = False) -> Comparison:
    """Compare two runs; shared: by the clauses that both specifications have, where they are different ones.

    Raises Unusable, which names both, where the specifications differ and shared is not asked for.
    """
    specs = [f"{one.document['spec']} of mpconform {one.document['mpconform']}" for one in (first, second)]
    if specs[0] != specs[1] and not shared:
        raise Unusable(
            f"{first.name} and {second.name}: made from different specs ({', '.join(specs)}); judge both by one, or "
            "compare what both have, with --shared"
        )
    rows = [{row["check"]: row for row in one.document["checks"]} for one in (first, second)]
    ids = sorted({*rows[0], *rows[1]}, key=lambda id: ((rows[1].get(id) or rows[0][id])["chapter"], id))
    both = {*rows[0]} & {*rows[1]}
    changes = _changes(((rows[0].get(id), rows[1].get(id)) for id in ids), first.document, second.document)
    return Comparison(first, second, tuple(changes), len(both))


def _changes(pairs: Iterable[tuple[Row | None, Row | None]], first: Document, second: Document) -> Iterator[Change]:
    one_spec = first["spec"] == second["spec"]
    for before, after in pairs:
        if before is not None and after is not None:
            kind = _kind(before, after)
            if kind is not None:
                yield Change(kind, before, after)
        elif before is not None:
            lost = one_spec and _is_judged(before) and before["outcome"] == Outcome.KEPT
            meant = lost and _means(second["selection"], before)
            yield Change(Kind.WORSE if meant else Kind.GONE, before, None)
        else:
            yield Change(Kind.CAME, None, after)


def _kind(before: Row, after: Row) -> Kind | None:
    """What has become of a check that both have; None: nothing."""
    one, other = Outcome(before["outcome"]), Outcome(after["outcome"])
    if one is other:
        return None if _recorded(before) == _recorded(after) else Kind.RECORDED
    if _varies(before, other) or _varies(after, one):
        return Kind.CHANGED
    if _RANK[other] > _RANK[one] and _is_promised(before, after):
        return Kind.WORSE
    return Kind.HEALED if other is Outcome.KEPT and _RANK[one] > 0 else Kind.CHANGED


def _is_judged(row: Row) -> bool:
    return row["level"] != Level.UNSPECIFIED


def _is_promised(before: Row, after: Row) -> bool:
    """Whether both specs take it for a promise; or neither, and it is the adapter's own, to be silent."""
    if _is_judged(before) and _is_judged(after):
        return True
    return not _is_judged(before) and not _is_judged(after) and after["outcome"] in DEVIATIONS


def _varies(row: Row, other: Outcome) -> bool:
    """Whether the baseline knows that such a check is kept at times, and deviates like that at others."""
    known = row["known"]
    return known is not None and known["sometimes"] and {row["outcome"], other} == {Outcome.KEPT, known["outcome"]}


def _recorded(row: Row) -> tuple[object, ...]:
    return row["evidence"].get("recorded", {}), row["evidence"].get("unjudged")


def _means(selection: Selection, row: Row) -> bool:
    """Whether a run of this selection should have the check, too, as far as the selection tells."""
    return (
        (selection["chapters"] is None or row["chapter"] in selection["chapters"])
        and (not selection["clauses"] or row["clause"] in selection["clauses"])
        and not selection["parts"]
    )
