"""What goes between a process, the fork server and the child that the process asks it for.

A request is one byte, REQUEST or MANAGER, with the child's end of a fresh connection. Over the connection go, to the
child, the sizes of what follows with its descriptors, its orders, and its pickled process; and back, messages.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..interpreter import Head
    from ..main_module import Place

    class ServerOrders(Head):
        """What the interpreter is told that is to be the fork server."""

        preload: list[str]
        """The modules to import; '__main__' stands for the main module."""
        on_error: str
        """What becomes of an ImportError: 'ignore', 'warn' or 'fail'."""
        argv: list[str]
        main: Place | None
        blocked: list[int]
        """The signals that are blocked in the thread that starts the server."""
        descriptors: list[int]
        """The socket that requests come over, then the writing end of the tracker's pipe, then others to be kept."""


REQUEST = b"?"
"""Asks for a child."""
MANAGER = b"m"
"""Asks for a child that is to be the server of a manager."""

WANTED = {MANAGER: "mpref.managers.started"}
"""What the fork server imports for a request, once: its children would have to import it, each for itself."""

SIZES = 8
"""Bytes of the sizes: how many descriptors, and how many bytes of orders."""

MESSAGE = 9
"""Bytes of a message: one that says what it is, a process id, and a value."""

STARTED = b"+"
"""From the child, which has begun."""
ENDED = b"-"
"""From the server: the value is the exit code."""
FAILED = b"!"
"""From the server, which could not fork: the value is the error number."""


def pack_sizes(descriptors: int, orders: int) -> bytes:
    """Write the sizes."""
    return descriptors.to_bytes(4, "little") + orders.to_bytes(4, "little")


def unpack_sizes(sizes: bytes) -> tuple[int, int]:
    """Read the sizes: how many descriptors, how many bytes of orders."""
    return int.from_bytes(sizes[:4], "little"), int.from_bytes(sizes[4:], "little")


def pack(what: bytes, pid: int, value: int = 0) -> bytes:
    """Write a message."""
    return what + pid.to_bytes(4, "little") + value.to_bytes(4, "little", signed=True)


def unpack(message: bytes) -> tuple[bytes, int, int]:
    """Read a message: what it is, the process id, the value."""
    return message[:1], int.from_bytes(message[1:5], "little"), int.from_bytes(message[5:], "little", signed=True)
