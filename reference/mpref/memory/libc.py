"""The C library of this program: functions for which the interpreter has no module."""

from __future__ import annotations

import os
from _ctypes import (
    FUNCFLAG_CDECL,
    FUNCFLAG_PYTHONAPI,
    FUNCFLAG_USE_ERRNO,
    CFuncPtr,
    _SimpleCData,
    addressof,
    dlopen,
    get_errno,
)
from mmap import mmap

try:
    from _ctypes import dlsym
except ImportError:  # PyPy

    def dlsym(library: Any, name: str, /) -> int:  # type: ignore[misc]  # of no interest here
        """Do as that of CPython does."""
        import ctypes

        try:
            return ctypes.cast(ctypes.CDLL(None)[name], ctypes.c_void_p).value or 0
        except AttributeError as error:
            raise OSError(str(error)) from None


TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .heap import Block


class Pointer(_SimpleCData):  # type: ignore[type-arg]  # of no interest here
    """An address, as functions of the C library take it: `ctypes` itself is expensive to import."""

    _type_ = "P"


class _Int(_SimpleCData):  # type: ignore[type-arg]  # of no interest here
    """What the functions return; PyPy has to be told."""

    _type_ = "i"


class CFunction(CFuncPtr):
    """A function of the C library that may take its time: other threads run meanwhile."""

    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_USE_ERRNO
    _restype_ = _Int


class BriefCFunction(CFuncPtr):
    """A function of the C library that returns at once."""

    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_PYTHONAPI
    _restype_ = _Int


def address_of(name: str) -> int:
    """Return where the function of the C library is. OSError: it has none of this name."""
    return dlsym(_program, name)


def map_file(descriptor: int, size: int, options: dict[str, Any]) -> tuple[mmap, int]:
    """Map a file into this process; return the mapping and the address where it begins. options: of mmap()."""
    memory = mmap(descriptor, size, **options)
    return memory, addressof(_Byte.from_buffer(memory))


def initialise_semaphore(block: Block, offset: int, value: int) -> None:
    """Make 32 bytes of a block a semaphore that processes share. OSError: the value is too large."""
    if _sem_init(Pointer(block.address + offset), 1, value) != 0:
        number = get_errno()
        raise OSError(number, os.strerror(number))


def pidfd_open(pid: int) -> int:
    """Do as that of `os` does, which PyPy lacks. AttributeError: so does the C library."""
    try:
        function = CFunction(address_of("pidfd_open"))
    except OSError as error:
        raise AttributeError(str(error)) from None
    descriptor: int = function(pid, 0)
    if descriptor < 0:
        number = get_errno()
        raise OSError(number, os.strerror(number))
    return descriptor


class _Byte(_SimpleCData):  # type: ignore[type-arg]  # of no interest here
    """One byte, to ask for its address."""

    _type_ = "c"


_program = dlopen(None, 0)  # type: ignore[arg-type]  # None: this program
_sem_init = CFunction(address_of("sem_init"))
