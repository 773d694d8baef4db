"""Lock, RLock, Semaphore and BoundedSemaphore: the interpreter's own semaphores, in anonymous shared memory.

There is no named semaphore that could be left behind. Section "Synchronization primitives".
"""

from __future__ import annotations

import os
from _multiprocessing import SemLock
from _weakref import ref

from ..quantities import whole
from ..start_method import method_of
from ..transfer import handover
from . import heap

try:
    from .libc import initialise_semaphore
except ImportError:
    from .without_ctypes import initialise_semaphore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Self, TypeVar

    from ..start_method import Context

    Kind = TypeVar("Kind", bound="_Semaphore")


_RECURSIVE, _COUNTING = 0, 1

_SEMAPHORE = 64
"""Bytes that a semaphore needs; no known C library takes more."""


class Primitive:
    """What lies in shared memory and is pickled only for a child that is being started, by the parts it is made of.

    The parts that _parts() returns, _made_of() makes an equal object of. The last is the start method of the processes
    that it is for: what is made for 'fork' is not given to others, which do not share the memory of their parent.
    """

    __slots__ = ()

    def _parts(self) -> tuple[Any, ...]:
        raise NotImplementedError

    @classmethod
    def _made_of(cls, *parts: Any) -> Self:
        raise NotImplementedError

    def __reduce__(self) -> tuple[Callable[..., Primitive], tuple[Any, ...]]:
        delivery = handover.require(self)
        parts = self._parts()
        if parts[-1] == "fork":
            name = type(self).__name__
            raise RuntimeError(
                f"this {name} was made for the start method 'fork' and cannot be given to a process started by "
                f"{delivery.method!r}: make it by get_context({delivery.method!r}).{name}()"
            )
        return _made_of, (type(self), *parts)


def _made_of(kind: type[Primitive], *parts: Any) -> Primitive:
    return kind._made_of(*parts)


class _Semaphore(SemLock, Primitive):
    """What the four have in common: the interpreter's own semaphore type, at a place in shared memory.

    Its methods are C functions, also those of `with`.
    """

    __slots__ = ("__weakref__", "_block", "_method")

    _block: heap.Block
    _method: str

    def _parts(self) -> tuple[heap.Block, int, int, str]:
        return self._block, self.kind, self.maxvalue, self._method

    @classmethod
    def _made_of(cls, block: heap.Block, kind: int, most: int, method: str) -> Self:
        one = cls._rebuild(block.address, kind, most, None)
        one._block, one._method = block, method
        _known.add(ref(one, _known.discard))
        return one

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


_known: set[ref[_Semaphore]] = set()
"""All semaphores of this process: a forked child owns none of them."""


def _made(cls: type[Kind], kind: int, value: int, most: int, ctx: Context | None) -> Kind:
    """Make a new one in shared memory."""
    if type(value) is not int:
        value = whole(value, f"the value of a {cls.__name__}")
    if not 0 <= value <= SemLock.SEM_VALUE_MAX:
        raise ValueError(f"the value of a {cls.__name__} is from 0 to {SemLock.SEM_VALUE_MAX}, not {value}")
    block = heap.allocate(_SEMAPHORE, zeroed=False)
    initialise_semaphore(block, 0, value)
    return cls._made_of(block, kind, most, method_of(ctx))


def _after_fork() -> None:
    for one in tuple(_known):
        semaphore = one()
        if semaphore is not None:
            semaphore._after_fork()


os.register_at_fork(after_in_child=_after_fork)
