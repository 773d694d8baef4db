"""The chapter sharedctypes, which its parts fill: types, targets and what its clauses have in common."""

from __future__ import annotations

import ctypes
from typing import Any

from mpspec.clause import Chapter
from mpspec.letters import Gate, Mailbox
from mpspec.witness import target

chapter = Chapter("sharedctypes", section="Shared ctypes Objects", source="shared-ctypes-objects")

TYPECODES: dict[str, tuple[Any, Any]] = {
    "b": (ctypes.c_byte, -7),
    "B": (ctypes.c_ubyte, 200),
    "h": (ctypes.c_short, -30000),
    "H": (ctypes.c_ushort, 60000),
    "i": (ctypes.c_int, -(2**31)),
    "I": (ctypes.c_uint, 2**32 - 1),
    "l": (ctypes.c_long, -(2**31)),
    "L": (ctypes.c_ulong, 2**32 - 1),
    "q": (ctypes.c_longlong, -(2**63)),
    "Q": (ctypes.c_ulonglong, 2**64 - 1),
    "f": (ctypes.c_float, 0.5),
    "d": (ctypes.c_double, 2.4),
    "u": (ctypes.c_wchar, "é"),
}
"""The type codes of the module array: the ctypes type of each, and a value."""

CODES = {code: code for code in TYPECODES}


class Point(ctypes.Structure):
    """Two doubles."""

    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]


class Line(ctypes.Structure):
    """Two points and a name."""

    _fields_ = [("begin", Point), ("end", Point), ("name", ctypes.c_char * 8)]


class Either(ctypes.Union):
    """An int or its bytes."""

    _fields_ = [("number", ctypes.c_uint32), ("octets", ctypes.c_ubyte * 4)]


def bytes_of(obj: Any) -> bytes:
    """The memory of a ctypes object."""
    return bytes(memoryview(obj).cast("B")) if ctypes.sizeof(obj) else b""


@target
def assign(thing: Any, name: str, new: Any) -> None:
    """Assign to an attribute of the thing."""
    setattr(thing, name, new)


@target
def post_attribute(box: Mailbox, gate: Gate, thing: Any, name: str) -> None:
    """Wait at the gate, then post an attribute of the thing."""
    gate.wait()
    box.post(getattr(thing, name))


@target
def post_items(box: Mailbox, gate: Gate, array: Any) -> None:
    """Wait at the gate, then post the items of the array."""
    gate.wait()
    box.post(list(array))


@target
def fill(array: Any, new: Any) -> None:
    """Assign to all items of the array."""
    array[:] = new


@target
def add_often(value: Any, times: int) -> None:
    """Add one to the value that often, each time with its lock."""
    for _ in range(times):
        with value.get_lock():
            value.value += 1
