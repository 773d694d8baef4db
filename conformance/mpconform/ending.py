"""A command that is told to end, by SIGTERM or SIGHUP, ends in order: it first ends what it has started.

What it leaves behind where it is killed ends by itself: launchers and busy loops see that it is gone.
"""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable
from typing import NoReturn

TOLD_TO_END = tuple(signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__)


def _leave(number: signal.Signals) -> NoReturn:
    raise SystemExit(128 + number)


def in_order(leave: Callable[[signal.Signals], NoReturn] = _leave) -> Callable[[], None]:
    """From now on a signal has the main thread call leave, which raises what ends it; by default SystemExit(128 + n).

    A second one ends the process at once. What is ignored, as under nohup, stays so. Returns what undoes it.
    """
    before = {}

    def end(number: int, _: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        leave(signal.Signals(number))

    if threading.current_thread() is threading.main_thread():
        for number in TOLD_TO_END:
            handler = signal.getsignal(number)
            if handler == signal.SIG_DFL or getattr(handler, "__module__", None) == __name__:
                before[number] = signal.signal(number, end)

    def undo() -> None:
        for number, handler in before.items():
            if signal.getsignal(number) is end:
                signal.signal(number, handler)

    return undo


PARENT = "MPCONFORM_PARENT"
"""Environment variable: the id of the process with which a command ends, however that ends."""


def where_asked() -> None:
    """End with the parent where PARENT names it; at once where that has ended already."""
    parent = os.environ.pop(PARENT, None)
    if parent is not None:
        with_parent()
        if str(os.getppid()) != parent:
            os._exit(1)


def with_parent() -> None:
    """From now on this process ends with the one that started it, whatever it is doing then. Linux 5.3 or newer."""
    if not hasattr(os, "pidfd_open"):
        return
    try:
        parent = os.pidfd_open(os.getppid())
    except OSError:
        return

    def watch() -> None:
        select.select([parent], [], [])
        os._exit(1)

    threading.Thread(target=watch, daemon=True, name="mpconform-parent").start()
