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

BaseManager: Any = under_test("multiprocessing.managers").BaseManager
BaseProxy: Any = under_test("multiprocessing.managers").BaseProxy
SyncManager: Any = under_test("multiprocessing.managers").SyncManager


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


OpenClient.register("get_store")
OpenClient.register("Store")
OpenClient.register("only_here")


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


ExposingManager.register("everything", Various)
ExposingManager.register("tuple", Various, exposed=("method", "_hidden", "calls"))
ExposingManager.register("list", Various, exposed=["method", "_hidden", "calls"])
ExposingManager.register("nothing", Various, exposed=())
ExposingManager.register("nothing_in_a_list", Various, exposed=[])
ExposingManager.register("proxytype", Various, proxytype=Narrow)
ExposingManager.register("closed", Various, proxytype=Closed)
ExposingManager.register("unsaid", Various, proxytype=Unsaid)
ExposingManager.register("both", Various, proxytype=Narrow, exposed=("static",))
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
ShelfManager.register("mapped", Shelf, method_to_typeid={"drawer": "Drawer", "box": "Box"})
ShelfManager.register("unmapped", Shelf)
ShelfManager.register("proxytype", Shelf, proxytype=ShelfProxy)
ShelfManager.register("both", Shelf, proxytype=ShelfProxy, method_to_typeid={"box": "Box"})
ShelfManager.register("emptied", Shelf, proxytype=ShelfProxy, method_to_typeid={})
ShelfManager.register("wide", Shelf, method_to_typeid={"box": "Wide"})
ShelfManager.register("made_anew", Shelf, method_to_typeid={"box": "Store"})
ShelfManager.register("mapped_only", Shelf, exposed=("content",), method_to_typeid={"drawer": "Drawer"})
ShelfManager.register("astray", Shelf, method_to_typeid={"drawer": "nowhere"})


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
