"""Shared ctypes objects: what Value, Array and the module sharedctypes promise."""

from __future__ import annotations

import ctypes
from typing import Any

from mpspec.clause import Chapter, cases

chapter = Chapter(
    "sharedctypes",
    section="Shared ctypes Objects",
    source="shared-ctypes-objects",
    subjects=(
        "value",
        "array",
        "raw",
        "synchronized",
        "inheritance",
    ),
)

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

CODES = cases(*TYPECODES)


def bytes_of(obj: Any) -> bytes:
    """The memory of a ctypes object."""
    return bytes(memoryview(obj).cast("B")) if ctypes.sizeof(obj) else b""
