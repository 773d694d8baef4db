"""What the verdicts on a clause rest on: what several runs saw alike stands once, with all that saw it."""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypedDict, cast

from mpspec.clause import Clause

from mpconform.adapters.adapter import Adapter
from mpconform.checks import Check
from mpconform.outcomes import DEVIATIONS, Outcome
from mpconform.reports.document import Row
from mpconform.reports.site.runs import Run
from mpconform.reports.text import bounded
from mpconform.standalone.script import script

Link = Callable[[Run, Row], str]
"""The address of the evidence for a known deviation, "" where there is none."""
TEXTS = {"traceback": 500, "out": 500, "err": 500, "post_mortem": 1000}
"""Fields of a document's evidence that are shown of one check among those that saw the same, and so many characters of
each: whoever wants all of it has the document."""
REMARKED = 300
"""Characters of what a process wrote that no clause expects."""

_VARYING = re.compile(
    r"0x[0-9a-fA-F]+|\b\d{4,}\b|\b\d+\.\d{2,}\b|\b(?:pymp|tmp|psm|sem)[-_]\w+"
    r"|/[^\s\"']*/lib/(?:python|pypy)[\d.]+/|\bline \d+\b|\s*[~^]{2,}(?:\\n)?"
)
"""What differs from one process, or one interpreter, to another: addresses, process ids, measured seconds,
names made up; where the library lies, its line numbers, and the marks below a line."""


class Seen(TypedDict, total=False):
    """What some checks of one clause came to alike; what is empty is left out."""

    outcome: str
    standing: str | None
    reason: str
    link: str
    promised: str
    seen: str
    line: str
    unjudged: str
    remark: str
    recorded: dict[str, str]
    checks: list[tuple[str, list[int]]]
    """Checks, as what stands in the brackets of their ids, and the numbers of the runs that have come to it by them."""
    of: tuple[str, int]
    """The check that the texts are of, and the number of its run."""
    texts: dict[str, str]
    command: str
    """Judges that check again."""
    script: str
    """Shows the same alone; "" where there is none."""


def seen(clause: Clause, runs: Sequence[Run], link: Link, adapters: Adapters) -> list[Seen]:
    """What the runs saw of a clause, deviations first.

    Left out is what is kept and told nothing. adapters: those that scripts can be made for.
    """
    groups: dict[tuple[object, ...], list[tuple[int, Run, Row]]] = defaultdict(list)
    for number, run in enumerate(runs):
        for row in run.rows.get(clause.id, ()):
            if row["outcome"] != Outcome.KEPT or row["evidence"] or row["remark"] or row["standing"]:
                groups[_key(row)].append((number, run, row))
    found = [_seen(clause, group, link, adapters) for group in groups.values()]
    return sorted(found, key=lambda one: _order(one["outcome"]))


def part(row: Row) -> str:
    """What stands in the brackets of a check's id: "spawn-case", "" for a check without."""
    return "-".join(part for part in (row["method"], row["case"]) if part is not None)


class Adapters:
    """The adapters of implementations, by name, as far as scripts can be made for them."""

    def __init__(self, found: Mapping[str, Adapter]) -> None:
        self._found = found
        self._made: dict[tuple[str, str], str] = {}

    def script(self, implementation: str, check: Check) -> str:
        """The script that shows a check alone, "" where there is none."""
        key = implementation, check.id
        if key not in self._made:
            adapter = self._found.get(implementation)
            self._made[key] = "" if adapter is None else script(check, adapter).text
        return self._made[key]


def _key(row: Row) -> tuple[object, ...]:
    evidence = row["evidence"]
    told = (evidence.get("promised", ""), evidence.get("seen", ""), row["remark"] or "")
    recorded = tuple(sorted((key, _same(value)) for key, value in evidence.get("recorded", {}).items()))
    known = row["known"]["reason"] if row["known"] is not None else ""
    line = evidence.get("line", "").partition(": ")[2]
    return row["outcome"], row["standing"], known, *map(_same, told), line, evidence.get("unjudged", ""), recorded


def _same(text: str) -> str:
    return _VARYING.sub("#", text)


def _seen(clause: Clause, group: Sequence[tuple[int, Run, Row]], link: Link, adapters: Adapters) -> Seen:
    number, run, row = group[0]
    evidence = row["evidence"]
    parts: dict[int, list[str]] = defaultdict(list)
    for each, _, other in group:
        parts[each].append(part(other))
    checks: dict[str, list[int]] = defaultdict(list)
    for each, of in parts.items():
        checks[", ".join(filter(None, of))].append(each)
    texts = cast(Mapping[str, str], evidence)
    deviates = row["outcome"] in DEVIATIONS
    check = Check(clause, row["method"], row["case"])
    given = cast(Mapping[str, Any], row)  # a later schema may bring them along
    own = row["outcome"] != Outcome.LEAKED and (row["case"] is None or row["case"] in clause.cases)
    told: Seen = {
        "outcome": row["outcome"],
        "standing": row["standing"],
        "reason": row["known"]["reason"] if row["known"] is not None else "",
        "link": link(run, row) if row["known"] is not None else "",
        "promised": bounded(evidence.get("promised", "")),
        "seen": bounded(evidence.get("seen", "")),
        "line": evidence.get("line", ""),
        "unjudged": evidence.get("unjudged", ""),
        "remark": bounded(row["remark"] or "", REMARKED),
        "recorded": {key: bounded(value) for key, value in evidence.get("recorded", {}).items()},
        "checks": list(checks.items()),
        "of": (row["check"], number),
        "texts": {
            name: bounded(texts[name], characters) for name, characters in TEXTS.items() if texts.get(name, "").strip()
        },
        "command": given.get("command") or (command(run, row["check"]) if deviates else ""),
        "script": given.get("script") or (adapters.script(run.implementation, check) if deviates and own else ""),
    }
    return cast(Seen, {name: value for name, value in told.items() if value})


def command(run: Run, check: str) -> str:
    """The command that judges a check of a run again, wherever its implementation and interpreter are."""
    python = run.document["interpreter"]["name"]
    return shlex.join(["mpconform", "run", f"--impl={run.implementation}", f"--python={python}", check])


def _order(outcome: str) -> int:
    """Deviations first, then what was not judged, then what is kept."""
    if outcome in DEVIATIONS or outcome == Outcome.HARNESS:
        return 0
    last: Iterable[str] = (Outcome.BLOCKED, Outcome.NOT_OFFERED, Outcome.KEPT, Outcome.UNSPECIFIED)
    return 1 + [*last, Outcome.NOT_APPLICABLE].index(Outcome(outcome))
