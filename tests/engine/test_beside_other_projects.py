"""Beside other projects: their sessions are left alone, and a run of ours obeys nothing that is meant for them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import arrows
import pytest

Command = Callable[..., subprocess.CompletedProcess[str]]
CHECK = "log.logger.type"


def their_session(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`pytest` in the folder of another project, with our plugin installed."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "pytest", "-p", "no:cacheprovider", *words],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_a_session_of_another_project_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text(
        "import sys\n\ndef test_it(request):\n"
        "    config = request.config\n"
        "    words = ' '.join(config.getini('markers'))\n"
        "    assert not [name for name in ('queues', 'spawn', 'must') if name + ':' in words]\n"
        "    ours = [name for name in sys.modules if name.startswith('mpconform.')]\n"
        "    assert set(ours) <= {'mpconform.pytest_plugin', 'mpconform.pytest_plugin.hooks',"
        " 'mpconform.pytest_plugin.options'}, ours\n"
    )
    ended = their_session(tmp_path)
    assert ended.returncode == 0, ended.stdout


def test_their_strict_markers_know_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "test_theirs.py").write_text("import pytest\n\n@pytest.mark.spawn\ndef test_it(): pass\n")
    ended = their_session(tmp_path, "--strict-markers")
    assert "'spawn' not found in `markers`" in ended.stdout


def test_their_plugins_have_their_option_names(tmp_path: Path) -> None:
    (tmp_path / "theirs.py").write_text(
        "def pytest_addoption(parser):\n"
        "    for name in ('--report', '--baseline', '--python', '--patience', '--deadline', '--level', '--chapter',\n"
        "                 '--start-method', '--update-baseline', '--clause'):\n"
        "        parser.addoption(name, dest='theirs_' + name[2:], default='unset')\n"
    )
    (tmp_path / "test_theirs.py").write_text(
        "def test_it(request): assert request.config.getoption('theirs_report') == 'x'\n"
    )
    ended = their_session(tmp_path, "-p", "theirs", "--report=x", PYTHONPATH=str(tmp_path))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    # In our own folder the short names go to whoever has them first; ours go on under their own.
    words = [str(arrows.ROOT / "conformance"), "--impl=stdlib", "--impl-chapter=log", CHECK, "--report=theirs"]
    ended = their_session(
        tmp_path, "-p", "theirs", *words, f"--impl-report={tmp_path / 'ours.json'}", PYTHONPATH=str(tmp_path)
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [row["check"] for row in json.loads((tmp_path / "ours.json").read_text())["checks"]] == [CHECK]


def test_in_our_own_folder_the_short_names_are_understood(tmp_path: Path) -> None:
    words = ["--impl=stdlib", "--chapter=log", "--level=MUST", "--start-method=fork", "--patience=2", "--deadline=20"]
    words += [f"--python={sys.executable}", f"--report={tmp_path / 'ours.json'}", CHECK]
    ended = their_session(tmp_path, str(arrows.ROOT / "conformance"), *words)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert [row["check"] for row in json.loads((tmp_path / "ours.json").read_text())["checks"]] == [CHECK]


def test_in_our_own_folder_a_run_without_an_implementation_asks_for_one(tmp_path: Path) -> None:
    ended = their_session(tmp_path, str(arrows.ROOT / "conformance"))
    assert ended.returncode == 2
    assert "which implementation? Name it" in ended.stdout


def test_an_option_of_ours_without_an_implementation_is_named(tmp_path: Path) -> None:
    ended = their_session(tmp_path, "--impl-python=3.13")
    assert ended.returncode == 2
    assert "--impl-python goes with --impl" in ended.stdout + ended.stderr


def test_a_folder_of_theirs_may_be_called_conformance(tmp_path: Path) -> None:
    folder = tmp_path / "conformance"
    folder.mkdir()
    (folder / "test_theirs.py").write_text("chapter = 'one of a book'\n\ndef test_it(): pass\n")
    for words in ([], ["--impl=stdlib"]):
        ended = their_session(tmp_path, "-v", *words)
        assert "conformance/test_theirs.py::test_it PASSED" in ended.stdout, ended.stdout


def test_a_chapter_makes_a_module_ours_wherever_it_stands(tmp_path: Path) -> None:
    (tmp_path / "test_promises.py").write_text(
        "from mpspec.loader import load\n\nlog = load('log')\nagain = log\n\ndef test_theirs(): pass\n"
    )
    ended = their_session(tmp_path, "-v", "--impl=stdlib", "-k", f"theirs or {CHECK}")
    assert "2 passed" in ended.stdout, ended.stdout
    assert f"test_promises.py::{CHECK} PASSED" in ended.stdout


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\naddopts = --nonsense\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['--nonsense']\n"),
        ("setup.cfg", "[tool:pytest]\naddopts = --nonsense\n"),
        ("conftest.py", "raise SystemExit('their conftest')\n"),
    ],
)
def test_a_run_does_not_obey_the_settings_of_the_folder(
    mpconform: Command, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text)
    ended = mpconform("run", "--impl=stdlib", CHECK)
    assert ended.returncode == 0, ended.stdout + ended.stderr


ENVIRONMENTS: list[dict[str, str]] = [
    {"PYTEST_ADDOPTS": "--nonsense"},
    {"PYTEST_PLUGINS": "nonsense"},
    {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    {"PYTHONOPTIMIZE": "1"},
    {"PYTHONOPTIMIZE": "2"},
    {"PYTHONSAFEPATH": "1"},
    {"PYTHONDONTWRITEBYTECODE": "1"},
    {"XDG_CACHE_HOME": "not/absolute", "HOME": "/proc/nowhere"},
]


@pytest.mark.parametrize(
    ("workers", "environment"),
    [([], each) for each in ENVIRONMENTS] + [(["-n1"], each) for each in ENVIRONMENTS[2:6]],
    ids=str,
)
def test_a_run_works_whatever_the_environment_says(
    mpconform: Command, environment: dict[str, str], workers: list[str]
) -> None:
    ended = mpconform("run", "--impl=stdlib", CHECK, "log.children.name[spawn]", *workers, **environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 passed in" in ended.stdout, "and nothing warns"


def test_without_docstrings_a_clause_has_its_sentence_all_the_same(mpconform: Command) -> None:
    plain = mpconform("list", "--chapter=process")
    assert plain.stdout
    assert mpconform("list", "--chapter=process", PYTHONOPTIMIZE="2").stdout == plain.stdout


@pytest.mark.parametrize("workers", [[], ["-n2"]], ids=["alone", "workers"])
def test_modules_of_the_folder_are_not_taken_for_others(mpconform: Command, tmp_path: Path, workers: list[str]) -> None:
    for name in ("queue", "log", "json", "re", "types", "enum", "socket", "threading", "conftest", "test_log"):
        (tmp_path / f"{name}.py").write_text(f"raise SystemExit('{name} of the folder was imported')\n")
    for name in ("spec", "mpspec", "mpconform", "multiprocessing"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"raise SystemExit('{name} of the folder was imported')\n")
    ended = mpconform("run", "--impl=stdlib", CHECK, "log.children.name[spawn]", *workers)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 passed" in ended.stdout


def test_a_run_leaves_nothing_in_the_folder(mpconform: Command, tmp_path: Path) -> None:
    ended = mpconform("run", "--impl=stdlib", CHECK, "-n2")
    assert ended.returncode == 0, ended.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_as_good_as_any(mpconform: Command) -> None:
    ended = mpconform("run", "--impl=stdlib", CHECK, folder=Path("/proc/self"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
