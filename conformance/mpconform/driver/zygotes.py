"""The driver's end of a zygote: starts it, sends checks, reads answers, replaces it when it dies."""

from __future__ import annotations

import contextlib
import os
import select
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import mpspec
from mpspec import implementation
from mpspec.chapters.about import chapter as about

import mpconform
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.checks import Check
from mpconform.driver.greeting import Expected
from mpconform.driver.launching import Launcher
from mpconform.driver.paths import ENTRY, Paths
from mpconform.hosts import arming, wire
from mpconform.hosts.protocol import Answer, Greeting, Request

DEADLINE = 30.0
"""Seconds that a check may take before it counts as hung, before patience."""
EXIT_DEADLINE = 10.0
"""Seconds that a host and what it started may take to end."""
OUTPUT_LIMIT = 1 << 16
"""Bytes of output that are kept for the report."""
RUN = "MPCONFORM_RUN"
"""Environment variable that every process of a zygote carries: the zygote's folder."""
LEAK = "descriptor of "
"""How a descriptor that is left behind is told."""
TOLD = ("promised", "seen", "line", "traceback", "post_mortem", "out", "err")
"""What an answer tells in words, which may name files."""
FLOOD = 1 << 23
"""Bytes of output at which a host is ended."""
WORTH_TWO = 32
"""Checks after which a second zygote is started: about as many as save what its start costs."""


class Zygote:
    """One warm process of an implementation, and the hosts that come out of it, one at a time.

    patience: factor on every wait and deadline. deadline: seconds for a check, before patience.
    package: where the chapters are. flags: of the interpreter under test; None: interpreter_flags().
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
        self.printed = ""
        """What was written while it imported the implementation."""
        self.in_doubt: set[str] = set()
        """The names in shared memory that came with a check, may be others', and were left alone."""
        self._launcher: Launcher | None = None

    def adapt(self, adapter: Adapter) -> None:
        """Take another adapter of the same implementation, before the start."""
        self.adapter = adapter

    def start(self) -> Greeting:
        """Start it and import the implementation; its greeting. Raises BrokenAdapter, with the reason, where not."""
        packages = self._packages()
        command = self.adapter.command(self.interpreter)
        self._launcher = launcher = Launcher()
        folder = launcher.folder
        self._paths = Paths(folder, packages)
        code = (
            f"from mpconform.hosts import zygote; zygote.serve({launcher.channel_number}, {self.adapter.imports()!r})"
        )
        said, stacks = Path(folder, "zygote.err"), Path(folder, "stacks")
        try:
            pid = launcher.launch([*command, *self.flags, "-c", code], self._environment(folder, packages))
            expected = Expected(self.adapter, self.interpreter, launcher, pid, self._paths, said, stacks, self.patience)
            greeting = expected.greeting()
        except BaseException:
            self.stop()
            raise
        self.printed = expected.printed()
        return greeting

    def host(self, check: Check) -> Answer:
        """Run one check in a host of its own: the answer. A zygote that dies on it is replaced."""
        if self._launcher is None:
            self.start()
        assert self._launcher is not None
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
                wire.put(self._launcher.channel.fileno(), request)
                answer = self._message(2 * deadline + 4 * self.exit_deadline * self.patience)
        except BaseException:
            self.stop()  # or the answer that nobody waited for would be taken for that of the next check
            raise
        if answer is None:
            self.stop()
            return {
                "outcome": "crashed",
                "promised": "a check does not reach beyond its host",
                "seen": "the supervisor of the host died or fell silent",
                "witnesses": [],
            }
        self.in_doubt.update(answer["in_doubt"])
        return self._told(check, answer)

    def _told(self, check: Check, answer: Answer) -> Answer:
        """The answer in the user's terms: real paths, and what to declare where a leak may be none."""
        told: dict[str, Any] = {key: answer[key] for key in TOLD if key in answer}  # type: ignore[literal-required]
        real: Any = {**answer, **{key: self._paths.real(text) for key, text in told.items()}}
        known = {line.strip() for line in self.printed.splitlines()}  # what is said once is not said of each check
        for stream in ("out", "err") if known else ():
            lines = real.get(stream, "").splitlines(keepends=True)
            real[stream] = "".join(line for line in lines if line.strip() not in known)
        for witness in real.get("witnesses", ()):
            witness["implementation"] = witness["implementation"] and self._paths.real(witness["implementation"])
        if real["outcome"] == "leaked" and LEAK in real["seen"] and self.adapter.keeps is None and self.adapter.methods:
            measured = self.adapter.kept_for_life(check.method)
            count = real["seen"].count(LEAK) + (measured if isinstance(measured, int) else sum(measured.values()))
            says = f"keeps = {{ {check.method or 'fork'} = {count} }}"
            real["seen"] += f"; if it keeps these for life on purpose, its adapter says so by {says}"
        answered: Answer = real
        return answered

    def stop(self) -> None:
        """End the zygote, its host and all that they have started."""
        ended, self._launcher = self._launcher, None
        if ended is not None:
            ended.end(f"{RUN}={ended.folder}")

    def interrupt(self) -> None:
        """From another thread: let the check that runs now end at once, as one that crashed."""
        running = self._launcher
        if running is not None:
            running.cut()

    def __enter__(self) -> Zygote:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _message(self, seconds: float) -> Any:
        assert self._launcher is not None
        channel = self._launcher.channel
        readable, _, _ = select.select([channel], [], [], seconds)
        if not readable:
            return None
        with contextlib.suppress(OSError):
            return wire.get(channel.fileno())
        return None

    def _packages(self) -> dict[str, Path]:
        """What the interpreters of the zygote import from us and from the adapter: name -> file or folder."""
        return {
            "mpspec": Path(mpspec.__file__).parent,
            "mpconform": Path(mpconform.__file__).parent,
            "sitecustomize.py": Path(arming.__file__),
            **self.adapter.exposed(),
        }

    def _environment(self, folder: str, packages: Mapping[str, Path]) -> dict[str, str]:
        """The user's environment, the implementation under test, and the path on which the packages are found."""
        path = Path(folder, ENTRY)
        path.mkdir()
        for name, origin in packages.items():
            (path / name).symlink_to(origin)
        environment = os.environ | self.adapter.surroundings(self.interpreter)
        # Without cached bytecode every spawned child would compile the spec and the implementation anew.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        # A relative entry means the folder of the caller, which is not that of a host.
        theirs = os.environ.get("PYTHONPATH")
        entries = [os.path.abspath(entry) for entry in theirs.split(os.pathsep)] if theirs else []
        environment["PYTHONPATH"] = os.pathsep.join([str(path), *entries])
        environment[implementation.VARIABLE] = " ".join(
            f"{name}={module}" for name, module in self.adapter.subject().items()
        )
        environment[about.NAMES] = " ".join(self.adapter.not_offered)
        environment[RUN] = folder
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

    @property
    def in_doubt(self) -> set[str]:
        """Those of both."""
        return self._two[0].in_doubt | self._two[1].in_doubt

    def adapt(self, adapter: Adapter) -> None:
        """Give both another adapter of the same implementation, before their start."""
        for zygote in self._two:
            zygote.adapt(adapter)

    def stop(self) -> None:
        """End both."""
        for zygote in self._two:
            zygote.stop()

    def interrupt(self) -> None:
        """From another thread: let the check that runs now end at once."""
        for zygote in self._two:
            zygote.interrupt()

    def __enter__(self) -> Zygotes:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def interpreter_flags() -> list[str]:
    """The flags of this interpreter that the one under test is to have as well: -O, -W and what makes it warn."""
    flags = ["-" + "O" * sys.flags.optimize] if sys.flags.optimize else []
    if sys.flags.warn_default_encoding:
        flags += ["-X", "warn_default_encoding"]
    return [*flags, *(f"-W{option}" for option in sys.warnoptions)]
