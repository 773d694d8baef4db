"""Start method 'forkserver': a clean process forks the children. Section "Contexts and start methods".

One server serves all processes of a program. Each has an end of the same socket, and asks for a child by
one byte and the child's end of a fresh connection. Everything else goes over that connection: orders from
here to the child, its process id and, in the end, its exit code back. The server ends with the last
process that can ask it.
"""

from __future__ import annotations

import marshal
import os
from errno import ECHILD, ECONNRESET, EMFILE

from ... import descriptors, finalize, log
from ... import process as processes
from ...transfer import handover
from .. import interpreter, lifeline, main_module, orders, tracker
from ..handle import LOST, Handle, sentinel_before, take_charge
from ..lifeline import inherited
from . import signals
from .protocol import FAILED, MANAGER, MESSAGE, REQUEST, STARTED, pack_sizes, unpack

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket
    from collections.abc import Iterable

    from .protocol import ServerOrders

_PUBLIC_SURFACE = f"{processes.__package__}.context"
"""The module of the process classes: every child would import it."""

ON_ERROR = ("ignore", "warn", "fail")
"""What can become of an ImportError of a module that shall be preloaded."""

PATIENCE = 5.0
"""Seconds in which a fork server has ended that has closed its connections."""

_preload = ["__main__"]
_on_error = "ignore"
_handle: Handle | None = None


class ServedHandle(Handle):
    """A child of the fork server; the sentinel is the connection over which its exit code comes."""

    def __init__(self, pid: int, connection: Socket) -> None:
        super().__init__(pid, connection.fileno())
        self._connection = connection

    def close(self) -> None:
        """Close the connection."""
        self._sentinel = -1
        self._connection.close()

    def _look(self) -> int | None:
        from _socket import MSG_DONTWAIT, MSG_PEEK

        try:  # the message stays there, and the sentinel readable
            message = self._connection.recv(MESSAGE, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return None
        except OSError as error:  # reset, or not there: a program that becomes a daemon has closed all that is open
            if error.errno is None:
                raise  # a signal handler's
            message = b""
        return unpack(message)[2] if message else LOST  # lost: the server was killed, the child has ended since

    def _sleep(self, timeout: float | None) -> None:
        from ...polling import wait_readable

        wait_readable(self.sentinel, timeout)


def set_forkserver_preload(module_names: Iterable[str], on_error: str) -> None:
    """Set the modules that the server imports when it is started; '__main__' stands for the main module.

    TypeError: they are not a list of str. ValueError: on_error is none of 'ignore', 'warn', 'fail'.
    """
    global _on_error
    if on_error not in ON_ERROR:
        raise ValueError(f"on_error must be one of {', '.join(map(repr, ON_ERROR))}, not {on_error!r}")
    names = [module_names] if isinstance(module_names, str) else list(module_names)
    if isinstance(module_names, str) or not all(isinstance(name, str) for name in names):
        raise TypeError(f"module_names must be a list of str, not {module_names!r}")
    _preload[:] = names
    _on_error = on_error


def start(process: processes.BaseProcess) -> ServedHandle:
    """Have the server fork a child that runs `process`, which is pickled.

    Raises what pickling raises, and OSError where no server or no child can be started.
    """
    for attempt in ("first", "last"):
        with handover.Delivery("forkserver") as delivery:
            body = orders.pickled(process, delivery)
            with lifeline.lock:  # until the delivery has copies
                named = {
                    "server": server(),
                    "lifeline": lifeline.for_children(),
                    "tracker": tracker.descriptor(),
                }
                head = orders.orders(process, len(body), delivery, named)
            connection, asked = _ask(MANAGER if process._mpref_.managed else REQUEST)
            try:
                _order(connection, marshal.dumps(head), body, delivery.descriptors)  # type: ignore[arg-type]  # a dict
                pid = _answer(connection)
            except BaseException as error:
                connection.close()
                if not isinstance(error, EOFError):
                    raise
                _forget_server(asked)
                if _on_error == "fail":
                    raise ConnectionResetError(ECONNRESET, f"no process is started: {error}") from error
                if attempt == "last":
                    raise OSError(ECHILD, f"no process is started: {error}") from error
                continue
        tracker.ensure_if_possible()
        return ServedHandle(pid, connection)
    raise AssertionError("unreachable")


def server() -> int:
    """Return this process's end of the socket of the server, which is started if the program has none.

    The caller holds `lifeline.lock` until it has made a copy: another thread may find the server killed, and close it.
    """
    if not lifeline.holds("server"):
        _start_server()
    return inherited["server"]


def _start_server() -> None:
    global _handle
    from _socket import AF_UNIX, SOCK_STREAM, socketpair

    here, there = (descriptors.lift(descriptors.patient(end).detach()) for end in socketpair(AF_UNIX, SOCK_STREAM))
    ends: tuple[int, int] | None = None
    try:
        ends = sentinel_before()
        given = [there, tracker.descriptor(), *(ends[1:] if ends else ())]
        head: ServerOrders = {
            "path": main_module.path(),
            "replaces": main_module.replaces,
            "preload": [_PUBLIC_SURFACE, *_preload],
            "on_error": _on_error,
            "argv": orders.arguments(),
            "main": main_module.place(),
            "blocked": signals.blocked(),
            "descriptors": given,
        }
        pid = interpreter.start("forkserver.server", "main", head, b"", given, block=signals.TO_ALL)
    except BaseException:
        os.close(here)
        tracker.withdraw()
        for end in ends or ():
            os.close(end)
        raise
    finally:
        os.close(there)
    log.debug("fork server started, process %d", pid)
    _handle = take_charge(pid, ends)
    lifeline.hold({"server": here})
    finalize.Finalizer(_release, priority=finalize.FORK_SERVER)


def _ask(request: bytes) -> tuple[Socket, Handle | None]:
    """Ask the server for a child; return this end of the connection with it, and which server was asked."""
    import _socket

    here, there = map(descriptors.patient, _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_STREAM))
    try:
        for attempt in ("first", "last"):
            with lifeline.lock:
                own = descriptors.duplicate(server())
                asked = _handle
            asking = descriptors.patient(_socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, own))
            try:
                descriptors.send(asking, request, [there.fileno()])
                break
            except (BrokenPipeError, ConnectionResetError):
                _forget_server(asked)
                if attempt == "last":
                    raise
            finally:
                asking.close()
    except BaseException:
        here.close()
        raise
    finally:
        there.close()
    return here, asked


def _order(connection: Socket, head: bytes, body: bytes, given: list[int]) -> None:
    try:
        descriptors.send(connection, pack_sizes(len(given), len(head)), given)
        connection.sendall(head)
        connection.sendall(body)
    except (BrokenPipeError, ConnectionResetError):  # it has ended already: the answer says how
        pass


def _answer(connection: Socket) -> int:
    """Return the process id of the child. EOFError: the server has gone before it was forked."""
    from _socket import MSG_PEEK

    try:
        message = connection.recv(MESSAGE, MSG_PEEK)
    except ConnectionResetError:
        message = b""
    if not message:
        raise EOFError("the fork server has ended before it could start a process")
    what, pid, value = unpack(message)
    if what == FAILED:
        raise OSError(value, os.strerror(value), "fork server")
    if what == STARTED:
        connection.recv(MESSAGE)
    return pid


def _forget_server(asked: Handle | None) -> None:
    """Make room for another server in the place of one that was killed, unless another thread was faster.

    OSError: it was not killed.
    """
    global _handle
    with lifeline.lock:
        if _handle is not asked or "server" not in inherited:
            return
        if _handle is not None and _handle.wait(PATIENCE) is None:
            raise OSError(EMFILE, "the fork server runs, and has not taken a request: it may have no descriptor left")
        log.info("the fork server was killed and is started again")
        os.close(inherited.pop("server"))
        _handle = None


def _release() -> None:
    """Let go of the server at exit, and reap it if this process is the last that it serves."""
    if lifeline.holds("server"):
        os.close(inherited.pop("server"))
    if _handle is not None:
        _handle.wait(tracker.PATIENCE)


def _after_fork() -> None:
    global _handle
    _handle = None


os.register_at_fork(after_in_child=_after_fork)
