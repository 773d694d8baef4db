"""A thread that can be waited for to its very end, without the expensive import of `threading`."""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

SOON, SELDOM = 0.05, 1.0
"""Seconds after which a wait begins once more: at first, and at most; each time it is twice as long.

CPython looks for signals, lets other threads run, which may take long, and sleeps: a Ctrl-C in between is not noticed
before the thread wakes.
"""


def start(run: Callable[[], None]) -> Callable[[], None]:
    """Have `run` called by a thread; return what waits for the end of that.

    From Python 3.13 on it is that of the kernel's thread, of which os.fork() would still warn; before, that of `run`.
    """
    start_joinable: Any = getattr(_thread, "start_joinable_thread", None)
    if start_joinable is not None:
        thread = start_joinable(run)

        def join() -> None:
            part = SOON
            while not thread.is_done():
                thread.join(part)
                part = min(2 * part, SELDOM)
            thread.join()

        return join
    over = _thread.allocate_lock()
    over.acquire()
    ended = False

    def open_() -> None:
        try:  # noqa: SIM105
            over.release()
        except RuntimeError:  # it is open
            pass

    def work() -> None:
        nonlocal ended
        try:
            run()
        finally:
            if "threading" in sys.modules:  # which keeps what it has made for a callback that has asked for its thread
                sys.modules["threading"]._active.pop(_thread.get_ident(), None)
            ended = True
            open_()

    def wait() -> None:
        try:
            part = SOON
            while not over.acquire(timeout=part):
                part = min(2 * part, SELDOM)
        finally:  # a signal handler may have raised at once: whoever waits next has to come by
            if ended:
                open_()

    _thread.start_new_thread(work, ())
    return wait
