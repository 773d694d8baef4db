"""From a run to its baseline: what is kept of what was known, what is added, what is forgotten, version by version."""

from __future__ import annotations

from dataclasses import replace

import pytest
from mpconform import checks
from mpconform.adapters.interpreters import Interpreter
from mpconform.baselines.baseline import Baseline, Deviation, dotted, numbers
from mpconform.baselines.recording import recorded
from mpconform.outcomes import Outcome
from mpconform.reports.document import Row

BROKEN = Outcome.BROKEN


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
        "standing": None,
        "seconds": 0.0,
        "evidence": {},
    }


def python(version: str) -> Interpreter:
    """An interpreter of this exact version."""
    return Interpreter("python", numbers(version), "cpython", "linux")


def before(*deviations: Deviation, made_with: tuple[str, ...] = ("3.13.5",)) -> Baseline:
    """A baseline with a floor of two chapters."""
    return Baseline("mine", "3.13", {"log": 4, "queues": 9}, deviations, made_with)


def after(known: Baseline, *rows: Row, at: str = "3.13.5", whole: bool = True) -> tuple[Deviation, ...]:
    """The deviations that are known after a run with these rows, at an exact version."""
    return recorded(known, rows, {}, python(at), whole=whole).deviations


def test_what_was_not_judged_stays_and_what_is_kept_now_goes() -> None:
    other = Deviation("a.other", BROKEN, "reason", "link")
    mended = Deviation("a.mended", BROKEN, "reason", "link")
    assert after(before(other, mended), row("a.mended", Outcome.KEPT)) == (other,)


@pytest.mark.parametrize("outcome", [Outcome.BLOCKED, Outcome.HARNESS, Outcome.NOT_APPLICABLE])
def test_an_outcome_that_judges_nothing_changes_nothing(outcome: Outcome) -> None:
    known = Deviation("a.clause", BROKEN, "reason", "link")
    assert after(before(known), row("a.clause", outcome)) == (known,)


def test_a_reason_stays_though_the_outcome_changes() -> None:
    known = Deviation("a.clause", BROKEN, "reason", "link")
    assert after(before(known), row("a.clause", Outcome.HUNG)) == (
        Deviation("a.clause", Outcome.HUNG, "reason", "link"),
    )


def test_what_is_new_is_folded_and_waits_for_its_reason() -> None:
    rows = [row("a.clause", BROKEN, method, case) for method in ("spawn", "fork") for case in ("second", "first")]
    assert after(before(), *rows) == (
        Deviation("a.clause", BROKEN, methods=("fork", "spawn"), cases=("first", "second")),
    )


def test_an_entry_speaks_of_no_check_that_was_kept() -> None:
    rows = [
        row("a.clause", BROKEN, "fork", "first"),
        row("a.clause", Outcome.KEPT, "fork", "second"),
        row("a.clause", Outcome.KEPT, "spawn", "first"),
        row("a.clause", BROKEN, "spawn", "second"),
    ]
    known = after(before(), *rows)
    for each in rows:
        spoken_of = any(entry.speaks_of(each["clause"], each["method"], each["case"]) for entry in known)
        assert spoken_of == (each["outcome"] == BROKEN)


MANY = next(clause for clause in checks.known().values() if len(clause.methods) == 3 and len(clause.cases) > 2)
"""A clause with several start methods and cases."""


@pytest.mark.parametrize("named", [False, True], ids=["all-of-them", "by-name"])
def test_methods_and_cases_that_did_not_run_keep_what_is_known(named: bool) -> None:
    every = {(method, case) for method in MANY.methods for case in MANY.cases}
    known = Deviation(MANY.id, BROKEN, "reason", "link")
    if named:
        known = replace(known, methods=MANY.methods, cases=tuple(sorted(MANY.cases)))
    method, case = "spawn", next(iter(MANY.cases))
    left = after(before(known), row(MANY.id, Outcome.KEPT, method, case), whole=False)
    spoken_of = {point for point in every if any(entry.speaks_of(MANY.id, *point) for entry in left)}
    assert spoken_of == every - {(method, case)}
    assert after(before(known), row(MANY.id, BROKEN, method, case), whole=False) == (known,)


def test_a_clause_that_one_method_stands_for_is_known_by_whichever_ran() -> None:
    clause = next(clause for clause in checks.known().values() if clause.once and not clause.cases)
    known = Deviation(clause.id, BROKEN, "reason", "link", methods=("fork",))
    assert after(before(known), row(clause.id, BROKEN, "spawn")) == (known,)
    assert after(before(known), row(clause.id, Outcome.KEPT, "spawn")) == ()
    assert before(known).expected(checks.Check(clause, "spawn", None)) == known


def test_a_race_that_was_not_seen_this_time_stays_known() -> None:
    race = Deviation("a.race", BROKEN, "reason", "link", methods=("fork", "spawn"), sometimes=True)
    rows = [row("a.race", Outcome.KEPT, "fork"), row("a.race", BROKEN, "spawn")]
    assert after(before(race), *rows) == (race,)


def test_a_race_beside_what_always_deviates_is_known_as_well_as_that() -> None:
    always = Deviation("a.clause", BROKEN, "reason", "link")
    race = Deviation("a.clause", Outcome.HUNG, "another reason", "link", methods=("fork",), sometimes=True)
    known = before(always, race)
    assert {*after(known, row("a.clause", BROKEN, "fork"), row("a.clause", BROKEN, "spawn"))} == {always, race}
    assert {*after(known, row("a.clause", Outcome.HUNG, "fork"), row("a.clause", BROKEN, "spawn"))} == {always, race}
    healed = after(known, *(row("a.clause", Outcome.KEPT, method) for method in ("fork", "spawn", "forkserver")))
    assert healed == (race,)


def test_the_floor_is_replaced_for_the_chapters_that_ran_whole() -> None:
    assert recorded(before(), [], {"log": 7}, python("3.13.5")).floor == {"log": 7, "queues": 9}


def test_the_floor_of_a_baseline_that_serves_all_versions_is_that_of_the_one_with_the_fewest() -> None:
    known = replace(before(), version="every")
    assert recorded(known, [], {"log": 3, "queues": 10}, python("3.9.18")).floor == {"log": 3, "queues": 9}
    assert recorded(known, [], {"log": 7}, python("3.13.5")).floor == {"log": 7, "queues": 9}, "there is no other one"


def test_what_changes_between_minor_versions_changes_with_the_first_of_the_later_one() -> None:
    known = Deviation("a.clause", BROKEN, "reason", "link")
    assert after(before(known), row("a.clause", Outcome.KEPT), at="3.15.2") == (replace(known, until="3.15.0"),)
    new = after(before(), row("a.clause", BROKEN), at="3.15.2")
    assert [(entry.since, entry.until) for entry in new] == [("3.15.0", "")]
    early = after(before(), row("a.clause", BROKEN), at="3.9.18")
    assert [(entry.since, entry.until) for entry in early] == [("", "3.13.0")]


def test_the_errata_speak_for_the_standard_library_alone() -> None:
    rows = [row("queue.put.pickles-here", BROKEN)]
    (entry,) = after(Baseline("stdlib", "3.13"), *rows)
    assert entry.reason.startswith("The page: ")
    assert "issues/109554" in entry.link
    (entry,) = after(before(), *rows)
    assert (entry.reason, entry.link) == ("", "")


# Exact versions

CLAUSE = "a.clause"
KNOWN = Deviation(CLAUSE, BROKEN, "reason", "link")


def seen(deviations: tuple[Deviation, ...]) -> list[tuple[str, str]]:
    """The bounds of the entries, which are alike in all else."""
    assert {(known.outcome, known.reason) for known in deviations} <= {(BROKEN, "reason")}
    return [(known.since, known.until) for known in deviations]


@pytest.mark.parametrize(
    ("made_with", "bounds", "at", "outcome", "told"),
    [
        (("3.13.0",), ("", ""), "3.13.18", Outcome.KEPT, [("", "3.13.18")]),
        (("3.13.18",), ("", ""), "3.13.0", Outcome.KEPT, [("3.13.18", "")]),
        (("3.13.0",), ("", ""), "3.13.0", Outcome.KEPT, []),
        ((), ("", ""), "3.13.18", Outcome.KEPT, []),
        (("3.13.0", "3.13.9", "3.13.18"), ("", ""), "3.13.9", Outcome.KEPT, [("", "3.13.9"), ("3.13.18", "")]),
        (("3.13.0", "3.13.18"), ("3.13.18", ""), "3.13.9", BROKEN, [("3.13.9", "")]),
        (("3.13.0", "3.13.9"), ("", "3.13.9"), "3.13.18", BROKEN, [("", "3.13.9"), ("3.13.18", "")]),
        (("3.13.0", "3.13.18"), ("3.13.2", ""), "3.13.20", Outcome.KEPT, [("3.13.2", "3.13.20")]),
        (("3.13.0", "3.13.18"), ("3.13.2", "3.13.7"), "3.13.20", Outcome.KEPT, [("3.13.2", "3.13.7")]),
        (("3.13.0", "3.13.18"), ("3.13.2", ""), "3.13.20", BROKEN, [("3.13.2", "")]),
    ],
    ids=[
        "healed-later",
        "healed-earlier",
        "healed-where-it-was-seen",
        "nothing-is-known-of-others",
        "healed-between",
        "seen-earlier",
        "back-again",
        "a-bound-that-a-person-has-set-stays",
        "of-other-versions-alone",
        "as-known",
    ],
)
def test_what_is_known_of_other_exact_versions_stays(
    made_with: tuple[str, ...], bounds: tuple[str, str], at: str, outcome: Outcome, told: list[tuple[str, str]]
) -> None:
    known = Deviation(CLAUSE, BROKEN, "reason", "link", since=bounds[0], until=bounds[1])
    known_after = after(before(known, made_with=made_with), row(CLAUSE, outcome), at=at)
    assert sorted(seen(known_after)) == sorted(told)
    for version in {*made_with, at}:
        was = outcome is BROKEN if version == at else known.holds(numbers(version))
        assert any(entry.holds(numbers(version)) for entry in known_after) == was, version


def test_a_deviation_that_is_new_holds_from_where_it_was_first_seen() -> None:
    (entry,) = after(before(made_with=("3.13.0",)), row(CLAUSE, BROKEN), at="3.13.18")
    assert (entry.since, entry.until) == ("3.13.18", "")
    (entry,) = after(before(made_with=("3.13.18",)), row(CLAUSE, BROKEN), at="3.13.0")
    assert (entry.since, entry.until) == ("", "3.13.18")


def test_another_outcome_at_another_exact_version_stands_beside_the_known_one() -> None:
    known = after(before(KNOWN, made_with=("3.13.0",)), row(CLAUSE, Outcome.HUNG), at="3.13.18")
    assert {(entry.outcome, entry.since, entry.until) for entry in known} == {
        (BROKEN, "", "3.13.18"),
        (Outcome.HUNG, "3.13.18", ""),
    }


def test_a_run_is_recorded_with_its_exact_version_a_part_as_such() -> None:
    known = before(made_with=("3.13.0",))
    assert versions(recorded(known, [], {}, python("3.13.18"), whole=True)) == (("3.13.0", "3.13.18"), ())
    part = recorded(known, [], {}, python("3.13.18"), whole=False)
    assert versions(part) == (("3.13.0",), ("3.13.18",))
    assert versions(recorded(part, [], {}, python("3.13.18"), whole=True)) == (("3.13.0", "3.13.18"), ())
    assert versions(recorded(part, [], {}, python("3.13.0"), whole=False)) == versions(part)


def test_the_first_record_of_all_may_be_of_a_part() -> None:
    first = recorded(Baseline("mine", "3.13"), [row(CLAUSE, BROKEN)], {}, python("3.13.18"), whole=False)
    assert versions(first) == ((), ("3.13.18",))
    later = recorded(first, [row("a.other", BROKEN)], {}, python("3.13.20"), whole=False)
    assert [(entry.since, entry.until) for entry in later.deviations] == [("", ""), ("3.13.20", "")]


def versions(known: Baseline) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The exact versions that all was judged at, and those that a part was."""
    return known.recorded, known.partly


@pytest.mark.parametrize("seen", [BROKEN, Outcome.KEPT])
def test_what_a_part_has_shown_of_an_exact_version_is_not_forgotten(seen: Outcome) -> None:
    known = recorded(before(KNOWN, made_with=("3.13.0",)), [row(CLAUSE, seen)], {}, python("3.13.5"), whole=False)
    known = recorded(known, [row(CLAUSE, Outcome.KEPT)], {}, python("3.13.0"), whole=True)
    known = recorded(known, [row(CLAUSE, BROKEN)], {}, python("3.13.18"), whole=True)
    for version, was in [("3.13.0", False), ("3.13.5", seen is BROKEN), ("3.13.18", True)]:
        assert any(entry.holds(numbers(version)) for entry in known.deviations) == was, version


def test_pypys_own_version_decides() -> None:
    pypy = Interpreter("pypy3", (3, 11, 17), "pypy", "linux", own=(8, 0, 1))
    assert dotted(pypy.release) == "8.0.1"
    known = Baseline("mine", "pypy3.11", {}, (KNOWN,), ("7.3.19",))
    (entry,) = recorded(known, [row(CLAUSE, Outcome.KEPT)], {}, pypy, whole=True).deviations
    assert entry.until == "8.0.0"
    every = Baseline("mine", "every", {}, (KNOWN,), ("3.11.7",))
    assert recorded(every, [row(CLAUSE, Outcome.KEPT)], {}, pypy, whole=True).recorded == ("3.11.7", "3.11.17")
