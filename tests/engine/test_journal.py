"""A run that ends before its time is taken up where it was left: what was judged is not judged again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.errors import Unusable
from mpconform.matrix.cells import Wanted, plan
from mpconform.matrix.folder import Folder
from mpconform.outcomes import Outcome, Verdict
from mpconform.reports import journal
from mpconform.reports.files import Unwritten
from mpconform.reports.journal import Journal, Origin
from mpconform.selection import select

Command = Callable[..., subprocess.CompletedProcess[str]]
COUNTS = """
import os
def get_logger():
    with open("PATH", "a") as file:
        file.write("x")
    return multiprocessing.get_logger()
import multiprocessing
"""
"""An implementation that leaves a trace of each check of log.logger.type, as many as it has cases."""
BROKEN = Verdict(Outcome.BROKEN, "that", "this", absent=("Queue",), recorded={"way": "ö\udcff"}, seconds=0.25)


@pytest.fixture
def of() -> Origin:
    """The origin of an implementation that there is not."""
    return journal.origin(Adapter("mine", "mine"), interpreter(None), 1.0, 30.0)


def test_verdicts_are_read_as_they_were_written(tmp_path: Path, of: Origin) -> None:
    path = tmp_path / "verdicts"
    first = Journal(path, of, begins=True)
    first.add("log.logger.type", BROKEN)
    Journal(path, of, begins=False).add("log.logger.one", Verdict(Outcome.KEPT))  # as a worker of the same run does
    assert Journal(path, of, begins=True).verdicts == {
        "log.logger.type": BROKEN,
        "log.logger.one": Verdict(Outcome.KEPT),
    }
    assert journal.written(path) == 2
    first.end()
    assert journal.written(path) == 0
    assert Journal(path, of, begins=True).verdicts == {}


def test_the_time_of_each_part_counts_and_that_between_them_does_not(
    tmp_path: Path, of: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "verdicts"

    def part(began: float, *verdicts: float) -> float:
        """Seconds that had been spent before this part, whose verdicts come at these times."""
        monkeypatch.setattr(journal.time, "time", lambda: began)
        one = Journal(path, of, begins=True)
        for number, at in enumerate(verdicts):
            monkeypatch.setattr(journal.time, "time", lambda at=at: at)
            Journal(path, of, begins=False).add(f"log.{number}", BROKEN)
        return one.spent

    assert part(100.0, 103.0, 110.0) == 0
    assert part(5000.0) == 10  # nothing was judged in this one
    assert part(9000.0, 9005.0, 9002.0) == 10
    assert part(10000.0) == 15


def test_our_own_fault_is_judged_again(tmp_path: Path, of: Origin) -> None:
    one = Journal(tmp_path / "verdicts", of, begins=True)
    one.add("log.logger.type", Verdict(Outcome.HARNESS))
    assert journal.read(one.path, of) == {}


@pytest.mark.parametrize("cut", range(1, 400, 7))
def test_a_line_that_was_cut_off_is_not_counted(tmp_path: Path, of: Origin, cut: int) -> None:
    path = tmp_path / "verdicts"
    one = Journal(path, of, begins=True)
    header = path.stat().st_size
    for id in ("log.logger.type", "log.logger.one"):
        one.add(id, BROKEN)
    os.truncate(path, max(path.stat().st_size - cut * 5, 1))
    whole = journal.written(path) if path.stat().st_size >= header else 0
    again = Journal(path, of, begins=True)
    assert len(again.verdicts) == whole
    again.add("log.logger.name", BROKEN)
    assert [*journal.read(path, of)][-1] == "log.logger.name"


def test_verdicts_of_another_origin_are_refused_in_a_sentence(tmp_path: Path, of: Origin) -> None:
    path = tmp_path / "verdicts"
    Journal(path, of, begins=True)
    running = interpreter(None)
    for other, what in (
        (journal.origin(Adapter("his", "mine"), running, 1.0, 30.0), "another implementation (mine, here his)"),
        (journal.origin(Adapter("mine", "ours"), running, 1.0, 30.0), "another adapter"),
        (journal.origin(Adapter("mine", "mine"), replace(running, path="/x"), 1.0, 30.0), "another interpreter ("),
        (journal.origin(Adapter("mine", "mine"), running, 2.0, 30.0), "another waits (patience 1,"),
        ({**of, "spec": "0" * 16}, "another spec ("),
    ):
        with pytest.raises(Unusable) as told:
            Journal(path, other, begins=True)
        assert f"--resume={path}: it holds verdicts of {what}" in str(told.value)


@pytest.mark.parametrize("text", ["a letter to a friend\n", "[1]\n", "{}\n", '{"spec": 1}\n', "\0"])
def test_a_file_of_something_else_is_refused_and_stays(tmp_path: Path, of: Origin, text: str) -> None:
    path = tmp_path / "letter"
    path.write_text(text)
    with pytest.raises(Unusable, match="it holds"):
        Journal(path, of, begins=True)
    assert path.read_text() == text


@pytest.mark.parametrize("path", ["/dev/full", "/dev/zero", "/proc/nowhere/file", "/"])
def test_what_cannot_be_such_a_file_is_refused(path: str, of: Origin) -> None:
    with pytest.raises(Unusable, match=f"^--resume={path}: .*; name another file$"):
        Journal(Path(path), of, begins=True)


def test_a_full_disk_is_told_once_and_the_run_goes_on(tmp_path: Path, of: Origin) -> None:
    path = tmp_path / "verdicts"
    one = Journal(path, of, begins=True)
    one.path = Path("/dev/full")
    with pytest.raises(Unwritten, match=r"cannot be written \(No space left on device\); what is judged from here on"):
        one.add("log.logger.type", BROKEN)
    one.add("log.logger.one", BROKEN)


def test_a_run_that_was_killed_is_taken_up(mpconform: Command, module: Callable[[str], str], tmp_path: Path) -> None:
    option = module(COUNTS.replace("PATH", str(tmp_path / "asked")))
    words = ["run", option, "log.logger", "-n2", "--resume=verdicts", "--report=report.json", "--start-method=fork"]
    program = Path(sys.executable).with_name("mpconform")
    with subprocess.Popen([program, *words], cwd=tmp_path, stdout=subprocess.PIPE, start_new_session=True) as run:
        while run.poll() is None and journal.written(tmp_path / "verdicts") < 2:
            pass  # it is written at once; a wait would only make it later
        os.killpg(run.pid, signal.SIGKILL)
        run.communicate()
    lines = (tmp_path / "verdicts").read_text().splitlines()
    judged = {json.loads(line)["check"] for line in lines if line.startswith('{"check": ') and line.endswith("}")}
    assert len(judged) >= 2
    asked = len((tmp_path / "asked").read_text())
    ended = mpconform(*words)
    assert ended.returncode == 0, ended.stdout
    told = json.loads((tmp_path / "report.json").read_text())
    assert told["complete"]
    assert judged < {row["check"] for row in told["checks"]}
    assert not (tmp_path / "verdicts").exists()
    asked = len((tmp_path / "asked").read_text()) - asked
    (tmp_path / "asked").unlink()
    assert mpconform(*words).returncode == 0
    assert asked < len((tmp_path / "asked").read_text())


def test_what_was_judged_for_another_origin_is_put_away_and_told(mpconform: Command, tmp_path: Path) -> None:
    (cell,) = plan(Wanted(("stdlib",), (sys.executable,), (), select(["log.logger.type"]), None, 1.0))
    assert cell.reached is not None
    assert cell.running is not None
    place = tmp_path / "out" / "cells" / cell.name
    place.mkdir(parents=True)
    other = {**journal.origin(cell.reached, cell.running, 1.0, 30.0), "spec": "0" * 16}
    for text, why in (
        (json.dumps(other) + "\n", "of another spec (0000000000000000, here "),
        ("no verdicts", "it cannot"),
    ):
        (place / "verdicts.jsonl").write_text(text)
        assert Folder(tmp_path / "out", None).put_away(cell).read_text() == text
        (place / "verdicts.jsonl").write_text(text)
        words = ("matrix", "out", "--impl=stdlib", f"--python={sys.executable}", "log.logger.type", "--again")
        ended = mpconform(*words)
        assert f"does not count ({why}" in ended.stdout, ended.stdout + ended.stderr
        assert "1 judged" in ended.stdout
        assert {path.name for path in place.iterdir()} == {"lock"}, "it is needed no more"
