"""The driver's end of a zygote: starts it, sends checks, reads answers, replaces it when it dies."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mpspec
from mpspec import implementation

import mpconform
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.errors import BrokenAdapter
from mpconform.hosts import arming, launcher, wire
from mpconform.hosts.protocol import Answer, Greeting, Request

DEADLINE = 30.0
"""Seconds that a check may take before it counts as hung, before patience."""
EXIT_DEADLINE = 10.0
"""Seconds that a host and what it started may take to end."""
OUTPUT_LIMIT = 1 << 16
"""Bytes of output that are kept for the report."""
RUN = "MPCONFORM_RUN"
"""Environment variable that every process of a zygote carries: the zygote's folder."""
FLOOD = 1 << 23
"""Bytes of output at which a host is ended."""
WORTH_TWO = 32
"""Checks after which a second zygote is started: about as many as save what its start costs."""


class Zygote:
    """One warm process of an implementation, and the hosts that come out of it, one at a time.

    patience: factor on every wait and deadline. deadline: seconds for a check, before patience.
    package: where the chapters are. flags: of the interpreter under test; None: -O and -W as they are here.
    """

    def __init__(
        self,
        adapter: Adapter,
        interpreter: Interpreter,
        *,
        patience: float = 1.0,
        deadline: float = DEADLINE,
        package: str = "mpspec.chapters",
        flags: Sequence[str] | None = None,
    ) -> None:
        self.adapter = adapter
        self.interpreter = interpreter
        self.patience = patience
        self.deadline = deadline
        self.exit_deadline = EXIT_DEADLINE
        self.package = package
        self.flags = list(interpreter_flags() if flags is None else flags)
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._folder = ""

    def start(self) -> Greeting:
        """Start it and import the implementation; its greeting. Raises BrokenAdapter where that fails."""
        self._folder = tempfile.mkdtemp(prefix="mpconform-")
        ours, theirs = socket.socketpair()
        errors = Path(self._folder, "zygote.err")
        code = f"from mpconform.hosts import zygote; zygote.serve({theirs.fileno()}, {self.adapter.preload!r})"
        with open(errors, "wb") as err:
            self._process = subprocess.Popen(
                [sys.executable, "-S", launcher.__file__, self.interpreter.path, *self.flags, "-c", code],
                stdin=subprocess.DEVNULL,
                stdout=err,
                stderr=err,
                cwd=self._folder,
                env=self._environment(),
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        theirs.close()
        self._channel = ours
        greeting: Greeting | None = self._message(60 * self.patience)
        if greeting is None or not greeting["ready"]:
            why = greeting["why"] if greeting else errors.read_text(errors="replace").strip().rsplit("\n", 1)[-1]
            self.stop()
            raise BrokenAdapter(
                f"{self.adapter.name}: {self.adapter.implementation} cannot be judged in {self.interpreter.path} "
                f"({why}); install it there or name another --impl or --python"
            )
        return greeting

    def host(self, check: Check) -> Answer:
        """Run one check in a host of its own: the answer. A zygote that dies on it is replaced."""
        if self._process is None:
            self.start()
        assert self._channel is not None
        deadline = self.deadline * self.patience * check.clause.patience
        request: Request = {
            "package": self.package,
            "chapter": check.clause.chapter,
            "module": check.clause.body.__module__,
            "clause": check.clause.id,
            "method": check.method,
            "case": check.case,
            "fresh": check.clause.fresh,
            "flags": self.flags,
            "deadline": deadline,
            "exit_deadline": self.exit_deadline * self.patience,
            "output_limit": OUTPUT_LIMIT,
            "flood": FLOOD,
            "kept_for_life": self.adapter.kept_for_life(check.method),
        }
        answer: Answer | None = None
        try:
            with contextlib.suppress(OSError):
                wire.put(self._channel.fileno(), request)
                answer = self._message(2 * deadline + 4 * self.exit_deadline * self.patience)
        except BaseException:
            self.stop()  # or the answer that nobody waited for would be taken for that of the next check
            raise
        if answer is None:
            self.stop(orphaned=True)
            return {
                "outcome": "crashed",
                "promised": "a check does not reach beyond its host",
                "seen": "the supervisor of the host died or fell silent",
                "witnesses": [],
            }
        return answer

    def interrupt(self) -> None:
        """From another thread: end the wait for an answer, as if the zygote had died."""
        channel = self._channel
        if channel is not None:
            with contextlib.suppress(OSError):
                channel.shutdown(socket.SHUT_RDWR)

    def stop(self, *, orphaned: bool = False) -> None:
        """End the zygote. orphaned: it could not end its hosts any more, so look for them by their environment."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None:
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
        if orphaned:
            _end_all_with(f"{RUN}={self._folder}")
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _message(self, seconds: float) -> Any:
        assert self._channel is not None
        readable, _, _ = select.select([self._channel], [], [], seconds)
        if not readable:
            return None
        with contextlib.suppress(OSError):
            return wire.get(self._channel.fileno())
        return None

    def _environment(self) -> dict[str, str]:
        """The user's environment, the implementation under test, and the path on which our own packages are found."""
        path = Path(self._folder, "path")
        path.mkdir()
        packages: Mapping[str, Path] = {
            "mpspec": Path(mpspec.__file__).parent,
            "mpconform": Path(mpconform.__file__).parent,
            **self.adapter.exposed(),
        }
        for name, origin in packages.items():
            (path / name).symlink_to(origin)
        (path / "sitecustomize.py").symlink_to(arming.__file__)
        environment = dict(os.environ)
        # Without cached bytecode every spawned child would compile the spec and the implementation anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(path), os.environ.get("PYTHONPATH")]))
        environment[implementation.VARIABLE] = " ".join(
            f"{name}={module}" for name, module in self.adapter.subject().items()
        )
        environment[RUN] = self._folder
        environment["MPSPEC_PATIENCE"] = str(self.patience)
        return environment


class Zygotes:
    """Two zygotes that take turns: while a check runs in a host of the one, the other forks its next host.

    make: makes one of them. The second is started once there have been WORTH_TWO checks.
    """

    def __init__(self, make: Callable[[], Zygote]) -> None:
        self._two = [make(), make()]
        self._hosted = 0

    def host(self, check: Check) -> Answer:
        """Run one check in a host of the zygote whose turn it is: the answer."""
        self._hosted += 1
        return self._two[self._hosted % 2 if self._hosted > WORTH_TWO else 0].host(check)

    def interrupt(self) -> None:
        """From another thread: end the wait for an answer."""
        for zygote in self._two:
            zygote.interrupt()

    def stop(self) -> None:
        """End both."""
        for zygote in self._two:
            zygote.stop()

    def __enter__(self) -> Zygotes:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _end_all_with(variable: str) -> None:
    """Kill every process whose environment holds the variable, until there is none."""
    found = True
    while found:
        found = False
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if variable.encode() in Path("/proc", name, "environ").read_bytes().split(b"\0"):
                    os.kill(int(name), signal.SIGKILL)
                    found = True


def interpreter_flags() -> list[str]:
    """The flags of this interpreter that the interpreter under test is to have as well: -O and -W."""
    flags = ["-" + "O" * sys.flags.optimize] if sys.flags.optimize else []
    return [*flags, *(f"-W{option}" for option in sys.warnoptions)]
