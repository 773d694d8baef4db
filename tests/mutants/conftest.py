"""Mutants are items: `tests/mutants/process.toml::join-comes-back-at-once`; `--share=1/3` hunts a third of them."""

from __future__ import annotations

import argparse
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutation
import pytest
from mpconform.errors import Unusable


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option of the gate."""
    parser.addoption("--share", metavar="K/N", type=_share, help="the kth of n shares of the mutants alone")


def _share(text: str) -> tuple[int, int]:
    """Which share, from 1, and how many there are."""
    found = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
    if found is None or int(found[1]) > int(found[2]):
        raise argparse.ArgumentTypeError(f"a share is K/N, as in 1/3 to 3/3, not {text!r}")
    return int(found[1]), int(found[2])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the mutants of other shares out. A mutant stays in its share, whatever is written beside it."""
    if config.option.share is None:
        return
    share, shares = config.option.share
    others = [
        item for item in items if isinstance(item, MutantItem) and zlib.crc32(item.name.encode()) % shares != share - 1
    ]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in set(others)]


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A TOML file here holds the mutants of the chapter of its name."""
    if file_path.suffix == ".toml" and file_path.parent == mutation.FOLDER:
        return MutantFile.from_parent(parent, path=file_path)
    return None


class MutantFile(pytest.File):
    """The mutants of one chapter."""

    def collect(self) -> Iterator[pytest.Item]:
        """One item a mutant."""
        for mutant in mutation.read(self.path):
            yield MutantItem.from_parent(self, name=mutant.name, mutant=mutant)


class Escaped(Exception):
    """A mutant that was not caught."""


class MutantItem(pytest.Item):
    """One mutant; passes where each of its catchers catches it."""

    def __init__(self, *, mutant: mutation.Mutant, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mutant = mutant

    def runtest(self) -> None:
        """Hunt it."""
        escapes = mutation.hunt(self.mutant)
        if escapes:
            lines = [
                f"{escape.check}: {escape.outcome}, not {self.mutant.outcome} ({escape.why})" for escape in escapes
            ]
            raise Escaped("\n".join(lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """An escape in plain words."""
        if isinstance(excinfo.value, Escaped):
            return f"the mutant {self.mutant.name} of {self.mutant.file} escapes:\n{excinfo.value}"
        if isinstance(excinfo.value, Unusable):
            return f"the mutant cannot be made: {excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the mutant stands."""
        return self.path, None, f"mutant: {self.name}"
