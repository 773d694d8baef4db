"""The folder of a matrix: the document of each cell, what came of the others, and an index of them all.

    stdlib-3.13.2.json           the run document of a cell
    matrix.json                  the index: every cell, its state, and why where it was not judged
    cells/stdlib-3.13.2/         what its run is taken up by (verdicts.jsonl), and has said (run.log) and written so far

A machine that does a share of the cells writes an index of its own, matrix-2-of-4.json: folders of several machines can
be put together. Two at once in one folder divide the cells: whoever judges one holds its lock.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import filelock

from mpconform.errors import Unusable
from mpconform.matrix.cells import Cell, Wanted, called
from mpconform.reports import cells, document, files, reading, specification
from mpconform.shards import Shard


class Folder:
    """The folder at a path; it is made where there is none. shard: this machine's share of the cells."""

    def __init__(self, path: Path, shard: Shard | None) -> None:
        """Raises Unusable where it cannot be a folder, or has an index that is none."""
        self.path = path
        self.index = path / cells.name(shard)
        try:
            (path / "cells").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unusable(f"{path}: cannot be made a folder ({error.strerror}); name another one") from None
        self._entries()

    def document(self, cell: Cell) -> Path:
        """Where the run document of a cell is, or will be."""
        return self.path / f"{cell.name}.json"

    def written(self, cell: Cell) -> Path:
        """Where the run of the cell writes its document, which takes its place once it is whole."""
        return self.path / "cells" / cell.name / "run.json"

    def verdicts(self, cell: Cell) -> Path:
        """What an interrupted run of the cell has found so far."""
        return self.path / "cells" / cell.name / "verdicts.jsonl"

    def log(self, cell: Cell) -> Path:
        """What the run of the cell says."""
        return self.path / "cells" / cell.name / "run.log"

    def judged(self, cell: Cell, wanted: Wanted) -> bool:
        """Whether the cell has a document of this specification and interpreter with all checks that are wanted."""
        try:
            told = reading.settled(str(self.document(cell))).document
        except Unusable:
            return False
        return (
            cell.running is not None
            and told["spec"] == specification.installed()
            and told["implementation"] == cell.implementation
            and told["interpreter"]["release"] == document.dotted(cell.running)
            and {row["check"] for row in told["checks"]} >= {check.id for check in cell.checks(wanted)}
        )

    @contextlib.contextmanager
    def taken(self, cell: Cell, *, wait: bool) -> Iterator[bool]:
        """Whether the cell is this process's alone for the time of the block; wait: until no other one is at it."""
        place = self.path / "cells" / cell.name
        place.mkdir(exist_ok=True)
        lock = filelock.FileLock(place / "lock")
        try:
            lock.acquire(blocking=wait)
        except filelock.Timeout:
            yield False
            return
        try:
            yield True
        finally:
            lock.release()

    def tell(self, cell: Cell, state: str, why: str = "", status: int | None = None) -> None:
        """Write down what came of a cell. Raises Unwritten where there is no room."""
        entry: cells.Cell = {
            "implementation": cell.implementation,
            "python": cell.on,
            "start_method": None,
            "state": state,
            "document": self.document(cell).name if state == cells.JUDGED else None,
            "why": why or None,
            "status": status,
        }
        with filelock.FileLock(self.path / "cells" / "lock"):  # another one in this folder writes, too
            entries = {**self._entries(), cell.name: entry}
            files.put(self.index, cells.text([entries[name] for name in sorted(entries)]))

    def status(self, cell: Cell) -> int:
        """The exit status of the run that has judged the cell, as far as it is known."""
        entry = self._entries().get(cell.name)
        return (entry["status"] or 0) if entry is not None else 0

    def take(self, cell: Cell) -> None:
        """The cell is judged: its document takes its place, and what else its run has left is needed no more."""
        self.written(cell).replace(self.document(cell))
        for path in (self.verdicts(cell), self._aside(cell), self.log(cell)):
            path.unlink(missing_ok=True)

    def put_away(self, cell: Cell) -> Path:
        """The verdicts do not count: an hour's work may be in them, and who knows why can have them back."""
        return self.verdicts(cell).replace(self._aside(cell))

    def _aside(self, cell: Cell) -> Path:
        return self.verdicts(cell).with_suffix(".before.jsonl")

    def _entries(self) -> dict[str, cells.Cell]:
        """Name of a cell -> what the index tells of it. Raises Unusable where the file is no index."""
        found = cells.read(self.index).cells if self.index.exists() else ()
        return {called(each["implementation"], each["python"]): each for each in found}
