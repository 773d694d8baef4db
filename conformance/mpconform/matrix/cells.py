"""The cells of a matrix: each implementation on each interpreter, at the start methods that are asked for."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.installed import found
from mpconform.adapters.interpreters import OLDEST, Interpreter, interpreter
from mpconform.checks import Check
from mpconform.errors import Unusable
from mpconform.selection import Selection
from mpconform.shards import Shard


@dataclass(frozen=True)
class Wanted:
    """What a matrix is asked for.

    implementations: as after --impl. interpreters: as after --python; none: all that are found. methods: start methods;
    none: all that there are; what has none of which one could be chosen is judged as it is. selection: the clauses.
    shard: this machine's share of the cells; None: all. patience: a factor.
    """

    implementations: Sequence[str]
    interpreters: Sequence[str]
    methods: Sequence[str]
    selection: Selection
    shard: Shard | None
    patience: float


@dataclass(frozen=True)
class Cell:
    """One run. impl: as after --impl; python: the path of the interpreter, or what was asked for and is not there.

    reached: the adapter; None where there is none for this interpreter. running: the interpreter; None: it is not
    there. why: what keeps the cell from being judged, in words; empty where nothing does. status: the exit status that
    goes with it. left_out: that is as it is meant, since the adapter says so.
    """

    impl: str
    python: str
    reached: Adapter | None = None
    running: Interpreter | None = None
    why: str = ""
    status: int = 3
    left_out: bool = False

    @property
    def implementation(self) -> str:
        """What it is called in reports."""
        return self.impl if self.reached is None else self.reached.name

    @property
    def on(self) -> str:
        """What the interpreter is called: its exact version, or what was asked for."""
        return self.python if self.running is None else self.running.full_name + "t" * self.running.threads

    @property
    def name(self) -> str:
        """What its files are called."""
        return called(self.implementation, self.on)

    def methods(self, wanted: Wanted) -> tuple[str, ...]:
        """Those of the start methods asked for that it has; none: all of them, or it has none at all."""
        return tuple(method for method in wanted.methods if self.reached and method in self.reached.methods)

    def checks(self, wanted: Wanted) -> Iterator[Check]:
        """Those that its run consists of; none where it cannot be judged."""
        if self.reached is not None:
            methods = self.methods(wanted) or self.reached.methods
            yield from wanted.selection.checks(wanted.selection.clauses(), methods, self.reached.methods)


def called(implementation: str, on: str) -> str:
    """The name of a cell's files."""
    return re.sub(r"[^\w.-]+", "-", f"{implementation}-{on}").strip("-.")


def plan(wanted: Wanted) -> list[Cell]:
    """The cells of this machine, an implementation after the other, the newest interpreter first.

    Raises Unusable for an implementation that there is on none of the interpreters, and where there is no interpreter.
    """
    columns = list(_interpreters(wanted.interpreters))
    if not any(running for _, running, _ in columns):
        raise Unusable("\n".join(why for _, _, why in columns))
    rows = [
        [_cell(impl, asked, running, why, wanted) for asked, running, why in columns]
        for impl in dict.fromkeys(wanted.implementations)
    ]
    for row in rows:
        if all(cell.reached is None for cell in row):
            raise Unusable(next(cell.why for cell in row if cell.running is not None))
    _refuse_namesakes(rows)
    cells = [cell for row in rows for cell in row]
    return cells if wanted.shard is None else cells[wanted.shard.number - 1 :: wanted.shard.of]


def _interpreters(wanted: Sequence[str]) -> Iterator[tuple[str, Interpreter | None, str]]:
    """What was asked for, the interpreter, and why there is none; each once, whatever it was asked for by."""
    if not wanted:
        names: set[str] = set()
        for one in found():
            name = one.full_name + "t" * one.threads
            if one.edition >= OLDEST and name not in names:  # of equals the first that is found
                names.add(name)
                yield one.path, one, ""
        return
    seen: set[str] = set()
    for asked in dict.fromkeys(wanted):
        try:
            one = interpreter(asked)
        except Unusable as error:
            yield asked, None, str(error)
            continue
        if one.path not in seen:
            seen.add(one.path)
            yield one.path, one, ""


def _cell(impl: str, asked: str, running: Interpreter | None, why: str, wanted: Wanted) -> Cell:
    if running is None:
        return Cell(impl, asked, _quietly(lambda: adapter(impl, None, wanted.patience)), None, why)
    try:
        reached = adapter(impl, running, wanted.patience)
    except Unusable as error:
        return Cell(impl, asked, None, running, str(error), error.status)
    why = _without(reached, running, wanted)
    return Cell(impl, asked, reached, running, why, left_out=bool(why))


def _without(reached: Adapter, running: Interpreter, wanted: Wanted) -> str:
    """Why there is nothing to judge, as the adapter has it: at all, at its versions, by its methods, of its part."""
    try:
        reached.refuse_what_cannot_be_judged(running)
    except Unusable as error:
        return str(error)
    if wanted.methods and reached.methods and not {*wanted.methods} & {*reached.methods}:
        return f"{reached.name} has the start methods {', '.join(reached.methods)}, not {', '.join(wanted.methods)}"
    part = reached.offers
    chapters = {clause.chapter for clause in wanted.selection.clauses()}
    if part is not None and not chapters & {*part.chapters}:
        return f"{reached.name} has nothing of {', '.join(sorted(chapters))}: {part.reason}"
    return ""


def _refuse_namesakes(rows: Sequence[Sequence[Cell]]) -> None:
    """Raise Unusable where two cells would have one document."""
    of: dict[str, Cell] = {}
    for cell in (cell for row in rows for cell in row):
        other = of.setdefault(cell.name, cell)
        if other is not cell:
            raise Unusable(
                f"--impl={other.impl} and --impl={cell.impl} on {cell.python}: both are called {cell.name}; give one "
                "of them another `name` in an adapter file"
                if other.python == cell.python
                else f"--python={other.python} and --python={cell.python}: both are {cell.on}; leave one of them out"
            )


def _quietly(make: Callable[[], Adapter]) -> Adapter | None:
    try:
        return make()
    except Unusable:
        return None
