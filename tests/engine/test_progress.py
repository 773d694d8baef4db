"""Who waits for a run sees how far it has come: in a terminal at any time, in a file every so often."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from documents import row
from mpconform.outcomes import Outcome
from mpconform.pace import Pace, spoken
from mpconform.pytest_plugin.failures import ROW
from mpconform.pytest_plugin.progress import EVERY, Lines, Progress


class Clock:
    """A clock that goes on where it is told to."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def report(when: str, outcome: Outcome = Outcome.KEPT) -> Any:
    """What pytest tells of a check, at its call or at its end."""
    return SimpleNamespace(when=when, user_properties=[(ROW, row("log.logger.type", outcome))])


def after(progress: Progress, *outcomes: Outcome) -> str:
    """What is told once these have come."""
    for outcome in outcomes:
        for when in ("setup", "call", "teardown"):
            progress.pytest_runtest_logreport(report(when, outcome))
    return progress.told


def test_the_share_what_deviates_and_the_time_left_are_told() -> None:
    clock = Clock()
    progress = Progress(clock)
    progress.pytest_xdist_node_collection_finished(["one"] * 200)
    assert progress.told == "0 %, 0 of 200 checks; none deviates"
    clock.now = 10
    assert after(progress, *[Outcome.KEPT] * 20) == "10 %, 20 of 200 checks; none deviates; 2 min left"
    told = after(progress, Outcome.BROKEN)
    assert told.startswith("10 %, 21 of 200 checks; 1 deviates, 1 not as recorded; ")
    assert after(progress, Outcome.LEAKED, Outcome.HARNESS).startswith(
        "11 %, 23 of 200 checks; 2 deviate, 3 not as recorded; "
    )
    clock.now = 3600
    assert after(progress).endswith("; 7 h 42 min left")
    clock.now = 12
    assert after(progress, *[Outcome.KEPT] * 160).endswith("; 1 s left")
    assert "left" not in after(progress, *[Outcome.KEPT] * 17)


def test_what_is_left_is_guessed_by_how_it_went_lately() -> None:
    clock = Clock()
    pace = Pace(clock)
    assert pace.left(100) is None
    for second in range(1, 601):  # 2,500 checks that are skipped, and then one each six seconds
        clock.now = second
        pace.sees(2500 + (second - 60) // 6 if second > 60 else second * 2500 // 60)
    assert 5000 < (pace.left(850) or 0) < 5200
    clock.now = 9000  # one that hangs
    assert (pace.left(850) or 0) == pytest.approx(9000 / 2590 * 850)


@pytest.mark.parametrize(("seconds", "words"), [(0.4, "0 s"), (89, "89 s"), (91, "2 min"), (5400, "1 h 30 min")])
def test_times_are_read_at_a_glance(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


def test_nothing_is_told_of_a_run_of_a_few_checks() -> None:
    progress = Progress(Clock())
    progress.pytest_xdist_node_collection_finished(["one"] * 3)
    assert after(progress, Outcome.KEPT) == ""


def test_a_file_gets_a_line_every_so_often_and_no_more() -> None:
    clock, said = Clock(), []
    reporter = SimpleNamespace(write_line=said.append, flush=lambda: None)
    config: Any = SimpleNamespace(pluginmanager=SimpleNamespace(get_plugin={"terminalreporter": reporter}.get))
    progress = Progress(clock)
    progress.pytest_xdist_node_collection_finished(["one"] * 100)
    lines = Lines(config, progress, clock)
    for second in range(0, 100, 10):
        clock.now = second
        for when in ("call", "teardown"):
            progress.pytest_runtest_logreport(report(when))
            lines.pytest_runtest_logreport(report(when))
    assert EVERY == 60
    assert said == ["7 %, 7 of 100 checks; none deviates; 16 min left"]


@pytest.mark.parametrize(
    ("environment", "moves", "colours"),
    [({}, True, True), ({"NO_COLOR": "1"}, True, False), ({"TERM": "dumb"}, False, False)],
    ids=["any", "no-colour", "dumb"],
)
def test_a_terminal_shows_it_below_the_last_line(
    environment: dict[str, str], moves: bool, colours: bool, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from test_interrupted import on_a_terminal

    for name in ("NO_COLOR", "FORCE_COLOR", "PY_COLORS"):
        monkeypatch.delenv(name, raising=False)
    # Programs and sessions: they take longer than the moment in which nothing is shown, on a fast machine as well.
    told = on_a_terminal(["run", "--impl=stdlib", "--chapter=examples", "--start-method=fork"], tmp_path, **environment)
    assert ("% , " in told.replace(" %, ", "% , ")) == moves, told
    assert ("\x1b[A" in told) == moves
    assert ("m" in {piece.lstrip("0123456789;")[:1] for piece in told.split("\x1b[")[1:]}) == colours
    last = told.rstrip().splitlines()[-1]
    assert "PASSED  stdlib on 3.11: no deviation" in last.replace(_here(), "3.11")


def _here() -> str:
    import sys

    return "{}.{}".format(*sys.version_info)
