"""Lock, RLock, Semaphore and BoundedSemaphore: the interpreter's own semaphores, in anonymous shared memory.

There is no named semaphore that could be left behind. Section "Synchronization primitives".
"""

from __future__ import annotations

import os
from _ctypes import (
    FUNCFLAG_CDECL,
    FUNCFLAG_USE_ERRNO,
    CFuncPtr,
    _SimpleCData,
    dlopen,
    dlsym,
    get_errno,
)
from _multiprocessing import SemLock
from _weakref import ref

from . import handover, heap, launch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol, TypeVar

    Kind = TypeVar("Kind", bound="_Semaphore")

    class Context(Protocol):
        """What the primitives want to know of a context."""

        def get_start_method(self) -> str:
            """Return the start method of its processes."""


_RECURSIVE, _COUNTING = 0, 1

#: Bytes that a semaphore needs; no known C library takes more.
_SEMAPHORE = 64


class _Semaphore(SemLock):
    """What the four have in common: the interpreter's own semaphore type, at a place in shared memory.

    Its methods are C functions, also those of `with`. No instance may be pickled but for a child being started.
    """

    __slots__ = ("__weakref__", "_block", "_method")

    _block: heap.Block
    _method: str

    def __reduce__(self) -> tuple[Callable[..., _Semaphore], tuple[Any, ...]]:
        require_kin(self, self._method)
        return _found, (type(self), self._block, self.kind, self.maxvalue, self._method)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._get_value()} of {self.maxvalue} free>"

    def get_value(self) -> int:
        """Return how often it can be acquired now without blocking; it may have changed already."""
        return self._get_value()

    def locked(self) -> bool:
        """Whether acquiring it would block; it may have changed already."""
        return self._is_zero()


class Lock(_Semaphore):
    """A non-recursive mutual exclusion lock: whoever acquires it, any process or thread may release it.

    ValueError: it is released while it is not locked. Section "Synchronization primitives".
    """

    __slots__ = ()

    def __new__(cls, *, ctx: Context | None = None) -> Lock:
        return _made(cls, _COUNTING, 1, 1, ctx)


class RLock(_Semaphore):
    """A recursive lock: its owner may acquire it again, and releases it as many times.

    AssertionError: it is released by another process or thread than its owner. Section "Synchronization primitives".
    """

    __slots__ = ()

    def __new__(cls, *, ctx: Context | None = None) -> RLock:
        return _made(cls, _RECURSIVE, 1, 1, ctx)


class Semaphore(_Semaphore):
    """A counter that acquire() takes one from and release() adds one to, and that is never below zero.

    value: the count at the beginning; ValueError if it is negative. Section "Synchronization primitives".
    """

    __slots__ = ()

    def __new__(cls, value: int = 1, *, ctx: Context | None = None) -> Semaphore:
        return _made(cls, _COUNTING, value, SemLock.SEM_VALUE_MAX, ctx)


class BoundedSemaphore(Semaphore):
    """A semaphore whose count never exceeds its value at the beginning.

    ValueError: it is released more often than it was acquired. Section "Synchronization primitives".
    """

    __slots__ = ()

    def __new__(cls, value: int = 1, *, ctx: Context | None = None) -> BoundedSemaphore:
        return _made(cls, _COUNTING, value, value, ctx)


def require_kin(thing: object, method: str) -> None:
    """See to it that `thing`, made for processes of a start method, is being given to one of those.

    RuntimeError: no child is being started, or one that does not share the memory of a parent, as 'fork' does.
    """
    delivery = handover.require(thing)
    if method == "fork":
        name = type(thing).__name__
        raise RuntimeError(
            f"this {name} was made for the start method 'fork' and cannot be given to a process started by "
            f"{delivery.method!r}: make it by get_context({delivery.method!r}).{name}()"
        )


def method_of(ctx: Context | None) -> str:
    return (launch.fixed_method or "fork") if ctx is None else ctx.get_start_method()


def initialise(address: int, value: int) -> None:
    """Make the memory at `address`, 32 bytes, a semaphore that processes share. OSError: the value is too large."""
    if _sem_init(Pointer(address), 1, value) != 0:
        number = get_errno()
        raise OSError(number, os.strerror(number))


class Pointer(_SimpleCData):  # type: ignore[type-arg]  # of no interest here
    """An address, as functions of the C library take it: `ctypes` itself is dear to import."""

    _type_ = "P"


class CFunction(CFuncPtr):
    """A function of the C library that may take its time: other threads run meanwhile."""

    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_USE_ERRNO


def address_of(name: str) -> int:
    """Return where the function of the C library is. OSError: it has none of this name."""
    return dlsym(_program, name)


_program = dlopen(None, 0)  # type: ignore[arg-type]  # None: this program
_sem_init = CFunction(address_of("sem_init"))

#: All semaphores of this process: a forked child owns none of them.
_known: set[ref[_Semaphore]] = set()


def _made(cls: type[Kind], kind: int, value: int, most: int, ctx: Context | None) -> Kind:
    """Make a new one in shared memory."""
    if not isinstance(value, int):
        raise TypeError(f"the value of a {cls.__name__} is an int, not {value!r}")
    if not 0 <= value <= SemLock.SEM_VALUE_MAX:
        raise ValueError(f"the value of a {cls.__name__} is from 0 to {SemLock.SEM_VALUE_MAX}, not {value}")
    block = heap.allocate(_SEMAPHORE, zeroed=False)
    initialise(block.address, value)
    return _found(cls, block, kind, most, method_of(ctx))


def _found(cls: type[Kind], block: heap.Block, kind: int, most: int, method: str) -> Kind:
    """Make the object for one that is in shared memory already."""
    one = cls._rebuild(block.address, kind, most, None)
    one._block, one._method = block, method
    _known.add(ref(one, _known.discard))
    return one


def _after_fork() -> None:
    for one in tuple(_known):
        semaphore = one()
        if semaphore is not None:
            semaphore._after_fork()


os.register_at_fork(after_in_child=_after_fork)
