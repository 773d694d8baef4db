"""The fork server: one thread, one loop, a fork for every request; and how its children begin."""

from __future__ import annotations

import gc
import marshal
import os
import sys
from _signal import SIGCHLD, SIGINT, set_wakeup_fd, signal  # type: ignore[import-not-found]  # `signal` is expensive
from _socket import AF_UNIX, SOCK_STREAM, socket
from select import POLLIN, poll

from ... import descriptors, finalize
from ... import process as processes
from .. import child, fresh_child, lifeline
from .protocol import ENDED, FAILED, SIZES, STARTED, pack, unpack_sizes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO, NoReturn

    from ..main_module import Place
    from ..orders import Orders
    from .protocol import ServerOrders


class Server:
    """Forks a child for each request on `asked`, and tells the process that asked for it how it ended."""

    def __init__(self, asked: socket) -> None:
        self._asked = asked
        self._connections: dict[int, socket] = {}
        self._woken, self._waking = descriptors.pipe()
        os.set_blocking(self._woken, False)
        os.set_blocking(self._waking, False)
        self._dispositions = {
            SIGINT: signal(SIGINT, 1),  # it goes to the whole terminal, and the clients deal with it
            SIGCHLD: signal(SIGCHLD, lambda *_: None),
        }
        set_wakeup_fd(self._waking, warn_on_full_buffer=False)

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
                    self._asked.close()
                    return

    def _answer(self) -> bool:
        try:
            _, (descriptor,) = descriptors.receive(self._asked, 1, lambda _: 1)
        except (EOFError, ConnectionResetError):
            return False
        connection = socket(AF_UNIX, SOCK_STREAM, 0, descriptor)
        try:
            pid = os.fork()
        except OSError as error:
            _send(connection, pack(FAILED, 0, error.errno or 0))
            connection.close()
            return True
        if pid == 0:
            try:
                self._leave_to_parent()
                begin(connection)
            finally:
                os._exit(1)  # the loop belongs to the server: never return to it
        self._connections[pid] = connection
        return True

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

    def _leave_to_parent(self) -> None:
        """Give up, in a child, what is the server's."""
        set_wakeup_fd(-1)
        for number, disposition in self._dispositions.items():
            signal(number, disposition)
        for connection in (self._asked, *self._connections.values()):
            connection.close()
        os.close(self._woken)
        os.close(self._waking)


def main(head: ServerOrders, orders: BinaryIO) -> None:
    """Import what shall be preloaded, then serve. The first function that the server's interpreter calls."""
    orders.close()
    given = head["descriptors"]
    fresh_child.keep_only(given)
    lifeline.inherited["tracker"] = given[1]
    child.replace_stdin()
    sys.argv[:] = head["argv"]
    server = Server(socket(AF_UNIX, SOCK_STREAM, 0, given[0]))
    processes.stand_in(processes.MainProcess("ForkServer"))
    preload(head["preload"], head["main"], head["path"])
    import _pickle  # noqa: F401  # every child unpickles its process object

    child.flush()
    gc.freeze()
    server.serve()


def preload(names: list[str], main: Place | None, path: list[str]) -> None:
    """Import modules, so that no child has to."""
    for name in names:
        try:
            if name != "__main__":
                __import__(name)
            elif main is not None:
                fresh_child.import_main(main, path)
        except ImportError:
            pass
        except BaseException:
            # A main module that cannot be imported is reported by each child that needs it.
            if name != "__main__":
                child.report("ForkServer", f"module {name!r} could not be preloaded\n")


def begin(connection: socket) -> NoReturn:
    """Be a child: take the orders, run the process object, leave."""
    finalize.forget_all()
    lifeline.vital.add(connection.fileno())
    status = 1
    try:
        connection.sendall(pack(STARTED, os.getpid()))
        sizes, received = descriptors.receive(connection, SIZES, lambda sizes: unpack_sizes(sizes)[0])
        head: Orders = marshal.loads(_receive(connection, unpack_sizes(sizes)[1]))
        body = _receive(connection, head["size"])
        connection.detach()  # it stays open for the life of the child, and tells its end
        status = fresh_child.run_process(head, body, received)
    except (EOFError, ConnectionError):
        pass  # the process that asked has ended over it
    except BaseException:
        child.report("of the fork server")
    child.leave(status)


def _receive(connection: socket, size: int) -> bytearray:
    data = bytearray(size)
    rest = memoryview(data)
    while rest:
        count = connection.recv_into(rest)
        if count == 0:
            raise EOFError
        rest = rest[count:]
    return data


def _send(connection: socket, message: bytes) -> None:
    try:  # noqa: SIM105
        connection.sendall(message)
    except OSError:  # the process that asked has ended
        pass
