"""What the process does that a manager has started: it serves until the manager, or its process, is gone."""

from __future__ import annotations

import hmac  # noqa: F401  # both ends of the first handshake need it: a forked server has it already
import os
from _signal import (  # type: ignore[import-not-found]  # `signal` is expensive
    SIG_DFL,
    SIG_IGN,
    SIGINT,
    SIGPIPE,
    getsignal,
    signal,
)
from _thread import start_new_thread
from contextlib import suppress
from time import sleep

from .. import process as processes
from ..tracebacks import text_of
from .answers import RemoteError, survives
from .server import Server

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from ..connection import Connection
    from ..state import AuthenticationString
    from .registration import Registration

GRACE = 10.0
"""Seconds in which this process ends, after the end of that which has started it, which ends it in its own time."""


def run(
    registered: Mapping[str, Registration],
    address: Any,
    key: AuthenticationString,
    serializer: str,
    initializer: Callable[..., object] | None,
    initargs: tuple[Any, ...],
    line: Connection,
) -> None:
    """Serve. line: tells the address, or what has gone wrong, and at its end the server ends."""
    signal(SIGINT, SIG_IGN)  # Ctrl-C is for the program, which may still use what is here
    if getsignal(SIGPIPE) == SIG_DFL:  # a fork has copied it; a client that goes must not end the server
        signal(SIGPIPE, SIG_IGN)
    try:
        if initializer is not None:
            initializer(*initargs)
        server = Server(registered, address, key, serializer)
    except BaseException as error:
        _tell(line, None, error)
        return
    _tell(line, server.address)
    start_new_thread(_stop_at_end, (server, line))
    server.serve_forever()


def _tell(line: Connection, address: Any, error: BaseException | None = None) -> None:
    """Tell the manager where the server listens, or why it does not. It may be gone already."""
    trace = "" if error is None else text_of(error)
    with suppress(OSError):
        if error is not None and not survives(error):
            error = RemoteError(trace)
        line.send((address, error, trace))


def _stop_at_end(server: Server, line: Connection) -> None:
    try:
        line.recv_bytes()
    except (EOFError, OSError):
        server.stop()
    parent = processes.parent_process()
    if parent is not None:
        parent.join()
    sleep(GRACE)
    os._exit(1)  # what still runs here would run for ever
