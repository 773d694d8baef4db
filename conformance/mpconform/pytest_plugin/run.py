"""What one conformance run is about."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mpspec.clause import METHODS

from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import Interpreter, interpreter
from mpconform.baselines import baseline
from mpconform.checks import Check
from mpconform.driver import smoke
from mpconform.driver.judge import Judge
from mpconform.driver.zygotes import interpreter_flags
from mpconform.errors import Unusable
from mpconform.pytest_plugin import selection
from mpconform.reports.document import Row

MEASURED = "mpconform_measured"
"""What a worker of xdist finds under it: what the smoke stage, which the controller alone runs, has measured."""
FLAGS = "mpconform_flags"
"""What a worker of xdist finds the flags of its controller under: it is itself started without them."""


class Run:
    """Made once per pytest process, of the options there. Raises Unusable where they do not fit."""

    def __init__(self, config: pytest.Config) -> None:
        self.patience: float = config.getoption("patience")
        if not self.patience > 0:
            raise Unusable(f"--patience={self.patience}: a factor is a positive number; give 2 to wait twice as long")
        asked = {name: config.getoption(name) for name in ("impl", "python")}
        self._called = [f"--{name}={value}" for name, value in asked.items() if value]
        self.interpreter: Interpreter = interpreter(asked["python"])
        self.adapter: Adapter = adapter(asked["impl"], self.interpreter, self.patience)
        self.methods = self._methods(config.getoption("start_method"))
        self.clauses = selection.take(config)
        """Ids of the clauses that the run is confined to; none of them: it is not."""
        path = config.getoption("baseline")
        self.updating: bool = config.getoption("update_baseline")
        if path is None:
            self.baseline_path = baseline.place(self.adapter, self.interpreter)
            self.baseline = baseline.known(self.adapter, self.interpreter)
        else:
            self.baseline_path = Path(path)
            self.baseline = baseline.read(self.baseline_path)
        worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.flags: list[str] = (worker or {}).get(FLAGS) or interpreter_flags()
        alone = worker is None
        measured = (worker or {}).get(MEASURED)
        if measured is not None:
            self.adapter = replace(self.adapter, measured=measured)
        self.judge = Judge(self.adapter, self.interpreter, patience=self.patience, flags=self.flags, alone=alone)
        self.notes: list[str] = []
        """What the smoke stage saw, for the reader of the verdicts."""
        self.rows: list[Row] = []

    def _methods(self, wanted: list[str] | None) -> tuple[str, ...]:
        for method in wanted or ():
            if method not in METHODS:
                raise Unusable(f"--start-method={method}: the start methods are {', '.join(METHODS)}; name one of them")
            if method not in self.adapter.methods:
                raise Unusable(
                    f"--start-method={method}: {self.adapter.name} has {', '.join(self.adapter.methods)}; "
                    "name one of them"
                )
        return tuple(wanted) if wanted else self.adapter.methods

    def test(self) -> None:
        """Run the smoke stage. Raises BrokenAdapter where there is nothing to judge."""
        self.adapter, notes = smoke.test(self.adapter, self.interpreter, self.methods, self.patience)
        self.notes += notes
        self.judge.adapt(self.adapter)

    def again(self, check: Check) -> str:
        """The command that runs this one check alone."""
        words = ["mpconform run", *self._called]
        if check.method:
            words.append(f"--start-method={check.method}")
        return " ".join([*words, check.clause.id])


RUN: pytest.StashKey[Run] = pytest.StashKey[Run]()
