"""What one conformance run is about."""

from __future__ import annotations

import hashlib
import os
import shlex
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mpspec.clause import METHODS

from mpconform import quantities, shards
from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import Interpreter, interpreter
from mpconform.baselines import places
from mpconform.checks import Check
from mpconform.driver import smoke
from mpconform.driver.judge import Judge
from mpconform.driver.zygotes import DEADLINE, interpreter_flags
from mpconform.environments.environment import prepared
from mpconform.errors import Unusable
from mpconform.pytest_plugin import options, selection
from mpconform.reports import journal
from mpconform.reports.document import Row
from mpconform.reports.journal import Journal

MEASURED = "mpconform_measured"
"""What a worker of xdist finds under it: what the smoke stage, which the controller alone runs, has measured."""
FLAGS = "mpconform_flags"
"""What a worker of xdist finds the flags of its controller under: it is itself started without them."""
REPEATED = ("impl", "python", "environment", "start-method", "patience", "deadline", "baseline")
"""The options on which a verdict depends: who runs one check again gives them again."""


class Run:
    """Made once per pytest process, of the options there. Raises Unusable where they do not fit."""

    def __init__(self, config: pytest.Config) -> None:
        option = config.option
        self.patience = quantities.factor("patience", 1 if option.impl_patience is None else option.impl_patience)
        deadline = DEADLINE if option.impl_deadline is None else option.impl_deadline
        self.deadline = quantities.seconds("deadline", deadline)
        """Seconds that a check may take, before patience."""
        self.interpreter: Interpreter = interpreter(option.impl_python)
        self.adapter: Adapter = adapter(option.impl, self.interpreter, self.patience)
        if option.impl_environment:
            self.interpreter = prepared(self.adapter, self.interpreter)
        self.methods = methods(self.adapter, option.impl_start_method)
        self.selection = selection.take(config)
        """The clauses and checks that the run is confined to."""
        self.shard = None if option.impl_shard is None else shards.shard(option.impl_shard)
        """Which of several machines this is; None: there are no others."""
        self.elsewhere = 0
        """How many checks were collected that are those of other shards."""
        word = self.selection.without(self.methods)
        if word is not None:
            raise Unusable(f"{word}: this run has no such check, its start methods are {', '.join(self.methods)}")
        worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.updating: bool = option.impl_update_baseline
        file: str | None = option.impl_baseline
        self.record = places.record(
            self.adapter, self.interpreter, file, writing=self.updating and worker is None, updating=self.updating
        )
        """What is known of the implementation, and the file of it."""
        self.baseline = self.record.known
        self.report = Path(option.impl_report) if option.impl_report else None
        if self.report is not None and worker is None:
            places.writable(self.report, f"--report={option.impl_report}")
        self.flags: list[str] = (worker or {}).get(FLAGS) or interpreter_flags()
        measured = (worker or {}).get(MEASURED)
        if measured is not None:
            self.adapter = replace(self.adapter, measured=measured)
        self.judge = Judge(
            self.adapter,
            self.interpreter,
            patience=self.patience,
            deadline=self.deadline,
            flags=self.flags,
            alone=worker is None,
        )
        origin = journal.origin(self.adapter, self.interpreter, self.patience, self.deadline)
        begins = worker is None and not option.collectonly
        self.journal = Journal(Path(option.impl_resume), origin, begins=begins) if option.impl_resume else None
        """Where verdicts are written down as they come; None: nowhere."""
        self.notes: list[str] = []
        """What the smoke stage saw, for the reader of the verdicts."""
        self.rows: list[Row] = []
        self._given = [(o.short, getattr(option, o.dest)) for o in options.OPTIONS if o.short in REPEATED]

    @property
    def clauses(self) -> frozenset[str]:
        """Ids of the clauses that the run is confined to; none of them: its chapters are whole."""
        if not self.selection.words and not self.selection.levels:
            return frozenset()
        return frozenset(clause.id for clause in self.selection.clauses())

    def test(self) -> None:
        """Run the smoke stage. Raises BrokenAdapter where there is nothing to judge."""
        needed = self.selection.needed(self.methods, self.adapter.methods)
        chapters = {clause.chapter for clause in self.selection.clauses()}
        self.adapter, notes = smoke.test(self.adapter, self.interpreter, needed, self.patience, chapters)
        self.notes += notes
        self.judge.adapt(self.adapter)

    def again(self, check: Check) -> str:
        """The command that judges this one check alone, just as it was judged; a POSIX shell can take it."""
        words = [*_program(self.flags), "run"]
        for short, value in self._given:
            words += (
                [f"--{short}"]
                if value is True
                else [f"--{short}={each}" for each in (value if isinstance(value, list) else [value]) if each]
            )
        return shlex.join([*words, check.id])

    def remember_apart(self, config: pytest.Config) -> None:
        """What failed is remembered for each implementation and interpreter, so that --lf runs just that again."""
        if not config.pluginmanager.has_plugin("cacheprovider"):
            return
        told = self.adapter
        where = os.getcwd() if told.folder == "." else told.folder
        origin = hashlib.sha256("\n".join((where, told.implementation, self.interpreter.path)).encode()).hexdigest()
        folder = f"mpconform/{told.name.replace(os.sep, '_')}-{self.interpreter.name}-{origin[:8]}"
        # There is no public way: pytest knows the folder of its cache by its settings alone, and has read them.
        config._inicache["cache_dir"] = os.path.join(config.getini("cache_dir"), folder)


def methods(of: Adapter, wanted: list[str]) -> tuple[str, ...]:
    """The start methods of a run. Raises Unusable for one that there is not."""
    for method in wanted:
        if method not in METHODS:
            raise Unusable(f"--start-method={method}: the start methods are {', '.join(METHODS)}; name one of them")
        if method not in of.methods:
            raise Unusable(
                f"--start-method={method}: {of.name} has {', '.join(of.methods) or 'none'}; name one of them"
            )
    return tuple(wanted) or of.methods


def _program(flags: list[str]) -> list[str]:
    """The words that start this very program: by its name where the shell finds it by that."""
    if flags:
        return [sys.executable, *flags, "-m", "mpconform"]
    here = Path(sys.executable).parent / "mpconform"
    if not here.exists():
        return [sys.executable, "-m", "mpconform"]
    found = shutil.which("mpconform")
    return ["mpconform"] if found is not None and os.path.samefile(found, here) else [str(here)]


RUN: pytest.StashKey[Run] = pytest.StashKey[Run]()
