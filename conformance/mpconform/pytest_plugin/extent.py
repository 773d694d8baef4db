"""How much of the whole a run is: everything, the chapters that were named, or a selection, which holds no floor."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from mpspec.loader import CHAPTERS

from mpconform.pytest_plugin.run import RUN, Run
from mpconform.reports.document import Row, Selection
from mpconform.shards import Shard

TOLD = "mpconform"
"""What a worker of xdist tells its controller under: Collected, as a dictionary."""

_MODULE = re.compile(r"mpspec\.chapters\.(\w+)(\.chapter)?$")
_FILE = re.compile(r"(?:^|/)(?:test_(\w+)\.py|chapters/(\w+)(?:/chapter\.py)?/?)$")

_LEAVING_OUT = (
    ("keyword", "-k"),
    ("markexpr", "-m"),
    ("lf", "--lf"),
    ("stepwise", "--stepwise"),
    ("deselect", "--deselect"),
    ("ignore", "--ignore"),
    ("ignore_glob", "--ignore-glob"),
    ("impl_level", "--level"),
    ("collectonly", "--collect-only"),
)
"""Options of pytest and ours that leave checks out: destination, and how they are written."""


@dataclass(eq=False)  # plugins stand in sets
class Collected:
    """What was collected where checks run. checks: their number; deselected: whether any was put aside then.

    elsewhere: how many there are beside them that other shards have.
    """

    checks: int = 0
    deselected: bool = False
    elsewhere: int = 0

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Some plugin has put checks aside, by whatever option."""
        self.deselected = True

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What is left of them will run."""
        self.checks = len({item.name for item in session.items if hasattr(item, "check")})
        self.elsewhere = session.config.stash[RUN].elsewhere

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the controller, if this is a worker."""
        if hasattr(session.config, "workeroutput"):
            session.config.workeroutput[TOLD] = asdict(self)


@dataclass(frozen=True)
class Extent:
    """What a run was confined to, and whether all of that has run. chapters: None: all of them."""

    chapters: frozenset[str] | None
    clauses: tuple[str, ...]
    parts: tuple[str, ...]
    complete: bool
    shard: Shard | None = None

    @property
    def is_whole(self) -> bool:
        """Whether everything of its chapters has run, so that there is a floor to hold."""
        return self.complete and not self.clauses and not self.parts and self.shard is None

    @property
    def is_everything(self) -> bool:
        """Whether that was every chapter."""
        return self.is_whole and self.chapters is None

    def selection(self) -> Selection:
        """The same for the document."""
        return {
            "chapters": None if self.chapters is None else sorted(self.chapters),
            "clauses": list(self.clauses),
            "parts": list(self.parts),
            "shard": None if self.shard is None else {"number": self.shard.number, "of": self.shard.of},
        }


def extent(config: pytest.Config, run: Run, collected: Collected | None, ended: int) -> Extent:
    """Of a run that is over. collected: None where no worker has told; ended: pytest's exit status."""
    ran = {row["check"] for row in run.rows}
    stopped = ended in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
    named, chosen = _chapters(config.args, run.rows), frozenset(run.selection.chapters)
    return Extent(
        named & chosen if named is not None and chosen else chosen or named,
        tuple(sorted(run.clauses)),
        tuple(_parts(config, run, collected)),
        complete=not stopped and collected is not None and len(ran) >= collected.checks,
        shard=run.shard,
    )


def _parts(config: pytest.Config, run: Run, collected: Collected | None) -> Iterable[str]:
    for name, option in _LEAVING_OUT:
        value: Any = getattr(config.option, name, None)
        if value:
            yield option if value is True else f"{option}={','.join(value) if isinstance(value, list) else value}"
    yield from (f"--start-method={method}" for method in run.methods if set(run.methods) != set(run.adapter.methods))
    yield from (word for word in config.args if "::" in word)
    if collected is not None and collected.deselected:
        yield "deselected"


def _chapters(words: Iterable[str], rows: Iterable[Row]) -> frozenset[str] | None:
    """The chapters that the words of the command name: modules or files of one chapter each; None: all of them."""
    named = set()
    for word in words:
        path = word.partition("::")[0]
        found = _MODULE.match(path) or _FILE.search(path)
        if found is not None:
            named.add(next(filter(None, found.groups())))
        elif any(rows) or Path(path).name in ("conformance", "mpspec"):
            return None
    return None if named >= set(CHAPTERS) else frozenset(named)
