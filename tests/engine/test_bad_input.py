"""What a user can get wrong gives one clear sentence and the exit status 2 or 3, never a traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

WRONG = Path(__file__).parent / "wrong"


def mpconform(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder."""
    return subprocess.run(
        [sys.executable, "-m", "mpconform", *words], cwd=folder, capture_output=True, text=True, timeout=120
    )


def file(folder: Path, text: str) -> str:
    """An adapter file of this text."""
    path = folder / "adapter.toml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["run", "--impl=nope"], 2, "--impl=nope: neither a built-in adapter"),
        (["run", "--impl=stdlib", "--python=3.4"], 2, "no such interpreter on this machine"),
        (["run", "--impl=stdlib", "--python=/nowhere/python"], 2, "there is no such program"),
        (["run", "--impl=stdlib", "--python=new"], 2, "neither a path nor a version"),
        (["run", "--impl=stdlib", "--python=/bin/false"], 3, "does not start as a Python interpreter"),
        (["run", "--impl=reference", "--python=3.9"], 3, "runs on Python 3.11 or newer"),
        (["run", "--impl=stdlib", "--start-method=frok"], 2, "the start methods are fork, spawn, forkserver"),
        (["run", "--impl=stdlib", "--patience=0"], 2, "a factor is a positive number"),
        (["run", "--impl=stdlib", "--baseline=/nowhere.toml"], 2, "cannot be read"),
        (["run", "--impl=stdlib", "log.logger.nope"], 2, "there is no clause 'log.logger.nope'"),
        (["run", "--impl=json"], 3, "correct the adapter"),
        (["run", "--impl=dragon"], 3, "dragon cannot be judged: "),
        (["verify", "--impl=dragon", "process.name"], 3, "dragon cannot be judged: "),
        (["run", "--impl=missing.toml"], 2, "adapter file missing.toml: cannot be read"),
        (["explain", "process.nope"], 2, "there is no clause 'process.nope'"),
        (["list", "--search=["], 2, "not a regular expression"),
        (["list", "--search=no-clause-speaks-of-this"], 2, "no clause matches"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_one_sentence_says_what_is_wrong(tmp_path: Path, words: list[str], status: int, sentence: str) -> None:
    if "--python=3.9" in words:
        mpconform_knows_39 = mpconform("run", "--impl=stdlib", "--python=3.9", "--collect-only", "-q", folder=tmp_path)
        if mpconform_knows_39.returncode == 2:
            pytest.skip("there is no Python 3.9 on this machine")
    ended = mpconform(*words, folder=tmp_path)
    told = ended.stdout + ended.stderr
    assert sentence in told
    assert ended.returncode == status, told
    assert "Traceback" not in told
    assert "INTERNALERROR" not in told


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('name = "x"', "the key 'implementation' is missing"),
        ('name = "x"\nimplementation = "json"\ncolour = "red"', "there is no key 'colour'"),
        ('name = "x"\nimplementation = "not a module"', "implementation is the name of a module"),
        ('name = "x"\nimplementation = "json"\nmethods = ["thread"]', "methods is a list of start methods"),
        ('name = "x"\nimplementation = "json"\nkeeps = { fork = -1 }', "keeps is a table"),
        ('name = "x"\nimplementation = "json"\nexpose = ["./nowhere.py"]', "does not exist"),
        ('name = "x"\nimplementation = "json"\npreload = ["not a module"]', "preload is a list of modules"),
        ("name = ", "not TOML"),
    ],
    ids=["missing-key", "unknown-key", "module", "methods", "keeps", "expose", "preload", "syntax"],
)
def test_a_wrong_adapter_file_is_named_with_key_and_rule(tmp_path: Path, text: str, sentence: str) -> None:
    ended = mpconform("run", f"--impl={file(tmp_path, text)}", folder=tmp_path)
    told = ended.stdout + ended.stderr
    assert sentence in told
    assert ended.returncode == 2, told
    assert "Traceback" not in told


@pytest.mark.parametrize("wrong", ["offers_nothing", "always_wrong", "crashes", "lies"])
def test_an_implementation_that_cannot_be_judged_is_told_apart_from_a_broken_promise(
    tmp_path: Path, wrong: str
) -> None:
    adapter = file(tmp_path, f'name = "{wrong}"\nimplementation = "{wrong}"\nexpose = ["{WRONG / wrong}.py"]')
    ended = mpconform("run", f"--impl={adapter}", folder=tmp_path)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert "cannot be judged" in ended.stdout + ended.stderr


def test_a_module_to_preload_that_is_not_there_is_named(tmp_path: Path) -> None:
    adapter = file(tmp_path, 'name = "x"\nimplementation = "json"\npreload = ["json.nope"]')
    ended = mpconform("run", f"--impl={adapter}", folder=tmp_path)
    assert "json.nope, under `preload`, cannot be imported" in ended.stdout + ended.stderr
    assert ended.returncode == 3


def test_without_an_implementation_nothing_is_judged(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "--pyargs", "mpspec", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == pytest.ExitCode.NO_TESTS_COLLECTED, "and that is not green"
    assert "no tests ran" in ended.stdout


def test_a_reader_that_has_seen_enough_is_no_error() -> None:
    command = [sys.executable, "-m", "mpconform", "list", "--gaps"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        running.stdout.readline()
        running.stdout.close()
        assert (running.wait(), running.stderr.read()) == (0, "")
