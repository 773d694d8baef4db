"""A matrix: cells are judged one by one, none keeps the others from it, and nothing that was done is done again."""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import filelock
import pytest
from documents import made, row, written
from machine import left_on_the_machine
from mpconform import cli
from mpconform.adapters.installed import Interpreter
from mpconform.adapters.interpreters import interpreter
from mpconform.errors import Unusable
from mpconform.matrix import cells
from mpconform.matrix.cells import Wanted, plan
from mpconform.matrix.folder import Folder
from mpconform.reports.cells import FAILED, JUDGED, LEFT_OUT
from mpconform.selection import select
from mpconform.shards import Shard

Command = Callable[..., subprocess.CompletedProcess[str]]
PROGRAM = str(Path(sys.executable).with_name("mpconform"))
HERE = Path(__file__).parent
HANGS = """
import os, time
def get_logger():
    with open("MARK", "a") as mark:
        mark.write("hangs ")
    time.sleep(50)
"""
KILLS = """
import os, signal
def get_logger():
    above = os.getppid()
    while above > 1:
        with open(f"/proc/{above}/cmdline") as told:
            words = told.read().split("\\0")
        with open(f"/proc/{above}/status") as told:
            parent = int(next(line for line in told if line.startswith("PPid")).split()[1])
        if "--report=" in " ".join(words):
            os.kill(above, signal.SIGKILL)
        above = parent
    os.kill(os.getpid(), signal.SIGKILL)
"""
"""It kills the run that judges it."""


def wanted(*implementations: str, python: tuple[str, ...] = (), **changed: Any) -> Wanted:
    """What a matrix of one small check is asked for."""
    whole = Wanted(implementations, python or (sys.executable,), (), select(["log.logger.type"]), None, 1.0)
    return replace(whole, **changed)


def index(folder: Path, name: str = "matrix.json") -> dict[str, dict[str, Any]]:
    """Implementation and interpreter -> what the index tells."""
    told = json.loads((folder / name).read_text())
    assert told["schema"] == 1
    return {f"{each['implementation']} {each['python']}": each for each in told["cells"]}


def adapter(folder: Path, name: str, lines: str, **keys: str) -> str:
    """The option that names an implementation: the standard library but for some lines."""
    (folder / f"{name}.py").write_text(f"from multiprocessing import *\n{lines}")
    more = "".join(f"{key} = {value}\n" for key, value in keys.items())
    (folder / f"{name}.toml").write_text(
        f'name = "{name}"\nimplementation = "{name}"\nexpose = ["./{name}.py"]\n{more}'
    )
    return f"--impl={name}.toml"


HERE_NOW = interpreter(None).full_name


# The plan


def test_each_implementation_stands_on_each_interpreter_once() -> None:
    found = plan(wanted("stdlib", "stdlib", python=(sys.executable, "3.11", os.path.abspath(sys.executable))))
    assert len({cell.name for cell in found}) == len(found) <= 2
    assert {cell.implementation for cell in found} == {"stdlib"}


def test_without_an_interpreter_every_one_that_is_found_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Interpreter("/a/python", (3, 13, 1), "cpython", "linux")
    others = [
        replace(one, path="/b"),
        replace(one, path="/c", version=(3, 13, 0)),
        replace(one, path="/d", threads=True),
    ]
    monkeypatch.setattr(cells, "found", lambda: [one, *others, replace(one, path="/e", version=(3, 8, 1))])
    assert [cell.name for cell in plan(wanted("stdlib", interpreters=()))] == [
        "stdlib-3.13.1",
        "stdlib-3.13.0",
        "stdlib-3.13.1t",
    ]


def test_what_is_not_there_is_a_cell_of_its_own_that_says_why() -> None:
    here, gone = plan(wanted("stdlib", python=(sys.executable, "/nowhere/python")))
    assert (here.why, here.left_out) == ("", False)
    assert "there is no such program" in gone.why
    assert (gone.on, gone.name, gone.left_out) == ("/nowhere/python", "stdlib--nowhere-python", False)


def test_what_an_adapter_has_not_is_left_out_with_its_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    later = adapter(tmp_path, "later", "", python='"3.15"').removeprefix("--impl=")
    forks = adapter(tmp_path, "forks", "", methods='["fork"]').removeprefix("--impl=")
    part = adapter(tmp_path, "part", "", offers='{ chapters = ["pool"], names = ["Pool"], reason = "it is a pool" }')
    never = adapter(tmp_path, "never", "", unjudged='"it has no end"').removeprefix("--impl=")
    found = plan(wanted(later, forks, part.removeprefix("--impl="), never, methods=("spawn",)))
    assert all(cell.left_out for cell in found)
    assert [cell.why.split(",")[0] for cell in found] == [
        "later runs on Python 3.15 or newer",
        "forks has the start methods fork",
        "part has nothing of log: it is a pool",
        "never cannot be judged: it has no end",
    ]


def test_start_methods_are_asked_of_those_that_have_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    none = adapter(tmp_path, "none", "", methods="[]").removeprefix("--impl=")
    forks = adapter(tmp_path, "forks", "", methods='["fork"]').removeprefix("--impl=")
    asked = wanted(none, forks, "stdlib", methods=("fork", "spawn"), selection=select(["log.logger.silent"]))
    cells = plan(asked)
    assert [cell.methods(asked) for cell in cells] == [(), ("fork",), ("fork", "spawn")]
    assert [[check.method for check in cell.checks(asked)] for cell in cells] == [[None], ["fork"], ["fork", "spawn"]]


def test_machines_divide_the_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = plan(wanted("stdlib", "reference", "multiprocess", "billiard", "loky"))
    shares = [plan(wanted(*(c.impl for c in whole), shard=Shard(number, 3))) for number in (1, 2, 3)]
    assert sorted(c.name for share in shares for c in share) == sorted(c.name for c in whole)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "matrix: a folder comes first"),
        (["out"], "matrix: --impl names what is judged"),
        (["out", "--impl=stdlb"], "--impl=stdlb: neither a built-in adapter"),
        (["out", "--impl=stdlib", "--python=3.1"], "--python=3.1: there is no such interpreter on this machine"),
        (["out", "--impl=stdlib", "--shard=3/2"], "--shard=3/2: a shard is I/N"),
        (["out", "--impl=stdlib", "--chapter=logs"], "--chapter=logs: there are "),
        (["out", "--impl=stdlib", "--start-method=thread"], "--start-method=thread: the start methods are"),
        (["out", "--impl=stdlib", "-n", "none"], "--jobs=none: it is a whole number, 0 or more"),
        (["out", "--impl=stdlib", "--deadline=0"], "--deadline=0: seconds are a positive number"),
        (["/proc/nowhere", "--impl=stdlib", "log.logger.type"], "/proc/nowhere: cannot be made a folder"),
        (["/dev/null", "--impl=stdlib", "log.logger.type"], "/dev/null: cannot be made a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_told_before_anything_is_judged(
    words: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["matrix", *words]) == 2
    assert capsys.readouterr().err.startswith(f"mpconform: {sentence}")
    assert [*tmp_path.iterdir()] == []


def test_two_implementations_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    adapter(tmp_path, "mine", "")
    (tmp_path / "other.toml").write_text((tmp_path / "mine.toml").read_text())
    with pytest.raises(Unusable, match=r"^--impl=mine.toml and --impl=other.toml on .*: both are called mine-"):
        plan(wanted("mine.toml", "other.toml"))


# The folder


def test_a_cell_is_judged_where_its_document_is_of_this_specification_and_has_all_that_is_wanted(
    tmp_path: Path,
) -> None:
    (cell,) = plan(wanted("stdlib"))
    folder = Folder(tmp_path, None)
    running = interpreter(None)
    fits = made(row("log.logger.type"), implementation="stdlib")
    fits["interpreter"]["release"] = ".".join(map(str, running.release))
    for told, judged in (
        (fits, True),
        ({**fits, "spec": "0" * 16}, False),
        ({**fits, "implementation": "mine"}, False),
        ({**fits, "complete": False}, False),
        ({**fits, "schema": 3}, False),
        ({**fits, "checks": []}, False),
        ({**fits, "checks": [row("log.logger.type"), row("log.logger.one")]}, True),
        ({**fits, "interpreter": {**fits["interpreter"], "release": "3.9.1"}}, False),
    ):
        written(tmp_path, folder.document(cell).name, told)
        assert folder.judged(cell, wanted("stdlib")) is judged, told


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 2, "cells": []}', '{"schema": 1}'])
def test_an_index_of_something_else_is_refused_and_stays(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "matrix.json").write_text(text)
    assert cli.main(["matrix", str(tmp_path), "--impl=stdlib", f"--python={sys.executable}", "log.logger.type"]) == 2
    assert str(tmp_path / "matrix.json") in capsys.readouterr().err
    assert (tmp_path / "matrix.json").read_text() == text


# Whole matrices


def test_a_matrix_goes_on_past_what_cannot_be_judged_and_does_nothing_twice(mpconform: Command, tmp_path: Path) -> None:
    words = ["matrix", "out", adapter(tmp_path, "absent", "", requires='["there-is-no-such-package"]')]
    words += ["--impl=stdlib", adapter(tmp_path, "later", "", python='"3.15"'), f"--python={sys.executable}"]
    words += ["--python=3.1", "log.logger.type", "--environment", "-n1"]
    first = mpconform(*words, PIP_NO_INDEX="1")
    assert first.returncode == 3, first.stderr
    assert (first.stderr, "Traceback" in first.stdout) == ("", False)
    assert re.search(
        r"^3/6  stdlib on \S+ +1 of 1 MUST clauses kept; none broken; 0 not run; \d+ s$", first.stdout, re.M
    )
    assert f"absent on {HERE_NOW}" in first.stdout
    assert first.stdout.endswith("6 cells: 1 judged, 1 left out, 4 failed; out/matrix.json\n")
    told = index(tmp_path / "out")
    assert {name: each["state"] for name, each in told.items()} == {
        f"stdlib {HERE_NOW}": JUDGED,
        f"absent {HERE_NOW}": FAILED,
        f"later {HERE_NOW}": LEFT_OUT,
        **{f"{name} 3.1": FAILED for name in ("stdlib", "absent", "later")},
    }
    why = told[f"absent {HERE_NOW}"]["why"]
    assert why.startswith(
        f"absent cannot be installed for {os.path.realpath(sys.executable)}: there-is-no-such-package"
    )
    assert "No matching distribution found for there-is-no-such-package" in why
    document = tmp_path / "out" / told[f"stdlib {HERE_NOW}"]["document"]
    before = document.stat().st_mtime_ns
    second = mpconform(*words, PIP_NO_INDEX="1")
    assert "1 of 1 MUST clauses kept; none broken; 0 not run; judged before" in second.stdout
    assert document.stat().st_mtime_ns == before
    assert mpconform(*words, "--again", PIP_NO_INDEX="1").returncode == 3
    assert document.stat().st_mtime_ns > before


def test_what_a_run_finds_is_the_status_also_when_it_was_judged_before(mpconform: Command, tmp_path: Path) -> None:
    words = ("matrix", "out", adapter(tmp_path, "five", "get_logger = lambda: 5\n"), f"--python={sys.executable}")
    for how in (r"\d+ s", "judged before", "judged before"):
        ended = mpconform(*words, "log.logger.type")
        assert ended.returncode == 1, ended.stderr
        assert re.search(rf"0 of 1 MUST clauses kept; 1 broken; 0 not run; 1 new; {how}\n", ended.stdout)
        if how == "judged before":
            (tmp_path / "out" / "matrix.json").unlink()


def test_an_interrupted_matrix_is_taken_up_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark = uuid.uuid4().hex
    monkeypatch.setenv("MPCONFORM_TEST", mark)
    trace = tmp_path / "trace"
    option = adapter(tmp_path, "hangs", HANGS.replace("MARK", str(trace)))
    words = [PROGRAM, "matrix", "out", option, "--impl=stdlib", f"--python={sys.executable}", "-n0"]
    words += ["log.logger.name", "log.logger.type", "log.stderr.signature", "--start-method=fork"]
    for number in (signal.SIGINT, signal.SIGKILL, signal.SIGTERM):
        trace.write_text("")
        with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as matrix:
            while not trace.read_text() and matrix.poll() is None:
                time.sleep(0.05)
            matrix.send_signal(number)
            out, err = matrix.communicate(timeout=60)
        assert matrix.returncode in (130, -signal.SIGKILL, 143), out + err
        assert "Traceback" not in out + err
        deadline = time.monotonic() + 30
        while left_on_the_machine(mark) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert left_on_the_machine(mark) == []
    (told,) = [each for name, each in index(tmp_path / "out").items() if name.startswith("hangs")]
    assert told["state"] == "waiting"
    assert [*(tmp_path / "out").glob("hangs*.json")] == []  # no document that is not whole


def test_two_in_one_folder_divide_the_cells(tmp_path: Path) -> None:
    words = [PROGRAM, "matrix", "out", adapter(tmp_path, "one", ""), adapter(tmp_path, "other", "")]
    words += [f"--python={sys.executable}", "log.logger.type", "-n0"]
    both = [subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    told = [each.communicate(timeout=120)[0] for each in both]
    assert [each.returncode for each in both] == [0, 0], told
    assert all("2 cells: 2 judged" in each for each in told)
    assert sum(each.count("judged before") for each in told) == 2


def test_a_cell_that_another_call_has_is_waited_for(tmp_path: Path) -> None:
    words = [PROGRAM, "matrix", "out", "--impl=stdlib", f"--python={sys.executable}", "log.logger.type", "-n0"]
    held = tmp_path / "out" / "cells" / f"stdlib-{HERE_NOW}"
    held.mkdir(parents=True)
    with filelock.FileLock(held / "lock"):
        matrix = subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True)
        with pytest.raises(subprocess.TimeoutExpired):
            matrix.communicate(timeout=2)
        assert not (tmp_path / "out" / f"stdlib-{HERE_NOW}.json").exists()
    assert "1 cells: 1 judged" in matrix.communicate(timeout=60)[0]


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    ended = subprocess.run(
        [PROGRAM, "matrix", "out", "--impl=stdlib", f"--python={sys.executable}", "log.logger.type", "-n0"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700)),
    )
    assert ended.returncode == 3
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "cannot be written (File too large)" in ended.stdout + ended.stderr


# Implementations that do harm


def test_none_that_kills_hangs_forks_or_floods_keeps_the_matrix_from_finishing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = uuid.uuid4().hex
    monkeypatch.setenv("MPCONFORM_TEST", mark)
    wrong = [HERE / "wrong" / f"{name}.py" for name in ("crashes", "floods", "forks_without_end", "hangs", "stuck")]
    monkeypatch.setenv("STUCK", str(tmp_path / "stuck"))
    words = [PROGRAM, "matrix", "out", *(f"--impl={path}" for path in wrong), adapter(tmp_path, "kills", KILLS)]
    words += ["--impl=stdlib", f"--python={sys.executable}", "--deadline=2", "-n0"]
    words += ["process.join.again", "log.logger.type", "--start-method=fork"]
    ended = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=240)
    told = index(tmp_path / "out")
    assert len(told) == len(wrong) + 2
    assert told[f"stdlib {HERE_NOW}"]["state"] == JUDGED
    assert all(each["state"] in (JUDGED, FAILED) for each in told.values()), ended.stdout
    assert "killed by SIGKILL" in told[f"kills {HERE_NOW}"]["why"]
    assert ended.returncode == 3
    assert left_on_the_machine(mark) == []
