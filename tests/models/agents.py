"""The driver's side of the agents: it tells users of a queue or pipe what to do, and hears what came of it."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import mpref

AGENT = Path(__file__).with_name("agent.py")
PROCESSES = THREADS = 2
USERS = PROCESSES * THREADS
PATIENCE = 20.0
"""Seconds for an answer: an operation that should come back has hung after that."""


def process_of(user: int) -> int:
    """The number of the process of which a user is a thread."""
    return user // THREADS


class Agents:
    """Users of what one implementation offers, one company of them at a time."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[str] | None = None

    def begin(self, subject: str, *arguments: Any) -> None:
        """Have a new queue or pipe, and users for it."""
        if self._process is None:
            path = [str(Path(mpref.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
            self._process = subprocess.Popen(
                [sys.executable, str(AGENT), self._module, "fork"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                bufsize=1,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path)},
            )
        self._write("begin", subject, arguments, PROCESSES, THREADS)
        assert self._read(f"a new {subject}") == "ready"

    def tell(self, user: int, *order: Any) -> None:
        """Have a user begin to do something."""
        self._write("tell", user, order)

    def hear(self, user: int) -> Any:
        """What has come of what the user was told."""
        self._write("hear", user)
        return self._read(f"what user {user} was told to do")

    def ask(self, user: int, *order: Any) -> Any:
        """Have a user do something: its outcome."""
        self.tell(user, *order)
        self._write("hear", user)
        return self._read(f"{order} of user {user}")

    def dismiss(self) -> None:
        """End the users; whoever hangs does so no longer."""
        if self._process is not None:
            self._write("end")
            self._read("the end")

    def end(self) -> None:
        """End everything, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if stream is not None:
                    stream.close()

    def _write(self, *line: Any) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")

    def _read(self, what: str) -> Any:
        assert self._process is not None
        answers = self._process.stdout
        assert answers is not None
        readable, _, _ = select.select([answers], [], [], PATIENCE)
        if not readable:
            self.end()
            raise AssertionError(f"{what} does not come back")
        return json.loads(answers.readline())
