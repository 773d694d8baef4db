"""What the functions and methods of this chapter do not take."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.connection.chapter import CONNECTION, PIPE, WAIT, chapter, pipe
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See


@chapter.clause(
    "connection.arguments.surplus",
    passage=(
        *(f"{CONNECTION}.{name}/1" for name in ("send", "recv", "fileno", "close", "poll", "send_bytes", "recv_bytes")),
        f"{CONNECTION}.recv_bytes_into/1",
        f"{PIPE}/1,6",
        f"{WAIT}/1",
    ),
    level=SHOULD,
    methods=NO_METHOD,
    cases={
        "send": lambda mp, end: end.send("x", "y"),
        "recv": lambda mp, end: end.recv(9),
        "fileno": lambda mp, end: end.fileno(9),
        "close": lambda mp, end: end.close(9),
        "poll": lambda mp, end: end.poll(0, 0),
        "send_bytes": lambda mp, end: end.send_bytes(b"x", 0, 1, 1),
        "recv_bytes": lambda mp, end: end.recv_bytes(9, 9),
        "recv_bytes_into": lambda mp, end: end.recv_bytes_into(bytearray(9), 0, 9),
        "Pipe": lambda mp, end: mp.Pipe(True, True),
        "wait": lambda mp, end: mp.connection.wait([end], 0, 0),
        "a name": lambda mp, end: end.poll(seconds=0),
    },
)
def what_is_not_taken_is_refused(mp: Any, see: See, use: Callable[[Any, Any], Any]) -> None:
    """An argument more than a signature has, or one of a name that it does not have, raises TypeError."""
    with pipe(mp) as (near, far):
        near.send_bytes(b"message")
        with see.raises(TypeError):
            use(mp, far)
