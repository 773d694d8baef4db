"""A JUnit document is of use to whoever reads it: the clause, its level and page, what came of it and what is known."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from documents import row
from mpconform.baselines.baseline import Deviation
from mpconform.outcomes import Outcome
from mpconform.pytest_plugin.junit import properties

Command = Callable[..., subprocess.CompletedProcess[str]]

BASELINE = """
implementation = "wrong"
version = "3.11"

[[deviation]]
clause = "log.stderr.signature"
outcome = "broken"
reason = "its own default"
link = "https://example.org/1"
"""
WRONG = """from multiprocessing import *

def log_to_stderr(level=10):
    raise ValueError("x" * 100)
"""


def told(element: ElementTree.Element) -> dict[str, str]:
    """The properties of a check, or of the whole."""
    return {each.get("name", ""): each.get("value", "") for each in element.findall("properties/property")}


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_is_told_with_clause_level_and_page(outcome: Outcome) -> None:
    found = dict(properties(row("log.children.name[spawn]", outcome, seen="it"), (3, 13)))
    assert found["outcome"] == outcome.value
    assert (found["clause"], found["level"], found["method"]) == ("log.children.name", "MUST", "spawn")
    assert str(found["link"]).startswith("https://docs.python.org/3.13/library/multiprocessing.html#")
    assert str(found["sentence"]).endswith(".")
    assert "known" not in found
    assert "case" not in found


def test_a_known_deviation_is_told_with_its_reason() -> None:
    for sometimes, said in ((False, "broken: as ever"), (True, "broken sometimes: as ever")):
        known = Deviation("any", Outcome.BROKEN, "as ever", "link", sometimes=sometimes)
        found = dict(properties(row("log.logger.type", Outcome.BROKEN, known=known), (3, 13)))
        assert (found["known"], found["standing"]) == (said, "known")


def test_what_is_recorded_and_seen_is_told_and_no_more_than_a_page_of_it() -> None:
    found = dict(properties(row("log.logger.name", Outcome.UNSPECIFIED, recorded="z" * 9000), (3, 13)))
    assert str(found["recorded.way"]).startswith("zzz")
    assert len(str(found["recorded.way"])) < 5000
    assert "recorded.way" not in dict(properties(row("log.logger.name", Outcome.UNSPECIFIED), (3, 13)))


@pytest.mark.parametrize("workers", [[], ["-n1"]], ids=["alone", "a-worker"])
def test_the_document_of_a_run(mpconform: Command, tmp_path: Path, workers: list[str]) -> None:
    (tmp_path / "wrong.py").write_text(WRONG)
    (tmp_path / "known.toml").write_text(BASELINE)
    clauses = ("log.stderr.signature", "log.logger.type", "log.stderr.returns", "log.logger.name")
    ended = mpconform(
        "run", "--impl=wrong", *clauses, "--baseline=known.toml", "--junitxml=junit.xml", "-q", *workers, COLUMNS="60"
    )
    assert ended.returncode == 1, ended.stdout + ended.stderr
    suite = ElementTree.parse(tmp_path / "junit.xml").getroot().find("testsuite")
    assert suite is not None
    whole = told(suite)
    assert (whole["implementation"], whole["complete"]) == ("wrong", "true")
    assert whole.keys() >= {"mpconform", "spec", "version", "documentation", "interpreter", "platform"}
    checks = {each.get("name", ""): each for each in suite.findall("testcase")}
    assert checks.keys() == {*clauses}
    assert {each.get("classname") for each in checks.values()} == {"log"}
    for name, each in checks.items():
        found = told(each)
        assert found["clause"] == name
        assert "mpconform" not in found
    known = checks["log.stderr.signature"]
    assert told(known)["known"] == "broken: its own default"
    skipped = known.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == "broken, known: its own default"
    failure = checks["log.stderr.returns"].find("failure")
    assert failure is not None
    message = failure.get("message", "")
    assert message.startswith("broken: promised ")
    assert "; seen " in message
    assert "..." not in message, "the width of a terminal is nothing to a document"
    assert "page      https://" in (failure.text or "")
    assert told(checks["log.logger.name"])["outcome"] == "unspecified"
