"""Programs whose processes share state: numbers and structures in shared memory, containers in a server process."""

from __future__ import annotations

import ast
from typing import Any

from mpspec.chapters.examples.chapter import chapter, prints
from mpspec.clause import EVERY_METHOD
from mpspec.observation.see import See

SHARING = "sharing-state-between-processes"
SHAREDCTYPES = "module-multiprocessing.sharedctypes"


@chapter.clause("examples.sharing.memory", passage=f"{SHARING}/7,9,5", methods=EVERY_METHOD)
def a_process_changes_shared_numbers(mp: Any, see: See) -> None:
    """What a process assigns to a Value and to the items of an Array is what the program prints afterwards."""
    prints(see, see.program(NUMBERS, mp.get_start_method()), "2.718281828\n[0, 3, 6, 9, 12]\n")


NUMBERS = """\
from multiprocessing import Array, Process, Value, set_start_method
import sys


def change(number, row):
    number.value = 2.718281828
    for place in range(len(row)):
        row[place] = 3 * row[place]


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    number = Value("d", 0.0)
    row = Array("i", range(5))
    other = Process(target=change, args=(number, row))
    other.start()
    other.join()
    print(number.value)
    print(row[:])
"""


@chapter.clause("examples.sharing.structures", passage=f"{SHAREDCTYPES}/12,14", methods=EVERY_METHOD)
def a_process_changes_shared_structures(mp: Any, see: See) -> None:
    """A process changes values, bytes and structures, with a lock of their own, with a common one and with none."""
    promised = "81\n0.0625\nBRIGHT DAY\n[(2.25, 0.25), (16.0, 6.25)]\n"
    prints(see, see.program(STRUCTURES, mp.get_start_method()), promised)


# The page shows the bytes without the letter that print() puts before them.
STRUCTURES = """\
from multiprocessing import Lock, Process, set_start_method
from multiprocessing.sharedctypes import Array, Value
from ctypes import Structure, c_double
import sys


class Place(Structure):
    _fields_ = [("east", c_double), ("north", c_double)]


def change(whole, part, text, places):
    whole.value **= 2
    part.value **= 2
    text.value = text.value.upper()
    for place in places:
        place.east **= 2
        place.north **= 2


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    lock = Lock()
    whole = Value("i", 9)
    part = Value(c_double, 1 / 4, lock=False)
    text = Array("c", b"bright day", lock=lock)
    places = Array(Place, [(1.5, -0.5), (-4.0, 2.5)], lock=lock)
    other = Process(target=change, args=(whole, part, text, places))
    other.start()
    other.join()
    print(whole.value)
    print(part.value)
    print(text.value.decode())
    print([(place.east, place.north) for place in places])
"""


@chapter.clause("examples.sharing.server", passage=f"{SHARING}/17,19,14", methods=EVERY_METHOD)
def a_process_changes_containers_of_a_server(mp: Any, see: See) -> None:
    """What a process does to a dict and a list of a manager shows when the program prints them."""
    ended = see.program(CONTAINERS, mp.get_start_method())
    see.equal((ended.status, ended.err), (0, ""), "status and errors")
    # The page shows the dict in an order in which nothing has been entered.
    shown = [ast.literal_eval(line) for line in ended.out.splitlines()]
    see.equal(shown, [{3: "three", "four": 4, 0.5: None}, [5, 4, 3, 2, 1, 0]], "the dict and the list")


CONTAINERS = """\
from multiprocessing import Manager, Process, set_start_method
import sys


def change(table, row):
    table[3] = "three"
    table["four"] = 4
    table[0.5] = None
    row.reverse()


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    with Manager() as manager:
        table = manager.dict()
        row = manager.list(range(6))
        other = Process(target=change, args=(table, row))
        other.start()
        other.join()
        print(table)
        print(row)
"""


@chapter.clause("examples.sharing.server-set", passage=f"{SHARING}/24,25,14", methods=EVERY_METHOD, since="3.14")
def a_process_changes_a_set_of_a_server(mp: Any, see: See) -> None:
    """What a process does to a dict, a list and a set of a manager shows when the program prints them."""
    ended = see.program(WITH_SET, mp.get_start_method())
    see.equal((ended.status, ended.err), (0, ""), "status and errors")
    shown = [ast.literal_eval(line) for line in ended.out.splitlines()]
    see.equal(shown, [{3: "three", "four": 4}, [4, 3, 2, 1, 0], {"left", "right"}], "the dict, the list and the set")


WITH_SET = """\
from multiprocessing import Manager, Process, set_start_method
import sys


def change(table, row, sides):
    table[3] = "three"
    table["four"] = 4
    row.reverse()
    sides.add("left")
    sides.add("right")


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    with Manager() as manager:
        table = manager.dict()
        row = manager.list(range(5))
        sides = manager.set()
        other = Process(target=change, args=(table, row, sides))
        other.start()
        other.join()
        print(table)
        print(row)
        print(sides)
"""
