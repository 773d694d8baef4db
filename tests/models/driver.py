"""The driver of the models: it has workers use one shared object, and sees what comes of it and who sleeps.

Workers are threads of several processes that do one operation after another. One that has to wait does: the kernel
tells that it sleeps, or else that it does not come back for SETTLE seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mpconform.adapters.adapter import adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.driver import launching
from mpspec.observation import procfs
from mpspec.observation.waits import SETTLE

from . import alone

PROGRAM = Path(__file__).with_name("worker.py")
SPEC = Path(__file__).parent.parent.parent / "spec"
"""What a worker needs of the models is found there, by any interpreter."""
PROCESSES = THREADS = 2
WORKERS = PROCESSES * THREADS
PATIENCE = 20.0
"""Seconds for an outcome: an operation that should come back has hung after that."""
SAMPLE = 0.002
"""Seconds in which a sleeper is not woken: long enough for one that was to be scheduled."""


def process_of(worker: int) -> int:
    """The number of the process of which a worker is a thread."""
    return worker // THREADS


@dataclass(frozen=True)
class Implementation:
    """What is judged. module: stands for multiprocessing; python: runs it; path: where its packages are found.

    strict: it claims to keep the page where the standard library and its descendants do not.
    """

    name: str
    module: str
    python: str
    path: tuple[str, ...]
    strict: bool

    @classmethod
    def of_adapter(cls, wanted: str, python: str | None = None) -> Implementation:
        """The implementation that an adapter reaches; both arguments are those of --impl and --python."""
        found = adapter(wanted)
        path = tuple(str(package.parent) for package in found.exposed().values())
        return cls(found.name, found.implementation, interpreter(python).path, path, found.name == "reference")


class Workers:
    """The workers of one implementation, with one shared object at a time. Each is a number below WORKERS."""

    def __init__(self, implementation: Implementation) -> None:
        self.implementation = implementation
        self._program: subprocess.Popen[str] | None = None
        self._channels: list[socket.socket] = []
        self._received: list[bytes] = []
        self._threads: list[tuple[int, int]] = []
        self._last_event = 0.0

    @property
    def are_at_work(self) -> bool:
        """Whether there is an object with workers."""
        return bool(self._channels)

    def begin(self, kind: str, *arguments: Any) -> None:
        """Have a new object of this kind, and workers for it."""
        if self._program is None:
            self._start()
        self._order("begin", kind, arguments, PROCESSES, THREADS)
        channels = [self._listener.accept()[0] for _ in range(WORKERS)]
        self._answer(f"a new {kind}")
        self._channels, self._received = channels, [b""] * WORKERS
        introduced = {}
        for at, channel in enumerate(channels):
            worker, *thread = self._line(at)
            introduced[worker] = channel, tuple(thread)
        self._channels = [introduced[worker][0] for worker in range(WORKERS)]
        self._threads = [introduced[worker][1] for worker in range(WORKERS)]

    def start(self, worker: int, *operation: Any) -> None:
        """Have a worker begin an operation."""
        self._channels[worker].sendall(json.dumps(operation).encode() + b"\n")
        assert self._line(worker) == "begun"
        self._last_event = time.monotonic()

    def outcome(self, worker: int) -> Any:
        """What came of the operation that the worker has begun."""
        return self._line(worker)

    def do(self, worker: int, *operation: Any) -> Any:
        """Have a worker do an operation: its outcome."""
        self.start(worker, *operation)
        return self.outcome(worker)

    def outcomes(self, timeout: float = PATIENCE) -> list[tuple[int, Any]]:
        """The workers that came back first, with their outcomes; none where nobody does within the timeout."""
        came = [(worker, self._line(worker)) for worker in self._back(timeout)]
        if came:
            self._last_event = time.monotonic()
        return came

    def wait(self, waiting: Sequence[int]) -> bool:
        """Whether these workers wait, in whatever way, and none has come back. To be asked again."""
        threads = [self._threads[worker] for worker in waiting]
        if not waiting:
            return True
        at_rest = procfs.threads_sleep(threads, SAMPLE) or time.monotonic() - self._last_event >= SETTLE
        return at_rest and not self._back(0)

    def end(self) -> None:
        """End the workers of the present object, whatever they are doing."""
        for channel in self._channels:
            channel.close()
        self._channels = []
        if self._program is not None:
            self._order("end")
            self._answer("the end of the workers")

    def close(self) -> None:
        """End everything."""
        program, self._program = self._program, None
        if program is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)
            program.communicate()
            self._listener.close()
            self._folder.cleanup()

    def _start(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="models-", dir=launching.folder())
        address = os.path.join(self._folder.name, "driver")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(address)
        self._listener.listen(WORKERS)
        self._listener.settimeout(PATIENCE)
        path = [*self.implementation.path, str(SPEC), os.environ.get("PYTHONPATH", "")]
        self._program = subprocess.Popen(
            [*alone.COMMAND, self.implementation.python, str(PROGRAM), self.implementation.module, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            bufsize=1,
            start_new_session=True,
            # The folder and a /dev/shm of its own take in what the implementation leaves behind where it is killed.
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, path)), "TMPDIR": self._folder.name},
        )

    def _order(self, *order: Any) -> None:
        assert self._program is not None
        assert self._program.stdin is not None
        self._program.stdin.write(json.dumps(order) + "\n")

    def _answer(self, what: str) -> None:
        assert self._program is not None
        answers = self._program.stdout
        assert answers is not None
        if not select.select([answers], [], [], PATIENCE)[0]:
            self.close()
            raise AssertionError(f"{what} does not come")
        assert answers.readline(), f"{what} does not come: the program has ended"

    def _back(self, timeout: float) -> list[int]:
        workers = [worker for worker in range(WORKERS) if self._received[worker]]
        if not workers:
            readable = select.select(self._channels, [], [], timeout)[0]
            workers = [worker for worker in range(WORKERS) if self._channels[worker] in readable]
        return workers

    def _line(self, worker: int) -> Any:
        channel = self._channels[worker]
        while b"\n" not in self._received[worker]:
            assert select.select([channel], [], [], PATIENCE)[0], f"worker {worker} does not come back"
            some_bytes = channel.recv(65_536)
            assert some_bytes, f"worker {worker} is gone"
            self._received[worker] += some_bytes
        line, _, self._received[worker] = self._received[worker].partition(b"\n")
        return json.loads(line)
