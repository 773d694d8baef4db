"""What a matrix could not judge, or has not judged yet: a column without outcomes, and the reason for that."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from mpconform.reports.cells import LEFT_OUT, WAITING, Cell
from mpconform.reports.site.runs import Run, rank, unique
from mpconform.reports.site.states import NEVER_RUN, State

_PYPY = "pypy"


@dataclass(frozen=True)
class Unjudged:
    """A cell of a matrix without a run document. slug: its name in addresses."""

    slug: str
    cell: Cell

    @property
    def implementation(self) -> str:
        """The name of the implementation."""
        return self.cell["implementation"]

    @property
    def version(self) -> str:
        """Of what was not judged nobody knows the version."""
        return ""

    @property
    def python(self) -> str:
        """The interpreter in short: "3.14", "PyPy 3.11"."""
        return _shown(self.cell["python"])

    @property
    def heading(self) -> str:
        """The interpreter, and the start method where one was asked for: "3.14", "PyPy 3.11 spawn"."""
        return " ".join(filter(None, [self.python, self.cell["start_method"]]))

    @property
    def interpreter(self) -> str:
        """The interpreter: "CPython 3.14", "PyPy 3.11"."""
        return self.python if self.python.startswith("PyPy") else f"CPython {self.python}"

    @property
    def label(self) -> str:
        """In one line: "ray, CPython 3.14"."""
        method = self.cell["start_method"]
        return f"{self.implementation}, {self.interpreter}" + (f" by {method}" if method else "")

    @property
    def mark(self) -> str:
        """Why there is nothing, in a word or two."""
        state = self.cell["state"]
        return state if state in (WAITING, LEFT_OUT) else "not judged"

    @property
    def why(self) -> str:
        """The reason in full."""
        told = (self.cell["why"] or "").strip()
        if self.cell["state"] == WAITING:
            return told or "The matrix has not come to it yet."
        status = self.cell["status"]
        return told or (f"Its run ended with status {status}." if status is not None else "No reason is recorded.")

    @property
    def marks(self) -> tuple[str, ...]:
        """What is said of the column."""
        return (f"{self.mark}: {self.why}",)

    def state(self, clause: str) -> State:
        """Of no clause there is anything."""
        return NEVER_RUN


Column = Run | Unjudged


def unjudged(cells: Iterable[Cell]) -> list[Unjudged]:
    """The columns of what was not judged."""
    taken: set[str] = set()
    return [Unjudged(unique("-".join(filter(None, ["not", *map(str, _place(cell))])), taken), cell) for cell in cells]


def columns(runs: Iterable[Run], without: Iterable[Unjudged]) -> list[Column]:
    """All columns in their order: implementation, interpreter, version."""
    every: list[Column] = [*runs, *without]
    return sorted(every, key=lambda column: column.order if isinstance(column, Run) else _order(column))


def _place(cell: Cell) -> tuple[str, str, str]:
    return cell["implementation"], cell["python"], cell["start_method"] or ""


def _order(one: Unjudged) -> tuple[object, ...]:
    kind = _PYPY if one.python.startswith("PyPy") else "cpython"
    return *rank(one.implementation), kind, tuple(map(int, re.findall(r"\d+", one.python))), (), (), ""


def _shown(python: str) -> str:
    """What `--python` was given, as the head of a column."""
    name = os.path.basename(python) if os.sep in python else python
    name = re.sub(r"^(cpython|python)-?(?=\d)", "", name)
    return f"PyPy {name[len(_PYPY) :].lstrip('-')}".rstrip() if name.startswith(_PYPY) else name
