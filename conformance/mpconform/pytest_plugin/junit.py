"""What `--junitxml` says of a run: of each check the clause, its level and page, what came of it and what is known."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import pytest
from mpspec.clause import Version
from mpspec.page.links import link

from mpconform.checks import known
from mpconform.pytest_plugin.failures import ROW
from mpconform.reports import text
from mpconform.reports.document import Document, Row


class JUnit:
    """Registered where the terminal is. writer: pytest's plugin of the document; edition: that which is judged by."""

    def __init__(self, writer: Any, edition: Version) -> None:
        self._writer = writer
        self._edition = edition

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Give the check its properties and its chapter, before pytest has written them.

        That is with its last report; who gathers rows has had them with the one before.
        """
        rows = [cast(Row, value) for name, value in report.user_properties if name == ROW]
        if report.when == "teardown" and rows:
            report.user_properties = list(properties(rows[0], self._edition))
            reporter = self._writer.node_reporter(report)
            if not reporter.attrs.get("classname"):  # ids of the installed spec name no file
                reporter.add_attribute("classname", rows[0]["chapter"])

    def close(self, told: Document) -> None:
        """Say of the whole what was judged, before pytest writes the document."""
        for name, value in _whole(told):
            self._writer.add_global_property(name, value)


def writer(config: pytest.Config) -> Any | None:
    """The plugin of pytest that writes such a document in this process, known by what it offers; None: none does."""
    return next((one for one in config.pluginmanager.get_plugins() if hasattr(one, "add_global_property")), None)


def properties(row: Row, edition: Version) -> Iterator[tuple[str, object]]:
    """Name and value of each property of a check; those that say nothing of it are left out."""
    yield "clause", row["clause"]
    yield "chapter", row["chapter"]
    yield "level", row["level"]
    if row["method"] is not None:
        yield "method", row["method"]
    if row["case"] is not None:
        yield "case", row["case"]
    yield "outcome", row["outcome"]
    clause = known().get(row["clause"])
    if clause is not None:
        yield "sentence", clause.sentence
        yield "link", link(clause, edition)
    if row["standing"] is not None:
        yield "standing", row["standing"]
    if row["known"] is not None:
        sometimes = " sometimes" if row["known"]["sometimes"] else ""
        yield "known", f"{row['known']['outcome']}{sometimes}: {row['known']['reason']}"
    if row["remark"]:
        yield "remark", row["remark"]
    for name in ("promised", "seen", "line", "unjudged"):
        value = row["evidence"].get(name)
        if value:
            yield name, text.bounded(str(value))
    for name, value in row["evidence"].get("recorded", {}).items():
        yield f"recorded.{name}", text.bounded(value)


def _whole(told: Document) -> Iterator[tuple[str, str]]:
    yield "mpconform", told["mpconform"]
    yield "spec", told["spec"]
    yield "implementation", told["implementation"]
    yield "version", told["version"]["number"]
    yield "documentation", told["documentation"]
    yield "interpreter", f"{told['interpreter']['implementation']} {told['interpreter']['release']}"
    yield "platform", told["platform"]
    shard = told["selection"]["shard"]
    if shard is not None:
        yield "shard", f"{shard['number']}/{shard['of']}"
    yield "complete", str(told["complete"]).lower()
