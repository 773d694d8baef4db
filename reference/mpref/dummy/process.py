"""Process, with a thread in the place of a process. Section "The multiprocessing.dummy module"."""

from __future__ import annotations

import os
import threading

from .. import process as processes
from ..descriptors import pipe

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, NoReturn


class Process(threading.Thread):
    """A thread with what a process has. See multiprocessing.Process.

    It cannot be ended from outside, and its process id is that of this process.
    """

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = {},
        *,
        daemon: bool | None = None,
    ) -> None:
        super().__init__(group, target, name, tuple(args), dict(kwargs or {}), daemon=daemon)
        self.authkey = current_process().authkey
        self._mpref_parent = current_process()
        self._mpref_code = 0
        self._mpref_ends: tuple[int, int] | None = None
        self._mpref_lock = threading.Lock()

    def start(self) -> None:
        """Start the thread, which calls run(). At most once."""
        _living.add(self)
        try:
            super().start()
        except BaseException:
            if self.ident is None:
                _living.discard(self)
            raise

    def _bootstrap(self) -> None:
        try:
            super()._bootstrap()  # type: ignore[misc]
        finally:
            _living.discard(self)
            with self._mpref_lock:
                ends = self._mpref_ends
            if ends is not None:
                os.close(ends[1])

    def run(self) -> None:
        """Do the work: call the target."""
        self._mpref_code = 1
        try:
            super().run()
            self._mpref_code = 0
        except SystemExit as leaving:
            self._mpref_code = 0 if leaving.code is None else leaving.code if isinstance(leaving.code, int) else 1
            raise

    @property
    def exitcode(self) -> int | None:
        """None before the end; then 0, or N after sys.exit(N), 1 after an exception."""
        return None if self.ident is None or self.is_alive() else self._mpref_code

    @property
    def pid(self) -> int | None:
        """The id of this process; None before start()."""
        return None if self.ident is None else os.getpid()

    @property
    def sentinel(self) -> int:
        """A descriptor that becomes readable once the thread has ended. ValueError: it is not started."""
        if self.ident is None:
            raise ValueError(f"{self.name} has no sentinel before it is started")
        with self._mpref_lock:
            if self._mpref_ends is None:
                self._mpref_ends = pipe()
                if self not in _living:
                    os.close(self._mpref_ends[1])
        return self._mpref_ends[0]

    def terminate(self) -> NoReturn:
        """Refuse: a thread cannot be ended."""
        raise NotImplementedError("a thread cannot be ended from outside")

    kill = terminate

    def close(self) -> None:
        """Release the sentinel. ValueError: the thread is still running."""
        if self.is_alive():
            raise ValueError(f"{self.name} still runs: join() it before close()")
        with self._mpref_lock:
            if self._mpref_ends is not None:
                os.close(self._mpref_ends[0])
                self._mpref_ends = None


_living: set[Process] = set()


def current_process() -> Any:
    """Return the object that stands for this thread, or for this process, where the thread is none of this module."""
    thread = threading.current_thread()
    return thread if isinstance(thread, Process) else processes.current_process()


def parent_process() -> Any:
    """Return the object that stands for whoever has started this thread; None in the main process."""
    thread = threading.current_thread()
    return thread._mpref_parent if isinstance(thread, Process) else processes.parent_process()


def active_children() -> list[Process]:
    """Return the living threads that were started here."""
    here = current_process()
    return [child for child in tuple(_living) if child._mpref_parent is here and child.is_alive()]
