"""Interactive sessions: an interpreter on a pseudo-terminal, to which lines are typed one after another.

For the examples that the page shows with prompts: what the interpreter and its children print between two prompts is
compared. As in a program, `multiprocessing` stands for the implementation.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mpspec.observation.blocked import NotKept
from mpspec.observation.program import for_implementation, interpreter_flags
from mpspec.observation.waits import LONG

if TYPE_CHECKING:
    from types import TracebackType

    from mpspec.observation.see import See

_PROMPT = re.compile(r"@>>> |@\.\.\. ")
"""The two prompts as a session has them: told apart from all that it prints."""

_STARTUP = """\
import sys
sys.ps1, sys.ps2 = "@>>> ", "@... "
vars(sys).pop("__interactivehook__", None)
del sys
"""
"""What a session begins with: its prompts; and nothing of it enters the history of its user."""

_PLAIN = {"TERM": "dumb", "PYTHON_BASIC_REPL": "1", "NO_COLOR": "1", "FORCE_COLOR": "", "INPUTRC": os.devnull}
"""An interpreter that edits no lines and paints nothing, as far as it can be asked to."""


def session(mp: Any, see: See, lines: Sequence[str], flags: Sequence[str] = ()) -> list[str]:
    """What is printed after each of the lines, until the next prompt, by the interpreter and by its children.

    lines: as they are typed, an empty one to end a block; flags: of the interpreter. A child's words count to the
    line in which they are seen: one who waits for the child in that line gets them there. What is printed at the end
    of the session, which has to be a good one, counts to the last line.
    """
    with Session(mp, see, flags) as typed:
        texts = [typed.line(line) for line in lines]
        status, rest = typed.finish()
    see.equal(status, 0, "the exit status of the session")
    return [*texts[:-1], texts[-1] + rest]


class Session:
    """A session that goes on: for one whose end is not a good one, or that has to be stopped."""

    def __init__(self, mp: Any, see: See, flags: Sequence[str] = ()) -> None:
        import fcntl  # Windows has none of these
        import pty
        import termios

        self._mp = mp
        self._folder = tempfile.mkdtemp(dir=see.folder)
        startup = os.path.join(self._folder, ".startup")
        with open(startup, "w", encoding="utf-8") as file:
            file.write(_STARTUP)
        self._screen, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("4H", 50, 1000, 0, 0))  # no line is wrapped
        self.process = subprocess.Popen(
            [sys.executable, *interpreter_flags(), *flags, "-q", "-i"],
            cwd=self._folder,
            env={**os.environ, **_PLAIN, "PYTHONSTARTUP": startup},
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            start_new_session=True,
        )
        os.close(terminal)
        self._read = ""
        self._until_prompt("")

    def line(self, text: str) -> str:
        """Type a line: what is printed until the next prompt."""
        text = for_implementation(text, self._mp)
        self.feed(text + "\n")
        # The terminal shows what is typed.
        return self._until_prompt(text).replace(text + "\n", "", 1)

    def feed(self, text: str) -> None:
        """Type, and wait for nothing."""
        os.write(self._screen, text.encode())

    def finish(self) -> tuple[int, str]:
        """End the session as its user does: its exit status, and what is printed until then."""
        self.feed("\x04")
        deadline = time.monotonic() + LONG * 2
        while self.process.poll() is None:
            self._more(0.01)
            if time.monotonic() > deadline:
                raise NotKept("the session ends", f"still running after {LONG * 2} s, has printed {self._read!r}")
        while self._more(0):
            pass
        text, self._read = self._read, ""
        return self.process.returncode, text.replace("^D\b\b", "").lstrip("\n")

    def _until_prompt(self, line: str) -> str:
        deadline = time.monotonic() + LONG * 2
        while (found := _PROMPT.search(self._read)) is None:
            if not self._more(0.1) and (self.process.poll() is not None or time.monotonic() > deadline):
                over = "has ended" if self.process.poll() is not None else f"no prompt after {LONG * 2} s"
                raise NotKept(f"a prompt follows the line {line!r}", f"{over}, has printed {self._read!r}")
        text, self._read = self._read[: found.start()], self._read[found.end() :]
        return text

    def _more(self, timeout: float) -> bool:
        """Read what is printed within the timeout; whether there was any."""
        if not select.select([self._screen], [], [], timeout)[0]:
            return False
        try:
            seen = os.read(self._screen, 1 << 16)
        except OSError:  # EIO: nobody has the terminal any more
            return False
        self._read += seen.decode("utf-8", "backslashreplace").replace("\r", "")
        return bool(seen)

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None and sys.platform != "win32":
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        os.close(self._screen)
        shutil.rmtree(self._folder, ignore_errors=True)
