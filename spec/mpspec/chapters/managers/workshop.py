"""A manager class that supports shared objects of the user's. To be imported where an implementation is: in a host."""

from __future__ import annotations

from mpspec.chapters.managers.shared_objects import Bench, Ledger, Precious, Rooted, Source
from mpspec.implementation import under_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

managers: Any = under_test("multiprocessing.managers")
BaseProxy: Any = managers.BaseProxy
SyncManager: Any = managers.SyncManager


class PlaceProxy(BaseProxy):  # type: ignore[misc]
    """A proxy of a Namespace that can only be used by _callmethod()."""

    _exposed_ = ("__setattr__", "__getattribute__")


class Workshop(SyncManager):  # type: ignore[misc]
    """Makes what every SyncManager makes, and shared objects of the user's."""


Workshop.register("Bench", Bench)
Workshop.register("Rooted", Rooted)
Workshop.register("Precious", Precious)
Workshop.register("Ledger", Ledger)
Workshop.register("Maker", Bench, exposed=("all_tools", "pid"), method_to_typeid={"all_tools": "list"})
Workshop.register("Jewel", create_method=False)
Workshop.register("Source", Source, method_to_typeid={"precious": "Jewel"})
Workshop.register("Place", managers.Namespace, PlaceProxy)
