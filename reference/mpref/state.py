"""What the package knows of a process, apart from its object: that belongs to its user, with all names but one."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    class Launched(Protocol):
        """What a start method hands back: the child, seen from the process that started it."""

        pid: int

        @property
        def sentinel(self) -> int:
            """A descriptor that is readable once the child has ended. OSError: there is none to be had."""

        def poll(self) -> int | None:
            """Give the exit code if the child has ended, and reap it."""

        def wait(self, timeout: float | None) -> int | None:
            """Wait at most `timeout` seconds for the end, then do as poll() does."""

        def signal(self, number: int) -> None:
            """Send a signal, unless the child is known to have ended."""

        def close(self) -> None:
            """Give up every descriptor."""

    from .process import BaseProcess


class AuthenticationString(bytes):
    """The authentication key of a process: bytes that are pickled for a child being started and nobody else."""

    def __reduce__(self) -> tuple[type[AuthenticationString], tuple[bytes]]:
        from .transfer import handover

        if handover.being_started() is None:
            raise TypeError(
                "an authentication key is not pickled: it would leave the program. "
                "A child gets it when it is started; to send it yourself use bytes(key)"
            )
        return AuthenticationString, (bytes(self),)


class State:
    """What the package knows of a process. Its object has it in one attribute: all other names are the user's."""

    __slots__ = (
        "args",
        "authkey",
        "closed",
        "creator",
        "daemon",
        "handle",
        "identity",
        "kwargs",
        "managed",
        "name",
        "pid",
        "target",
    )

    def __init__(
        self, name: str, identity: tuple[int, ...] | None, creator: int, daemon: bool, authkey: AuthenticationString
    ) -> None:
        self.name = name
        self.identity = identity
        """The numbers in its first name; None: the constructor was not called."""
        self.creator = creator
        self.daemon = daemon
        self.authkey = authkey
        self.pid: int | None = None
        self.handle: Launched | None = None
        self.closed = False
        self.managed = False
        """Whether somebody else sees to it that the process ends: the exit of its parent neither waits nor ends it."""
        self.forget_work()

    def forget_work(self) -> None:
        """Let go of what run() was to call."""
        self.target: Callable[..., object] | None = None
        self.args: tuple[Any, ...] = ()
        self.kwargs: dict[str, Any] = {}

    def require(self, use: str, started: bool | None = None, anywhere: bool = False) -> Launched:
        """Raise unless `use` of the process is allowed here and now."""
        if self.identity is None:
            raise RuntimeError(
                "the constructor of a subclass of Process must call that of its base class "
                f"before anything else is done with the process, such as {use}"
            )
        if self.closed:
            raise ValueError(f"process {self.name!r} is closed: {use} is not possible any more")
        if not anywhere and self.creator != os.getpid():
            raise AssertionError(
                f"{use} of process {self.name!r} belongs to its creator, process {self.creator}, "
                f"and was used in process {os.getpid()}"
            )
        if started is not None and started != (self.handle is not None):
            rule = "is possible once only" if self.handle else "is possible only after start()"
            raise AssertionError(f"{use} of process {self.name!r} {rule}")
        return self.handle  # type: ignore[return-value]  # None only where `started` is not True

    def poll(self) -> int | None:
        """Give the exit code if the process was started and has ended."""
        return self.note(None if self.handle is None else self.handle.poll())

    def note(self, code: int | None) -> int | None:
        """Take notice of an exit code: an ended child is no child any more."""
        if code is not None and children.pop(self, None) is not None:
            self.forget_work()
        return code

    def __reduce__(self) -> tuple[Callable[..., State], tuple[Any, ...]]:
        return _known_by, (self.name, self.identity, self.creator, self.daemon, self.authkey, self.pid, self.closed)


def _known_by(*facts: Any) -> State:
    """Make what another process knows of one: neither its work nor its handle, which belong to its creator."""
    *first, pid, closed = facts
    state = State(*first)
    state.pid, state.closed = pid, closed
    return state


NO_KEY = AuthenticationString()

children: dict[State, BaseProcess] = {}
"""The children of this process, as far as it knows that they live, and their objects."""
