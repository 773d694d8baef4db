"""Giving objects and descriptors to a child that is being started.

For the types of the package that travel: while a process object is pickled for a child,
`being_started()` returns the `Delivery`; at any other time such a type refuses by `require()`::

    def __reduce__(self):
        delivery = handover.require(self)
        return rebuild, (delivery.give(self.fileno()), self.size)    # rebuild() gets an int

Under the start method 'fork' nothing is pickled, and nothing has to be given.
"""

from __future__ import annotations

import os
import sys
from _thread import _local, get_ident
from _weakref import ref
from io import BytesIO

from .. import descriptors

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import Any

    Reducer = Callable[[Any], tuple[Any, ...]]

_start_in_progress = _local()
"""What is given along to the child that this thread is starting: its attribute `delivery`."""

_received: list[int | None] = []
"""Descriptors that this process was given for the objects among its arguments, until they are taken."""

issued: dict[bytes, int] = {}
"""The secrets of the tickets that are not taken yet, and the thread that has issued each since its last message: if its
message cannot be sent, they are of no use. See `connection.descriptor_server`."""

_reducers: dict[tuple[str, str], Reducer] = {}
_types: dict[ref[type], Reducer] = {}


class Delivery:
    """What one child is given while it is started by `method`, 'spawn' or 'forkserver'.

    A context manager: on leaving it, this process closes its copies of the descriptors.
    """

    def __init__(self, method: str) -> None:
        self.method = method
        self.descriptors: list[int] = []

    def give(self, descriptor: int) -> Descriptor:
        """Add a copy of a descriptor, and return what stands for it in a pickle: the child unpickles an int.

        Whoever unpickles it owns it: a descriptor of the child, above the standard streams, closed by exec.
        """
        self.descriptors.append(descriptors.duplicate(descriptor))
        return Descriptor(len(self.descriptors) - 1)

    def __enter__(self) -> Delivery:
        return self

    def __exit__(self, *_: object) -> None:
        while self.descriptors:
            os.close(self.descriptors.pop())


class Descriptor:
    """The place of a descriptor among those that a child is given; unpickling it there takes it out."""

    def __init__(self, place: int) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Callable[[int], int], tuple[int]]:
        return take, (self.place,)


def being_started() -> Delivery | None:
    """Return the delivery for the child that this thread is pickling for; None when it does not."""
    return getattr(_start_in_progress, "delivery", None)


def require(thing: object) -> Delivery:
    """Return the delivery that `thing` is pickled for; RuntimeError if no child is being started."""
    delivery = being_started()
    if delivery is None:
        raise RuntimeError(
            f"{type(thing).__name__} objects are shared with a child process by inheritance only: "
            "give them to it as arguments of Process, not through a queue, pipe or pickle"
        )
    return delivery


def begin_message() -> None:
    """Let the tickets be that this thread has issued: what it pickles next is another message."""
    thread = get_ident()
    for secret in [secret for secret, issuer in tuple(issued.items()) if issuer == thread]:
        issued.pop(secret, None)


def receive(given: list[int]) -> None:
    """Have descriptors taken that this process was given when it was started, by their places."""
    _received[:] = given


def take(place: int) -> int:
    """Take a descriptor that this process was given when it was started: its own from now on."""
    descriptor = _received[place]
    if descriptor is None:
        raise RuntimeError(f"the descriptor that was given at place {place} has been taken already")
    _received[place] = None
    return descriptor


def close_untaken() -> None:
    """Close what nobody has taken."""
    for place, descriptor in enumerate(_received):
        if descriptor is not None:
            take(place)
            os.close(descriptor)


def register(module: str, name: str, reducer: Reducer) -> None:
    """Pickle instances of the class ``module.name`` by `reducer`, in this package's pickles only.

    The module is not imported for that. reducer: as those of `copyreg`; a subclass needs its own.
    """
    _reducers[module, name] = reducer


def register_type(kind: type, reducer: Reducer) -> None:
    """Pickle instances of the class `kind` by `reducer`, in this package's pickles only, as long as the class lives."""
    _types[ref(kind, _types.pop)] = reducer


def dispatch_table() -> dict[type, Reducer]:
    """Return the table for a pickler of this package: that of `copyreg`, and the types registered here."""
    import copyreg

    table: dict[type, Reducer] = dict(copyreg.dispatch_table)  # type: ignore[arg-type]
    for (module, name), reducer in _reducers.items():
        if module in sys.modules:
            table[getattr(sys.modules[module], name)] = reducer
    for kind, reducer in tuple(_types.items()):
        table[kind()] = reducer  # type: ignore[index]  # what is gone is not pickled
    return table


def pickle_for_child(thing: object, delivery: Delivery) -> bytes:
    """Pickle `thing` for the child that gets `delivery`."""
    from _pickle import Pickler  # expensive to import, and a fork needs none

    stream = BytesIO()
    pickler = Pickler(stream, -1)
    pickler.dispatch_table = dispatch_table()
    before = being_started()
    _start_in_progress.delivery = delivery
    try:
        pickler.dump(thing)
    finally:
        _start_in_progress.delivery = before
    return stream.getvalue()


def socket_parts(one: socket.socket, given: object) -> tuple[Any, ...]:
    """Return what a socket is pickled by. given: stands for a copy of its descriptor, and is unpickled as an int."""
    return _rebuild_socket, (given, one.family, one.type, one.proto, one.gettimeout())


def _rebuild_socket(descriptor: int, family: int, kind: int, protocol: int, timeout: float | None) -> socket.socket:
    import socket

    one = socket.socket(family, kind, protocol, fileno=descriptor)
    one.settimeout(timeout)
    return one


def _reduce_socket(one: socket.socket) -> tuple[Any, ...]:
    return socket_parts(one, require(one).give(one.fileno()))


register("socket", "socket", _reduce_socket)
