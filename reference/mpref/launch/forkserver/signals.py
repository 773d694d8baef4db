"""What signals do in the fork server, and in its children: there what the import of the main module has made of it.

The server outlives an interrupted program, and runs none of its handlers: they are for the children, which find
handlers, mask and wake-up descriptor as if they had imported the main module themselves.
"""

from __future__ import annotations

from _signal import (  # type: ignore[import-not-found]  # `signal` is expensive
    SIG_BLOCK,
    SIG_IGN,
    SIG_UNBLOCK,
    SIGCHLD,
    SIGHUP,
    SIGINT,
    SIGQUIT,
    SIGTERM,
    getsignal,
    pthread_sigmask,
    set_wakeup_fd,
    signal,
    valid_signals,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

TO_ALL = (SIGINT, SIGQUIT, SIGTERM, SIGHUP)
"""What a terminal or a service manager sends to all processes of a program. The server ends with the last of them."""


class Signals:
    """Made before the main module is imported, in the main thread; until take_over() what goes to all has to wait.

    blocked: the signals that were blocked already in the thread that has started the server.
    """

    def __init__(self, blocked: list[int]) -> None:
        self._waiting = set(TO_ALL) - set(blocked)
        pthread_sigmask(SIG_BLOCK, TO_ALL)
        self._before = _dispositions()
        self._changed: dict[int, Any] = {}
        self._mask: set[int] = set()
        self._wakeup = -1

    def take_over(self, waking: int) -> None:
        """Have the end of a child write to the descriptor `waking`, and nothing else happen in this process."""
        for number, disposition in _dispositions().items():
            if number == SIGCHLD:
                to_be = _nothing
            elif number in TO_ALL or callable(disposition):
                to_be = SIG_IGN  # whoever sends it means those that handle it
            else:
                to_be = self._before[number]
            if to_be is not None and disposition is not None and disposition != to_be:
                self._changed[number] = disposition
                signal(number, to_be)
        self._wakeup = set_wakeup_fd(waking, warn_on_full_buffer=False)
        self._mask = pthread_sigmask(SIG_UNBLOCK, (SIGCHLD, *self._waiting))

    def give_back(self) -> None:
        """Let signals do in a child what they did before take_over()."""
        set_wakeup_fd(self._wakeup)
        for number, disposition in self._changed.items():
            signal(number, disposition)
        if SIGCHLD in self._mask:
            pthread_sigmask(SIG_BLOCK, (SIGCHLD,))


def blocked() -> list[int]:
    """Return the signals that are blocked in this thread."""
    return [int(number) for number in pthread_sigmask(SIG_BLOCK, ())]


def _dispositions() -> dict[int, Any]:
    """Return what each signal does: SIG_DFL, SIG_IGN, a Python function; None for what was not set by Python."""
    return {number: getsignal(number) for number in valid_signals()}


def _nothing(number: int, frame: object) -> None:
    """Handle a signal: without a handler it would write nothing."""
