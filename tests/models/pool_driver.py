"""The driver of the model of pools: it has a process use a pool, and keeps the record of what comes of it."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mpconform.driver import launching
from mpspec.models.pool_history import APPLY, Asked, History, Job, Notice, Run, Start, Step
from mpspec.observation import processes
from mpspec.observation.mailbox import Gate

from . import alone
from .driver import PATIENCE, SPEC, Implementation

PROGRAM = Path(__file__).with_name("pool_user.py")
LOOK = 0.001
"""Seconds between two looks at what the workers tell."""


class PoolUser:
    """A process of an implementation that uses one pool at a time, whose record is `history`."""

    def __init__(self, implementation: Implementation, method: str) -> None:
        self.implementation = implementation
        self._method = method
        self._program: subprocess.Popen[bytes] | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.history = History(0)
        self.patience = PATIENCE

    # Orders

    def begin(self, kind: str, processes: int, most: int | None, *, initialized: bool, entered: bool) -> None:
        """Have a new pool."""
        if self._program is None:
            self._start()
        assert self._folder is not None
        self._place = Path(tempfile.mkdtemp(dir=self._folder.name))
        self._log = self._place / "log"
        self._log.touch()
        self._told, self._rest = 0, b""
        self._under_way: dict[int, Asked] = {}
        self._waiting: dict[int, str | None] = {}
        self.gates: dict[int, Gate] = {}
        if kind == "ThreadPool":  # its threads stay
            most = None
        self.history = History(processes, most, initialized, kind == "ThreadPool")
        came, *_ = self._do("begin", str(self._log), kind, processes, most, initialized, entered)
        assert came[0] == "returned", f"no pool could be made: {came}"

    def submit(self, job: Job, gated: Iterable[int], lazily: bool) -> Job:
        """Submit a job, some of whose items wait at its gate: the job as it was taken, or refused."""
        gate = None
        if set(gated):
            gate = self.gates[job.number] = Gate(str(self._place / f"gate-{job.number}"))
        path = str(self._place / f"gate-{job.number}")
        items = [
            [index, path if gate and index in set(gated) else None, index in job.fails] for index in range(job.count)
        ]
        # What the workers tell while this is under way belongs to it.
        given = (job.number, job.method, items, job.chunksize, job.callbacks, lazily)
        (kind, value), began, ended = self._do("submit", *given)
        job = replace(job, began=began, ended=ended, refused=value if kind == "raised" else None)
        self.history.jobs[job.number] = job
        if job.refused is not None:
            self.open(job.number)
        return job

    def open(self, number: int) -> None:
        """Open the gate of a job, if it has one that is closed."""
        gate = self.gates.pop(number, None)
        if gate is not None:
            gate.open()

    def open_all(self) -> None:
        """Open all gates."""
        for number in tuple(self.gates):
            self.open(number)

    def ask(self, job: int, what: str, timeout: float | None = None) -> int:
        """Begin to ask something of a job: the number of the question."""
        number = self._order("ask", what, job, timeout)
        self._under_way[number] = Asked(job, what, time.monotonic(), timeout=timeout)
        return number

    def answer(self, number: int) -> Any:
        """The answer to a question. AssertionError: it does not come."""
        asked = self._under_way[number]
        if not self._comes(number):
            raise AssertionError(f"{asked.what}() of {self.history.jobs[asked.job]} does not come back")
        return self._answered(number)

    def look(self) -> None:
        """Take in the answers that have come."""
        self._receive(0)
        for number in [number for number in self._under_way if number in self._answers]:
            self._answered(number)

    def asks(self, job: int) -> bool:
        """Whether a question to a job has no answer yet that was taken in."""
        return any(asked.job == job for asked in self._under_way.values())

    def pending(self) -> list[int]:
        """The questions without an answer that was taken in."""
        return list(self._under_way)

    def step(self, what: str) -> None:
        """close, terminate, exit (the end of `with`) or join. AssertionError: it does not come back."""
        kind = "terminate" if what == "exit" else what
        began, number = time.monotonic(), self._order(what)
        if not self._comes(number):
            self.history.steps.append(Step(kind, began))
            raise AssertionError(f"{what}() does not come back")
        came, began, ended = self._answers.pop(number)
        assert came[0] == "returned", f"{what}() has come to {came}"
        self.history.steps.append(Step(kind, began, ended))
        if what == "join" and not self.history.threads:
            self.take_in()
            known = {run.worker for run in self.history.runs} | {start.worker for start in self.history.starts}
            alive = {worker for worker in known if processes.state(int(worker)) not in processes.ENDED}
            self.history.remaining += sorted(alive)

    def kill(self) -> None:
        """Kill a worker that waits at a gate."""
        found: list[Run] = []

        def at_gate() -> bool:
            self.take_in()
            found[:] = [run for run in self.history.runs if run.ended is None and run.job in self.gates]
            return bool(found)

        self.until(at_gate, "a call begins that has to wait at a gate")
        self.history.steps.append(Step("kill", time.monotonic(), worker=found[0].worker))
        os.kill(int(found[0].worker), signal.SIGKILL)

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it is so."""
        end = time.monotonic() + self.patience
        while not condition():
            assert time.monotonic() < end, f"it does not come about that {what}"
            time.sleep(LOOK)

    def take_in(self) -> None:
        """Take in what the workers and the callbacks have told."""
        with self._log.open("rb") as file:
            file.seek(self._told)
            data = file.read()
        self._told += len(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._take(*json.loads(line))

    def close_record(self) -> None:
        """Take in everything, also that some questions have no answer."""
        self.look()
        self.take_in()
        self.history.asked += self._under_way.values()
        self._under_way_at_the_end = bool(self._under_way)
        self._under_way = {}

    # The end

    def end(self, *, all_is_over: bool) -> None:
        """Give up the pool. all_is_over: it is terminated, and nobody waits: the process may go on to another one."""
        self.open_all()
        if all_is_over and not self._under_way and not self._under_way_at_the_end:
            self._do("forget")
            shutil.rmtree(self._place)
        else:
            self.close()

    def close(self) -> None:
        """End everything."""
        program, self._program = self._program, None
        if program is not None:
            os.killpg(program.pid, signal.SIGKILL)
            program.communicate()
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None

    # What it is made of

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="models-", dir=launching.folder())
        path = [*self.implementation.path, str(SPEC), os.environ.get("PYTHONPATH", "")]
        program = [self.implementation.python, "-Wignore", str(PROGRAM), self.implementation.module, self._method]
        self._program = subprocess.Popen(
            [*alone.COMMAND, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join(filter(None, path)),
                "TMPDIR": self._folder.name,
                "PYTHONDONTWRITEBYTECODE": "1",
            },
        )
        self._number, self._received, self._answers = 0, b"", dict[int, tuple[Any, float, float]]()
        self._under_way_at_the_end = False

    def _order(self, what: str, *arguments: Any) -> int:
        assert self._program is not None
        assert self._program.stdin is not None
        self._number += 1
        self._program.stdin.write(json.dumps([self._number, what, arguments]).encode() + b"\n")
        return self._number

    def _do(self, what: str, *arguments: Any) -> tuple[Any, float, float]:
        number = self._order(what, *arguments)
        assert self._comes(number), f"{what} does not come back"
        return self._answers.pop(number)

    def _comes(self, number: int) -> bool:
        end = time.monotonic() + self.patience
        while number not in self._answers:
            left = end - time.monotonic()
            if left <= 0:
                return False
            self._receive(left)
        return True

    def _receive(self, timeout: float) -> None:
        assert self._program is not None
        stream = self._program.stdout
        assert stream is not None
        if not select.select([stream], [], [], timeout)[0]:
            return
        some_bytes = os.read(stream.fileno(), 1 << 16)
        assert some_bytes, "the process that uses the pool has ended"
        *lines, self._received = (self._received + some_bytes).split(b"\n")
        for line in lines:
            number, came, began, ended = json.loads(line)
            self._answers[number] = tuple(came), began, ended

    def _answered(self, number: int) -> Any:
        came, began, ended = self._answers.pop(number)
        asked = replace(self._under_way.pop(number), came=came, began=began, ended=ended)
        self.history.asked.append(asked)
        return came

    def _take(self, what: str, *told: Any) -> None:
        if what == "notice":
            job, success, given, at = told
            self.history.notices.append(Notice(job, success, tuple(given), at))
            return
        pid, thread, *told = told
        worker = f"{pid} {thread}" if self.history.threads else f"{pid}"
        if what == "start":
            self.history.starts.append(Start(worker, told[0]))
        elif what == "began":
            job, index, began = told
            self.history.runs.append(Run(job, index, worker, began))
        else:
            job, index, began, ended = told
            begun = self.history.runs.index(Run(job, index, worker, began))
            self.history.runs[begun] = Run(job, index, worker, began, ended)


def new_job(number: int, method: str, count: int, **names: Any) -> Job:
    """A job that is not submitted yet."""
    return Job(number, method, 1 if method == APPLY else count, 0.0, 0.0, **names)
