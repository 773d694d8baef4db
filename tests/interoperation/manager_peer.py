"""One end of a manager, run by any interpreter: `manager_peer.py MODULE server|TOUR+TOUR... ADDRESS KEY SERIALIZER`.

A server tells its address in a line and serves until its standard input ends. A client makes tours, which are functions
in `manager_tours`, and tells in a line for each of their steps "NAME: ok", or what was seen instead. ADDRESS and KEY
are Python literals. Runs on every version that is talked to; both ends run this file, so that each finds the classes
of the other.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import importlib
import os
import socket
import sys
import threading
import time
import weakref
from typing import Any, ClassVar

MODULE = sys.argv[1] if __name__ == "__main__" else "multiprocessing"
multiprocessing: Any = importlib.import_module(MODULE)
managers: Any = importlib.import_module(MODULE + ".managers")
connection: Any = importlib.import_module(MODULE + ".connection")
LONG = 60.0


class Refused(Exception):
    """An exception of our own, with more than a text."""

    def __init__(self, reason: str, code: int) -> None:
        super().__init__(reason, code)
        self.code = code


class NoPickle(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("this exception is not to be pickled")


class NoRebuild(Exception):
    """An exception whose pickle cannot be loaded."""

    def __reduce__(self) -> Any:
        return _fail, ("a reason",)


def _fail(*_: object) -> object:
    raise RuntimeError("this is not to be rebuilt")


class Tree:
    """A referent whose methods give further referents, and trouble."""

    _alive: ClassVar[Any] = weakref.WeakSet()

    def __init__(self, name: str = "root", *, depth: int = 0) -> None:
        self.name = name
        self.depth = depth
        self.children: list[Tree] = []
        Tree._alive.add(self)

    def child(self, name: str) -> Tree:
        """A new child, as a proxy."""
        one = Tree(name, depth=self.depth + 1)
        self.children.append(one)
        return one

    def describe(self, *, loud: bool = False) -> tuple[str, int, int]:
        """Name, depth and number of children."""
        return (self.name.upper() if loud else self.name, self.depth, len(self.children))

    def walk(self) -> Any:
        """An iterator over the names of the children, as a proxy."""
        return iter([child.name for child in self.children])

    def parent_of(self, other: Any) -> Any:
        """What a proxy given as an argument tells, which is used in the server."""
        return other.describe()

    def refuse(self, code: int) -> None:
        """Raise an exception of our own."""
        raise Refused("not today", code)

    def chain(self) -> None:
        """Raise an exception that has a cause."""
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise ValueError("outer") from error

    def no_pickle(self) -> None:
        """Raise an exception that cannot be pickled."""
        raise NoPickle("a reason")

    def no_rebuild(self) -> None:
        """Raise an exception that cannot be rebuilt."""
        raise NoRebuild("a reason")

    def function(self) -> Any:
        """What cannot be pickled."""
        return lambda: 5

    def rebuilds(self) -> Any:
        """What can be pickled, but not be rebuilt."""
        return NoRebuild("a result")

    def alive(self) -> int:
        """How many trees there are in this process."""
        gc.collect()
        return len(Tree._alive)

    def _hidden(self) -> str:
        return "hidden"

    def plain(self) -> str:
        """A public method that only a proxy without a list of methods has."""
        return "public"


class TreeProxy(managers.BaseProxy):  # type: ignore[misc]
    """The proxy of a tree."""

    _exposed_ = ("child", "describe", "walk", "parent_of", "refuse", "chain", "no_pickle", "no_rebuild", "function",
                 "rebuilds", "alive")  # fmt: skip
    _method_to_typeid_: ClassVar[Any] = {"child": "Branch", "walk": "Walk"}

    def child(self, name: str) -> Any:
        """A proxy for a new child."""
        return self._callmethod("child", (name,))

    def describe(self, **named: Any) -> Any:
        """Name, depth and number of children."""
        return self._callmethod("describe", (), named)

    def walk(self) -> Any:
        """A proxy for an iterator over the names of the children."""
        return self._callmethod("walk")

    def alive(self) -> Any:
        """How many trees the server has."""
        return self._callmethod("alive")


class WalkProxy(managers.BaseProxy):  # type: ignore[misc]
    """The proxy of an iterator."""

    _exposed_ = ("__next__",)

    def __iter__(self) -> Any:
        """Itself."""
        return self

    def __next__(self) -> Any:
        """The next one."""
        return self._callmethod("__next__")


class Kitchen(managers.SyncManager):  # type: ignore[misc]
    """The manager at both ends."""


_shared: dict[str, Any] = {"tree": Tree("shared"), "shelf": {}}


def _the_tree() -> Tree:
    return _shared["tree"]  # type: ignore[no-any-return]


def _the_shelf() -> dict[str, Any]:
    return _shared["shelf"]  # type: ignore[no-any-return]


Kitchen.register("Tree", Tree, TreeProxy)
Kitchen.register("Walk", proxytype=WalkProxy, create_method=False)
Kitchen.register("Open", Tree)
Kitchen.register("Narrow", Tree, exposed=("describe", "_hidden"))
Kitchen.register("Branch", proxytype=TreeProxy, create_method=False)
Kitchen.register("Twig", Tree, exposed=("child", "describe"), method_to_typeid={"child": "Grown"})
Kitchen.register("Grown", exposed=("child", "describe"), method_to_typeid={"child": "Grown"}, create_method=False)
Kitchen.register("the_tree", _the_tree, TreeProxy)
Kitchen.register("the_shelf", _the_shelf, managers.DictProxy)


def write_at_once() -> None:
    """Have the standard library's clients not wait, 40 ms each time, until a small message has been acknowledged."""

    class Hurried(socket.socket):
        def connect(self, address: Any) -> None:
            super().connect(address)
            if self.family == socket.AF_INET:
                self.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    socket.socket = Hurried  # type: ignore[misc]


def served(address: Any, key: bytes, serializer: str) -> Kitchen:
    """A manager for this address."""
    if MODULE == "multiprocessing":
        write_at_once()
        # Its nested proxies are unpickled by the key of the process.
        multiprocessing.current_process().authkey = key
    return Kitchen(address=address, authkey=key, serializer=serializer)


def objects(address: Any, key: bytes) -> int:
    """How many objects the server holds."""
    with connection.Client(address, authkey=key) as one:
        one.send((None, "number_of_objects", (), {}))
        kind, number = one.recv()
    assert kind == "#RETURN", (kind, number)
    return int(number)


def until(holds: Any, what: str) -> None:
    """Wait for a state that no event tells."""
    end = time.monotonic() + LONG
    while not holds():
        assert time.monotonic() < end, what
        gc.collect()
        time.sleep(0.002)


@contextlib.contextmanager
def raises(*kinds: type) -> Any:
    """One of these exceptions is raised; it is in the list that the body is given."""
    got: list[Any] = []
    try:
        yield got
    except kinds as error:
        got.append(error)
        return
    raise AssertionError("nothing is raised")


def equal(seen: object, expected: object) -> None:
    """Two things are equal."""
    assert seen == expected, f"{seen!r}, not {expected!r}"


def main() -> None:
    """Be one end, until standard input ends at the latest: the test is over, however it ended."""
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
    _, role, address, key, serializer = sys.argv[1:]
    address, key = ast.literal_eval(address), ast.literal_eval(key)
    manager = served(address, key, serializer)
    if role == "server":
        server = manager.get_server()
        print(repr(server.address), flush=True)
        server.serve_forever()
    tours = importlib.import_module("manager_tours")
    tours.go([getattr(tours, one) for one in role.split("+")], sys.modules["__main__"], manager, key)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
