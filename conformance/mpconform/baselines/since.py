"""What the built-in baselines know of runs that were made before: reasons found since, and the evidence, which no
document has."""

from __future__ import annotations

import sys

from mpconform import checks
from mpconform.adapters.adapter import BUILT_IN, Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.baselines import places
from mpconform.baselines.baseline import Baseline, Deviation, numbers
from mpconform.checks import Check
from mpconform.outcomes import DEVIATIONS, Outcome
from mpconform.reports.document import Document, Row, told


class Since:
    """Reads each baseline once."""

    def __init__(self) -> None:
        self._baselines: dict[tuple[str, str, str], Baseline] = {}

    def told(self, run: Document) -> Document:
        """The run, of whose deviations those that had no reason have that which is known of them now."""
        return {**run, "checks": [self._row(run, row) for row in run["checks"]]}

    def link(self, run: Document, row: Row) -> str:
        """The address of the evidence for a known deviation, "" where none is known."""
        found = self._known(run, row)
        return "" if found is None else found.link

    def _row(self, run: Document, row: Row) -> Row:
        if row["outcome"] not in DEVIATIONS or (row["standing"] == "known" and row["known"] and row["known"]["reason"]):
            return row
        found = self._known(run, row)
        if found is None or found.outcome != row["outcome"] or not found.reason:
            return row
        return {**row, "known": told(found), "standing": "known"}

    def _known(self, run: Document, row: Row) -> Deviation | None:
        check = Check(checks.known()[row["clause"]], row["method"], row["case"])
        return self._baseline(run).expected(check, Outcome(row["outcome"]))

    def _baseline(self, run: Document) -> Baseline:
        running, name = run["interpreter"], run["implementation"]
        key = name, running["name"], running["release"]
        if key not in self._baselines:
            release, version = numbers(running["release"]), numbers(running["version"])
            own = () if release == version else release
            interpreter = Interpreter(running["path"], version, running["implementation"], sys.platform, own=own)
            nameless = Adapter(name, name, baseline=name, folder=str(BUILT_IN))
            self._baselines[key] = places.known(nameless, interpreter)
        return self._baselines[key]
