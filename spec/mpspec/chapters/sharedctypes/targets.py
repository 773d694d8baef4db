"""The work of the children of the chapter sharedctypes, and the types that travel to them.

Imported by every spawned child, hence next to no imports.
"""

from __future__ import annotations

import ctypes

from mpspec.observation.waits import LONG
from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox


class Point(ctypes.Structure):
    """Two doubles."""

    _fields_ = [("x", ctypes.c_double), ("y", ctypes.c_double)]


class Line(ctypes.Structure):
    """Two points and a name."""

    _fields_ = [("begin", Point), ("end", Point), ("name", ctypes.c_char * 8)]


class Either(ctypes.Union):
    """An int or its bytes."""

    _fields_ = [("number", ctypes.c_uint32), ("octets", ctypes.c_ubyte * 4)]


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
    """Wait at the gate, post 'reading', then the items of the array."""
    gate.wait()
    box.post("reading")
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


@target
def square(points: Any) -> None:
    """Square both fields of each point."""
    for point in points:
        point.x **= 2
        point.y **= 2


@target
def shout(text: Any) -> None:
    """Change the characters to upper case."""
    text.value = text.value.upper()


@target
def hold_both(box: Mailbox, first: Any, second: Any) -> None:
    """Acquire the lock of the first, and post whether the lock of the second can be acquired by another thread."""
    import threading

    taken: list[bool] = []
    other = threading.Thread(target=lambda: taken.append(second.get_lock().acquire(False)), daemon=True)
    with first.get_lock():
        other.start()
        other.join(LONG)
        box.post(taken[0])


@target
def fill_arrays_and_post_the_changed(box: Mailbox, mp: Any, count: int, size: int) -> None:
    """Make arrays and fill each with its number; post the numbers of those that hold something else in the end."""
    arrays = [mp.sharedctypes.RawArray("c", size) for _ in range(count)]
    for number, array in enumerate(arrays):
        array.raw = bytes([number]) * size  # at once: item by item takes seconds
    box.post([number for number, array in enumerate(arrays) if array.raw != bytes([number]) * size])


@target
def post_ends(box: Mailbox, array: Any) -> None:
    """Post the first and the last item, and assign to their neighbours."""
    box.post([array[0], array[-1]])
    array[1], array[-2] = 3, 4


@target
def hand_on(mp: Any, array: Any) -> None:
    """Start a child that fills the array."""
    child = mp.Process(target=fill, args=(array, [5] * len(array)))
    child.start()
    child.join()


@target
def write_within(things: dict[str, list[Any]]) -> None:
    """Change what lies within containers."""
    things["values"][0].value = 5
    things["values"][1][1] = 6


@target
def post_then_write(box: Mailbox, gate: Gate, array: Any) -> None:
    """Post 'ready', wait at the gate, post the items, and fill the array with nines."""
    box.post("ready")
    gate.wait()
    box.post(list(array))
    array[:] = [9] * len(array)
