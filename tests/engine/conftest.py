"""Zygotes for the tests of the engine, and the proof that nothing is left of them."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.driver.zygotes import Zygote

sys.path.insert(0, str(Path(__file__).parent))
from installed import Installed, wheel
from machine import left_on_the_machine

HERE = Path(__file__).parent


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a run remembers for the next one goes here, and not to the user's own."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def mpconform(tmp_path: Path) -> Command:
    """Run the command in an empty folder, or another; further variables of its environment stand as keywords."""

    def run(*words: str, folder: Path = tmp_path, **environment: str) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).with_name("mpconform")
        return subprocess.run(
            [str(program), *words],
            cwd=folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=240,
        )

    return run


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, one for all workers."""
    ours = tmp_path_factory.getbasetemp()
    folder = (ours.parent if "PYTEST_XDIST_WORKER" in os.environ else ours) / "wheel"
    folder.mkdir(exist_ok=True)
    return wheel(folder)


@pytest.fixture
def installed(built: Path, tmp_path: Path) -> Installed:
    """The wheel, installed in an environment of its own: `venv` in the folder of the test."""
    return Installed(tmp_path / "venv", built)


@pytest.fixture
def module(tmp_path: Path) -> Callable[[str], str]:
    """Write an implementation that is the standard library but for some lines; the option that names it."""

    def write(lines: str) -> str:
        (tmp_path / "wrong_one.py").write_text(f"from multiprocessing import *\n\n{lines}")
        adapter = tmp_path / "wrong one.toml"
        adapter.write_text('name = "wrong"\nimplementation = "wrong_one"\nexpose = ["./wrong_one.py"]\n')
        return f"--impl={adapter.name}"

    return write


@pytest.fixture
def zygote(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Zygote]]:
    """Make zygotes of a wrong (or right) implementation over the sample clauses; nothing of them may stay."""
    mark = uuid.uuid4().hex
    monkeypatch.setenv("MPCONFORM_TEST", mark)
    made: list[Zygote] = []

    def make(implementation: str = "multiprocessing", *, python: str | None = None, deadline: float = 5.0) -> Zygote:
        expose = [str(HERE / "samples")]
        if (HERE / "wrong" / f"{implementation}.py").exists():
            expose.append(str(HERE / "wrong" / f"{implementation}.py"))
        adapter = Adapter(name=implementation, implementation=implementation, expose=tuple(expose))
        made.append(Zygote(adapter, interpreter(python), deadline=deadline, package="samples"))
        return made[-1]

    yield make
    for each in made:
        each.stop()
    assert left_on_the_machine(mark) == []
