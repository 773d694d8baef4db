"""A small part of what `tools/fuzz.py` does at length."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[2] / "tools" / "fuzz.py"


@pytest.fixture(scope="module")
def fuzzing() -> ModuleType:
    """The tool, as a module."""
    spec = importlib.util.spec_from_file_location("fuzz", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("kind", ["frames", "listening", "calling", "fetching", "requests", "knocking"])
def test_no_input_crashes_hangs_or_is_unpickled(fuzzing: ModuleType, kind: str) -> None:
    assert fuzzing.fuzz(1500, 42, kind) is None
