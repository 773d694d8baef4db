"""The users of one shared object, and the machine that has them and a model do the same.

Users are threads of several processes; they do one thing after another. Who has to wait does, known asleep by the
kernel's account of him; after each call the model knows who has to come back, with what, and who has not.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import mpref
from hypothesis.stateful import RuleBasedStateMachine
from mpspec.models.primitives import Model
from mpspec.observation import procfs

AGENT = Path(__file__).with_name("primitive_agent.py")
PROCESSES, THREADS = 2, 2
USERS = PROCESSES * THREADS
PATIENCE = 20.0
"""Seconds for an answer: a call that should come back has hung after that."""
SAMPLE = 0.002
"""Seconds in which a sleeper is not woken: long enough for one who was to be scheduled."""


class Company:
    """The users of one primitive."""

    def __init__(self, module: str, kind: str, *arguments: Any) -> None:
        mine: list[tuple[int, int]] = []
        theirs: list[list[int]] = []
        for _ in range(USERS):
            told, tell = os.pipe()
            hear, say = os.pipe()
            mine.append((tell, hear))
            theirs.append([told, say])
        self._ends = mine
        self._heard = [b""] * USERS
        path = [str(Path(mpref.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
        ends = [theirs[at : at + THREADS] for at in range(0, USERS, THREADS)]
        self._process = subprocess.Popen(
            [sys.executable, str(AGENT), module, kind, json.dumps(arguments), json.dumps(ends)],
            pass_fds=[end for pair in theirs for end in pair],
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
        )
        for pair in theirs:
            for end in pair:
                os.close(end)
        self._who = [self._line(user) for user in range(USERS)]

    def begin(self, user: int, *order: Any) -> None:
        """Have a user begin something."""
        os.write(self._ends[user][0], json.dumps(order).encode() + b"\n")
        assert self._line(user) == "begun"

    def answers(self, timeout: float = PATIENCE) -> list[tuple[int, Any]]:
        """What came, of those who came back first."""
        return [(user, self._line(user)) for user in self._who_came(timeout)]

    def asleep(self, waiting: list[int]) -> bool:
        """Whether these users sleep, and none has come back."""
        threads = [tuple(self._who[user]) for user in waiting]
        return not waiting or (procfs.threads_sleep(threads, SAMPLE) and not self._who_came(0))

    def end(self) -> None:
        """End them, whatever they are doing."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pair in self._ends:
            for end in pair:
                os.close(end)

    def _who_came(self, timeout: float) -> list[int]:
        users = [user for user in range(USERS) if self._heard[user]]
        if not users:
            readable, _, _ = select.select([hear for _, hear in self._ends], [], [], timeout)
            users = [user for user in range(USERS) if self._ends[user][1] in readable]
        return users

    def _line(self, user: int) -> Any:
        hear = self._ends[user][1]
        while b"\n" not in self._heard[user]:
            assert select.select([hear], [], [], PATIENCE)[0], f"user {user} does not answer"
            some_bytes = os.read(hear, 65_536)
            assert some_bytes, f"user {user} is gone"
            self._heard[user] += some_bytes
        line, _, self._heard[user] = self._heard[user].partition(b"\n")
        return json.loads(line)


class Machine(RuleBasedStateMachine):
    """A primitive beside its model. module: of the implementation; a subclass names it."""

    module = "mpref"
    patience = PATIENCE
    company: Company | None = None
    model: Model

    def open(self, model: Model, kind: str, *arguments: Any) -> None:
        """Make both."""
        self.model = model
        self.company = Company(self.module, kind, *arguments)

    def idle(self, user: int) -> int:
        """One of those who are in no call, by a number."""
        free = [one for one in range(USERS) if self.model.find(one) is None]
        return free[user % len(free)]

    def may_wait(self) -> bool:
        """Whether somebody else is left if one has to wait."""
        return len(self.model.inside) < USERS - 1

    def do(self, user: int, what: str, *arguments: Any) -> None:
        """Have a user call something, and hold everybody who has to come back against the model."""
        assert self.company is not None
        self.model = self.model.call(user, what, *arguments)
        self.company.begin(user, what, *arguments)
        deadline = time.monotonic() + self.patience
        while (due := self.model.due()) or not self.company.asleep([one.user for one in self.model.inside]):
            for who, outcome in self.company.answers(self.patience if due else 0):
                self.model = self.model.returned(who, outcome)
            if time.monotonic() > deadline:
                type(self).patience = PATIENCE / 10  # it has failed: to shrink it, each try need not take so long
                raise AssertionError(f"none of the users {due} comes back from {self.model.inside}")

    def teardown(self) -> None:
        """End the users."""
        if self.company is not None:
            self.company.end()
