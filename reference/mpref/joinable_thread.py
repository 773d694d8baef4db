"""A thread that can be waited for to its very end, without the expensive import of `threading`."""

from __future__ import annotations

import _thread
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def start(run: Callable[[], None]) -> Callable[[], None]:
    """Have `run` called by a thread; return what waits for the end of that.

    From Python 3.13 on it is that of the kernel's thread, of which os.fork() would still warn; before, that of `run`.
    """
    start_joinable: Any = getattr(_thread, "start_joinable_thread", None)
    if start_joinable is not None:
        join: Callable[[], None] = start_joinable(run).join
        return join
    over = _thread.allocate_lock()
    over.acquire()

    def work() -> None:
        try:
            run()
        finally:
            if "threading" in sys.modules:  # which keeps what it has made for a callback that has asked for its thread
                sys.modules["threading"]._active.pop(_thread.get_ident(), None)
            over.release()

    def wait() -> None:
        over.acquire()
        over.release()

    _thread.start_new_thread(work, ())
    return wait
