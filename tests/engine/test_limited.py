"""What an adapter declares is honoured everywhere: start methods that it has not, names that it does not offer."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mpconform import checks
from mpconform.adapters.adapter import adapter
from mpconform.driver.not_offered import declared
from mpconform.errors import Unusable
from mpconform.outcomes import DEVIATIONS, Outcome

LIMITED = Path(__file__).parent / "limited"
STDLIB = 'baseline = "stdlib"\n'
PARTS = "[modules]\n" + "".join(
    f'"multiprocessing.{name}" = "multiprocessing.{name}"\n'
    for name in ("connection", "context", "process", "queues", "shared_memory", "sharedctypes", "synchronize")
)
LESS_PARTS = PARTS.replace('"multiprocessing.queues" = "multiprocessing.queues"\n', "")
REFERENCE = 'implementation = "mpref"\ndocumentation = "3.13"\nexpose = ["mpref"]\n'
FORK_ONLY = f'implementation = "fork_only"\nexpose = ["{LIMITED}/fork_only.py"]\n{STDLIB}{PARTS}'


def judged(folder: Path, text: str, *words: str) -> tuple[dict[str, Any], str]:
    """The document of a run of an adapter of this text, and what was written."""
    (folder / "limited.toml").write_text(f'name = "limited"\n{text}')
    ended = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "--impl=limited.toml",
            "--impl-report=r.json",
            "-q",
            "-p",
            "no:cacheprovider",
            *words,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (folder / "r.json").exists(), ended.stdout + ended.stderr
    told = json.loads((folder / "r.json").read_text())
    assert isinstance(told, dict)
    return told, ended.stdout


# What is kept for life


@pytest.mark.timeout(600)
def test_no_clause_leaves_a_child_whose_descriptors_slack_would_hide(tmp_path: Path) -> None:
    """What a process keeps for life is measured by kind, where the built-in adapter has a number for any of them."""
    clauses = ("guidelines.zombies.few", "manager.address.taken", "process.terminate.orphans-parent")
    told, written = judged(
        tmp_path, 'implementation = "multiprocessing"\n' + STDLIB, "--impl-start-method=fork", *clauses
    )
    assert {row["outcome"] for row in told["checks"]} == {Outcome.KEPT}, written


# Start methods


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("method", "text"),
    [
        pytest.param(
            "fork",
            FORK_ONLY,
            marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="the default of the stdlib is not fork there"),
        ),
        ("spawn", 'implementation = "multiprocessing"\n' + STDLIB),
        ("fork", REFERENCE),
        ("spawn", REFERENCE),
    ],
    ids=["stdlib-fork", "stdlib-spawn", "reference-fork", "reference-spawn"],
)
def test_an_implementation_with_one_start_method_is_judged_by_that_alone(
    tmp_path: Path, method: str, text: str
) -> None:
    methods = f'methods = ["{method}"]\n'
    told, out = judged(tmp_path, methods + text, "--pyargs", "mpspec.chapters.contexts.chapter", "-n2")
    known = checks.known()
    rows = told["checks"]
    assert {row["clause"] for row in rows} == {id for id in known if known[id].chapter == "contexts"}
    for row in rows:
        # What deviates does so with all three methods too: the baseline of the standard library knows of it.
        assert row["standing"] in (None, "known"), (row, out)
        assert row["outcome"] != Outcome.HARNESS
        used = {row["method"], *known[row["clause"]].used(row["case"])} - {None}
        if used <= {method}:
            assert "no start method" not in row["evidence"].get("promised", ""), row
        elif row["outcome"] != Outcome.NOT_APPLICABLE:
            raise AssertionError(f"{row['check']} was judged")
    kept = [row for row in rows if row["outcome"] == Outcome.KEPT]
    assert len(kept) > 80, "most of what one method can keep"


# Names


@pytest.mark.parametrize(
    ("absent", "declarations", "reason"),
    [
        (["multiprocessing.Barrier"], {"Barrier": "by design"}, "by design"),
        (["multiprocessing.Barrier"], {"multiprocessing.Barrier": "by design"}, "by design"),
        (["multiprocessing.synchronize.Barrier"], {"Barrier": "by design"}, "by design"),
        (["multiprocessing.managers"], {"managers": "later"}, "later"),
        (["multiprocessing.managers.SyncManager"], {"managers": "later"}, "later"),
        (["JoinableQueue.close", "Queue.close"], {"Queue.close": "never"}, "never"),
        (["Queue.close"], {"Queue": "never"}, "never"),
        (["ForkContext.Barrier", "BaseContext.Barrier"], {"Barrier": "by design"}, "by design"),
        (["multiprocessing.BarrierX"], {"Barrier": "by design"}, None),
        (["Queue.close"], {"Queue.join_thread": "never"}, None),
        (["SyncManager.Barrier"], {"Barrier": "by design"}, None),
        ([], {"Barrier": "by design"}, None),
    ],
)
def test_a_missing_name_falls_under_itself_and_its_parents(
    absent: list[str], declarations: dict[str, str], reason: str | None
) -> None:
    assert declared(absent, declarations) == reason


def test_only_a_documented_name_can_be_declared(tmp_path: Path) -> None:
    file = tmp_path / "adapter.toml"
    for name in ("Barrier", "Queue.close", "managers", "managers.SyncManager", "multiprocessing.Pool", "Barrier.wait"):
        file.write_text(f'name = "x"\nimplementation = "json"\n[not_offered]\n"{name}" = "by design"\n')
        assert adapter(str(file)).not_offered == {name: "by design"}
    for name in ("Barier", "", "queue.close"):
        file.write_text(f'name = "x"\nimplementation = "json"\n[not_offered]\n"{name}" = "by design"\n')
        with pytest.raises(Unusable, match="not_offered is a table of documented name = reason"):
            adapter(str(file))


DECLARED = '[not_offered]\nBarrier = "by design"\n"Queue.close" = "it closes itself"\nEvent = "a wrong declaration"\n'


def test_what_is_declared_as_not_offered_is_told_so_and_what_else_is_absent_is_missing(tmp_path: Path) -> None:
    text = f'implementation = "offers_less"\nexpose = ["{LIMITED}/offers_less.py"]\n{STDLIB}{LESS_PARTS}{DECLARED}'
    clauses = [
        "synchronize.barrier.parties",
        "queue.close.flushes",
        "queue.methods.present",
        "synchronize.event.begins-false",
        "synchronize.rlock.factory",
    ]
    told, out = judged(tmp_path, text, *clauses, "--impl-start-method=fork")
    outcomes = {
        row["clause"]: (row["outcome"], row["evidence"].get("promised"))
        for row in told["checks"]
        if row["case"] in (None, "close")
    }
    assert outcomes[clauses[0]] == ("not offered", "by design")
    assert outcomes[clauses[1]] == ("not offered", "it closes itself")
    assert outcomes[clauses[2]] == ("not offered", "it closes itself")
    assert outcomes[clauses[3]][0] == "kept"
    assert outcomes[clauses[4]][0] == "missing"
    assert "1 of 5 MUST clauses kept; 2 not offered, 2 missing; 0 not run" in out
    assert "limited declares Event as not offered, but it is there" in out
    assert out.count("as not offered, but it is there") == 1


@pytest.mark.timeout(600)
def test_nothing_is_called_broken_for_want_of_a_name_that_is_declared(tmp_path: Path) -> None:
    text = f'implementation = "offers_less"\nexpose = ["{LIMITED}/offers_less.py"]\n{STDLIB}{LESS_PARTS}{DECLARED}'
    words = ["--pyargs", "mpspec.chapters.synchronize.chapter", "-k", "barrier and not spawn and not forkserver"]
    told, _ = judged(tmp_path, text, *words)
    rows = [row for row in told["checks"] if row["outcome"] in DEVIATIONS]
    assert told["checks"]
    assert [(row["check"], row["evidence"]) for row in rows if "Barrier" in json.dumps(row["evidence"])] == []
