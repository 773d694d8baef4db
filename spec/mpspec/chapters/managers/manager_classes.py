"""Manager classes and proxies as a user writes them. To be imported where an implementation is: in a host."""

from __future__ import annotations

import queue

from mpspec.chapters.managers.manager_referents import (
    Maker,
    Shelf,
    Store,
    Various,
    fail,
    make_either,
    make_store,
    the_operators,
)
from mpspec.implementation import under_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar

managers: Any = under_test("multiprocessing.managers")
BaseManager: Any = managers.BaseManager
BaseProxy: Any = managers.BaseProxy
SyncManager: Any = managers.SyncManager


class StoreProxy(BaseProxy):  # type: ignore[misc]
    """A proxy of a store that calls by other names."""

    _exposed_ = ("get", "set")

    def read(self) -> Any:
        """The value."""
        return self._callmethod("get")

    def write(self, value: Any) -> None:
        """Set the value."""
        self._callmethod("set", (value,))


class StoreManager(BaseManager):  # type: ignore[misc]
    """Makes stores, in several ways."""


StoreManager.register("Store", Store)
StoreManager.register("make_store", callable=make_store)
StoreManager.register("Maker", Maker())
StoreManager.register("with_proxy", Store, proxytype=StoreProxy)
StoreManager.register("failing", fail)


class YoungerManager(StoreManager):
    """Makes what it inherits, and something of its own."""


YoungerManager.register("Various", Various)


class OpenManager(BaseManager):  # type: ignore[misc]
    """Serves one store, the same to everybody."""


THE_STORE = Store("of the server")
OpenManager.register("get_store", callable=lambda: THE_STORE)
OpenManager.register("Store", Store)
OpenManager.register("only_there", Store)


class OpenClient(BaseManager):  # type: ignore[misc]
    """Has the names of what a server makes, and makes nothing itself."""


for _name in ("get_store", "Store", "only_here"):
    OpenClient.register(_name)


class QueueServer(BaseManager):  # type: ignore[misc]
    """Serves one queue, the same to everybody."""


THE_QUEUE: Any = queue.Queue()
QueueServer.register("get_queue", callable=lambda: THE_QUEUE)


class QueueClient(BaseManager):  # type: ignore[misc]
    """Its client."""


QueueClient.register("get_queue")


class Supply(SyncManager):  # type: ignore[misc]
    """Makes stores beside what a SyncManager makes."""


Supply.register("Store", Store)


# What is exposed


class Narrow(BaseProxy):  # type: ignore[misc]
    """Names what it may call."""

    _exposed_ = ("method", "_hidden", "calls")


class Closed(BaseProxy):  # type: ignore[misc]
    """Names nothing that it may call."""

    _exposed_ = ()


class Unsaid(BaseProxy):  # type: ignore[misc]
    """Says nothing of what it may call."""


class ExposingManager(BaseManager):  # type: ignore[misc]
    """Makes objects of one type, of which different methods are exposed."""


EXPOSED: dict[str, dict[str, Any]] = {
    "everything": {},
    "tuple": {"exposed": ("method", "_hidden", "calls")},
    "list": {"exposed": ["method", "_hidden", "calls"]},
    "nothing": {"exposed": ()},
    "nothing_in_a_list": {"exposed": []},
    "proxytype": {"proxytype": Narrow},
    "closed": {"proxytype": Closed},
    "unsaid": {"proxytype": Unsaid},
    "both": {"proxytype": Narrow, "exposed": ("static",)},
}
for _name, _arguments in EXPOSED.items():
    ExposingManager.register(_name, Various, **_arguments)
ExposingManager.register("either", make_either)
ExposingManager.register("operators", the_operators)


# What returns a proxy


class ShelfProxy(BaseProxy):  # type: ignore[misc]
    """Says which of its methods returns a proxy."""

    _exposed_ = ("drawer", "box", "content", "all")
    _method_to_typeid_: ClassVar[dict[str, str]] = {"drawer": "Drawer"}


class ShelfManager(BaseManager):  # type: ignore[misc]
    """Makes shelves, whose methods return proxies or copies."""


ShelfManager.register("Wide", create_method=False)
ShelfManager.register("Store", Store)
ShelfManager.register("Drawer", proxytype=StoreProxy, create_method=False)
ShelfManager.register("Box", None, None, ("get", "set"), None, False)
RETURNED: dict[str, dict[str, Any]] = {
    "mapped": {"method_to_typeid": {"drawer": "Drawer", "box": "Box"}},
    "unmapped": {},
    "proxytype": {"proxytype": ShelfProxy},
    "both": {"proxytype": ShelfProxy, "method_to_typeid": {"box": "Box"}},
    "emptied": {"proxytype": ShelfProxy, "method_to_typeid": {}},
    "wide": {"method_to_typeid": {"box": "Wide"}},
    "made_anew": {"method_to_typeid": {"box": "Store"}},
    "mapped_only": {"exposed": ("content",), "method_to_typeid": {"drawer": "Drawer"}},
    "astray": {"method_to_typeid": {"drawer": "nowhere"}},
}
for _name, _arguments in RETURNED.items():
    ShelfManager.register(_name, Shelf, **_arguments)


# Each argument of register()


class Hatch:
    """Hands out stores."""

    def mapped(self) -> Store:
        """A store."""
        return Store(1)

    def copied(self) -> Store:
        """Another store."""
        return Store(2)

    def hidden(self) -> Store:
        """A store that is not exposed."""
        return Store(3)


class HatchProxy(BaseProxy):  # type: ignore[misc]
    """A proxy of a hatch."""


class RegisteredManager(BaseManager):  # type: ignore[misc]
    """Has typeids that were registered with all arguments."""


RegisteredManager.register("Drawer", proxytype=StoreProxy, create_method=False)
RegisteredManager.register("by_position", Hatch, HatchProxy, ("mapped", "copied"), {"mapped": "Drawer"}, True)
RegisteredManager.register(
    create_method=True,
    method_to_typeid={"mapped": "Drawer"},
    exposed=("mapped", "copied"),
    proxytype=HatchProxy,
    callable=Hatch,
    typeid="by_name",
)
RegisteredManager.register("not_made_by_position", Hatch, None, None, None, False)
RegisteredManager.register(create_method=False, callable=Hatch, typeid="not_made_by_name")
RegisteredManager.register("without_callable")
