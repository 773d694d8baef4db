"""What a process of a pool does: one task after the other, until nobody has any more. Section "Process Pools".

It writes nothing to the standard error stream: whatever a task raises goes to the pool.
"""

from __future__ import annotations

import os
from _pickle import dumps, loads
from _signal import (  # type: ignore[import-not-found]  # `signal` is expensive
    SIG_UNBLOCK,
    SIGINT,
    SIGTERM,
    default_int_handler,
    getsignal,
    pthread_sigmask,
    signal,
)

from ..tracebacks import text_of
from ..transfer import framing
from .failures import represented
from .packets import (
    CALL,
    EACH,
    ERROR,
    ITEM,
    KEPT,
    LARGE,
    LASTING,
    LEAVING,
    PIECE,
    READY,
    TASK_HEAD,
    UNFIT,
    UNSENDABLE,
    VALUE,
    read_task_head,
    result_head,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from ..connection import Connection


def work(
    tasks: Connection,
    results: Connection,
    room: int,
    initializer: Callable[..., object] | None,
    initargs: tuple[Any, ...],
) -> None:
    """Work for a pool. tasks, results: this end of either. initializer, initargs: what is called first, None: nothing.

    room: bytes of a packet, at most.
    SystemExit: what a task, or the initializer, has raised; its status is that of the process.
    """
    worker = Worker(tasks.fileno(), results.fileno(), room)
    try:
        try:
            if getsignal(SIGINT) is default_int_handler:
                signal(SIGINT, worker.interrupted)
            pthread_sigmask(SIG_UNBLOCK, (SIGINT, SIGTERM))
            if initializer is not None:
                initializer(*initargs)
        except BaseException as error:
            worker.tell(0, UNFIT, error)
            raise _leaving(error) from None
        worker.send(0, READY, b"")
        worker.run()
    except BrokenPipeError:  # the pool is gone
        return


class Worker:
    """tasks, results: descriptors that the tasks come from, in packets of `room` bytes at most, and results go to."""

    def __init__(self, tasks: int, results: int, room: int) -> None:
        self._tasks = tasks
        self._results = results
        self._room = room
        self._known: dict[bytes, Callable[..., Any]] = {}
        self._buffer = bytearray()
        self._bulky = False
        self._number = 0
        self._sending = False

    def run(self) -> None:
        """Work until the pool has closed its end, or a task ends the process."""
        try:
            self._run()
        except BaseException as error:
            begun, self._sending = self._sending, True  # whoever presses Ctrl-C once more interrupts nothing
            if begun:
                raise SystemExit(1) from None  # the pool does not understand what comes in the middle of a message
            self.tell(self._number, LEAVING, error)
            raise _leaving(error) from None

    def interrupted(self, *_: object) -> None:
        """Interrupt a task. Ctrl-C is for the program: whoever has nothing to do, or has done it, goes on."""
        if self._number and not self._sending:
            raise KeyboardInterrupt

    def send(self, number: int, kind: int, body: bytes) -> None:
        """Tell what has become of a task."""
        if len(body) <= framing.SMALL:
            data = result_head(number, kind, len(body)) + body
            done = os.write(self._results, data)
            if done < len(data):
                self._write([memoryview(data)[done:]])
        else:
            self._write([result_head(number, kind, len(body)), body])

    def tell(self, number: int, kind: int, error: BaseException) -> None:
        """Tell of an exception, with its traceback; how it is represented where it does not survive the journey."""
        trace = text_of(error, _beyond_here(error))
        try:
            body = dumps((error, trace), framing.PROTOCOL)
            if type(loads(body)[0]) is not type(error):
                raise TypeError
        except Exception:
            if kind == ERROR:
                kind = UNSENDABLE
            body = dumps((represented(error), trace), framing.PROTOCOL)
        self.send(number, kind, body)

    def _run(self) -> None:
        tasks, room, read, known = self._tasks, self._room, os.read, self._known
        while True:
            self._number = 0
            packet: Any = read(tasks, room)
            if not packet:
                return
            number, how, size = read_task_head(packet)
            self._number = number
            if how & LARGE:
                packet = self._large(int.from_bytes(packet[TASK_HEAD:], "big"))
                begin = 0
            else:
                begin = TASK_HEAD
            try:
                if packet is None:
                    raise MemoryError("this worker has no room for the arguments of the task")
                pickle = bytes(packet[begin : begin + size])
                function = known.get(pickle)
                if function is None:
                    function = loads(pickle)
                    if how & KEPT:
                        known[pickle] = function
                given = loads(packet[begin + size :])
                kind = how & 7
                if kind == ITEM:
                    value = function(given)
                elif kind == CALL:
                    value = function(*given[0], **given[1])
                elif kind == EACH:
                    value = [function(item) for item in given]
                else:
                    value = [function(*item) for item in given]
            except Exception as error:
                self._sending = True
                self.tell(number, ERROR, error)
                self._sending = False
                del error
            else:
                self._answer(number, value)
            value = given = function = packet = None
            if len(self._buffer) > LASTING:
                self._buffer = bytearray()

    def _answer(self, number: int, value: Any) -> None:
        """Send a result, or say why it cannot be sent."""
        kind = VALUE
        try:
            if self._bulky:
                pieces = framing.pickled(value)
                size = sum(map(len, pieces))
                self._bulky = size > framing.BULKY
                self._sending = True
                self._write([result_head(number, VALUE, size), *pieces])
                self._sending = False
                return
            body = _pickled(value)
            self._bulky = len(body) > framing.BULKY
        except Exception as error:
            if self._sending:
                raise
            kind = UNSENDABLE
            body = dumps((f"{represented(value)}: {represented(error)}", text_of(error)), framing.PROTOCOL)
        self._sending = True
        self.send(number, kind, body)
        self._sending = False

    def _large(self, size: int) -> memoryview | None:
        """Receive the pieces of a task. None: there is no memory for them, and they are thrown away."""
        try:
            if len(self._buffer) < size:
                self._buffer = bytearray(size)
        except MemoryError:
            while size:
                size -= self._received(memoryview(bytearray(min(size, PIECE))))
            return None
        whole = memoryview(self._buffer)[:size]
        rest = whole
        while rest:
            rest = rest[self._received(rest) :]
        return whole

    def _received(self, room: memoryview) -> int:
        """Receive some bytes of a task; return how many."""
        done = os.readv(self._tasks, [room])
        if not done:
            raise SystemExit(1)  # the pool is gone
        return done

    def _write(self, data: list[Any]) -> None:
        while data:
            data = framing.left(data, os.writev(self._results, data[:1000]))


def _leaving(error: BaseException) -> SystemExit:
    if isinstance(error, SystemExit) and (error.code is None or isinstance(error.code, int)):
        return SystemExit(error.code)
    return SystemExit(1)


def _pickled(value: Any) -> bytes:
    try:
        return dumps(value, framing.PROTOCOL)
    except TypeError as error:
        from ..connection.reduction import pickled_with_sockets

        return pickled_with_sockets(value, error)


def _beyond_here(error: BaseException) -> Any:
    """Return where the traceback of a task leaves this module."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next
    return trace
