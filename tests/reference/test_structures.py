"""Structures whose classes have opinions about attributes, in shared memory."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

PROGRAM = """
import ctypes, os, sys
import mpref

class Slotted(ctypes.Structure):
    __slots__ = ()
    _fields_ = [("x", ctypes.c_int), ("pointer", ctypes.POINTER(ctypes.c_int))]

class SlottedUnion(ctypes.Union):
    __slots__ = ()
    _fields_ = [("x", ctypes.c_int)]

class Choosy(ctypes.Structure):
    _fields_ = [("x", ctypes.c_int)]

    def __getattr__(self, name):
        return "whatever", name

    def __setattr__(self, name, value):
        if name != "x":
            raise AttributeError(name)
        super().__setattr__(name, value)

def work(raw, wrapped, many):
    raw.x = wrapped.x = os.getpid()
    many[1].x = 7

if __name__ == "__main__":
    ctx = mpref.get_context(sys.argv[1])
    for kind in (Slotted, SlottedUnion, Choosy):
        raw, wrapped, many = ctx.RawValue(kind), ctx.Value(kind), ctx.Array(kind, 2)
        child = ctx.Process(target=work, args=(raw, wrapped, many))
        child.start()
        child.join()
        print(child.exitcode, raw.x == wrapped.x == child.pid, many[1].x)
        assert kind is type(raw)
"""


def test_structures_that_take_no_attributes_are_shared(
    run: Callable[..., subprocess.CompletedProcess[str]], method: str
) -> None:
    ended = run(PROGRAM, method)
    assert (ended.stdout, ended.stderr) == ("0 True 7\n" * 3, "")
