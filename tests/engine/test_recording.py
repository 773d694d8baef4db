"""From a run to its baseline: what is kept of what was known, what is added, what is forgotten."""

from __future__ import annotations

from mpconform.baselines.baseline import Baseline, Deviation
from mpconform.baselines.recording import recorded
from mpconform.outcomes import Outcome
from mpconform.reports.document import Row


def row(clause: str, outcome: Outcome, method: str | None = None, case: str | None = None) -> Row:
    """What a report says of one check."""
    return {
        "check": clause,
        "clause": clause,
        "chapter": "log",
        "level": "MUST",
        "method": method,
        "case": case,
        "outcome": outcome.value,
        "known": None,
        "seconds": 0.0,
        "evidence": {},
    }


def before(*deviations: Deviation) -> Baseline:
    """A baseline with a floor of two chapters."""
    return Baseline("mine", "3.11", {"log": 4, "queues": 9}, deviations)


def test_what_was_not_judged_stays_and_what_is_kept_now_goes() -> None:
    other = Deviation("a.other", Outcome.BROKEN, "reason", "link")
    mended = Deviation("a.mended", Outcome.BROKEN, "reason", "link")
    after = recorded(before(other, mended), [row("a.mended", Outcome.KEPT)], {}, "3.11")
    assert after.deviations == (other,)


def test_a_reason_stays_though_the_outcome_changes() -> None:
    known = Deviation("a.clause", Outcome.BROKEN, "reason", "link")
    after = recorded(before(known), [row("a.clause", Outcome.HUNG)], {}, "3.11")
    assert after.deviations == (Deviation("a.clause", Outcome.HUNG, "reason", "link"),)


def test_what_is_new_is_folded_and_waits_for_its_reason() -> None:
    rows = [
        row("a.clause", Outcome.BROKEN, method, case) for method in ("spawn", "fork") for case in ("second", "first")
    ]
    after = recorded(before(), rows, {}, "3.11")
    assert after.deviations == (
        Deviation("a.clause", Outcome.BROKEN, methods=("fork", "spawn"), cases=("first", "second")),
    )


def test_a_race_that_was_not_seen_this_time_stays_known() -> None:
    race = Deviation("a.race", Outcome.BROKEN, "reason", "link", methods=("fork", "spawn"), sometimes=True)
    rows = [row("a.race", Outcome.KEPT, "fork"), row("a.race", Outcome.BROKEN, "spawn")]
    assert recorded(before(race), rows, {}, "3.11").deviations == (race,)


def test_the_floor_is_replaced_for_the_chapters_that_ran_whole() -> None:
    assert recorded(before(), [], {"log": 7}, "3.11").floor == {"log": 7, "queues": 9}


def test_the_errata_speak_for_the_standard_library_alone() -> None:
    rows = [row("queue.put.pickles-here", Outcome.BROKEN)]
    (entry,) = recorded(Baseline("stdlib", "3.11"), rows, {}, "3.11").deviations
    assert entry.reason.startswith("The page: ")
    assert "issues/109554" in entry.link
    (entry,) = recorded(before(), rows, {}, "3.11").deviations
    assert (entry.reason, entry.link) == ("", "")
