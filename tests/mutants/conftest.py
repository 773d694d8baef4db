"""Mutants are items: `tests/mutants/process.toml::join-comes-back-at-once`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mutation
import pytest
from mpconform.errors import Unusable


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
