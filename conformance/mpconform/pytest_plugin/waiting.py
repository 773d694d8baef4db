"""Below the last line of a terminal: how far the run has come, and what it waits for longer than a moment."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Generator
from typing import Any

import pytest

from mpconform.pytest_plugin.progress import Progress

PATIENCE = 3.0
"""Seconds after which one wants to know what is waited for."""
INTERVAL = 1.0
"""Seconds between two looks at the clock."""


class Waiting:
    """Registered where the terminal is. With xdist, the workers' checks are reported to it as they begin."""

    def __init__(self, config: pytest.Config, progress: Progress) -> None:
        self._progress = progress
        self._started = time.monotonic()
        self._writer: Any = config.get_terminal_writer()
        # While a check runs its standard output is captured: this is the terminal itself.
        self._terminal = os.dup(sys.stdout.fileno())
        self._began: dict[str, float] = {}
        self._shown = False
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mpconform-waiting", daemon=True)
        self._thread.start()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logstart(self, nodeid: str) -> Generator[None, object, object]:
        """A check begins."""
        with self._lock:
            self._began[nodeid] = time.monotonic()
            return (yield)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> Generator[None, object, object]:
        """What pytest writes of a check, it writes to a line that is its own."""
        with self._lock:
            if report.when == "call" or report.failed:
                self._began.pop(report.nodeid, None)
            shown = self._shown
            self._erase()
            try:
                return (yield)
            finally:
                if shown:
                    self._tell()  # so that the line does not flicker where many checks end within a second

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_sessionfinish(self) -> Generator[None, object, object]:
        """From here on nothing is waited for."""
        self._over.set()
        self._thread.join()
        self._erase()
        os.close(self._terminal)
        return (yield)

    def _watch(self) -> None:
        while not self._over.wait(INTERVAL):
            with self._lock:
                self._tell()

    def _tell(self) -> None:
        """Show what there is to show, where anything is."""
        now = time.monotonic()
        told = self._progress.told if now - self._started >= PATIENCE and not self._over.is_set() else ""
        lasting = [(now - began, name) for name, began in self._began.items() if now - began >= PATIENCE]
        named = ", ".join(f"{name} ({seconds:.0f} s)" for seconds, name in sorted(lasting, reverse=True))
        if told or named:
            self._show("; ".join(filter(None, [told, f"waiting for {named}" if named else ""])))

    def _show(self, text: str) -> None:
        """Write it into the line below the cursor, and come back."""
        self._erase()
        width = max(self._writer.fullwidth - 1, 20)
        line = text if len(text) <= width else text[: width - 1] + "…"
        line = f"\x1b[2m{line}\x1b[0m" if self._writer.hasmarkup else line
        self._write(f"\n{line}\x1b[A{self._column()}")
        self._shown = True

    def _erase(self) -> None:
        if self._shown:
            self._write(f"\n\x1b[2K\x1b[A{self._column()}")
            self._shown = False

    def _column(self) -> str:
        column = self._writer.width_of_current_line
        return f"\r\x1b[{column}C" if column else "\r"

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError):  # a terminal that is gone
            self._writer.flush()
            os.write(self._terminal, text.encode(errors="replace"))
