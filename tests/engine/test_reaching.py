"""How an implementation is reached, and what is said where it cannot be: what it raised, where, and what to do."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.driver.zygotes import Zygote
from mpconform.errors import BrokenAdapter, Unusable

Refusal = Callable[..., str]
WORKS = "from multiprocessing import *\n"


@pytest.fixture
def refusal(tmp_path: Path) -> Refusal:
    """Start a zygote of a module of this text: what is said of why that cannot be done."""

    def refused(text: str, *, name: str = "mine", patience: float = 1.0, **keys: object) -> str:
        (tmp_path / f"{name}.py").write_text(text)
        reached = Adapter(name, name, expose=(str(tmp_path / f"{name}.py"),), **keys)  # type: ignore[arg-type]
        with Zygote(reached, interpreter(None), patience=patience) as zygote, pytest.raises(BrokenAdapter) as raised:
            zygote.start()
        assert raised.value.status == 3
        return str(raised.value)

    return refused


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\nraise ValueError('no such thing')", ["ValueError: no such thing", "mine.py:2: raise ValueError"]),
        ("import json\njson.loads('x')", ["JSONDecodeError: Expecting", "mine.py:2: json.loads('x')"]),
        ("import sys\nsys.exit()", ["SystemExit", "mine.py:2: sys.exit()"]),
        ("raise KeyboardInterrupt", ["KeyboardInterrupt", "mine.py:1: raise KeyboardInterrupt"]),
        ("def f(:\n  pass", ["SyntaxError: invalid syntax", "mine.py:1: def f(:"]),
        ("import nohere", ["No module named 'nohere'", "mine.py:1: import nohere", "-m pip install nohere"]),
        ("class E(Exception):\n  def __str__(self): 1/0\nraise E", ["mine.E: its message cannot be had"]),
    ],
    ids=["raises", "raises-below", "exits", "interrupts", "syntax", "lacks", "message"],
)
def test_what_an_import_raises_is_told_by_type_message_and_line(
    refusal: Refusal, tmp_path: Path, text: str, told: list[str]
) -> None:
    said = refusal(text)
    for part in told:
        assert part in said
    assert "mine cannot be imported" in said
    assert f"{tmp_path}/mine.py" in said or "cannot be had" in said


def test_a_warning_that_the_run_makes_an_error_is_told_as_one(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import warnings\nwarnings.warn('old')")
    reached = Adapter("mine", "mine", expose=(str(tmp_path / "mine.py"),))
    with Zygote(reached, interpreter(None), flags=["-W", "error"]) as zygote, pytest.raises(BrokenAdapter) as raised:
        zygote.start()
    assert "UserWarning: old (a warning, which -W makes an error)" in str(raised.value)


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("import os\nos.write(2, b'good bye')\nos._exit(0)", "ended with status 0 while it imported mine"),
        ("import os\nos.kill(os.getpid(), 9)", "was ended by SIGKILL while it imported mine"),
        ("import ctypes\nctypes.string_at(0)", "was ended by SIGSEGV while it imported mine"),
    ],
    ids=["exit", "killed", "segfault"],
)
def test_an_interpreter_that_ends_at_import_is_told_with_its_status_and_last_words(
    refusal: Refusal, text: str, how: str
) -> None:
    said = refusal(text)
    assert how in said
    assert ("good bye" in said) == ("write" in text)
    assert ('mine.py", line 2' in said) == ("ctypes" in text)


def test_a_hang_at_import_is_told_with_its_stacks_before_ten_seconds_are_over(refusal: Refusal, tmp_path: Path) -> None:
    began = time.monotonic()
    said = refusal("import threading\nthreading.Event().wait()", patience=0.2)
    assert time.monotonic() - began < 0.2 * 10 + 5  # its deadline, and what a busy machine takes to start and stop it
    assert "import of mine is not over after " in said
    assert f'{tmp_path}/mine.py", line 2' in said
    assert "--patience=0.4" in said


def test_an_import_that_takes_long_is_legal(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("import time\ntime.sleep(1)\n" + WORKS)
    with Zygote(Adapter("mine", "mine", expose=(str(tmp_path / "mine.py"),)), interpreter(None)) as zygote:
        assert zygote.start()["seconds"] >= 1


@pytest.mark.parametrize("key", ["modules", "preload"])
def test_what_an_adapter_names_beside_the_implementation_is_told_by_its_key(refusal: Refusal, key: str) -> None:
    value = {"multiprocessing.queues": "json.nohere"} if key == "modules" else ("json.nohere",)
    said = refusal(WORKS, **{key: value})
    assert f"json.nohere, under `{key}`, cannot be imported: it raised ModuleNotFoundError" in said


def test_a_module_that_lies_beside_an_implementation_that_lacks_it_is_told_with_expose(
    refusal: Refusal, tmp_path: Path
) -> None:
    (tmp_path / "helper.py").touch()
    said = refusal("import helper")
    assert f'expose = ["{tmp_path}/mine.py", "{tmp_path}/helper.py"]' in said


def test_what_a_module_prints_at_import_is_known_and_no_host_prints_it_again(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(WORKS + "print('hello')")
    ended = run("--impl=mine", "log.logger.level-notset", "process.name.subclass", "--", "-rA", folder=tmp_path)
    assert ended.stdout.count("hello") == 1, ended.stdout + ended.stderr


def run(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command as it is installed, which does not put the folder of its caller on its path."""
    command = [str(Path(sys.executable).with_name("mpconform")), "run", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240)


@pytest.mark.parametrize("layout", ["mymp.py", "mymp/__init__.py"])
@pytest.mark.parametrize("command", [["mpconform", "run"], ["pytest", "--pyargs", "mpspec.chapters.process.chapter"]])
def test_a_module_beside_the_caller_is_found_by_children_of_every_start_method(
    tmp_path: Path, layout: str, command: list[str]
) -> None:
    (tmp_path / layout).parent.mkdir(exist_ok=True)
    (tmp_path / layout).write_text(WORKS)
    program = str(Path(sys.executable).with_name(command[0]))
    words = [*command[1:], "--impl=mymp", "-k", "process.join.again"]
    ended = subprocess.run([program, *words], cwd=tmp_path, capture_output=True, text=True, timeout=240)
    assert "3 passed" in ended.stdout, ended.stdout + ended.stderr


def test_a_module_that_only_the_import_path_of_the_caller_has_is_exposed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "farmp.py").write_text(WORKS)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "far")
    monkeypatch.syspath_prepend(str(tmp_path / "far"))
    reached = adapter("farmp")
    assert reached.expose == (str(tmp_path / "far" / "farmp.py"),)
    with Zygote(Adapter("far", "farmp"), interpreter(None)) as zygote:  # a relative PYTHONPATH means this folder
        assert zygote.start()["ready"]


def test_a_module_that_only_the_interpreter_under_test_has_is_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs.py").write_text(WORKS)
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{tmp_path}" exec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.chdir("/")
    assert adapter("theirs", interpreter(str(wrapper))).expose == ()
    with pytest.raises(Unusable):
        adapter("theirs", interpreter(None))


@pytest.mark.parametrize("path", ["mymp.py", "./mymp.py", "./packaged"])
def test_the_path_of_a_module_or_package_is_an_implementation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    (tmp_path / "mymp.py").write_text(WORKS)
    (tmp_path / "packaged").mkdir()
    (tmp_path / "packaged" / "__init__.py").write_text(WORKS)
    monkeypatch.chdir(tmp_path)
    reached = adapter(path)
    assert reached.implementation == Path(path).name.removesuffix(".py")
    assert list(reached.exposed().values()) == [(tmp_path / path).absolute()]


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("mymq", "near it: mymp"),
        ("stdlb", "near it: stdlib"),
        ("packaged.multiprocesing", "near it: packaged.multiprocessing"),
        ("empty", "neither a built-in adapter"),
        ("__main__", "neither a built-in adapter"),
        ("./mymq.py", "there is no such file; near it: mymp.py"),
        ("./mine.tml.toml", "No such file or directory; near it: mine.toml"),
        ("/nowhere/mine.toml", "No such file or directory"),
        ("./empty", "neither a module, a package nor an adapter file"),
    ],
)
def test_what_does_not_exist_is_told_with_names_that_come_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wanted: str, told: str
) -> None:
    for name in ("mymp.py", "mine.toml"):
        (tmp_path / name).touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "packaged").mkdir()
    for name in ("__init__.py", "multiprocessing.py"):
        (tmp_path / "packaged" / name).touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Unusable) as raised:
        adapter(wanted)
    assert raised.value.status == 2
    assert told in str(raised.value)
