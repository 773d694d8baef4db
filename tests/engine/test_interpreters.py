"""Interpreters are found where people keep them, and the best of those that a version fits is taken."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import newest
import pytest
from mpconform.adapters import installed
from mpconform.adapters.interpreters import interpreter
from mpconform.errors import BrokenAdapter, Unusable

Install = Callable[..., str]
HERE = "3.99"
"""A version that no machine has, so that only what a test installs can be found."""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """A machine of its own below tmp_path, and a function that puts programs there that answer as interpreters."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{tmp_path}/.pyenv/shims:{tmp_path}/on-path")
    for variable in (
        "PYENV_ROOT",
        "ASDF_DATA_DIR",
        "RYE_PY_ROOT",
        "UV_PYTHON_INSTALL_DIR",
        "XDG_DATA_HOME",
        installed.FOLDERS,
    ):
        monkeypatch.delenv(variable, raising=False)
    interpreter.cache_clear()

    def put(place: str, version: str, *, implementation: str = "cpython", stage: str = "final") -> str:
        program = tmp_path / place
        program.parent.mkdir(parents=True, exist_ok=True)
        answer = json.dumps(
            [list(map(int, version.split("."))), implementation, "linux", stage, program.name.endswith("t"), []]
        )
        program.write_text(f"#!/bin/sh\necho '{answer}'\n")
        program.chmod(0o755)
        return str(program)

    return put


@pytest.mark.parametrize(
    "place",
    [
        ".pyenv/versions/3.99.1/bin/python",
        ".local/share/uv/python/cpython-3.99.1-linux-x86_64-gnu/bin/python3",
        ".cache/mpconform/interpreters/python3.99/usr/bin/python3.99",
        "on-path/python3.99",
        "on-path/python3",
        "on-path/python",
        ".asdf/installs/python/3.99.1/bin/python3.99",
        ".rye/py/cpython@3.99.1/bin/python3",
    ],
)
def test_an_interpreter_is_found_where_people_keep_it(install: Install, place: str) -> None:
    path = install(place, "3.99.1")
    assert interpreter(HERE).path == path == interpreter("3.99.1").path


@pytest.mark.parametrize(
    ("variable", "folder", "place"),
    [
        ("PYENV_ROOT", "elsewhere", "elsewhere/versions/3.99.1/bin/python"),
        ("UV_PYTHON_INSTALL_DIR", "elsewhere", "elsewhere/cpython-3.99.1-linux/bin/python3"),
        (installed.FOLDERS, "/nowhere:elsewhere", "elsewhere/python3.99"),
        (installed.FOLDERS, "elsewhere", "elsewhere/bin/python3.99"),
        (installed.FOLDERS, "elsewhere", "elsewhere/mine/bin/python3.99"),
        (installed.FOLDERS, "elsewhere", "elsewhere/python3.99/usr/bin/python3.99"),
    ],
)
def test_an_environment_variable_tells_where_interpreters_are(
    install: Install, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, folder: str, place: str
) -> None:
    path = install(place, "3.99.1")
    monkeypatch.setenv(variable, folder.replace("elsewhere", str(tmp_path / "elsewhere")))
    assert interpreter(HERE).path == path


def test_the_newest_patch_level_is_taken_and_a_release_before_what_comes_before_one(install: Install) -> None:
    install("on-path/python3.99", "3.99.2")
    newest = install(".pyenv/versions/3.99.10/bin/python", "3.99.10")
    install(".pyenv/versions/3.99.11/bin/python", "3.99.11", stage="candidate")
    assert interpreter(HERE).path == newest
    assert interpreter("3.99.11").stage == "candidate"


def test_pypy_is_asked_for_by_its_name_alone(install: Install) -> None:
    path = install(".pyenv/versions/pypy3.99-7.3.20/bin/pypy3", "3.99.5", implementation="pypy")
    install("on-path/python3.99t", "3.99.6")
    with pytest.raises(Unusable):
        interpreter(HERE)
    assert interpreter("pypy3.99").path == path
    assert interpreter("pypy3.99").name == "pypy3.99"


def test_a_patch_level_that_is_not_there_is_told_with_those_that_are(install: Install) -> None:
    there = [install(f".pyenv/versions/3.99.{patch}/bin/python", f"3.99.{patch}") for patch in (1, 4)]
    with pytest.raises(Unusable) as raised:
        interpreter("3.99.3")
    assert all(path in str(raised.value) for path in there)
    assert "3.99.4" in str(raised.value)


def test_a_version_that_is_not_there_is_told_with_all_that_are_and_where_to_put_it(install: Install) -> None:
    path = install("on-path/python3.98", "3.98.0")
    with pytest.raises(Unusable) as raised:
        interpreter(HERE)
    assert path in str(raised.value)
    assert sys.executable in str(raised.value)
    assert installed.FOLDERS in str(raised.value)


@pytest.mark.parametrize(
    ("script", "told"),
    [("exit 3", "status 3"), ("echo broken >&2; exit 1", "broken"), ("kill -9 $$", "status -9")],
)
def test_a_program_that_is_no_interpreter_is_told_by_path_and_passed_over_by_version(
    install: Install, script: str, told: str
) -> None:
    path = Path(install("on-path/python3.99", "3.99.1"))
    path.write_text(f"#!/bin/sh\n{script}\n")
    with pytest.raises(BrokenAdapter, match=told):
        interpreter(str(path))
    with pytest.raises(Unusable, match="no such interpreter"):
        interpreter(HERE)


def test_nothing_is_started_whose_name_or_mode_is_not_that_of_an_interpreter(install: Install, tmp_path: Path) -> None:
    started = tmp_path / "started"
    for name, mode in (("python.sh", 0o755), ("python3.99-config", 0o755), ("pypyclean", 0o755), ("python3.99", 0o644)):
        program = Path(install(f"on-path/{name}", "3.99.1"))
        program.write_text(f"#!/bin/sh\necho {name} >> {started}\n")
        program.chmod(mode)
    shim = Path(install(".pyenv/shims/python3.99", "3.99.1"))
    shim.write_text(f"#!/bin/sh\necho shim >> {started}\n")
    with pytest.raises(Unusable, match="no such interpreter"):
        interpreter(HERE)
    assert not started.exists()


@pytest.mark.parametrize(("path", "told"), [("/", "that is a folder"), ("/etc/passwd", "cannot be executed")])
def test_a_path_that_is_no_program_is_told(path: str, told: str) -> None:
    with pytest.raises(Unusable, match=told):
        interpreter(path)


def test_each_interpreter_stands_once_whatever_its_names_are(install: Install, tmp_path: Path) -> None:
    path = Path(install(".pyenv/versions/3.99.1/bin/python3.99", "3.99.1"))
    for name in ("python", "python3"):
        (path.parent / name).symlink_to(path)
    assert [one.path for one in installed.found(HERE) if one.version == (3, 99, 1)] == [str(path)]


def test_the_gate_takes_the_newest_release_of_cpython_that_is_later_than_the_one_at_hand() -> None:
    def one(*version: int, implementation: str = "cpython", stage: str = "final") -> installed.Interpreter:
        return installed.Interpreter("path", version, implementation, "linux", stage)

    there = [
        one(3, 13, 0),
        one(3, 13, 18),
        one(3, 9, 1),
        one(3, 15, 0, stage="beta"),
        one(3, 15, 1, implementation="pypy"),
    ]
    assert newest.newer(there, (3, 11, 7)) == one(3, 13, 18)
    assert newest.newer(there, (3, 13, 18)) is None
    assert newest.newer([], (3, 11, 7)) is None
