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


class Permission:
    """To begin what a thread is started for: who starts it can take it back until the thread has begun.

    A signal handler may raise once the thread is started: that is not told from a thread that could not be started.
    """

    def __init__(self) -> None:
        self._lock = _thread.allocate_lock()
        self._begun = self._taken_back = False

    def begin(self) -> bool:
        """Tell the thread whether it may begin."""
        with self._lock:
            self._begun = not self._taken_back
            return self._begun

    def take_back(self) -> bool:
        """Keep the thread from beginning; tell whether it has not begun, and never will."""
        with self._lock:
            self._taken_back = not self._begun
            return self._taken_back


class JoinableThread:
    """A thread that calls `run`.

    From Python 3.13 on its end is that of the kernel's thread, of which os.fork() would still warn; before, that of
    `run`.
    """

    def __init__(self, run: Callable[[], None]) -> None:
        self._run = run
        self._permission = Permission()
        self.take_back = self._permission.take_back
        self._over = _thread.allocate_lock()
        self._over.acquire()
        self._ended = False
        make_handle: Any = getattr(_thread, "_ThreadHandle", None)
        self._handle = make_handle and make_handle()

    def start(self) -> None:
        """Start it. RuntimeError: no thread can be started. Whatever is raised: take_back() tells what came of it."""
        if self._handle is None:
            _thread.start_new_thread(self._work, ())
        else:
            getattr(_thread, "start_joinable_thread")(self._work, handle=self._handle)  # noqa: B009  # since 3.13

    def join(self) -> None:
        """Wait for its end."""
        try:
            part = SOON
            while not self._over.acquire(timeout=part):
                part = min(2 * part, SELDOM)
        finally:  # a signal handler may have raised at once: whoever waits next has to come by
            if self._ended:
                self._open()
        if self._handle is not None:
            self._handle.join()

    def _work(self) -> None:
        try:
            if self._permission.begin():
                self._run()
        finally:
            if "threading" in sys.modules:  # which keeps what it has made for a callback that has asked for its thread
                sys.modules["threading"]._active.pop(_thread.get_ident(), None)
            del self._run  # its object has this thread's join(): neither waits for a garbage collection
            self._ended = True
            self._open()

    def _open(self) -> None:
        try:  # noqa: SIM105
            self._over.release()
        except RuntimeError:  # it is open already
            pass
