"""The gate against flakes: repeat checks, shuffled, also with every core loaded, and report each different outcome."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

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

    @property
    def in_doubt(self) -> frozenset[str]:
        """The names in shared memory that may be others', and were left alone."""
        return frozenset().union(*(judge.in_doubt for judge in self._judges))

    def round(self, progress: Callable[[int], None] = lambda done: None) -> list[str]:
        """Run every check once, in a new order; the ids whose outcome was new to them, beyond their first.

        progress: is called with the number of checks that are done in this round. An exception that ends the wait for
        the round, an interrupt above all, ends the round as well.
        """
        self._done = 0
        order = self.checks[:]
        self._random.shuffle(order)
        self._over.clear()
        jobs = len(self._judges)
        several = ThreadPoolExecutor(jobs)
        shares = [order[number::jobs] for number in range(jobs)]
        parts = [several.submit(self._part, *each, progress) for each in zip(self._judges, shares, strict=True)]
        try:
            return [id for part in parts for id in part.result()]
        finally:
            self._over.set()
            while wait(parts, timeout=0).not_done:  # an error or an interrupt: no check goes on
                for judge in self._judges:
                    judge.interrupt()
                wait(parts, timeout=0.1)
            several.shutdown()

    def _part(self, judge: Judge, checks: Sequence[Check], progress: Callable[[int], None]) -> list[str]:
        different = []
        judge.forget()
        for check in checks:
            if self._over.is_set():
                break
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


_BUSY = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
while True: pass
"""
"""Keeps a core busy for as long as the driver holds the other end of its standard input."""


@contextlib.contextmanager
def loaded() -> Iterator[None]:
    """Every core is busy with something else, until the end of the block or of this process."""
    busy: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(os.cpu_count() or 1):
            command = [sys.executable, "-I", "-S", "-c", _BUSY]
            busy.append(subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True))
        yield
    finally:
        for process in busy:
            process.kill()
            process.communicate()
