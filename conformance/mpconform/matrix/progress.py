"""How far a matrix is: a line for each cell, and in a terminal one below them that is rewritten meanwhile."""

from __future__ import annotations

import os
import sys
import time

from mpconform.matrix.cells import Cell
from mpconform.pace import Pace, spoken
from mpconform.reports import colour
from mpconform.reports.cells import FAILED, JUDGED, LEFT_OUT, WAITING

OFTEN, SELDOM = 0.2, 60.0
"""Seconds between two lines about the same cell: in a terminal, and elsewhere, where each of them stays."""
UNEXPECTED = "unexpected"
"""Of a cell that is judged: something in it fails the run."""
STYLE = {JUDGED: "green", UNEXPECTED: "red", LEFT_OUT: "faint", FAILED: "red", WAITING: "yellow"}
"""How the state of a cell is painted."""


class Progress:
    """Of so many cells with so many checks that are to be judged."""

    def __init__(self, cells: int, checks: int) -> None:
        self._cells, self._checks = cells, checks
        self._width = len(str(cells))
        self._paint = colour.paint(sys.stdout)
        self._terminal = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
        self._told = time.monotonic()
        self._pace = Pace()
        self._before = 0
        """Checks of the cells that are over."""
        self._new = 0
        """Checks that were judged since this began: not those of a run that was taken up."""

    def begins(self) -> None:
        """A cell comes to be judged."""
        self._told = time.monotonic()

    def says(self, line: str) -> None:
        """A line of its own."""
        self._clear()
        print(line, flush=True)

    def cell(self, number: int, cell: Cell, state: str, what: str) -> None:
        """What came of a cell, in words, of which the first line stands beside it; number: of all cells, from 1."""
        first, *others = what.split("\n")
        name = f"{cell.implementation} on {cell.on}"
        self.says(f"{number:>{self._width}}/{self._cells}  {name:<28}  {self._paint(first, STYLE[state])}")
        for line in others:
            print(f"{'':<{2 * self._width + 3}}  {line}", flush=True)

    def shows(self, number: int, cell: Cell, what: str) -> None:
        """What is done about a cell at the moment."""
        if self._terminal:
            line = f"{number:>{self._width}}/{self._cells}  {cell.implementation} on {cell.on}: {what}"
            width = os.get_terminal_size(sys.stdout.fileno()).columns - 1
            print(f"\r\x1b[2K{line[:width]}", end="", flush=True)

    def judges(self, number: int, cell: Cell, found: int, of: int, taken_up: int) -> None:
        """So many checks of a cell are judged; taken_up: those that were before this began."""
        now = time.monotonic()
        self._pace.sees(self._new + found - taken_up)
        if now - self._told < (OFTEN if self._terminal else SELDOM):
            return
        self._told = now
        what = f"{found:,} of {of:,} checks" if found else "begins"
        left = self._pace.left(max(self._checks - self._before - found, 0))
        if left is not None:
            what += f", {spoken(left)} left for all cells"
        if self._terminal:
            self.shows(number, cell, what)
        else:
            self.says(f"{number:>{self._width}}/{self._cells}  {cell.implementation} on {cell.on}: {what}")

    def over(self, checks: int, taken_up: int) -> None:
        """A cell with so many checks is over."""
        self._before += checks
        self._new += checks - taken_up

    def _clear(self) -> None:
        if self._terminal:
            print("\r\x1b[2K", end="", flush=True)
