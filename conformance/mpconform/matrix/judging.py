"""The run of one cell: a process that is watched, and started again where it was killed, while it gets further."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from mpconform import ending
from mpconform.errors import Unusable
from mpconform.reports import journal, reading

INTERVAL = 0.5
"""Seconds between two looks at how far the run is."""
LIVES = 40.0
"""So many times the deadline of a check may pass without a verdict: the smoke stage is over within that, and so are
several checks that hang, with all that is done about each."""
ORDERLY = 20.0
"""Seconds in which a run that is told to end has ended."""
STARTS = 10
"""So often a run is started: what kills it at every other check is not to take a day."""
LINES = 12
"""Lines that are told of what a run has said last."""
SAYS = ("mpconform: ", "Exit: ", "INTERNALERROR> ")
"""How the line begins with which a run says why it cannot go on: of the command, and of pytest."""


class Failed(Exception):
    """The run came to no document. status: its exit status; why: what it has said."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status, self.why = status, why


@dataclass(frozen=True)
class Run:
    """The run of a cell. words: those behind `mpconform run`; silence: seconds without a verdict that it may last."""

    words: Sequence[str]
    document: Path
    verdicts: Path
    log: Path
    silence: float

    def carry_out(self, progress: Callable[[int], None]) -> int:
        """Judge; progress: is called with the number of verdicts so far. Returns the exit status, 0 or 1.

        Raises Failed where it comes to no document. Whatever else ends the wait, an interrupt above all, ends the run.
        """
        before = 0
        for number in range(STARTS):
            status = self._once(progress)
            if status in (0, 1) and self._settled():
                return status
            found = journal.written(self.verdicts)
            if found <= before or number == STARTS - 1:
                break
            before = found  # it was killed, or a part of it, and is taken up where it was left
        raise Failed(status, self._said(status))

    def _once(self, progress: Callable[[int], None]) -> int:
        self.document.unlink(missing_ok=True)
        command = [sys.executable, "-P", "-m", "mpconform", "run", *self.words]
        command += [f"--report={self.document}", f"--resume={self.verdicts}"]
        surroundings = {**os.environ, ending.PARENT: str(os.getpid())}
        with open(self.log, "wb") as log:
            # In a session of its own: Ctrl-C is for the matrix, which ends the run in order.
            run = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=surroundings, start_new_session=True
            )
        with _ended(run):
            return self._watched(run, progress)

    def _watched(self, run: subprocess.Popen[bytes], progress: Callable[[int], None]) -> int:
        found, since = 0, time.monotonic()
        while True:
            with contextlib.suppress(subprocess.TimeoutExpired):
                return run.wait(INTERVAL)
            now, before = time.monotonic(), found
            found = max(found, journal.written(self.verdicts))  # a run that is complete removes them, and then ends
            progress(found)
            if found != before:
                since = now
            elif now - since > self.silence:
                raise Failed(3, f"no verdict came for {self.silence:g} s, behind {found} of them; the run was ended")

    def _settled(self) -> bool:
        try:
            return bool(reading.settled(str(self.document)))
        except Unusable:
            return False

    def _said(self, status: int) -> str:
        """Why it cannot go on, as it says itself, or the last that it has said."""
        ended = f"the run was killed by {signal.Signals(-status).name}" if status < 0 else f"it ended with {status}"
        try:
            lines = [line.rstrip() for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines()]
        except OSError:
            return ended
        told = [number for number, line in enumerate(lines) if line.startswith(SAYS)]
        if told and status >= 0:
            first = next(says for says in SAYS if lines[told[0]].startswith(says))
            return "\n".join([lines[told[0]].removeprefix(first), *lines[told[0] + 1 :]][:LINES])
        last = [line for line in lines if line.strip()][-LINES:]
        return "\n".join([f"{ended}, its last lines are", *(f"  {line}" for line in last)]) if last else ended


@contextlib.contextmanager
def _ended(run: subprocess.Popen[bytes]) -> Iterator[None]:
    """The run has ended behind the block: in order where there is time for it."""
    try:
        yield
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if run.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(run.pid, number)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    run.wait(ORDERLY)
