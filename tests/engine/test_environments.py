"""What an adapter requires is installed once for each interpreter, whole or not at all, and used ever after."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter, interpreter
from mpconform.environments import environment, installing
from mpconform.environments.environment import prepared
from mpconform.errors import BrokenAdapter, Unusable

Command = Callable[..., subprocess.CompletedProcess[str]]
TELL = "import theirs, sys; print(theirs.__file__, sys.version_info[:2], hasattr(sys, 'pypy_version_info'))"
"""A program that tells which package it has."""
THEIRS = "class Process: ...\n"
"""It has just what it takes to be put in the place of the standard library's package."""
WHOLE = """from multiprocessing import *
from multiprocessing import log_to_stderr as own

def log_to_stderr(level=10):
    return own(level)
"""
"""It has the whole API, and keeps a promise less."""
EXEC = ("exec", "--environment", "--impl=theirs.toml")


@pytest.fixture(autouse=True)
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package `theirs` that is found without a network, and the file of an adapter that requires it."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    info = "theirs-1.0.dist-info"
    with zipfile.ZipFile(folder / "theirs-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("theirs.py", THEIRS)
        wheel.writestr("whole.py", WHOLE)
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: theirs\nVersion: 1.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "theirs.py,,\nwhole.py,,\n")
    write(tmp_path, "theirs>=1")
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    for name, value in (("CONFIG_FILE", os.devnull), ("NO_INDEX", "1"), ("FIND_LINKS", str(folder))):
        monkeypatch.setenv(f"PIP_{name}", value)


@pytest.fixture
def silent_index(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """An index that is asked and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        for name in ("PIP_NO_INDEX", "PIP_FIND_LINKS"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.getsockname()[1]}/simple")
        monkeypatch.setenv("PIP_TIMEOUT", "200")
        monkeypatch.setenv("PIP_RETRIES", "0")
        server.settimeout(120)
        yield server


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """An installer in the place of the real one: what it was asked to install."""
    asked_for: list[tuple[str, ...]] = []

    def install(name: str, requires: tuple[str, ...], interpreter: str, place: Path) -> None:
        (place / "bin").mkdir()
        (place / "bin" / "python").symlink_to(sys.executable)
        asked_for.append(tuple(requires))

    monkeypatch.setattr(installing, "install", install)
    return asked_for


def write(folder: Path, *requires: str) -> None:
    """The files of the adapters."""
    listed = ", ".join(f'"{each}"' for each in requires)
    for name in ("theirs", "whole"):
        text = f'name = "{name}"\nimplementation = "{name}"\nrequires = [{listed}]\n'
        (folder / f"{name}.toml").write_text(text)


def attempts(cache: Path) -> list[str]:
    """The folders of environments, whole or not."""
    return [path.name for path in (cache / "mpconform" / "environments").glob("3*/*") if path.is_dir()]


def started(folder: Path) -> subprocess.Popen[str]:
    """The command that makes an environment, on its way."""
    program = Path(sys.executable).with_name("mpconform")
    words = [str(program), *EXEC, "--", "python", "-c", TELL]
    return subprocess.Popen(words, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_what_is_required_is_installed_once_and_used_without_a_network(
    mpconform: Command, cache: Path, tmp_path: Path
) -> None:
    first = mpconform(*EXEC, "--", "python", "-c", TELL)
    assert first.stdout.startswith(str(cache / "mpconform" / "environments")), first.stderr
    assert "making an environment with theirs>=1 for" in first.stderr
    (tmp_path / "wheels" / "theirs-1.0-py3-none-any.whl").unlink()
    second = mpconform(*EXEC, "--", "python", "-c", TELL)
    assert (second.returncode, second.stdout, second.stderr) == (0, first.stdout, "")

    check = ("--environment", "--impl=whole.toml", "log.stderr.level-none")
    ran = mpconform("run", *check)
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "run --impl=whole.toml --environment 'log.stderr.level-none[left-out]'" in ran.stdout
    assert "broken by whole" in mpconform("explain", *check).stdout
    assert mpconform("verify", "--times=1", "--loaded=0", *check).returncode == 0
    assert "whole is not there" in mpconform("run", *check[1:]).stderr


@pytest.mark.parametrize("version", ["3.9", "pypy3.9"])
def test_the_oldest_interpreters_have_environments_too(mpconform: Command, version: str) -> None:
    try:
        interpreter(version)
    except Unusable as error:
        pytest.skip(str(error))
    ran = mpconform(*EXEC, f"--python={version}", "--", "python", "-c", TELL)
    assert ran.stdout.endswith(f"(3, 9) {'pypy' in version}\n"), ran.stderr


def test_a_package_that_does_not_install_is_told_with_the_last_lines_of_the_installer(
    mpconform: Command, tmp_path: Path, cache: Path
) -> None:
    write(tmp_path, "theirs>=2")
    ran = mpconform("run", "--environment", "--impl=theirs.toml", "log")
    assert ran.returncode == 3
    assert "theirs cannot be installed for" in ran.stderr
    assert "No matching distribution found for theirs>=2" in ran.stderr
    assert "Traceback" not in ran.stderr
    assert attempts(cache) == []


def test_of_two_at_once_one_makes_it_and_the_other_waits(tmp_path: Path, cache: Path) -> None:
    both = [started(tmp_path), started(tmp_path)]
    told = [each.communicate(timeout=200) for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert told[0][0] == told[1][0]
    assert sum("making an environment" in err for _, err in told) == len(attempts(cache)) == 1


def test_an_interrupted_one_leaves_nothing(tmp_path: Path, cache: Path, silent_index: socket.socket) -> None:
    making = started(tmp_path)
    with silent_index.accept()[0]:
        assert len(attempts(cache)) == 1
        making.send_signal(signal.SIGINT)
        _, err = making.communicate(timeout=60)
    assert making.returncode == 130
    assert "interrupted" in err
    assert attempts(cache) == []


def test_what_a_killed_one_has_made_is_never_used(
    mpconform: Command, tmp_path: Path, cache: Path, silent_index: socket.socket
) -> None:
    making = started(tmp_path)
    with silent_index.accept()[0]:
        making.kill()
        making.wait()
        (half,) = attempts(cache)
        ran = mpconform(*EXEC, "--", "python", "-c", TELL, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path / "wheels"))
    assert ran.returncode == 0, ran.stderr
    assert len(attempts(cache)) == 1
    assert half not in ran.stdout
    making.communicate()  # its installer has ended as well


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    ran = subprocess.run(
        [str(Path(sys.executable).with_name("mpconform")), *EXEC, "--", "python", "-c", TELL],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)),
    )
    assert ran.returncode == 3
    assert "no environment can be made" in ran.stderr
    assert "File too large" in ran.stderr
    assert attempts(cache) == []


def test_a_folder_that_cannot_be_written_is_told(mpconform: Command) -> None:
    ran = mpconform(*EXEC, "--", "python", XDG_CACHE_HOME="/proc/nowhere")
    assert ran.returncode == 3
    assert "no environment can be made in /proc/nowhere/mpconform/environments" in ran.stderr
    assert "XDG_CACHE_HOME" in ran.stderr


def test_an_environment_is_of_one_interpreter_at_one_version_with_some_requirements(
    installer: list[tuple[str, ...]],
) -> None:
    here = interpreter(None)
    one = prepared(Adapter("one", "one", requires=("a", "b>=3")), here)
    assert prepared(Adapter("other", "other", requires=("b>=3", "a")), here) == one
    assert installer == [("a", "b>=3")]
    assert (one.name, one.release) == (here.name, here.release)
    assert prepared(Adapter("one", "one", requires=("a",)), here) != one
    newer = Interpreter(here.path, (*here.version[:2], 99), here.implementation, here.platform)
    with pytest.raises(BrokenAdapter, match=r"is not 3\.\d+\.99"):
        prepared(Adapter("one", "one", requires=("a", "b>=3")), newer)


def test_what_has_lost_its_interpreter_is_made_anew(installer: list[tuple[str, ...]], cache: Path) -> None:
    required = Adapter("one", "one", requires=("a",))
    one = prepared(required, interpreter(None))
    Path(one.path).unlink()
    environment.asked.cache_clear()
    assert prepared(required, interpreter(None)).path != one.path
    assert len(installer) == 2
    assert len(attempts(cache)) == 1


def test_who_requires_nothing_has_the_interpreter_itself(installer: list[tuple[str, ...]]) -> None:
    here = interpreter(None)
    assert prepared(Adapter("one", "one"), here) is here
    assert installer == []


def test_an_interpreter_that_is_too_old_is_told_before_anything_is_made(installer: list[tuple[str, ...]]) -> None:
    with pytest.raises(BrokenAdapter, match=r"one runs on Python 3\.15 or newer"):
        prepared(Adapter("one", "one", requires=("a",), python="3.15"), Interpreter("python", (3, 9, 1), "cpython", ""))
    assert installer == []


def test_without_the_tools_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "TOOLS", ("no_such_tool",))
    with pytest.raises(Unusable, match=r"no_such_tool, not installed here; install mpconform\[environments\]"):
        prepared(Adapter("one", "one", requires=("a",)), interpreter(None))
