"""What comes back over the connection between a process and its child of the fork server."""

from __future__ import annotations

#: Each message has this many bytes: one that says what it is, a process id, and a value.
MESSAGE = 9

STARTED = b"+"  #: from the child, which has begun
ENDED = b"-"  #: from the server: the value is the exit code
FAILED = b"!"  #: from the server, which could not fork: the value is the error number


def pack(what: bytes, pid: int, value: int = 0) -> bytes:
    """Write a message."""
    return what + pid.to_bytes(4, "little") + value.to_bytes(4, "little", signed=True)


def unpack(message: bytes) -> tuple[bytes, int, int]:
    """Read a message: what it is, the process id, the value."""
    return message[:1], int.from_bytes(message[1:5], "little"), int.from_bytes(message[5:], "little", signed=True)
