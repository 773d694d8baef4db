"""The lines and branches of the reference that its conformance run reaches, in every process: never fewer than before.

Usage: python tools/reached.py [--keep FOLDER] [WORD ...]; words go to pytest, as for a part of the run, and no floor is
held then. With --keep, FOLDER holds the file for `coverage html --data-file`, and what runs with it adds to what is
there. Exit status 0: every promise is kept, and as much is reached as [tool.reached] in pyproject.toml says, which may
only rise.

Every interpreter below a host marks what it runs by its own start-up file and the environment, each thread and each
fork, the moment it runs: see measured/coverage. So it counts as well where a process is killed. What is made of the
marks, and what a line and a branch are, is coverage's.

Not counted is what no clause could have reached; measured/uncounted.toml names it, with the reason. Everything else is,
and the report names what of it is not reached.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import marshal
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import coverage
from check import CONFORMANCE, ROOT
from mpconform import ending
from mpconform.driver import launching
from mpspec.loader import CHAPTERS, load

CONFIGURATION = ROOT / "pyproject.toml"
PLUGINS = ROOT / "tools" / "measured"
UNCOUNTED = PLUGINS / "uncounted.toml"
REFERENCE = ROOT / "reference" / "mpref"
ADAPTER = ROOT / "conformance" / "mpconform" / "adapters" / "reference.toml"
PARTS = (
    ["--start-method=fork"],
    ["--start-method=spawn", "--start-method=forkserver", "--chapter=process", "--chapter=contexts"],
    [
        "--start-method=spawn",
        *(f"--chapter={name}" for name in ("connection", "queues", "synchronize", "sharedctypes")),
    ],
    ["--start-method=spawn", "--chapter=managers", "--chapter=log", "-k", "manager.process or manager.start or log."],
    ["--impl=LATER", "--start-method=fork", "-k", "OF_LATER_EDITIONS"],
)
"""What is run. The other start methods reach little that chapters about starts, and about what is handed to a child, do
not."""

BY_THE_PYTHON = ("context.methods.", "dummy.lock.locked")
"""Beginnings of clauses whose promise goes by what else the Python has."""
EDITION = (3, 13)
PATIENCE = 2
"""Factor on every wait and deadline: a measured process takes longer for everything."""


def main() -> int:
    """Run the conformance of the reference, measured, and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="for the marks, and the file of what is reached")
    arguments, words = parser.parse_known_args()
    if sys.version_info[:2] != measured.PYTHON:
        parser.error("what is marked is told from the code of CPython 3.11: run this with it")
    ending.in_order()
    with tempfile.TemporaryDirectory(prefix="reached-", dir=launching.folder()) as folder:
        kept: Path = arguments.keep or Path(folder)
        kept.mkdir(exist_ok=True)
        layout = _laid_out(kept / "layout")
        ran = 0
        for part in [words] if words else PARTS:
            ran = ran or _run(kept / "layout", part)
        told = report(kept, _arcs(layout, kept / f"layout{measured.MARKS}"), floors=not words)
    return ran or told


def _loaded() -> Any:
    """The module that stands in for coverage, under another name: here coverage is meant."""
    spec = importlib.util.spec_from_file_location("measured", PLUGINS / "coverage" / "__init__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


measured = _loaded()


def _laid_out(path: Path) -> dict[str, tuple[int, int]]:
    """Write where the marks of each file of the reference are, and make room for them."""
    layout = {}
    end = 0
    for file in sorted(REFERENCE.rglob("*.py")):
        lines = len(file.read_bytes().splitlines()) + 1
        layout[str(file.relative_to(REFERENCE))] = (end, lines)
        end += measured.size(lines)
    marks = Path(f"{path}{measured.MARKS}")
    if path.exists() and marshal.loads(path.read_bytes()) != layout:
        marks.unlink()  # they are of another state of the reference
    path.write_bytes(marshal.dumps(layout))
    with marks.open("ab") as room:
        room.truncate(end)  # with holes where nothing is marked
    return layout


def _run(layout: Path, words: Sequence[str]) -> int:
    path = os.pathsep.join(filter(None, [str(PLUGINS), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": path, measured.LAYOUT: str(layout.absolute())}
    environment["COVERAGE_PROCESS_START"] = str(CONFIGURATION)  # with it, coverage's file in the site starts anything
    meant: dict[str, Callable[[], str]] = {
        "OF_LATER_EDITIONS": _of_later_editions,
        "--impl=LATER": lambda: f"--impl={_of_later(layout.parent)}",
    }
    chosen = [meant[word]() if word in meant else word for word in words]
    command = [sys.executable, *CONFORMANCE, "--impl=reference", f"--patience={PATIENCE}", *chosen]
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


def _of_later(folder: Path) -> Path:
    """Write an adapter by which the reference follows the newest edition, as it does on Pythons to come."""
    later = {"name": "reference of later editions", "documentation": "3.15"}
    kept = [line for line in ADAPTER.read_text().splitlines() if line.split(" =")[0] not in (*later, "baseline")]
    adapter = folder / "later.toml"
    adapter.write_text("\n".join([*(f'{key} = "{value}"' for key, value in later.items()), *kept]) + "\n")
    return adapter


def _of_later_editions() -> str:
    """An expression for the clauses that editions have added since that which the reference keeps on this Python."""
    names = [
        name
        for chapter in map(load, CHAPTERS)
        for name, clause in chapter.clauses.items()
        if clause.since and clause.since > EDITION and not name.startswith(BY_THE_PYTHON)
    ]
    return " or ".join(names)


def _arcs(layout: dict[str, tuple[int, int]], path: Path) -> dict[str, list[tuple[int, int]]]:
    """File -> the arcs that are marked."""
    marks = path.read_bytes()
    return {
        str(REFERENCE / name): list(_marked(marks[begin : begin + measured.size(lines)], lines))
        for name, (begin, lines) in layout.items()
    }


def _marked(marks: bytes, lines: int) -> Iterator[tuple[int, int]]:
    at = marks.find(1)
    while at >= 0:
        left, entered = divmod(at, 2 * lines + 1)
        yield left - lines, entered - lines
        at = marks.find(1, at + 1)


def uncounted() -> list[tuple[str, str, str]]:
    """What is not counted: reason, file, and the text that stands there, of which the first line counts.

    An empty text means the whole file.
    """
    return [
        (entry["reason"], file, text)
        for entry in tomllib.loads(UNCOUNTED.read_text())["uncounted"]
        for file, texts in entry["where"].items()
        for text in texts or [""]
    ]


def report(folder: Path, arcs: dict[str, list[tuple[int, int]]], floors: bool) -> int:
    """Print what is reached and what is not. Returns the exit status."""
    data = coverage.CoverageData(str(folder / "coverage.sqlite"))
    data.erase()
    data.add_arcs(arcs)
    data.write()
    beyond = uncounted()
    omitted = [str(REFERENCE / file) for _, file, text in beyond if not text]
    found = coverage.Coverage(
        data_file=str(folder / "coverage.sqlite"),
        config_file=str(CONFIGURATION),
        branch=True,
        source=[str(REFERENCE)],
        omit=omitted,
    )
    for _, _, text in beyond:
        if text:
            first, line_end, rest = text.partition("\n")
            found.exclude(f"{re.escape(first)}(?={re.escape(line_end + rest)})")
    found.load()
    found.report(show_missing=True)
    found.json_report(outfile=str(folder / "coverage.json"))
    totals = json.loads((folder / "coverage.json").read_text())["totals"]
    reached = {
        "lines": 100 * totals["covered_lines"] / totals["num_statements"],
        "branches": 100 * totals["covered_branches"] / totals["num_branches"],
    }
    floor = tomllib.loads(CONFIGURATION.read_text())["tool"]["reached"]
    for what, percent in reached.items():
        print(f"{percent:.1f} % of the {what} are reached; never fewer than {floor[what]} %")
    return int(floors and any(percent < floor[what] for what, percent in reached.items()))


if __name__ == "__main__":
    sys.exit(main())
