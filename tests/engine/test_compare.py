"""Two runs are compared: what became worse is told first, and closes a gate."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from documents import made, row, selection, shard, written
from mpconform import cli
from mpconform.baselines.baseline import Deviation
from mpconform.checks import known
from mpconform.errors import Unusable
from mpconform.outcomes import DEVIATIONS, Outcome
from mpconform.reports import difference
from mpconform.reports.colour import plain
from mpconform.reports.comparison import Change, Comparison, Kind, compare
from mpconform.reports.document import Document
from mpconform.reports.reading import Named

MUST, SHOULD, OPEN = "log.logger.type", "context.fork.no-warning[fork]", "log.logger.name"
KEPT, BROKEN = row(MUST), row(MUST, Outcome.BROKEN, seen="a list")


def compared(first: Document, second: Document, *, shared: bool = False) -> Comparison:
    """The two, as a.json and b.json."""
    return compare(Named("a.json", first), Named("b.json", second), shared=shared)


def kinds(found: Comparison) -> list[Kind]:
    """What has become of what differs."""
    return [change.kind for change in found.changes]


def became(before: Outcome, after: Outcome, id: str = MUST) -> list[Kind]:
    """What becomes of one check."""
    return kinds(compared(made(row(id, before)), made(row(id, after))))


def test_levels_are_as_the_tests_here_take_them() -> None:
    levels = [known()[id.partition("[")[0]].level.value for id in (MUST, SHOULD, OPEN)]
    assert levels == ["MUST", "SHOULD", "UNSPECIFIED"]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_nothing_has_changed_where_every_outcome_is_the_same(outcome: Outcome) -> None:
    found = compared(made(row(MUST, outcome)), made(row(MUST, outcome)))
    assert (found.changes, found.is_worse, found.checks) == ((), False, 1)


@pytest.mark.parametrize("after", [*sorted(DEVIATIONS), Outcome.NOT_OFFERED, Outcome.BLOCKED, Outcome.HARNESS])
@pytest.mark.parametrize("id", [MUST, SHOULD])
def test_a_promise_that_is_no_longer_kept_became_worse_and_heals_again(id: str, after: Outcome) -> None:
    assert became(Outcome.KEPT, after, id) == [Kind.WORSE]
    assert became(after, Outcome.KEPT, id) == [Kind.HEALED]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (Outcome.BROKEN, Outcome.HUNG, Kind.CHANGED),
        (Outcome.BLOCKED, Outcome.BROKEN, Kind.CHANGED),
        (Outcome.LEAKED, Outcome.BROKEN, Kind.WORSE),
        (Outcome.BROKEN, Outcome.LEAKED, Kind.CHANGED),
        (Outcome.NOT_OFFERED, Outcome.BROKEN, Kind.WORSE),
        (Outcome.NOT_APPLICABLE, Outcome.BROKEN, Kind.WORSE),
        (Outcome.NOT_APPLICABLE, Outcome.KEPT, Kind.CHANGED),
        (Outcome.KEPT, Outcome.NOT_APPLICABLE, Kind.CHANGED),
    ],
)
def test_other_changes_are_told_apart(before: Outcome, after: Outcome, kind: Kind) -> None:
    assert became(before, after) == [kind]


def test_what_is_unspecified_is_no_promise() -> None:
    assert became(Outcome.UNSPECIFIED, Outcome.BLOCKED, OPEN) == [Kind.CHANGED]
    before = row(OPEN, Outcome.UNSPECIFIED)
    after = row(OPEN, Outcome.BROKEN)
    after["level"] = "MUST"  # in a later spec
    assert kinds(compared(made(before, spec="0" * 16), made(after), shared=True)) == [Kind.CHANGED]


def test_the_silence_that_an_adapter_claims_is_a_promise_of_its_own() -> None:
    assert became(Outcome.UNSPECIFIED, Outcome.BROKEN, OPEN) == [Kind.WORSE]


def test_other_behaviour_where_the_page_leaves_a_choice_is_told_and_no_more() -> None:
    first, second = (
        made(row(OPEN, Outcome.UNSPECIFIED, recorded="a")),
        made(row(OPEN, Outcome.UNSPECIFIED, recorded="b")),
    )
    assert kinds(compared(first, second)) == [Kind.RECORDED]
    assert not compared(first, second).is_worse


def test_what_is_known_to_deviate_sometimes_closes_no_gate() -> None:
    sometimes = Deviation("any", Outcome.BROKEN, "reason", "link", sometimes=True)
    assert kinds(compared(made(KEPT), made(row(MUST, Outcome.BROKEN, known=sometimes)))) == [Kind.CHANGED]
    assert kinds(compared(made(KEPT), made(row(MUST, Outcome.HUNG, known=sometimes)))) == [Kind.WORSE]
    always = Deviation("any", Outcome.BROKEN, "reason", "link")
    assert kinds(compared(made(KEPT), made(row(MUST, Outcome.BROKEN, known=always)))) == [Kind.WORSE]


def test_a_kept_promise_that_is_not_judged_any_more_became_worse_where_the_run_means_to_judge_it() -> None:
    assert kinds(compared(made(KEPT), made())) == [Kind.WORSE]
    assert kinds(compared(made(KEPT), made(selected=selection(chapters=["log"])))) == [Kind.WORSE]
    for others in (selection(chapters=["pool"]), selection(clauses=["log.logger.one"]), selection(parts=["-k=x"])):
        assert kinds(compared(made(KEPT), made(selected=others))) == [Kind.GONE]
    assert kinds(compared(made(BROKEN), made())) == [Kind.GONE]
    assert kinds(compared(made(), made(BROKEN))) == [Kind.CAME]


# Which documents can be compared


def test_different_specs_are_refused_and_compared_by_what_they_share_when_asked() -> None:
    older = made(KEPT, row(SHOULD), spec="0" * 16, mpconform="0.0.9")
    newer = made(BROKEN, row("log.logger.one", Outcome.BROKEN))
    with pytest.raises(Unusable) as told:
        compared(older, newer)
    assert re.match(r"a\.json and b\.json: made from different specs \(0{16} of mpconform 0\.0\.9, ", str(told.value))
    assert "--shared" in str(told.value)
    found = compared(older, newer, shared=True)
    assert (sorted(kinds(found)), found.checks) == ([Kind.WORSE, Kind.GONE, Kind.CAME], 1)


@pytest.mark.parametrize(
    ("second", "sentence"),
    [
        (made(KEPT, complete=False), "the run is not complete"),
        (shard(2, 3, KEPT), "shard 2 of 3 alone; put them together first"),
    ],
)
def test_a_document_that_is_not_all_of_a_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], second: Document, sentence: str
) -> None:
    one, other = written(tmp_path, "a.json", made(KEPT)), written(tmp_path, "b.json", second)
    for words in ([one, other], [other, one]):
        assert cli.main(["compare", *words]) == 2
        told = capsys.readouterr()
        assert told.out == ""
        assert told.err.startswith(f"mpconform: {other}: {sentence}")
        assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "compare takes two documents, not 0"),
        (["a", "b", "c"], "compare takes two documents, not 3"),
        (["a", "b", "--format=html"], "--format=html: there are text and markdown"),
    ],
)
def test_usage_is_told(capsys: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    assert cli.main(["compare", *words]) == 2
    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("format", ["text", "markdown"])
def test_the_exit_status_is_a_gate(tmp_path: Path, capsys: pytest.CaptureFixture[str], format: str) -> None:
    good, bad = written(tmp_path, "good.json", made(KEPT)), written(tmp_path, "bad.json", made(BROKEN))
    words = ["compare", f"--format={format}"]
    assert cli.main([*words, good, bad]) == 1
    assert "1 promise became worse, of 1 checks that both runs have" in capsys.readouterr().out
    assert cli.main([*words, bad, good]) == 0
    assert "no promise became worse" in capsys.readouterr().out


def test_the_gate_is_closed_too_where_nobody_reads_on(tmp_path: Path) -> None:
    good, bad = written(tmp_path, "good.json", made(KEPT)), written(tmp_path, "bad.json", made(BROKEN))
    read_end, write_end = os.pipe()
    os.close(read_end)
    command = [str(Path(sys.executable).with_name("mpconform")), "compare", good, bad]
    ended = subprocess.run(command, stdout=write_end, stderr=subprocess.PIPE, text=True, timeout=60)
    os.close(write_end)
    assert (ended.returncode, ended.stderr) == (1, "")


# What is told


NAMES = [f"log.children.name[{method}]" for method in ("fork", "spawn")]


def test_a_terminal_shows_each_clause_and_start_method_with_what_was_seen() -> None:
    first = made(*map(row, NAMES), BROKEN)
    second = made(*(row(id, Outcome.BROKEN, seen="it\x1b[31m\nis") for id in NAMES), KEPT)
    told = list(difference.lines(compared(first, second), plain))
    assert told[0] == "first   a.json: mine 1.2 on 3.13.2, edition 3.13, " + made()["platform"]
    assert told[1].endswith("1 of 2 MUST clauses kept; 1 broken; 0 not run")
    assert "became worse: 2" in told
    for method in ("fork", "spawn"):
        assert f"  log.children.name [{method}] MUST: kept -> broken; it\\x1b[31m is" in told
    assert "  log.logger.type [-] MUST: broken -> kept; a list" in told
    assert told[-1] == "1 promise became worse, of 3 checks that both runs have"


def test_cases_of_one_outcome_stand_in_one_line() -> None:
    ids = [f"pool.exception.several[fork-{case}]" for case in ("map", "starmap")]
    found = compared(made(*(row(id, recorded="0") for id in ids)), made(*(row(id, recorded="1") for id in ids)))
    told = list(difference.lines(found, plain))
    assert "  pool.exception.several [fork] MAY: kept (map, starmap); way 0 before; way 1 now" in told


def many(number: int, kind: Kind) -> Comparison:
    """So many changes."""
    clauses = [clause for clause in known().values() if clause.level.value == "MUST" and not clause.cases][:number]
    assert len(clauses) == number
    rows = [row(clause.id) for clause in clauses]
    broken = [row(clause.id, Outcome.BROKEN, seen="`|x|` " * 30) for clause in clauses]
    pairs = zip(rows, broken, strict=True)
    changes = [Change(kind, *((a, b) if kind is Kind.WORSE else (b, a))) for a, b in pairs]
    return Comparison(Named("a.json", made(*rows)), Named("b.json", made(*broken)), tuple(changes), number)


def test_a_terminal_lists_all_that_became_worse_and_some_of_the_rest() -> None:
    number = difference.LISTED + 5
    worse = list(difference.lines(many(number, Kind.WORSE), plain))
    assert sum(" -> broken" in line for line in worse) == number
    healed = list(difference.lines(many(number, Kind.HEALED), plain))
    assert sum(" -> kept" in line for line in healed) == difference.LISTED
    assert "  and 5 more; --all lists them" in healed
    assert sum(" -> kept" in one for one in difference.lines(many(number, Kind.HEALED), plain, every=True)) == number


def test_markdown_is_a_table_whatever_was_seen_and_fits_into_a_comment() -> None:
    told = list(difference.markdown(many(300, Kind.WORSE)))
    table = [line for line in told if line.startswith("| [")]
    assert len(table) == difference.WORST
    for line in table:
        assert len(re.findall(r"(?<!\\)\|", line)) == 7, line
    assert "`` `\\|x\\|` " in table[0]
    assert "and 200 more" in told
    assert len("\n".join(told)) < 65_536
    assert len([one for one in difference.markdown(many(300, Kind.WORSE), every=True) if one.startswith("| [")]) == 300


def test_markdown_leads_to_the_page_of_the_later_edition_and_names_the_start_method() -> None:
    ids = [f"pool.exception.several[fork-{case}]" for case in ("map", "starmap")]
    found = compared(made(*map(row, ids)), made(*(row(id, Outcome.HUNG) for id in ids), documentation="3.14"))
    told = [line for line in difference.markdown(found) if "pool.exception.several" in line]
    assert len(told) == 1
    assert told[0].startswith("| [`pool.exception.several`](https://docs.python.org/3.14/library/multiprocessing.html#")
    assert told[0].endswith("| `fork: map, starmap` | MAY | kept | hung | `that` |")


def test_a_clause_that_this_version_does_not_know_has_no_link() -> None:
    first, second = (made({**each, "clause": "log.gone", "check": "log.gone"}) for each in (KEPT, BROKEN))  # type: ignore[typeddict-item]
    told = list(difference.markdown(compared(first, second)))
    assert any(line.startswith("| `log.gone` | `-` | MUST | kept | broken |") for line in told)


def test_what_a_run_was_confined_to_is_told() -> None:
    first = made(KEPT, selected=selection(chapters=["log"], parts=["-k=type"]))
    assert "- before: 1 of 1 MUST clauses kept; none broken; 0 not run (`--chapter=log -k=type` alone)" in list(
        difference.markdown(compared(first, made(KEPT)))
    )


def test_of_long_records_that_part_to_see_is_where_they_differ() -> None:
    first, second = (made(row(OPEN, Outcome.UNSPECIFIED, recorded="x" * 500 + end)) for end in ("one", "two"))
    told = next(line for line in difference.lines(compared(first, second), plain) if OPEN in line)
    assert re.fullmatch(r"  log\.logger\.name \[-\] UNSPECIFIED: unspecified; …x{25}one before; …x{25}two now", told)
