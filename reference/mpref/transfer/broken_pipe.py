"""Writing to whoever may have gone raises BrokenPipeError, also in a program that SIGPIPE ends.

Programs that write into pipelines restore SIGPIPE's default, for the sake of their output. What is written behind
their back, or by a server for its clients, must not end them.
"""

from __future__ import annotations

from _signal import (  # type: ignore[import-not-found]  # `signal` is expensive
    SIG_BLOCK,
    SIG_DFL,
    SIG_SETMASK,
    SIGPIPE,
    getsignal,
    pthread_sigmask,
    sigpending,
    sigwait,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def without_signal(write: Callable[..., object], *args: Any) -> None:
    """Call `write`, which raises BrokenPipeError where the other end is closed, whatever SIGPIPE does."""
    if getsignal(SIGPIPE) != SIG_DFL:
        write(*args)
        return
    before = pthread_sigmask(SIG_BLOCK, (SIGPIPE,))
    try:
        write(*args)
    except BrokenPipeError:
        if SIGPIPE not in before and SIGPIPE in sigpending():  # it is for this thread alone
            sigwait((SIGPIPE,))
        raise
    finally:
        pthread_sigmask(SIG_SETMASK, before)
