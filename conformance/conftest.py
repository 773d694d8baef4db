"""In this folder the options of a conformance run have short names too, as in `mpconform run`: `--python=3.13`."""

from __future__ import annotations

from pathlib import Path

import pytest
from mpconform.pytest_plugin import options

HERE = Path(__file__).parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """The short names, as far as no other plugin has them."""
    options.add_short(parser)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Without an implementation there is nothing to collect here, and that is said."""
    if file_path.parent == HERE and file_path.name.startswith("test_") and not parent.config.getoption("impl", None):
        return Unjudged.from_parent(parent, path=file_path)
    return None


class Unjudged(pytest.File):
    """A chapter that no implementation was named for."""

    def collect(self) -> list[pytest.Item]:
        """Nothing but the question."""
        raise self.CollectError("which implementation? Name it, as in --impl=reference or --impl=stdlib")
