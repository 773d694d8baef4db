"""A call that is observed from another thread, and what a failed observation raises."""

from __future__ import annotations

import sys
import threading
from typing import Any, Callable

from mpspec.observation.waits import HELD, LONG, YIELD


class NotKept(AssertionError):
    """An observation that does not agree with the promise. promised, seen: both in words."""

    def __init__(self, promised: str, seen: str) -> None:
        super().__init__(f"promised: {promised}; seen: {seen}")
        self.promised = promised
        self.seen = seen


class Blocked:
    """A call in a thread of its own; if `see.blocks` has made it, one that does not come back by itself."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._call = call
        self._result: Any = None
        self._error: BaseException | None = None
        self._begun = False
        self.thread = threading.Thread(target=self._run, name="see.blocks", daemon=True)

    def _run(self) -> None:
        self._begun = True
        try:
            self._result = self._call()
        except BaseException as error:
            self._error = error

    def entered(self) -> bool:
        """Whether the thread has come as far as the call."""
        frame = sys._current_frames().get(self.thread.ident or 0)
        if frame is None:  # a cooperative implementation has made it no thread of the interpreter
            return self._begun
        while frame is not None and frame.f_code is not Blocked._run.__code__:
            if frame.f_back is not None and frame.f_back.f_code is Blocked._run.__code__:
                return True
            frame = frame.f_back
        return False

    def ends(self) -> Any:
        """The call comes back, within LONG: returns its value, or raises what it raised."""
        self.thread.join(LONG)
        if self.thread.is_alive():
            raise NotKept("the blocked call comes back", f"still blocked after {LONG} s")
        if self._error is not None:
            raise self._error
        return self._result

    def still(self) -> None:
        """The call has not come back after another YIELD."""
        self._watched(YIELD)

    def goes_on(self) -> None:
        """The call, which waits without a limit, has not come back after HELD."""
        self._watched(HELD)

    def _watched(self, seconds: float) -> None:
        self.thread.join(seconds)
        if not self.thread.is_alive():
            raise NotKept("the call goes on blocking", f"it came back with {self._error or self._result!r}")
