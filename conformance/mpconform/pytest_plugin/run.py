"""What one conformance run is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from mpspec.clause import METHODS

from mpconform.adapters.adapter import Adapter, adapter
from mpconform.adapters.interpreters import Interpreter, interpreter
from mpconform.baselines import places
from mpconform.checks import Check
from mpconform.driver.judge import Judge
from mpconform.driver.zygotes import interpreter_flags
from mpconform.errors import Unusable
from mpconform.pytest_plugin import selection
from mpconform.reports.document import Row

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
        self.adapter: Adapter = adapter(asked["impl"])
        self.interpreter: Interpreter = interpreter(asked["python"])
        self.methods = self._methods(config.getoption("start_method"))
        self.clauses = selection.take(config)
        """Ids of the clauses that the run is confined to; none of them: it is not."""
        worker: dict[str, Any] | None = getattr(config, "workerinput", None)
        self.updating: bool = config.getoption("update_baseline")
        file: str | None = config.getoption("baseline")
        self.record = places.record(
            self.adapter, self.interpreter, file, writing=self.updating and worker is None, updating=self.updating
        )
        """What is known of the implementation, and the file of it."""
        self.baseline = self.record.known
        report: str | None = config.getoption("report")
        self.report = Path(report) if report else None
        if self.report is not None and worker is None:
            places.writable(self.report, f"--report={report}")
        self.flags: list[str] = (worker or {}).get(FLAGS) or interpreter_flags()
        alone = worker is None
        self.judge = Judge(self.adapter, self.interpreter, patience=self.patience, flags=self.flags, alone=alone)
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

    def again(self, check: Check) -> str:
        """The command that runs this one check alone."""
        words = ["mpconform run", *self._called]
        if check.method:
            words.append(f"--start-method={check.method}")
        return " ".join([*words, check.clause.id])


RUN: pytest.StashKey[Run] = pytest.StashKey[Run]()
