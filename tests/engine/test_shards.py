"""A run in shards: together they have every check once, and their documents become that of the whole run."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import made, row, selection, shard, written
from mpconform import cli
from mpconform.checks import known
from mpconform.errors import Unusable
from mpconform.outcomes import Outcome
from mpconform.reports import files, reading, specification
from mpconform.reports.merging import merge
from mpconform.reports.reading import Named
from mpconform.shards import Shard
from mpconform.shards import shard as understood

Command = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
LOGGER = ("log.logger.type", "log.logger.one", "log.logger.silent", "log.logger.name", "log.logger.signature")


def test_every_check_is_in_one_shard_and_each_has_about_its_share() -> None:
    shares = [{id for id in known() if Shard(number, 4).takes(id)} for number in range(1, 5)]
    assert set().union(*shares) == {*known()}
    assert sum(map(len, shares)) == len(known())
    assert max(map(len, shares)) < 1.3 * min(map(len, shares))


def test_a_check_stays_in_its_shard_whatever_else_there_is() -> None:
    assert [number for number in range(1, 4) if Shard(number, 3).takes("log.logger.type")] == [1]


@pytest.mark.parametrize("text", ["0/3", "4/3", "1", "1/0", "a/b", "", "1/3/5", "-1/3", "1/1000000"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(Unusable, match=rf"^--shard={text}: a shard is I/N, as in 1/3 to 3/3"):
        understood(text)


def test_the_command_refuses_it_as_usage(mpconform: Command) -> None:
    ended = mpconform("run", "--impl=stdlib", "log.logger.type", "--shard=")
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "--shard=: a shard is I/N" in ended.stderr


def test_shards_run_and_merge_to_what_the_whole_run_would_be(mpconform: Command, tmp_path: Path) -> None:
    words = ("run", "--impl=stdlib", *LOGGER, "--start-method=fork", "-q")
    for number in (1, 2):
        assert mpconform(*words, f"--shard={number}/2", f"--report=part{number}.json").returncode == 0
    assert mpconform(*words, "--report=whole.json").returncode == 0
    ended = mpconform("merge", "merged.json", "part2.json", "part1.json")
    assert ended.returncode == 0, ended.stderr
    parts, whole = (json.loads((tmp_path / f"{name}.json").read_text()) for name in ("merged", "whole"))
    assert [one["check"] for one in parts["checks"]] == [one["check"] for one in whole["checks"]]
    assert len(parts["checks"]) >= len(LOGGER)
    for key in ("selection", "complete", "spec", "methods", "version"):
        assert parts[key] == whole[key], key
    assert reading.settled(str(tmp_path / "merged.json")).document == parts


def test_pytest_knows_the_option_too_and_a_shard_without_a_check_is_no_failure(tmp_path: Path) -> None:
    report = tmp_path / "none.json"
    words = ["conformance", "--impl=stdlib", "log.logger.type", "--shard=2/3", f"--report={report}"]
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "shard 2/3 has none of the 1 checks" in ended.stdout
    told = reading.read(str(report)).document
    assert (told["checks"], told["complete"]) == ([], True)
    assert told["selection"]["shard"] == {"number": 2, "of": 3}


# Documents become one


def named(*documents: object) -> list[Named]:
    """The documents, called a.json, b.json, and so on."""
    return [Named(f"{letter}.json", one) for letter, one in zip("abcdef", documents, strict=False)]  # type: ignore[arg-type]


ONE, TWO, THREE = row("log.logger.type"), row("log.logger.one"), row("queue.full.bounded", Outcome.BROKEN)


def test_all_shards_are_the_whole_run() -> None:
    merged = merge(named(shard(2, 2, ONE, seconds=4.0), shard(1, 2, THREE, TWO, started="1969-12-31T00:00:00+00:00")))
    assert merged == made(TWO, ONE, THREE, seconds=5.5, started="1969-12-31T00:00:00+00:00")
    assert merged["complete"]


def test_runs_of_chapters_are_one_run_of_these_chapters() -> None:
    of = [made(one, selected=selection(chapters=[one["chapter"]])) for one in (ONE, THREE)]
    assert merge(named(*of))["selection"] == selection(chapters=["log", "queues"])


def test_single_clauses_beside_a_whole_chapter_do_not_become_whole_chapters() -> None:
    whole = made(ONE, selected=selection(chapters=["log"]))
    single = made(THREE, selected=selection(chapters=["queues"], clauses=[THREE["clause"]]))
    assert merge(named(whole, single))["selection"]["clauses"] == [ONE["clause"], THREE["clause"]]


@pytest.mark.parametrize(
    ("documents", "sentence"),
    [
        ([shard(1, 2, ONE), shard(2, 2, TWO, spec="0" * 16)], "a.json and b.json: of different specs"),
        ([shard(1, 2, ONE), shard(2, 2, TWO, implementation="his")], "a.json and b.json: of different implementations"),
        (
            [shard(1, 2, ONE), shard(2, 2, TWO, version={"number": "1.3", "told_by": "module"})],
            "a.json and b.json: of different versions (1.2 by the module, 1.3 by the module)",
        ),
        (
            [shard(1, 2), shard(2, 2, interpreter={**made()["interpreter"], "release": "3.13.3"})],
            "a.json and b.json: of different interpreters (cpython 3.13.2, cpython 3.13.3)",
        ),
        ([shard(1, 2, ONE), shard(1, 2, ONE)], "a.json and b.json: both are shard 1 of 2"),
        ([shard(1, 2, ONE), shard(2, 2, ONE)], "a.json and b.json: they overlap, both have log.logger.type"),
        ([made(ONE), made(ONE)], "a.json and b.json: they overlap, both have log.logger.type"),
        ([shard(1, 3, ONE), shard(3, 3, TWO)], "a.json to b.json: of 3 shards, 2 is missing"),
        ([shard(2, 4, ONE)], "a.json: of 4 shards, 1, 3, 4 are missing"),
        ([shard(1, 2, ONE), shard(2, 3, TWO)], "a.json and b.json: the one of 2 shards, the other of 3"),
        ([shard(1, 2, ONE), shard(2, 2, TWO, complete=False)], "b.json: the run is not complete"),
    ],
    ids=[
        "spec",
        "implementation",
        "version",
        "interpreter",
        "twice",
        "overlap",
        "same",
        "missing",
        "most",
        "of",
        "cut",
    ],
)
def test_what_is_not_all_of_one_run_is_refused_in_a_sentence(documents: list[object], sentence: str) -> None:
    with pytest.raises(Unusable) as told:
        merge(named(*documents))
    assert str(told.value).startswith(sentence)
    assert "\n" not in str(told.value)


def test_a_file_that_is_there_is_not_written_over_by_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other = written(tmp_path, "1.json", shard(1, 1, ONE)), written(tmp_path, "2.json", shard(1, 1, ONE))
    before = Path(one).read_text()
    assert cli.main(["merge", one, other]) == 2
    assert "there is such a file already" in capsys.readouterr().err
    assert Path(one).read_text() == before
    assert cli.main(["merge", "--force", one, other]) == 0
    assert reading.settled(one).document == made(ONE)
    assert cli.main(["merge", one]) == 2


# Documents are read


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "no run document, since it is not JSON"),
        ("\x00\xff", "no run document, since it is not JSON"),
        ("[" * 100_000, "no run document, since it is not JSON"),
        ("[]", "no run document, since it names no version of its schema"),
        ("{}", "no run document, since it names no version of its schema"),
        ('{"schema": true}', "no run document, since it names no version of its schema"),
        (
            '{"schema": 3, "mpconform": "0.0.9"}',
            "a document of schema 3, made by mpconform 0.0.9, where this",
        ),
        ('{"schema": 4}', "no run document of schema 4: "),
        (json.dumps({**made(ONE), "complete": "yes"}), "no run document of schema 4: complete must be boolean"),
        (json.dumps(made({**ONE, "outcome": "fine"})), "no run document of schema 4: checks[0].outcome must be one of"),  # type: ignore[typeddict-item]
        (json.dumps(made(ONE, ONE)), "no run document of schema 4: it has log.logger.type more than once"),
    ],
    ids=["empty", "bytes", "deep", "list", "object", "true", "old", "bare", "kind", "outcome", "twice"],
)
@pytest.mark.parametrize("command", [["merge", "OUT", "FILE"], ["compare", "FILE", "FILE"], ["badge", "FILE"]])
def test_what_is_no_document_of_this_schema_is_told_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], command: list[str], text: str, sentence: str
) -> None:
    path = tmp_path / "run.json"
    path.write_text(text, encoding="latin-1")
    words = {"FILE": str(path), "OUT": str(tmp_path / "out.json")}
    assert cli.main([words.get(word, word) for word in command]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(f"mpconform: {path}: {sentence}")
    assert told.err.count("\n") == 1


def test_a_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match=r"nowhere\.json: cannot be read \(No such file"):
        reading.read(str(tmp_path / "nowhere.json"))


def test_a_full_disk_is_told_and_what_was_there_before_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, text: str, encoding: str) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    path = tmp_path / "run.json"
    path.write_text("before")
    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(Unusable, match=r"run\.json: cannot be written \(No space left") as told:
        files.put(path, "after")
    assert told.value.status == 3
    assert [each.name for each in tmp_path.iterdir()] == ["run.json"]
    assert path.read_text() == "before"


def test_a_run_whose_document_finds_no_room_has_failed(mpconform: Command) -> None:
    ended = mpconform("run", "--impl=stdlib", "log.logger.type", "--report=/dev/full")
    assert ended.returncode == 3
    assert "--report: /dev/full: cannot be written (No space left on device)" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


# The specification that it was made from


def test_a_fingerprint_changes_with_what_is_promised_with_the_checks_and_the_version() -> None:
    clauses = list(known().values())[:5]
    told = specification.fingerprint(clauses, "1.0")
    assert specification.fingerprint(reversed(clauses), "1.0") == told
    others = [
        clauses[1:],
        [clauses[0]._replace(id="log.else"), *clauses[1:]],
        [clauses[0]._replace(level=known()["log.logger.name"].level), *clauses[1:]],
        [clauses[0]._replace(sentence="It is."), *clauses[1:]],
        [clauses[0]._replace(methods=("spawn",)), *clauses[1:]],
        [clauses[0]._replace(once=not clauses[0].once), *clauses[1:]],
        [clauses[0]._replace(uses={None: ("fork",)}), *clauses[1:]],
        [clauses[0]._replace(cases={"another": 1}), *clauses[1:]],
        [clauses[0]._replace(since=(3, 99)), *clauses[1:]],
        [clauses[0]._replace(cases_since={"one": (3, 99)}), *clauses[1:]],
        [clauses[0]._replace(until=(3, 1)), *clauses[1:]],
        [clauses[0]._replace(platforms=("win32",)), *clauses[1:]],
    ]
    found = {specification.fingerprint(each, "1.0") for each in others} | {specification.fingerprint(clauses, "1.1")}
    assert len({told, *found}) == len(others) + 2


def test_the_document_names_the_installed_specification() -> None:
    assert made()["spec"] == specification.installed()
