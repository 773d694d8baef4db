"""The gate against flakes: repeat checks, shuffled, also with every core loaded, and report each different outcome."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.driver.judge import Judge
from mpconform.driver.zygotes import DEADLINE
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
        deadline: float = DEADLINE,
        seed: int,
    ) -> None:
        self.checks = list(checks)
        self.outcomes: dict[str, dict[Outcome, Verdict]] = {check.id: {} for check in checks}
        self._judges = [
            Judge(adapter, interpreter, patience=patience, deadline=deadline, alone=jobs == 1) for _ in range(jobs)
        ]
        self._random = random.Random(seed)
        self._over = threading.Event()
        self._done = 0
        self._lock = threading.Lock()

    def round(self, progress: Callable[[int], None] = lambda done: None) -> list[str]:
        """Run every check once, in a new order; the ids whose outcome was new to them, beyond their first.

        progress: is called with the number of checks that are done in this round. An exception that ends the wait for
        the round, an interrupt above all, ends the round as well.
        """
        self._done = 0
        order = self.checks[:]
        self._random.shuffle(order)
        jobs = len(self._judges)
        with ThreadPoolExecutor(jobs) as several:
            shares = [order[number::jobs] for number in range(jobs)]
            parts = [several.submit(self._part, *each, progress) for each in zip(self._judges, shares, strict=True)]
            try:
                return [id for part in parts for id in part.result()]
            except BaseException:
                self._over.set()
                for judge in self._judges:
                    judge.interrupt()
                raise

    def _part(self, judge: Judge, checks: Sequence[Check], progress: Callable[[int], None]) -> list[str]:
        different = []
        judge.forget()
        for check in checks:
            verdict = judge.verdict(check)
            if self._over.is_set():
                break
            with self._lock:
                self._done += 1
                progress(self._done)
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
