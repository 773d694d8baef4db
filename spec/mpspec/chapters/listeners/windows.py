"""What listeners and clients do on Windows."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.listeners.chapter import ADDRESSES, LISTENER, chapter, connected, talks
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See


@chapter.clause(
    "listeners.windows.default", passage=f"{ADDRESSES}/3", level=SHOULD, methods=NO_METHOD, platforms=("win32",)
)
def the_default_on_windows_is_a_named_pipe(mp: Any, see: See) -> None:
    r"""On Windows an AF_PIPE listener without an address chooses one of the form \\.\pipe\name."""
    with mp.connection.Listener(family="AF_PIPE") as listener:
        see.true(listener.address.startswith("\\\\.\\pipe\\"), "a pipe's name", listener.address)


@chapter.clause("listeners.windows.pipe", passage=f"{ADDRESSES}/3,5", methods=NO_METHOD, platforms=("win32",))
def a_named_pipe_connects(mp: Any, see: See) -> None:
    """On Windows a client and a listener talk over a named pipe, whose family is inferred from its address."""
    with connected(mp, see, r"\\.\pipe\mpspec-" + os.urandom(8).hex()) as (served, client):
        talks(see, served, client)


@chapter.clause(
    "listeners.windows.no-unix",
    passage=f"{LISTENER}/8",
    methods=NO_METHOD,
    platforms=("win32",),
    cases={"inet": "AF_INET"},
)
def internet_sockets_are_everywhere(mp: Any, see: See, family: str) -> None:
    """AF_INET is the family that every platform has."""
    with connected(mp, see, ("127.0.0.1", 0), family) as (served, client):
        talks(see, served, client)
