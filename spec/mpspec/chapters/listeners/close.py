"""The end of a listener: close(), collection and the with statement."""

from __future__ import annotations

import contextlib
import gc
import os
import socket
from typing import Any

from mpspec.chapters.listeners.chapter import FAMILIES, LISTENER, address_of, chapter, connect, talks
from mpspec.clause import NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

CLOSE = "multiprocessing.connection.Listener.close"


@chapter.clause("listeners.close.returns-none", passage=f"{CLOSE}/2,1", methods=NO_METHOD, cases=FAMILIES)
def close_ends_listening(mp: Any, see: See, family: str) -> None:
    """After close() nobody can call the listener any more."""
    listener = mp.connection.Listener(address_of(family, see), family)
    address = listener.address
    listener.close()
    with see.raises(Exception):
        mp.connection.Client(address)


@chapter.clause("listeners.close.twice", passage=f"{CLOSE}/3", level=SHOULD, methods=NO_METHOD, cases=FAMILIES)
def close_can_be_repeated(mp: Any, see: See, family: str) -> None:
    """close() of a closed listener does nothing."""
    listener = mp.connection.Listener(address_of(family, see), family)
    listener.close()
    listener.close()


@chapter.clause("listeners.close.accept", passage=f"{CLOSE}/2", level=SHOULD, methods=NO_METHOD)
def a_closed_listener_does_not_accept(mp: Any, see: See) -> None:
    """accept() of a closed listener raises."""
    listener = mp.connection.Listener()
    listener.close()
    with see.raises(Exception):
        listener.accept()


@chapter.clause(
    "listeners.close.file",
    source=CLOSE,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"given": True, "default": False},
)
def what_becomes_of_the_file(mp: Any, see: See, given: bool) -> None:
    """Whether close() removes the file of an AF_UNIX listener is left open."""
    listener = mp.connection.Listener(address_of("AF_UNIX", see) if given else None, "AF_UNIX")
    address = listener.address
    listener.close()
    see.records(file_is_gone=not os.path.exists(address))


@chapter.clause("listeners.close.connections-stay", passage=f"{CLOSE}/2", methods=NO_METHOD, cases=FAMILIES)
def closing_the_listener_leaves_its_connections(mp: Any, see: See, family: str) -> None:
    """A connection that was accepted works on after its listener was closed."""
    with mp.connection.Listener(address_of(family, see), family) as listener:
        served, client = connect(mp, see, listener)
    with served, client:
        talks(see, served, client)


@chapter.clause("listeners.close.collected", passage=f"{CLOSE}/3", methods=NO_METHOD, cases=FAMILIES)
def a_collected_listener_is_closed(mp: Any, see: See, family: str) -> None:
    """A listener that is garbage collected stops listening."""
    listener = mp.connection.Listener(address_of(family, see), family)
    address = listener.address
    del listener

    def unreachable() -> bool:
        gc.collect()
        with socket.socket(getattr(socket, family)) as caller:
            caller.settimeout(SMALL)
            try:
                caller.connect(address)
            except (ConnectionRefusedError, FileNotFoundError):
                return True
            except OSError:  # nobody accepts, and the queue of those who wait is full
                pass
        return False

    see.eventually(unreachable, "nobody can call the listener")


@chapter.clause("listeners.with.enter", passage=f"{LISTENER}/20", methods=NO_METHOD)
def entering_gives_the_listener(mp: Any, see: See) -> None:
    """A listener is a context manager; entering it returns the listener itself."""
    listener = mp.connection.Listener()
    with listener as entered:
        see.true(entered is listener, "the listener itself", entered)


@chapter.clause(
    "listeners.with.exit", passage=f"{LISTENER}/20", methods=NO_METHOD, cases={"plain": False, "raising": True}
)
def leaving_closes_the_listener(mp: Any, see: See, raising: bool) -> None:
    """Leaving the with statement closes the listener, and an exception passes through."""
    with see.raises(LookupError) if raising else contextlib.nullcontext(), mp.connection.Listener() as listener:
        address = listener.address
        if raising:
            raise LookupError
    with see.raises(Exception):
        mp.connection.Client(address)


@chapter.clause("listeners.with.close", passage=f"{LISTENER}/20", level=SHOULD, methods=NO_METHOD)
def leaving_calls_close(mp: Any, see: See) -> None:
    """Leaving the with statement calls close(): that of the class of the listener."""

    class Noted(mp.connection.Listener):  # type: ignore[misc]
        def close(self) -> None:
            calls.append("close")
            super().close()

    calls: list[str] = []
    with Noted():
        see.equal(calls, [], "the calls of close() within the block")
    see.true(calls, "close() is called at the end of the block")
