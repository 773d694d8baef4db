"""The C library of this program: functions for which the interpreter has no module."""

from __future__ import annotations

from _ctypes import (
    FUNCFLAG_CDECL,
    FUNCFLAG_PYTHONAPI,
    FUNCFLAG_USE_ERRNO,
    CFuncPtr,
    _SimpleCData,
    dlopen,
    dlsym,
)


class Pointer(_SimpleCData):  # type: ignore[type-arg]  # of no interest here
    """An address, as functions of the C library take it: `ctypes` itself is expensive to import."""

    _type_ = "P"


class CFunction(CFuncPtr):
    """A function of the C library that may take its time: other threads run meanwhile."""

    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_USE_ERRNO


class BriefCFunction(CFuncPtr):
    """A function of the C library that returns at once."""

    _flags_ = FUNCFLAG_CDECL | FUNCFLAG_PYTHONAPI


def address_of(name: str) -> int:
    """Return where the function of the C library is. OSError: it has none of this name."""
    return dlsym(_program, name)


_program = dlopen(None, 0)  # type: ignore[arg-type]  # None: this program
