"""ctypes objects in shared memory, alone and behind a lock. Section "Shared ctypes Objects"."""

from __future__ import annotations

import ctypes
import sys

from .memory import heap
from .memory.semaphore import RLock
from .quantities import whole
from .transfer import handover

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, Protocol

    from .start_method import Context

    class Lockable(Protocol):
        """What guards a shared object: a Lock or RLock of this package."""

        def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
            """Acquire it."""

        def release(self) -> None:
            """Release it."""


TYPES: dict[str, Any] = {
    "b": ctypes.c_byte,
    "B": ctypes.c_ubyte,
    "c": ctypes.c_char,
    "d": ctypes.c_double,
    "f": ctypes.c_float,
    "h": ctypes.c_short,
    "H": ctypes.c_ushort,
    "i": ctypes.c_int,
    "I": ctypes.c_uint,
    "l": ctypes.c_long,
    "L": ctypes.c_ulong,
    "q": ctypes.c_longlong,
    "Q": ctypes.c_ulonglong,
    "u": ctypes.c_wchar,
}
"""What the type codes stand for: those of the module array, and 'c' for a char."""


def RawValue(typecode_or_type: Any, *args: Any) -> Any:
    """Return a ctypes object in shared memory, without a lock.

    typecode_or_type: a type of ctypes, or a key of TYPES. args: what its constructor gets; the memory is zeroed before.
    """
    kind = _type(typecode_or_type)
    made = _shared(kind)
    made.__init__(*args)
    return made


def RawArray(typecode_or_type: Any, size_or_initializer: int | Sequence[Any]) -> Any:
    """Return a ctypes array in shared memory, without a lock.

    typecode_or_type: as for RawValue(), of the items. size_or_initializer: how many items, zeroed, or a sequence
    of their values.
    """
    kind = _type(typecode_or_type)
    if not hasattr(size_or_initializer, "__len__"):
        size_or_initializer = whole(size_or_initializer, "the size of an array, where no sequence is given,")
    if isinstance(size_or_initializer, int):
        if size_or_initializer < 0:
            raise ValueError(f"the size of an array is not negative: {size_or_initializer}")
        return _shared(kind * size_or_initializer)
    made = _shared(kind * len(size_or_initializer))
    if kind is ctypes.c_char and isinstance(size_or_initializer, (bytes, bytearray)):
        made.raw = size_or_initializer
    else:
        made.__init__(*size_or_initializer)
    return made


def Value(typecode_or_type: Any, *args: Any, lock: Any = True, ctx: Context | None = None) -> Any:
    """Return a ctypes object in shared memory, in a wrapper whose every access is synchronized.

    lock: True for a new RLock, a Lock or RLock to be used, or False for the object itself, as of RawValue().
    """
    lock = _lock(lock, ctx)
    made = RawValue(typecode_or_type, *args)
    return made if lock is None else synchronized(made, lock)


def Array(
    typecode_or_type: Any, size_or_initializer: int | Sequence[Any], *, lock: Any = True, ctx: Context | None = None
) -> Any:
    """Return a ctypes array in shared memory, in a wrapper whose every access is synchronized. See Value()."""
    lock = _lock(lock, ctx)
    made = RawArray(typecode_or_type, size_or_initializer)
    return made if lock is None else synchronized(made, lock)


def copy(obj: Any) -> Any:
    """Return a copy of a ctypes object, in shared memory."""
    made = _shared(type(obj))
    ctypes.memmove(ctypes.addressof(made), ctypes.addressof(obj), ctypes.sizeof(obj))
    return made


def synchronized(obj: Any, lock: Lockable | None = None, ctx: Context | None = None) -> Synchronized:
    """Return a wrapper of a ctypes object whose every access is guarded by `lock`; None: by a new RLock."""
    if isinstance(obj, Synchronized):
        raise TypeError("the object is synchronized already")
    return _wrapper(type(obj))(obj, RLock(ctx=ctx) if lock is None else lock)


class Synchronized:
    """A ctypes object behind a lock: its value. Also a context manager, of the lock."""

    __slots__ = ("__weakref__", "_lock", "_obj", "acquire", "release")

    def __init__(self, obj: Any, lock: Lockable) -> None:
        self._obj = obj
        self._lock = lock
        self.acquire = lock.acquire
        self.release = lock.release

    def get_obj(self) -> Any:
        """Return the ctypes object."""
        return self._obj

    def get_lock(self) -> Any:
        """Return the lock."""
        return self._lock

    def __enter__(self) -> bool:
        return self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()

    @property
    def value(self) -> Any:
        """The value of the ctypes object."""
        self.acquire()
        try:
            return self._obj.value
        finally:
            self.release()

    @value.setter
    def value(self, new: Any) -> None:
        self.acquire()
        try:
            self._obj.value = new
        finally:
            self.release()

    def __reduce__(self) -> tuple[Callable[..., Synchronized], tuple[Any, Any]]:
        handover.require(self)
        return synchronized, (self._obj, self._lock)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} wrapper of {self._obj!r}>"


class SynchronizedArray(Synchronized):
    """An array behind a lock: its items and slices."""

    __slots__ = ()

    def __len__(self) -> int:
        return len(self._obj)

    def __getitem__(self, at: int | slice) -> Any:
        self.acquire()
        try:
            return self._obj[at]
        finally:
            self.release()

    def __setitem__(self, at: int | slice, new: Any) -> None:
        self.acquire()
        try:
            self._obj[at] = new
        finally:
            self.release()

    def __iter__(self) -> Iterator[Any]:
        for at in range(len(self._obj)):
            yield self[at]


class SynchronizedString(SynchronizedArray):
    """An array of characters behind a lock: also its value, up to the first NUL, and all of it raw."""

    __slots__ = ()

    @property
    def raw(self) -> bytes:
        """All bytes of the array."""
        with self:
            whole: bytes = self._obj.raw
            return whole

    @raw.setter
    def raw(self, new: bytes) -> None:
        with self:
            self._obj.raw = new


class _Described(Synchronized):
    """A structure or union behind a lock: a subclass for each type has its fields."""

    __slots__ = ()


class _Field:
    """A field of a structure behind a lock."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, wrapper: Any, owner: Any = None) -> Any:
        if wrapper is None:
            return self
        with wrapper:
            return getattr(wrapper._obj, self._name)

    def __set__(self, wrapper: Any, new: Any) -> None:
        with wrapper:
            setattr(wrapper._obj, self._name, new)


def _method(name: str) -> Callable[..., Any]:
    """Return the method of a wrapper that calls that of the object, with the lock held."""

    def guarded(wrapper: Synchronized, *args: Any, **kwargs: Any) -> Any:
        method = getattr(wrapper._obj, name)
        with wrapper:
            return method(*args, **kwargs)

    guarded.__name__ = name
    return guarded


_BLOCK = "_mpref_block"
"""The attribute of a shared ctypes object that holds its memory."""

_wrappers: dict[type, type[Synchronized]] = {}


def _type(typecode_or_type: Any) -> Any:
    """Return the ctypes type that is meant."""
    if not isinstance(typecode_or_type, str):
        return typecode_or_type
    try:
        return TYPES[typecode_or_type]
    except KeyError:
        raise TypeError(f"{typecode_or_type!r} is not one of the type codes {', '.join(TYPES)}") from None


def _lock(given: Any, ctx: Context | None) -> Any:
    """Return the lock that is meant by the argument `lock`; None for none."""
    if given is True or given is None:
        return RLock(ctx=ctx)
    if given is False:
        return None
    if not hasattr(given, "acquire"):
        raise AttributeError(f"lock must be True, False, a Lock or an RLock, not {given!r}")
    return given


def _shared(kind: Any) -> Any:
    """Return an object of the type in zeroed shared memory."""
    return _found(kind, heap.allocate(ctypes.sizeof(kind)))


def _found(kind: Any, block: heap.Block) -> Any:
    """Return the object of the type that is in the block, which lives as long as the object."""
    handover.register_type(kind, _reduce)
    made = kind.from_buffer(block.arena.memory, block.offset)
    try:
        object.__setattr__(made, _BLOCK, block)
    except AttributeError:  # its class has __slots__: the block is kept by what the object keeps
        holder = (ctypes.c_char * block.size).from_buffer(block.arena.memory, block.offset)
        object.__setattr__(holder, _BLOCK, block)
        made = kind.from_buffer(holder)
    return made


def _block_of(obj: Any) -> heap.Block | None:
    """Return the memory of a shared ctypes object; None: it is not shared."""
    kept = obj._objects
    values = kept.values() if isinstance(kept, dict) else (kept,)
    for one in (obj, *(value.obj for value in values if isinstance(value, memoryview))):
        try:
            block: heap.Block = object.__getattribute__(one, _BLOCK)  # whatever a class makes of unknown names
        except AttributeError:
            continue
        return block
    return None


def _reduce(obj: Any) -> Any:
    """Pickle a ctypes object for a child: one in shared memory by its place, others as ctypes does."""
    block = _block_of(obj)
    if block is None:
        return obj.__reduce_ex__(2)
    handover.require(obj)
    return _rebuilt, (_described(type(obj)), block)


def _rebuilt(description: Any, block: heap.Block) -> Any:
    return _found(_typed(description), block)


def _described(kind: Any) -> Any:
    """Describe a type so that it can be pickled: the types of arrays are made on the spot and have no place."""
    if getattr(sys.modules.get(kind.__module__), kind.__qualname__, None) is kind or not issubclass(kind, ctypes.Array):
        return kind
    return _described(kind._type_), kind._length_


def _typed(description: Any) -> Any:
    return _typed(description[0]) * description[1] if isinstance(description, tuple) else description


def _wrapper(kind: Any) -> type[Synchronized]:
    """Return the class of the wrapper for objects of the type."""
    known = _wrappers.get(kind)
    if known is not None:
        return known
    base: type[Synchronized] = _Described
    if issubclass(kind, ctypes._SimpleCData):
        base = Synchronized
    elif issubclass(kind, ctypes.Array):
        base = SynchronizedString if kind._type_ is ctypes.c_char else SynchronizedArray
    fields = [field[0] for each in kind.__mro__ for field in vars(each).get("_fields_", ())]
    own: dict[str, Any] = {name: _method(name) for name in _methods(kind) if not hasattr(base, name)}
    own.update((name, _Field(name)) for name in fields)
    if not own and base is not _Described:  # nearly all; not kept, for each length of an array is a type
        return base
    known = _wrappers[kind] = type(f"Synchronized{kind.__name__}", (base,), {"__slots__": (), **own})
    return known


def _methods(kind: Any) -> list[str]:
    """Return the names of the public methods that a type has; what ctypes itself defines has none."""
    public = {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}
    return [name for name, value in public.items() if callable(value) and not isinstance(value, type)]
