"""The greeting of a zygote, or why there is none: what an import raised, where it waits, how the interpreter ended."""

from __future__ import annotations

import os
import select
import signal
import time
from pathlib import Path
from typing import Any

from mpspec.observation import procfs

from mpconform.adapters import locating
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.documented import near
from mpconform.adapters.interpreters import Interpreter
from mpconform.driver.launching import Launcher
from mpconform.driver.paths import Paths, without_machinery
from mpconform.errors import BrokenAdapter
from mpconform.hosts import stacks, wire
from mpconform.hosts.protocol import Greeting

IMPORT = 8.5
"""Seconds, before patience, that an interpreter may take to start, and again for all that it imports."""
AT_MOST = 60.0
"""Seconds, before patience, after which it is given up even where the machine is too busy to let it work."""
LINES = 30
"""Lines that are told of what an interpreter wrote while it imported."""


class Expected:
    """A zygote, pid, that a launcher has started; said, stacks: the files that take its output and its stacks."""

    def __init__(
        self,
        adapter: Adapter,
        interpreter: Interpreter,
        launcher: Launcher,
        pid: int,
        paths: Paths,
        said: Path,
        stacks: Path,
        patience: float,
    ) -> None:
        self._adapter = adapter
        self._interpreter = interpreter
        self._launcher = launcher
        self._pid = pid
        self._channel = launcher.channel
        self._paths = paths
        self._said = said
        self._stacks = stacks
        self._patience = patience
        self._importing = ""
        self._began = 0.0

    def greeting(self) -> Greeting:
        """What it says once all is imported. Raises BrokenAdapter, which tells what went wrong, where it does not."""
        self._began = time.monotonic()
        # A launcher may be asleep for long while the services start that it brings.
        until = self._began + (AT_MOST if self._adapter.launcher else IMPORT) * self._patience
        while True:
            readable, _, _ = select.select([self._channel], [], [], max(0.0, until - time.monotonic()))
            if not readable:
                if self._works() and time.monotonic() < self._began + AT_MOST * self._patience:
                    until = time.monotonic() + 1
                    continue
                raise self._broken(self._hangs())
            message = self._message()
            if message is None:
                raise self._broken(self._ended())
            if "ready" in message:
                greeting: Greeting = message
                if not greeting["ready"]:
                    raise self._broken(self._raised(greeting))
                return greeting
            if not self._importing:
                self._began = time.monotonic()  # an interpreter that starts slowly is not the implementation's
                until = self._began + IMPORT * self._patience
            self._importing = message["importing"]

    def printed(self) -> str:
        """What was written while it imported, the end of it."""
        written = self._theirs(self._said.read_text(encoding="utf-8", errors="replace"))
        return "\n".join("  " + line for line in written[-LINES:])

    def _theirs(self, text: str) -> list[str]:
        """The lines of a text, with real paths, without those of stacks that are the engine's and the import's."""
        return without_machinery(self._paths.real(text))

    def _message(self) -> Any:
        try:
            return wire.get(self._channel.fileno())
        except OSError:
            return None

    def _broken(self, why: str) -> BrokenAdapter:
        return BrokenAdapter(f"{self._adapter.name} cannot be judged in {self._interpreter.path}: {why}")

    def _with_output(self, why: str) -> str:
        printed = self.printed()
        return f"{why}\nit wrote\n{printed}" if printed else why

    def _works(self) -> bool:
        """Whether it is not asleep, and has not had the time of a core that it may take: the machine is busy."""
        fields = procfs.stat(self._pid)
        if fields is None or fields[0] not in "RD":
            return False
        spent = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return spent < IMPORT * self._patience

    def _hangs(self) -> str:
        pid = self._pid
        seen = stacks.post_mortem([pid, *procfs.descendants(pid)], str(self._stacks))
        what = f"the import of {self._importing} is" if self._importing else "the interpreter has"
        over = "not over" if self._importing else "not started"
        why = self._with_output(f"{what} {over} after {time.monotonic() - self._began:.1f} s")
        return (
            f"{why}; it waits here:\n" + "\n".join(self._theirs(seen)) + "\n"
            f"correct it, or where it only takes long give it time with --patience={2 * self._patience:g}"
        )

    def _ended(self) -> str:
        status = self._launcher.status(5)
        if status is None:
            how = "closed the descriptors of the engine"
        elif os.WIFSIGNALED(status):
            how = f"was ended by {signal.Signals(os.WTERMSIG(status)).name}"
        else:
            how = f"ended with status {os.WEXITSTATUS(status)}"
        when = f"while it imported {self._importing}" if self._importing else "before it imported anything"
        advice = "correct it" if self._importing else "name another --python"
        return self._with_output(f"the interpreter {how} {when}; {advice}")

    def _raised(self, greeting: Greeting) -> str:
        why = self._with_output(self._paths.real(greeting["why"] or ""))
        lacks = greeting["lacks"]
        return f"{why}\n{self._advice(lacks) if lacks else 'correct it, or name another --impl or --python'}"

    def _advice(self, lacks: str) -> str:
        """What to do about a module that is not there."""
        top = lacks.partition(".")[0]
        exposed = self._adapter.exposed()
        folders = [Path.cwd(), Path(self._adapter.folder), *(path.parent for path in exposed.values())]
        for folder in folders:
            found = locating.beside(lacks, folder)
            if found is not None and found.top.name not in exposed:
                shown = ", ".join(f'"{path}"' for path in [*exposed.values(), found.top])
                return f"there is {found.top}: an adapter file shows it to the interpreter, expose = [{shown}]"
        asked_for = {name.partition(".")[0] for name, _ in self._adapter.imports()}
        likely = near(lacks, locating.modules_near(lacks)) if top in asked_for else ""
        return (
            f"{lacks} is not there{likely}; correct the name, install it ({self._interpreter.path} -m pip install "
            f"{top}), or name its folder or file under `expose` in an adapter file"
        )
