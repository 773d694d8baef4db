"""What a use that makes no sense gives between threads: recorded, as the page says of processes alone what it does.

None of them may wait: an implementation that wraps a queue knows of no end, and would wait for ever.
"""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.dummy.chapter import API, chapter
from mpspec.clause import NO_METHOD, UNSPECIFIED
from mpspec.observation.see import See

Use = Callable[[Any], object]


def _on_an_end(of: str, use: Callable[[Any], object]) -> Use:
    """A use of one end of a pipe; of: which pipe, and what was done to it before."""

    def used(mp: Any) -> object:
        one, other = mp.dummy.Pipe(of != "receiving")
        if of == "closed":
            one.close()
        elif of == "deserted":
            other.close()
        elif of == "sent-to":
            other.send_bytes(b"some bytes")
        return use(one)

    return used


PIPES: dict[str, Use] = {
    "send-where-it-receives": _on_an_end("receiving", lambda end: end.send(1)),
    "send-when-closed": _on_an_end("closed", lambda end: end.send(1)),
    "send-to-nobody": _on_an_end("deserted", lambda end: end.send(1)),
    "poll-when-closed": _on_an_end("closed", lambda end: end.poll()),
    "poll-where-it-sends": lambda mp: mp.dummy.Pipe(False)[1].poll(),
    "more-than-maxlength": _on_an_end("sent-to", lambda end: end.recv_bytes(4)),
    "negative-maxlength": _on_an_end("sent-to", lambda end: end.recv_bytes(-1)),
    "buffer-too-short": _on_an_end("sent-to", lambda end: end.recv_bytes_into(bytearray(4))),
    "offset-beyond-the-buffer": _on_an_end("sent-to", lambda end: end.recv_bytes_into(bytearray(16), 17)),
    "size-beyond-the-buffer": _on_an_end("sent-to", lambda end: end.send_bytes(b"some", 2, 3)),
    "negative-offset": _on_an_end("sent-to", lambda end: end.send_bytes(b"some", -1)),
    "fileno": _on_an_end("new", lambda end: end.fileno()),
}


def _listen_twice(mp: Any) -> None:
    with mp.dummy.connection.Listener() as listener:
        mp.dummy.connection.Listener(listener.address).close()


def _call_without_the_key(mp: Any) -> None:
    with mp.dummy.connection.Listener(authkey=b"key") as listener:
        mp.dummy.connection.Client(listener.address).close()


def _use_when_closed(use: Callable[[Any], object]) -> Use:
    def used(mp: Any) -> object:
        listener = mp.dummy.connection.Listener()
        listener.close()
        return use(listener)

    return used


LISTENERS: dict[str, Use] = {
    "accept-when-closed": _use_when_closed(lambda listener: listener.accept()),
    "closed-twice": _use_when_closed(lambda listener: listener.close()),
    "address-in-use": _listen_twice,
    "nobody-listens": lambda mp: mp.dummy.connection.Client("nowhere").close(),
    "without-the-key": _call_without_the_key,
}


def _with_a_living_thread(mp: Any, see: See, use: Callable[[Any], object]) -> object:
    """What a dummy process that runs gives to a use."""
    gate = see.gate()
    process = mp.dummy.Process(target=gate.wait)
    process.start()
    try:
        return use(process)
    finally:
        gate.open()
        process.join()


def _put_when_closed(mp: Any) -> None:
    queue = mp.dummy.Queue()
    queue.close()
    queue.put(1)


QUEUES: dict[str, Use] = {
    "put-when-closed": _put_when_closed,
    "join_thread-when-open": lambda mp: mp.dummy.Queue().join_thread(),
}

PROCESSES: dict[str, Callable[[Any], object]] = {
    "terminate": lambda process: process.terminate(),
    "close": lambda process: process.close(),
}


def _record(see: See, use: Callable[[], object]) -> None:
    raised = None
    try:
        use()
    except Exception as error:
        raised = type(error).__name__
    see.records(raised=raised)


@chapter.clause("dummy.pipe.misuse", passage=API, level=UNSPECIFIED, methods=NO_METHOD, cases=PIPES)
def a_pipe_is_used_for_what_it_is_not(mp: Any, see: See, use: Use) -> None:
    """What becomes of a use of a pipe between threads that a connection between processes would refuse is left open."""
    _record(see, lambda: use(mp))


@chapter.clause("dummy.connection.misuse", passage=API, level=UNSPECIFIED, methods=NO_METHOD, cases=LISTENERS)
def nobody_listens_there(mp: Any, see: See, use: Use) -> None:
    """How a Listener or a Client of threads refuses an address, or a key, is left open."""
    _record(see, lambda: use(mp))


@chapter.clause("dummy.queue.misuse", passage=API, level=UNSPECIFIED, methods=NO_METHOD, cases=QUEUES)
def a_queue_is_used_after_its_end(mp: Any, see: See, use: Use) -> None:
    """Whether a queue of threads minds that it was closed, or was not, is left open."""
    _record(see, lambda: use(mp))


@chapter.clause("dummy.process.misuse", passage=API, level=UNSPECIFIED, methods=NO_METHOD, cases=PROCESSES)
def a_thread_is_used_as_a_process(mp: Any, see: See, use: Callable[[Any], object]) -> None:
    """What a dummy.Process that runs does when it is to be ended, or let go of, is left open."""
    _record(see, lambda: _with_a_living_thread(mp, see, use))


@chapter.clause("dummy.process.sentinel-ended", passage=API, level=UNSPECIFIED, methods=NO_METHOD)
def the_sentinel_of_a_thread(mp: Any, see: See) -> None:
    """Whether there is a sentinel of a thread that has not begun, or has ended, is left open."""
    process = mp.dummy.Process(target=int)
    before = _has(process, "sentinel")
    process.start()
    process.join()
    after = _has(process, "sentinel")
    if hasattr(process, "close"):
        process.close()
    see.records(before=before, after=after)


def _has(thing: object, name: str) -> bool:
    try:
        return hasattr(thing, name)
    except ValueError:
        return False


@chapter.clause("dummy.parent-process", passage=API, level=UNSPECIFIED, methods=NO_METHOD)
def the_parent_of_a_thread(mp: Any, see: See) -> None:
    """Whether dummy has parent_process(), and whom it names in a thread, is left open."""
    told: list[object] = []
    if hasattr(mp.dummy, "parent_process"):
        process = mp.dummy.Process(target=lambda: told.append(mp.dummy.parent_process()))
        process.start()
        process.join()
    see.records(told=[getattr(one, "name", None) for one in told])


STARTS: dict[str, bool] = {"plain": False, "initializer": True}


@chapter.clause("dummy.manager.start", passage=API, level=UNSPECIFIED, methods=NO_METHOD, cases=STARTS)
def the_manager_of_threads_is_started(mp: Any, see: See, initialized: bool) -> None:
    """Whether a dummy.Manager can be started, with an initializer, is left open: nothing has to be."""
    called: list[int] = []
    manager = mp.dummy.Manager()
    _record(see, lambda: manager.start(*((called.append, (1,)) if initialized else ())))
    see.records(called=called)
    manager.shutdown()
