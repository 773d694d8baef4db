"""Managers with a server, for clauses: one that is started here, one that serves in a child, and their clients."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from typing import Any

from mpspec.chapters.managers.manager_targets import KEY, serve
from mpspec.observation.processes import end
from mpspec.observation.see import See

MANAGER = "multiprocessing.managers.BaseManager"
START = f"{MANAGER}.start"
SERVER = f"{MANAGER}.get_server"
CONNECT = f"{MANAGER}.connect"
SHUTDOWN = f"{MANAGER}.shutdown"
REGISTER = f"{MANAGER}.register"
REMOTE = "using-a-remote-manager"
KEYS = "authentication-keys"

FAMILIES = {"inet": "AF_INET", "unix": "AF_UNIX"}
"""The families of addresses of POSIX, by the label of a case."""


def address_of(family: str, see: See) -> Any:
    """An address of the family that is free."""
    return ("127.0.0.1", 0) if family == "AF_INET" else os.path.join(see.folder, "manager")


@contextlib.contextmanager
def serving(mp: Any, see: See, kind: Any, address: Any = ("127.0.0.1", 0), **arguments: Any) -> Iterator[Any]:
    """The address of a manager of this class, with KEY, that serves in a child meanwhile."""
    box = see.mailbox()
    child = mp.Process(target=serve, args=(box, kind, address, {"authkey": KEY, **arguments}))
    child.start()
    try:
        bound = box.take()
        try:
            yield bound
        finally:
            end(child)
            remove_socket(see, bound)
    finally:
        end(child)


def remove_socket(see: See, address: Any) -> None:
    """Remove the socket of a server that was killed, with its folder: the page promises no tidy folder then."""
    if isinstance(address, str):
        folder = os.path.dirname(address)
        if os.path.realpath(folder) == os.path.realpath(see.folder):
            os.unlink(address)
        else:
            shutil.rmtree(folder)


def remove_leftovers(see: See) -> None:
    """Remove what a process that was killed could not: the page promises no tidy folder after a violent end."""
    for name in os.listdir(see.folder):
        path = os.path.join(see.folder, name)
        if os.path.isdir(path) and not name.startswith("program-"):
            shutil.rmtree(path)


def connected(kind: Any, address: Any, authkey: Any = KEY, **arguments: Any) -> Any:
    """A manager of this class that is connected to the server at this address."""
    manager = kind(address, authkey, **arguments)
    manager.connect()
    return manager
