"""The gate against flakes: repeat checks, shuffled, also with every core loaded, and report each different outcome."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.driver.judge import Judge
from mpconform.outcomes import Outcome, Verdict


class Repetition:
    """Rounds of the same checks. seed: of the shuffling, so that an order can be had again; jobs: at once."""

    def __init__(
        self,
        adapter: Adapter,
        interpreter: Interpreter,
        checks: Sequence[Check],
        *,
        jobs: int,
        patience: float,
        seed: int,
    ) -> None:
        self.checks = list(checks)
        self.outcomes: dict[str, dict[Outcome, Verdict]] = {check.id: {} for check in checks}
        self._judges = [Judge(adapter, interpreter, patience=patience, alone=jobs == 1) for _ in range(jobs)]
        self._random = random.Random(seed)

    def round(self) -> list[str]:
        """Run every check once, in a new order; the ids whose outcome was new to them, beyond their first."""
        order = self.checks[:]
        self._random.shuffle(order)
        jobs = len(self._judges)
        with ThreadPoolExecutor(jobs) as several:
            parts = several.map(self._part, self._judges, [order[number::jobs] for number in range(jobs)])
            return [id for part in parts for id in part]

    def _part(self, judge: Judge, checks: Sequence[Check]) -> list[str]:
        different = []
        judge.forget()
        for check in checks:
            verdict = judge.verdict(check)
            seen = self.outcomes[check.id]
            if verdict.outcome not in seen:
                if seen:
                    different.append(check.id)
                seen[verdict.outcome] = verdict
        return different

    def close(self) -> None:
        """End the zygotes."""
        for judge in self._judges:
            judge.close()


@contextlib.contextmanager
def loaded() -> Iterator[None]:
    """Every core is busy with something else."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()
