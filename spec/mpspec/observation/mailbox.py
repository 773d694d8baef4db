"""How children and the clause communicate without the implementation's own channels: mailboxes and gates.

Both cross any start method by their path and rest on the kernel alone, so a clause about processes does not
depend on the implementation's pipes. `spool` has both for a platform that lacks what they are made of here.
"""

from __future__ import annotations

import _socket  # without the constants as enumerations, which would triple what a spawned child imports
import marshal
import os

from mpspec.observation.waits import LONG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable


class NoMessage(AssertionError):
    """Nothing arrived in a mailbox within LONG."""

    def __init__(self) -> None:
        super().__init__("a child posts into its mailbox")
        self.promised = "a child posts into its mailbox"
        self.seen = f"nothing arrived within {LONG} s"


class Mailbox:
    """Many processes write, the clause reads. Messages: None, bool, numbers, str, bytes, tuple, list, dict.

    A datagram socket on a path: a message arrives whole or not at all, in the order of its writer.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._owner = os.getpid()
        self._socket: _socket.socket | None = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(_short(path))

    def post(self, message: Any) -> None:
        """Put a message into the box, from any process. Raises ValueError for what is not a plain value."""
        sender = _socket.socket(_socket.AF_UNIX, _socket.SOCK_DGRAM)
        try:
            sender.connect(_short(self._path))
            sender.send(marshal.dumps(message))
        finally:
            sender.close()

    def take(self, timeout: float = LONG) -> Any:
        """The next message; NoMessage where none arrives within timeout seconds."""
        while self._arrives(timeout):
            assert self._socket is not None
            try:
                return marshal.loads(self._socket.recv(1 << 20))
            except BlockingIOError:  # another thread has taken it
                continue
        raise NoMessage()

    def take_all(self, count: int) -> list[Any]:
        """The next count messages, in the order of arrival."""
        return [self.take() for _ in range(count)]

    def empty(self, after: float = 0.0) -> bool:
        """Whether no message is there, and none arrives within after seconds."""
        return not self._arrives(after)

    def _arrives(self, timeout: float) -> bool:
        """Whether a message is there within timeout seconds.

        A cooperative implementation has replaced poll() by one that lets its other greenlets run meanwhile.
        """
        import select  # the reader's alone: no child imports it

        assert self._socket is not None
        poller = select.poll()
        poller.register(self._socket.fileno(), select.POLLIN)
        return bool(poller.poll(timeout * 1000))

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return _MailboxElsewhere, (self._path,)

    def close(self) -> None:
        """Close the reading end; the host does it for the clause."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _MailboxElsewhere(Mailbox):
    """A mailbox in a child that did not inherit the reading end."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._socket = None


class Gate:
    """Processes wait() until the clause opens it; it stays open. Several may wait.

    A named pipe. Open, it has a byte that nobody reads, for those who wait already, and no name any more. They wait in
    poll(), which a cooperative implementation has replaced by one that lets its other greenlets run meanwhile.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        os.mkfifo(path, 0o600)
        self._file: int | None = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)

    def wait(self) -> None:
        """Sleep until the gate is open, or nobody is left who could open it."""
        wait_at(self._path)

    def open(self) -> None:
        """Let every process through, now and later."""
        if self._file is not None:
            os.write(self._file, b".")
            try:  # noqa: SIM105  # contextlib would be one more import of a spawned child
                os.unlink(self._path)
            except FileNotFoundError:  # a fork has opened it
                pass
            os.close(self._file)
            self._file = None

    close = open

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return _GateElsewhere, (self._path,)


def wait_at(path: str) -> None:
    """Sleep until the gate on this path is open, or nobody is left who could open it. From any process."""
    import select

    try:
        file = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        poller = select.poll()
        poller.register(file, select.POLLIN)
        poller.poll()
    finally:
        os.close(file)


class _GateElsewhere(Gate):
    """A gate in a child that did not inherit the lock."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file = None


def _short(path: str) -> str:
    """A socket's path has to fit into 107 bytes."""
    relative = os.path.relpath(path)
    return relative if len(relative) < len(path) else path
