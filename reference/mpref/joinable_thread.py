"""A thread that can be waited for to its very end, without the expensive import of `threading`."""

from __future__ import annotations

import _thread

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

AGAIN = 0.05
"""Seconds after which a wait begins once more.

CPython looks for signals, lets other threads run, and sleeps: a Ctrl-C in between is not noticed before it wakes. It
mostly comes right after what the program has said or done last.
"""


def start(run: Callable[[], None]) -> Callable[[], None]:
    """Have `run` called by a thread; return what waits for the end of that.

    From Python 3.13 on it is that of the kernel's thread, of which os.fork() would still warn; before, that of `run`.
    """
    start_joinable: Any = getattr(_thread, "start_joinable_thread", None)
    if start_joinable is not None:
        thread = start_joinable(run)

        def join() -> None:
            thread.join(AGAIN)
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
            ended = True
            open_()

    def wait() -> None:
        try:
            if not over.acquire(timeout=AGAIN):
                over.acquire()
        finally:  # a signal handler may have raised at once: whoever waits next has to come by
            if ended:
                open_()

    _thread.start_new_thread(work, ())
    return wait
