"""What a manager costs: calls by proxies, new proxies, and its start; over its own kind of address and over TCP.

Run it as it is and with `--pin`: two cores show the wake-ups as well, one core what a call takes. The floor of a call
is a message there and back between two processes, over a pair of sockets; that of a start is a process.
"""

from __future__ import annotations

import importlib
import time
from functools import partial

import clock
from floors import forks, interpreters, messages_of, served_of
from paired import implementation, main, measure
from sizes import SIZES, repetitions
from targets import append_often

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

FORK = "fork"
CALL, TWO_CLIENTS, CREATION, START, MOST_ALLOWED = 0.70, 0.75, 0.10, 0.60, 1.00
"""Goals: what the reference may take of the time of the standard library."""
WARM = 20
"""Calls that do not count."""
TCP = ("127.0.0.1", 0)
PLACES: dict[str, tuple[Any, ...]] = {"": (), ", TCP": (TCP,)}
"""What the name of a figure adds, and the address."""
METHODS: dict[str, Callable[[int], float]] = {"fork": forks, "spawn": interpreters, "forkserver": forks}
"""The start methods, with the floor of a start."""


def started(module: str, address: tuple[Any, ...] = (), method: str = FORK) -> tuple[Any, Any]:
    """The implementation and a started manager."""
    mp = implementation(module, method)
    if not address:
        return mp, mp.Manager()
    manager = importlib.import_module(f"{module}.managers").SyncManager(*address)
    manager.start()
    return mp, manager


def children_of(mp: Any) -> list[int]:
    """The ids of the processes that are at work for this one, whose processor time counts where that is asked for."""
    return [child.pid for child in mp.active_children()]


def calls(prepare: Callable[[Any], Callable[[], object]], address: tuple[Any, ...], module: str, count: int) -> float:
    """Microseconds for a call. prepare: makes the proxy with a manager, and gives what calls."""
    mp, manager = started(module, address)
    call = prepare(manager)
    servers = children_of(mp)
    for _ in range(WARM):
        call()
    began = clock.now(*servers)
    for _ in range(count):
        call()
    spent = clock.now(*servers) - began
    del call
    manager.shutdown()
    return spent / count * 1e6


def dict_set(manager: Any) -> Callable[[], object]:
    """Assign an item."""
    proxy = manager.dict()

    def call() -> None:
        proxy["key"] = 1

    return call


def dict_get(manager: Any) -> Callable[[], object]:
    """Read an item."""
    proxy = manager.dict(key=1)
    return lambda: proxy["key"]


def list_append(manager: Any) -> Callable[[], object]:
    """Append an item."""
    proxy = manager.list()
    return lambda: proxy.append(1)


def lock_pair(manager: Any) -> Callable[[], object]:
    """Acquire a lock and release it: two calls."""
    proxy = manager.Lock()

    def call() -> None:
        proxy.acquire()
        proxy.release()

    return call


def attribute_get(manager: Any) -> Callable[[], object]:
    """Read an attribute."""
    proxy = manager.Namespace()
    proxy.x = 1
    return lambda: proxy.x


def attribute_set(manager: Any) -> Callable[[], object]:
    """Assign an attribute."""
    proxy = manager.Namespace()

    def call() -> None:
        proxy.x = 1

    return call


CALLS: dict[str, Callable[[Any], Callable[[], object]]] = {
    "dict, set": dict_set,
    "dict, get": dict_get,
    "list, append": list_append,
    "Lock, acquire and release": lock_pair,
    "Namespace, get": attribute_get,
    "Namespace, set": attribute_set,
}


def pair_of_messages(count: int) -> float:
    """The floor of two calls."""
    return 2 * messages_of(64, back=True)(count)


def two_clients(address: tuple[Any, ...], module: str, count: int) -> float:
    """Microseconds for a call, where two processes append to one list at once."""
    mp, manager = started(module, address)
    proxy, ready, over = manager.list(), mp.Barrier(3), mp.SimpleQueue()
    clients = [mp.Process(target=append_often, args=(proxy, ready, over, WARM, count)) for _ in range(2)]
    for client in clients:
        client.start()
    ready.wait()
    began = time.perf_counter()
    for _ in clients:
        over.get()
    spent = time.perf_counter() - began  # of the wall: processors' time of those that have ended is not told
    for client in clients:
        client.join()
    assert len(proxy) == 2 * (WARM + count)
    manager.shutdown()
    return spent / (2 * count) * 1e6


def first_proxy(address: tuple[Any, ...], module: str, count: int) -> float:
    """Milliseconds for the first proxy of a process."""
    mp, manager = started(module, address)
    servers = children_of(mp)
    began = clock.now(*servers)
    proxy = manager.list()
    spent = clock.now(*servers) - began
    del proxy
    manager.shutdown()
    return spent * 1e3


def next_proxies(address: tuple[Any, ...], module: str, count: int) -> float:
    """Microseconds for one of many proxies, none of which goes before the last one has come."""
    mp, manager = started(module, address)
    servers = children_of(mp)
    kept = [manager.list() for _ in range(WARM)]
    began = clock.now(*servers)
    kept += [manager.list() for _ in range(count)]
    spent = clock.now(*servers) - began
    kept.clear()
    manager.shutdown()
    return spent / count * 1e6


def short_lived_proxies(address: tuple[Any, ...], module: str, count: int) -> float:
    """Microseconds for a proxy that goes at once, with its referent."""
    mp, manager = started(module, address)
    servers = children_of(mp)
    for _ in range(WARM):
        manager.list()
    began = clock.now(*servers)
    for _ in range(count):
        manager.list()
    spent = clock.now(*servers) - began
    manager.shutdown()
    return spent / count * 1e6


def starts(method: str, address: tuple[Any, ...], warm: int, module: str, count: int) -> float:
    """Milliseconds for the start of a manager, after `warm` that do not count; its end is not measured."""
    spent = 0.0
    for number in range(warm + count):
        if number == warm:
            spent = 0.0
        mp = implementation(module, method)
        began = clock.now()
        if address:
            manager = importlib.import_module(f"{module}.managers").SyncManager(*address)
            manager.start()
        else:
            manager = mp.Manager()
        spent += clock.now(*children_of(mp)) - began
        manager.shutdown()
    return spent / count * 1e3


def growing_argument(size: int, manager: Any) -> Callable[[], object]:
    """Assign an item of so many bytes."""
    proxy, item = manager.list([None]), b"x" * size

    def call() -> None:
        proxy[0] = item

    return call


def growing_result(size: int, manager: Any) -> Callable[[], object]:
    """Read an item of so many bytes."""
    proxy = manager.list([b"x" * size])
    return lambda: proxy[0]


@measure("import of the module managers", unit="ms")
def importing(module: str, count: int) -> float:
    began = clock.now()
    importlib.import_module(f"{module}.managers")
    return (clock.now() - began) * 1e3


def _enter(place: str, address: tuple[Any, ...]) -> None:
    """Enter what is measured at every kind of address."""
    for name, prepare in CALLS.items():
        floor = pair_of_messages if prepare is lock_pair else messages_of(64, back=True)
        enter = measure(f"{name}{place}", unit="us", count=4_000, goal=CALL, floor=None if address else floor)
        enter(partial(calls, prepare, address))
    served = None if address else served_of(64, 2)
    enter = measure(f"two clients append{place}", unit="us", count=3_000, goal=TWO_CLIENTS, floor=served)
    enter(partial(two_clients, address))
    measure(f"a proxy, the first{place}", unit="ms", goal=CREATION)(partial(first_proxy, address))
    measure(f"a proxy, the next{place}", unit="us", count=400, goal=CREATION)(partial(next_proxies, address))
    measure(f"a proxy that goes at once{place}", unit="us", count=400, goal=CREATION)(
        partial(short_lived_proxies, address)
    )
    for method, floor in METHODS.items():
        only = ("stdlib", "reference", "multiprocess", *(["billiard"] if method == FORK else []))
        for which, warm, count in (("first", 0, 1), ("next", 2, 10)):
            measure(
                f"start by {method}, {which}{place}",
                unit="ms",
                count=count,
                goal=START,
                floor=interpreters if (method, which) == ("forkserver", "first") else floor,
                only=only,
            )(partial(starts, method, address, warm))


for _place, _address in PLACES.items():
    _enter(_place, _address)
for _size in SIZES:
    for _name, _prepare, _sizes in (
        ("argument", growing_argument, (_size, 64)),
        ("result", growing_result, (64, _size)),
    ):
        measure(
            f"{_name} of {_size} B",
            unit="us",
            count=repetitions(_size),
            goal=MOST_ALLOWED,
            floor=messages_of(_sizes[0], back=True, answer=_sizes[1]),
        )(partial(calls, partial(_prepare, _size), ()))


main(__name__, __file__)
