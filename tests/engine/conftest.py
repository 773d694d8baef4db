"""Zygotes for the tests of the engine, and the proof that nothing is left of them."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.driver.zygotes import Zygote

sys.path.insert(0, str(Path(__file__).parent))
from machine import left_on_the_machine

HERE = Path(__file__).parent


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
