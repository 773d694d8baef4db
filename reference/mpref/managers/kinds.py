"""The proxies of the types that SyncManager offers. Section "Managers", SyncManager."""

from __future__ import annotations

from time import monotonic

from .proxies import BaseProxy, MakeProxyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any, ClassVar, Self

__all__ = [
    "AcquirerProxy",
    "ArrayProxy",
    "BarrierProxy",
    "ConditionProxy",
    "DictProxy",
    "EventProxy",
    "IteratorProxy",
    "ListProxy",
    "NamespaceProxy",
    "SetProxy",
    "ValueProxy",
]


class IteratorProxy(BaseProxy):
    """Iterates over what an iterator in the server gives."""

    _exposed_ = ("__next__", "send", "throw", "close")

    def __iter__(self) -> Self:
        return self

    def __next__(self, *args: Any) -> Any:
        return self._callmethod("__next__", args)

    def send(self, *args: Any) -> Any:
        """Send a value into a generator, and return what it gives."""
        return self._callmethod("send", args)

    def throw(self, *args: Any) -> Any:
        """Have a generator raise an exception, and return what it gives."""
        return self._callmethod("throw", args)

    def close(self) -> Any:
        """Close a generator."""
        return self._callmethod("close")


class AcquirerProxy(BaseProxy):
    """Refers to a lock or semaphore of `threading`, whose owner is this thread. A context manager that holds it."""

    _exposed_: tuple[str, ...] = ("acquire", "release", "locked")

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:
        """Acquire it; return whether it was. timeout: seconds to wait at most, None for ever."""
        args = (blocking,) if timeout is None else (blocking, timeout)
        return bool(self._callmethod("acquire", args))

    def release(self, *args: Any, **kwds: Any) -> None:
        """Release it; a semaphore takes the number of times."""
        self._callmethod("release", args, kwds)

    def locked(self) -> bool:
        """Tell whether it is held by anybody. AttributeError: it does not tell, in the Python of the server."""
        return bool(self._callmethod("locked"))

    def __enter__(self) -> bool:
        return bool(self._callmethod("acquire"))

    def __exit__(self, *_: object) -> None:
        self._callmethod("release")


class ConditionProxy(AcquirerProxy):
    """Refers to a condition variable of `threading`."""

    _exposed_ = ("acquire", "release", "locked", "wait", "notify", "notify_all")

    def wait(self, timeout: float | None = None) -> bool:
        """Release the lock, wait to be notified, acquire it again. timeout: seconds at most, None for ever."""
        return bool(self._callmethod("wait", (timeout,)))

    def notify(self, n: int = 1) -> None:
        """Wake up `n` of those that wait."""
        self._callmethod("notify", (n,))

    def notify_all(self) -> None:
        """Wake up all that wait."""
        self._callmethod("notify_all")

    def wait_for(self, predicate: Callable[[], Any], timeout: float | None = None) -> Any:
        """Wait until `predicate`, which is called here, gives something true, and return that.

        timeout: seconds to wait at most, None for ever; then what it gives at last is returned.
        """
        end = None if timeout is None else monotonic() + timeout
        while not (told := predicate()):
            left = None if end is None else end - monotonic()
            if left is not None and left <= 0:
                break
            self.wait(left)
        return told


class EventProxy(BaseProxy):
    """Refers to an event of `threading`."""

    _exposed_ = ("is_set", "set", "clear", "wait")

    def is_set(self) -> bool:
        """Tell whether the flag is true."""
        return bool(self._callmethod("is_set"))

    def set(self) -> None:
        """Set the flag to true."""
        self._callmethod("set")

    def clear(self) -> None:
        """Set the flag to false."""
        self._callmethod("clear")

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the flag is true; return whether it is. timeout: seconds at most, None for ever."""
        return bool(self._callmethod("wait", (timeout,)))


class BarrierProxy(BaseProxy):
    """Refers to a barrier of `threading`."""

    _exposed_ = ("__getattribute__", "wait", "abort", "reset")

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the others; see threading.Barrier."""
        return int(self._callmethod("wait", (timeout,)))

    def abort(self) -> None:
        """Break the barrier."""
        self._callmethod("abort")

    def reset(self) -> None:
        """Return the barrier to its empty state."""
        self._callmethod("reset")

    @property
    def parties(self) -> int:
        """How many have to come."""
        return int(self._callmethod("__getattribute__", ("parties",)))

    @property
    def n_waiting(self) -> int:
        """How many wait."""
        return int(self._callmethod("__getattribute__", ("n_waiting",)))

    @property
    def broken(self) -> bool:
        """Whether it is broken."""
        return bool(self._callmethod("__getattribute__", ("broken",)))


class NamespaceProxy(BaseProxy):
    """Refers to a Namespace. Attributes are those of the referent, but for names that begin with an underscore."""

    _exposed_ = ("__getattribute__", "__setattr__", "__delattr__")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)
        return self._callmethod("__getattribute__", (name,))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            object.__setattr__(self, name, value)
        else:
            self._callmethod("__setattr__", (name, value))

    def __delattr__(self, name: str) -> None:
        if name.startswith("_"):
            object.__delattr__(self, name)
        else:
            self._callmethod("__delattr__", (name,))


class ValueProxy(BaseProxy):
    """Refers to an object with a value."""

    _exposed_ = ("get", "set")

    def get(self) -> Any:
        """Return the value."""
        return self._callmethod("get")

    def set(self, value: Any) -> None:
        """Set the value."""
        self._callmethod("set", (value,))

    value = property(get, set, doc="The value.")

    def __class_getitem__(cls, item: Any) -> Any:
        from types import GenericAlias

        return GenericAlias(cls, item)


ArrayProxy = MakeProxyType("ArrayProxy", ("__len__", "__getitem__", "__setitem__"))

_LIST = (
    "__add__ __contains__ __delitem__ __getitem__ __imul__ __len__ __mul__ __reversed__ __rmul__ "
    "__setitem__ append clear copy count extend index insert pop remove reverse sort"
)
_DICT = (
    "__contains__ __delitem__ __getitem__ __ior__ __iter__ __len__ __or__ __reversed__ __ror__ "
    "__setitem__ clear copy fromkeys get items keys pop popitem setdefault update values"
)
_SET = (
    "__and__ __contains__ __ge__ __gt__ __iand__ __ior__ __isub__ __iter__ __ixor__ __le__ __len__ __lt__ "
    "__or__ __rand__ __ror__ __rsub__ __rxor__ __sub__ __xor__ add clear copy difference "
    "difference_update discard intersection intersection_update isdisjoint issubset issuperset pop remove "
    "symmetric_difference symmetric_difference_update union update"
)


def _apart(proxy: BaseProxy, given: Any) -> Any:
    """Return a copy in the place of another proxy of the same referent, or that would change while it is read."""
    if not isinstance(given, BaseProxy):
        return given
    same = given._mpref_session is proxy._mpref_session and given._token.id == proxy._token.id
    return given._getvalue() if same else given


class ListProxy(MakeProxyType("BaseListProxy", _LIST.split())):  # type: ignore[misc]  # a class made at run time
    """Refers to a list."""

    def extend(self, value: Iterable[Any], /) -> None:
        """Append what an iterable gives, to the end of the list."""
        self._callmethod("extend", (_apart(self, value),))

    def __iadd__(self, value: Any) -> Self:
        self.extend(value)
        return self

    def __imul__(self, value: Any) -> Self:
        self._callmethod("__imul__", (value,))
        return self

    def __class_getitem__(cls, item: Any) -> Any:
        from types import GenericAlias

        return GenericAlias(cls, item)


class DictProxy(MakeProxyType("BaseDictProxy", _DICT.split())):  # type: ignore[misc]
    """Refers to a dict."""

    _method_to_typeid_: ClassVar[dict[str, str]] = {"__iter__": "Iterator"}

    def __ior__(self, value: Any) -> Self:
        self._callmethod("update", (value,))
        return self

    def __class_getitem__(cls, item: Any) -> Any:
        from types import GenericAlias

        return GenericAlias(cls, item)


class SetProxy(MakeProxyType("BaseSetProxy", _SET.split())):  # type: ignore[misc]
    """Refers to a set."""

    _method_to_typeid_: ClassVar[dict[str, str]] = {"__iter__": "Iterator"}

    def __ior__(self, value: Any) -> Self:
        self._callmethod("update", (value,))
        return self

    def __iand__(self, value: Any) -> Self:
        self._callmethod("intersection_update", (value,))
        return self

    def __isub__(self, value: Any) -> Self:
        self.difference_update(value)
        return self

    def difference_update(self, *others: Iterable[Any]) -> None:
        """Remove what any of these gives."""
        self._callmethod("difference_update", [_apart(self, one) for one in others])

    def __ixor__(self, value: Any) -> Self:
        self._callmethod("symmetric_difference_update", (value,))
        return self
