"""The models judge what --impl and --impl-python name; without them the reference and the standard library at hand."""

from __future__ import annotations

import pytest

from .driver import Implementation


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each implementation that is judged."""
    if "implementation" in metafunc.fixturenames:
        named, python = (metafunc.config.getoption(option) for option in ("impl", "impl_python"))
        judged = [Implementation.of_adapter(name, python) for name in ([named] if named else ["reference", "stdlib"])]
        metafunc.parametrize("implementation", judged, ids=[one.name for one in judged])
