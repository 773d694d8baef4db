"""The fork server: one thread, one loop, a fork for every request; and how its children begin."""

from __future__ import annotations

import gc
import marshal
import os
import sys
from _socket import AF_UNIX, SOCK_STREAM, socket
from _thread import _count
from contextlib import suppress
from resource import RLIMIT_NOFILE, getrlimit, setrlimit
from select import POLLIN, poll

from ... import descriptors, finalize
from ... import process as processes
from .. import child, fresh_child, lifeline
from ..inheritance import keep_only
from .protocol import ENDED, FAILED, SIZES, STARTED, WANTED, pack, unpack_sizes
from .signals import Signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from typing import BinaryIO, NoReturn

    from ..main_module import Place
    from ..orders import Orders
    from .protocol import ServerOrders


class Server:
    """Forks a child for each request on `asked`, and tells the process that asked for it how it ended."""

    def __init__(self, asked: socket, signals: Signals) -> None:
        self._asked = asked
        self._signals = signals
        self._connections: dict[int, socket] = {}
        self._woken, self._waking = descriptors.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waking, False)
        self._spare = -1
        self._limit = _as_many_descriptors_as_possible()
        self._keep_spare()
        self._silence = _without_warnings() if _count() else None
        signals.take_over(self._waking)

    def serve(self) -> None:
        """Serve until no process is left that could ask."""
        ready = poll()
        ready.register(self._asked.fileno(), POLLIN)
        ready.register(self._woken, POLLIN)
        while True:
            for descriptor, _ in ready.poll():
                if descriptor == self._woken:
                    os.read(self._woken, 4096)
                    self._tell_ends()
                elif not self._answer():
                    self._close_connections()
                    return

    def _answer(self) -> bool:
        """Answer a request; tell whether there may be more. Each is answered: there is room for its connection."""
        self._close_spare()
        try:
            request, (descriptor,) = descriptors.receive(self._asked, 1, lambda _: 1)
        except (EOFError, ConnectionResetError):
            return False
        except OSError:  # a thread of a preloaded module has taken the room: the connection is closed, and says so
            return True
        connection = descriptors.patient(socket(AF_UNIX, SOCK_STREAM, 0, descriptor))
        if request in WANTED:
            with suppress(Exception):  # the child will say so
                __import__(WANTED[request])
        try:
            self._spare = os.dup(self._woken)
            pid = os.fork()
        except OSError as error:
            _send(connection, pack(FAILED, 0, error.errno or 0))
            connection.close()
            self._keep_spare()
            return True
        if pid == 0:
            try:
                self._leave_to_parent()
                begin(connection)
            finally:
                os._exit(1)  # the loop belongs to the server: never return to it
        self._connections[pid] = connection
        return True

    def _keep_spare(self) -> None:
        """Keep a descriptor for the next request: what the kernel has no room for it drops, and nobody is told."""
        if self._spare < 0:
            with suppress(OSError):
                self._spare = os.dup(self._woken)

    def _close_spare(self) -> None:
        spare, self._spare = self._spare, -1
        if spare >= 0:
            os.close(spare)

    def _tell_ends(self) -> None:
        """Reap those that have ended, then send their exit codes: a process that knows of an end finds no zombie."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            connection = self._connections.pop(pid, None)
            if connection is not None:
                _send(connection, pack(ENDED, pid, os.waitstatus_to_exitcode(status)))
                connection.close()

    def _close_connections(self) -> None:
        for connection in (self._asked, *self._connections.values()):
            connection.close()

    def _leave_to_parent(self) -> None:
        """Give up, in a child, what is the server's."""
        self._signals.give_back()
        if self._silence is not None:
            self._silence.__exit__(None, None, None)
            child.renew_streams()
        self._close_connections()
        with suppress(OSError, ValueError):  # somebody has lowered the other limit meanwhile
            setrlimit(RLIMIT_NOFILE, (self._limit, getrlimit(RLIMIT_NOFILE)[1]))
        self._close_spare()
        os.close(self._woken)
        os.close(self._waking)


def _without_warnings() -> AbstractContextManager[object]:
    """Let os.fork() not warn of threads that the main module has started at import: the program does not fork."""
    import warnings

    silence = warnings.catch_warnings()
    silence.__enter__()
    warnings.simplefilter("ignore")
    return silence


def main(head: ServerOrders, orders: BinaryIO) -> None:
    """Import what shall be preloaded, then serve. The first function that the server's interpreter calls."""
    signals = Signals(head["blocked"])
    orders.close()
    given = head["descriptors"]
    keep_only(given)
    lifeline.hold({"tracker": given[1]})
    child.replace_stdin()
    sys.argv[:] = head["argv"]
    asked = socket(AF_UNIX, SOCK_STREAM, 0, given[0])
    processes.stand_in(processes.MainProcess("ForkServer"))
    fresh_child.replace_if_told(head)
    preload(head["preload"], head["main"], head["path"], head["on_error"])
    import _pickle  # noqa: F401  # every child unpickles its process object

    child.flush()
    if hasattr(gc, "freeze"):  # PyPy has none
        gc.freeze()
    Server(asked, signals).serve()


def preload(names: list[str], main: Place | None, path: list[str], on_error: str) -> None:
    """Import modules, so that no child has to. on_error: what becomes of an ImportError: 'ignore', 'warn' or 'fail'."""
    for name in names:
        try:
            if name != "__main__":
                __import__(name)
            elif main is not None:
                fresh_child.import_main(main, path)
        except ImportError as error:
            if on_error == "warn":
                import warnings

                warnings.warn(f"module {name!r} could not be preloaded: {error}", ImportWarning, stacklevel=1)
            elif on_error == "fail":
                child.report("ForkServer", f"module {name!r} could not be preloaded\n")
                child.leave(1)
        except BaseException:
            # A main module that cannot be imported is reported by each child that needs it.
            if name != "__main__":
                child.report("ForkServer", f"module {name!r} could not be preloaded\n")


def begin(connection: socket) -> NoReturn:
    """Be a child: take the orders, run the process object, leave."""
    finalize.forget_all()
    child.leave_threads_to_parent()
    lifeline.vital.add(connection.fileno())
    status = 1
    try:
        sizes, received = _receive_descriptors(connection)
        head: Orders = marshal.loads(_receive(connection, unpack_sizes(sizes)[1]))
        body = _receive(connection, head["size"])
        connection.sendall(pack(STARTED, os.getpid()))
        connection.detach()  # it stays open for the life of the child, and tells its end
        status = fresh_child.run_process(head, body, received)
    except (EOFError, ConnectionError):
        pass  # the process that asked has ended over it
    except BaseException:
        child.report("of the fork server")
    child.leave(status)


def _receive_descriptors(connection: socket) -> tuple[bytes, list[int]]:
    """Receive the sizes and the descriptors. EOFError: the process that asked has ended, or is told of a failure."""
    try:
        return descriptors.receive(connection, SIZES, lambda sizes: unpack_sizes(sizes)[0])
    except ConnectionError:
        raise
    except OSError as error:  # there is no room for them
        _send(connection, pack(FAILED, 0, error.errno or 0))
        raise EOFError from error


def _receive(connection: socket, size: int) -> bytearray:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        count = connection.recv_into(rest)
        if count == 0:
            raise EOFError
        rest = rest[count:]
    return data


def _as_many_descriptors_as_possible() -> int:
    """Raise the limit to where it may be, for one is needed for each child; return what it was."""
    soft, hard = getrlimit(RLIMIT_NOFILE)
    with suppress(OSError, ValueError):  # no limit at all is more than some systems take
        setrlimit(RLIMIT_NOFILE, (hard, hard))
    return soft


def _send(connection: socket, message: bytes) -> None:
    try:  # noqa: SIM105
        connection.sendall(message)
    except OSError:  # the process that asked has ended
        pass
