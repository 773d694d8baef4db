"""`mpconform matrix`: judge several implementations on several interpreters into a folder; what is judged stays."""

from __future__ import annotations

import argparse
import importlib.util
import time
from collections import Counter
from pathlib import Path

from mpconform import quantities, shards
from mpconform.adapters.interpreters import Interpreter
from mpconform.commands import grammar
from mpconform.environments.environment import prepared
from mpconform.errors import Unusable
from mpconform.matrix import judging
from mpconform.matrix.cells import Cell, Wanted, plan
from mpconform.matrix.folder import Folder
from mpconform.matrix.progress import UNEXPECTED, Progress
from mpconform.pace import spoken
from mpconform.pytest_plugin.options import JUDGED as OF_ONE
from mpconform.pytest_plugin.options import SHARD
from mpconform.reports import journal, reading, text
from mpconform.reports.cells import FAILED, JUDGED, LEFT_OUT, WAITING
from mpconform.reports.files import Unwritten

HELP = "judge several implementations on several interpreters, into a folder, and go on there after an interrupt"
MANY = 50
"""So many checks are worth the start of several workers."""
EVERYWHERE = "the interpreter that runs it: a path, or a version such as 3.13; default: every one that is found"


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments."""
    parser.usage = "mpconform matrix FOLDER --impl=IMPL [--impl=IMPL ...] [OPTION ...]"
    implementation, interpreter, environment = OF_ONE
    several = [implementation._replace(several=True), interpreter._replace(several=True, help=EVERYWHERE), environment]
    grammar.add_options(parser.add_argument_group("what is judged"), several)
    grammar.add_choice(parser)
    only = SHARD._replace(help="only the Ith of N shares of the cells: so many machines do one matrix together")
    grammar.add_options(parser.add_argument_group("which part, where several machines do the matrix"), [only])
    grammar.add_timed(parser)
    group = parser.add_argument_group("how it is done")
    group.add_argument(
        "-n",
        "--jobs",
        metavar="NUMBER|auto",
        help="so many workers at once (pytest-xdist); default: auto, where there are many checks",
    )
    group.add_argument("--again", action="store_true", help="judge anew what is judged already")


def carry_out(options: argparse.Namespace) -> int:
    """Judge cell after cell. Returns 3 where one could not be judged, else 1 where a run has failed, else 0."""
    where, wanted = _wanted(options)
    cells = plan(wanted)
    folder = Folder(where, wanted.shard)
    try:
        return Matrix(folder, wanted, cells, options).carry_out()
    except OSError as error:
        raise Unwritten(f"{where}: {error.filename or 'it'} cannot be written ({error.strerror}); make room") from None


def _wanted(options: argparse.Namespace) -> tuple[Path, Wanted]:
    """The folder, and what is to be in it. Raises Unusable."""
    if not options.words:
        raise Unusable("matrix: a folder comes first, in which the documents will be, as in `mpconform matrix results`")
    folder, *words = options.words
    if not options.impl:
        raise Unusable("matrix: --impl names what is judged, as in --impl=stdlib --impl=multiprocess")
    options.words = words
    grammar.known_methods(options)
    patience, _ = grammar.times(options)
    wanted = Wanted(
        implementations=options.impl,
        interpreters=options.impl_python,
        methods=options.impl_start_method,
        selection=grammar.selection(options),
        shard=None if options.impl_shard is None else shards.shard(options.impl_shard),
        patience=patience,
    )
    if options.jobs not in (None, "auto"):
        quantities.count("jobs", options.jobs, 0)
    return Path(folder), wanted


class Matrix:
    """One call of the command: cells, a folder, and what is said meanwhile."""

    def __init__(self, folder: Folder, wanted: Wanted, cells: list[Cell], options: argparse.Namespace) -> None:
        self._folder, self._wanted, self._cells, self._options = folder, wanted, cells, options
        self._patience, self._deadline = grammar.times(options)
        self._number = {cell.name: number for number, cell in enumerate(cells, 1)}
        self._states: dict[str, int] = dict.fromkeys((JUDGED, LEFT_OUT, FAILED), 0)
        self._worst = 0
        to_judge = [cell for cell in cells if not cell.why and not self._is_judged(cell)]
        self._of = {cell.name: sum(1 for _ in cell.checks(wanted)) for cell in to_judge}
        self._progress = Progress(len(cells), sum(self._of.values()))

    def carry_out(self) -> int:
        """Judge what is not judged yet; where another call is at a cell, that one last. Returns the exit status."""
        others = [cell for cell in self._cells if not self._taken(cell, wait=False)]
        for cell in others:
            self._progress.shows(self._number[cell.name], cell, "waiting for another call that is at it")
            self._taken(cell, wait=True)
        counts = ", ".join(f"{count} {state}" for state, count in self._states.items() if count)
        self._progress.says(f"{len(self._cells)} cells: {counts}; {self._folder.index}")
        return 3 if self._states[FAILED] else self._worst

    def _taken(self, cell: Cell, *, wait: bool) -> bool:
        """Do what there is to do about a cell; whether this was possible, with no other call at it."""
        with self._folder.taken(cell, wait=wait) as mine:
            if not mine:
                return False
            if cell.why:
                self._over(cell, LEFT_OUT if cell.left_out else FAILED, cell.why, cell.status)
            elif self._is_judged(cell):
                self._over(cell, JUDGED, "judged before", None)
            else:
                self._judge(cell)
        return True

    def _is_judged(self, cell: Cell) -> bool:
        return not self._options.again and self._folder.judged(cell, self._wanted)

    def _judge(self, cell: Cell) -> None:
        number, of, began = self._number[cell.name], self._of.get(cell.name, 0), time.monotonic()
        assert cell.reached is not None
        assert cell.running is not None
        running = cell.running
        self._folder.tell(cell, WAITING)
        self._progress.begins()
        try:
            if self._options.impl_environment:
                running = prepared(cell.reached, running, lambda line: self._progress.shows(number, cell, line))
            taken_up = self._taken_up(cell, running)
            run = judging.Run(
                self._words(cell),
                self._folder.written(cell),
                self._folder.verdicts(cell),
                self._folder.log(cell),
                judging.LIVES * self._deadline * self._patience,
            )
            status = run.carry_out(lambda found: self._progress.judges(number, cell, found, of, taken_up))
        except Unusable as error:
            self._over(cell, FAILED, str(error), error.status)
        except judging.Failed as error:
            self._over(cell, FAILED, error.why, error.status)
        else:
            self._progress.over(of, taken_up)
            self._folder.take(cell)
            self._over(cell, JUDGED, spoken(time.monotonic() - began), status)

    def _taken_up(self, cell: Cell, running: Interpreter) -> int:
        """How many verdicts an interrupted run of the cell has left; those of another origin are put away."""
        path = self._folder.verdicts(cell)
        assert cell.reached is not None
        try:
            return len(journal.read(path, journal.origin(cell.reached, running, self._patience, self._deadline)))
        except Unusable as error:
            why = error.of if isinstance(error, journal.Others) else "it cannot be read"
            aside = self._folder.put_away(cell)
            self._progress.says(
                f"{cell.implementation} on {cell.on}: what was judged before does not count ({why}) and is put away as "
                f"{aside}"
            )
            return 0

    def _words(self, cell: Cell) -> list[str]:
        """The words of `mpconform run` for a cell."""
        options = self._options
        assert cell.running is not None
        words = [f"--impl={cell.impl}", f"--python={cell.running.path}", *options.words, "--quiet", "--tb=no"]
        words += ["--environment"] if options.impl_environment else []
        several = self._of.get(cell.name, 0) >= MANY and importlib.util.find_spec("xdist")
        jobs = options.jobs or ("auto" if several else None)
        words += ["-n", jobs] if jobs else []
        for name, values in (
            ("chapter", options.impl_chapter),
            ("level", options.impl_level),
            ("start-method", cell.methods(self._wanted)),
        ):
            words += [f"--{name}={value}" for value in values]
        return [*words, f"--patience={self._patience:g}", f"--deadline={self._deadline:g}"]

    def _over(self, cell: Cell, state: str, what: str, status: int | None) -> None:
        """Tell what came of a cell, and write it down."""
        if state == JUDGED:
            told = reading.settled(str(self._folder.document(cell))).document
            counts = Counter(row["standing"] for row in told["checks"])
            unexpected = [f"{counts[standing]} {standing}" for standing in ("new", "healed") if counts[standing]]
            if status is None:  # of a document that the index knows nothing of, the rows alone tell
                status = self._folder.status(cell) or int(bool(unexpected))
            what = "; ".join([text.must_line(told["checks"]), *unexpected, what])
            self._worst = max(self._worst, status)
        self._states[state] += 1
        self._folder.tell(cell, state, "" if state == JUDGED else what, status)
        self._progress.cell(self._number[cell.name], cell, UNEXPECTED if state == JUDGED and status else state, what)
