"""SyncManager, and what it shares. Section "Managers", SyncManager and Namespace."""

from __future__ import annotations

from . import kinds
from .manager import BaseManager
from .proxies import AutoProxy, BaseProxy, proxytypes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any


class Namespace:
    """An object with writable attributes, which its representation shows."""

    def __init__(self, /, **attributes: Any) -> None:
        self.__dict__.update(attributes)

    def __repr__(self) -> str:
        shown = [f"{name}={value!r}" for name, value in sorted(self.__dict__.items()) if not name.startswith("_")]
        return f"{type(self).__name__}({', '.join(shown)})"


class Value:
    """An object with a value. typecode: what kind of value; it is only shown."""

    def __init__(self, typecode: Any, value: Any, lock: bool = True) -> None:
        self._typecode = typecode
        self.value = value

    def get(self) -> Any:
        """Return the value."""
        return self.value

    def set(self, value: Any) -> None:
        """Set the value."""
        self.value = value

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._typecode!r}, {self.value!r})"


def Array(typecode: str, sequence: Iterable[Any], lock: bool = True) -> Any:
    """Return an array of the standard module. typecode: as there."""
    from array import array

    return array(typecode, sequence)


class SyncManager(BaseManager):
    """A manager of what processes synchronize by, and of lists, dicts and sets. Section "Managers", SyncManager."""

    def Barrier(
        self, parties: int, action: Callable[[], object] | None = None, timeout: float | None = None
    ) -> kinds.BarrierProxy:
        """Make a shared threading.Barrier; return a proxy."""
        return self._mpref_create("Barrier", parties, action, timeout)  # type: ignore[no-any-return]

    def BoundedSemaphore(self, value: int = 1) -> kinds.AcquirerProxy:
        """Make a shared threading.BoundedSemaphore; return a proxy."""
        return self._mpref_create("BoundedSemaphore", value)  # type: ignore[no-any-return]

    def Condition(self, lock: BaseProxy | None = None) -> kinds.ConditionProxy:
        """Make a shared threading.Condition. lock: a proxy for a Lock or RLock of this manager; return a proxy."""
        return self._mpref_create("Condition", *(() if lock is None else (lock,)))  # type: ignore[no-any-return]

    def Event(self) -> kinds.EventProxy:
        """Make a shared threading.Event; return a proxy."""
        return self._mpref_create("Event")  # type: ignore[no-any-return]

    def Lock(self) -> kinds.AcquirerProxy:
        """Make a shared threading.Lock; return a proxy."""
        return self._mpref_create("Lock")  # type: ignore[no-any-return]

    def Namespace(self, /, **attributes: Any) -> kinds.NamespaceProxy:
        """Make a shared Namespace; return a proxy."""
        return self._mpref_create("Namespace", **attributes)  # type: ignore[no-any-return]

    def Queue(self, maxsize: int = 0) -> BaseProxy:
        """Make a shared queue.Queue; return a proxy."""
        return self._mpref_create("Queue", maxsize)  # type: ignore[no-any-return]

    def JoinableQueue(self, maxsize: int = 0) -> BaseProxy:
        """Make a shared queue.Queue; return a proxy."""
        return self._mpref_create("JoinableQueue", maxsize)  # type: ignore[no-any-return]

    def RLock(self) -> kinds.AcquirerProxy:
        """Make a shared threading.RLock; return a proxy."""
        return self._mpref_create("RLock")  # type: ignore[no-any-return]

    def Semaphore(self, value: int = 1) -> kinds.AcquirerProxy:
        """Make a shared threading.Semaphore; return a proxy."""
        return self._mpref_create("Semaphore", value)  # type: ignore[no-any-return]

    def Array(self, typecode: str, sequence: Iterable[Any], lock: bool = True) -> BaseProxy:
        """Make a shared array; return a proxy. lock: taken as the Array of the package does, and not used."""
        return self._mpref_create("Array", typecode, sequence)  # type: ignore[no-any-return]

    def Value(self, typecode: Any, value: Any, lock: bool = True) -> kinds.ValueProxy:
        """Make a shared object with a writable attribute `value`; return a proxy. lock: as of Array()."""
        return self._mpref_create("Value", typecode, value)  # type: ignore[no-any-return]

    def dict(self, /, *args: Any, **kwds: Any) -> kinds.DictProxy:
        """Make a shared dict, with what dict() takes; return a proxy."""
        return self._mpref_create("dict", *args, **kwds)  # type: ignore[no-any-return]

    def list(self, /, *args: Any) -> kinds.ListProxy:
        """Make a shared list, with what list() takes; return a proxy."""
        return self._mpref_create("list", *args)  # type: ignore[no-any-return]

    def set(self, /, *args: Any) -> kinds.SetProxy:
        """Make a shared set, with what set() takes; return a proxy."""
        return self._mpref_create("set", *args)  # type: ignore[no-any-return]


class _OfThreading:
    """Makes objects of `threading`, which is imported where the first one is made. kind: the name of their class."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __call__(self, *args: Any) -> Any:
        import threading

        return getattr(threading, self._kind)(*map(_referent, args))


def _queue(maxsize: int = 0) -> Any:
    import queue

    return queue.Queue(maxsize)


def _referent(thing: Any) -> Any:
    """Return the referent of a proxy that is a proxy of this very server: a condition needs the lock itself."""
    session = getattr(thing, "_mpref_session", None)
    return thing if session is None or not session.here else session.referent(thing)


_REGISTERED: dict[str, tuple[Callable[..., Any] | None, Callable[..., Any]]] = {
    "Array": (Array, kinds.ArrayProxy),
    "Barrier": (_OfThreading("Barrier"), kinds.BarrierProxy),
    "BoundedSemaphore": (_OfThreading("BoundedSemaphore"), kinds.AcquirerProxy),
    "Condition": (_OfThreading("Condition"), kinds.ConditionProxy),
    "Event": (_OfThreading("Event"), kinds.EventProxy),
    "Iterator": (None, kinds.IteratorProxy),
    "JoinableQueue": (_queue, AutoProxy),
    "Lock": (_OfThreading("Lock"), kinds.AcquirerProxy),
    "Namespace": (Namespace, kinds.NamespaceProxy),
    "Queue": (_queue, AutoProxy),
    "RLock": (_OfThreading("RLock"), kinds.AcquirerProxy),
    "Semaphore": (_OfThreading("Semaphore"), kinds.AcquirerProxy),
    "Value": (Value, kinds.ValueProxy),
    "dict": (dict, kinds.DictProxy),
    "list": (list, kinds.ListProxy),
    "set": (set, kinds.SetProxy),
}

for _typeid, (_make, _proxytype) in _REGISTERED.items():
    SyncManager.register(_typeid, _make, _proxytype, create_method=False)
    proxytypes[_typeid] = _proxytype
