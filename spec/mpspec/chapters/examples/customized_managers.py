"""Customised managers: classes and functions of a program behind proxies, and proxies of its own making."""

from __future__ import annotations

import operator
from typing import Any

from mpspec.chapters.examples.chapter import chapter, prints
from mpspec.clause import EVERY_METHOD, SHOULD
from mpspec.observation.see import See


@chapter.clause("examples.managers.own-class", passage="customized-managers/3,1", methods=EVERY_METHOD)
def a_manager_has_a_registered_class(mp: Any, see: See) -> None:
    """A program registers a class with a manager of its own, and computes by the methods of a proxy."""
    prints(see, see.program(REGISTERED, mp.get_start_method()), "11\n42\n")


REGISTERED = """\
import sys
from multiprocessing import set_start_method
from multiprocessing.managers import BaseManager


class Abacus:
    def sum(self, one, other):
        return one + other

    def product(self, one, other):
        return one * other


class Office(BaseManager):
    pass


Office.register("Abacus", Abacus)

if __name__ == "__main__":
    set_start_method(sys.argv[1])
    with Office() as office:
        abacus = office.Abacus()
        print(abacus.sum(5, 6))
        print(abacus.product(6, 7))
"""


@chapter.clause("examples.managers.exposed", passage="examples/2,1", methods=EVERY_METHOD)
def a_program_chooses_what_proxies_expose(mp: Any, see: See) -> None:
    """Proxies have what a program exposes: public methods, methods it names, a generator, a module."""
    named = "--\nin open\nin shut\nFalse\n--\nin shut\nin _lock\nFalse\n"
    numbers = f"--\n<1><2><4><8><16>\n--\n68 {2**94}\n"
    prints(see, see.program(EXPOSED, mp.get_start_method()), named + numbers)


@chapter.clause("examples.managers.exposed-names", passage="examples/2", level=SHOULD, methods=EVERY_METHOD)
def proxies_name_what_they_expose(mp: Any, see: See) -> None:
    """Each proxy made by the manager of a program has the names of what is exposed as _exposed_."""
    public = sorted(name for name, value in vars(operator).items() if callable(value) and not name.startswith("_"))
    named = "\n".join(map(str, (["open", "shut"], ["_lock", "shut"], ["__next__"], public)))
    prints(see, see.program(EXPOSED, mp.get_start_method(), "names"), named + "\n")


EXPOSED = """\
import operator
import sys
from multiprocessing import freeze_support, set_start_method
from multiprocessing.managers import BaseManager, BaseProxy


class Door:
    def open(self):
        print("in open", flush=True)

    def shut(self):
        print("in shut", flush=True)

    def _lock(self):
        print("in _lock", flush=True)


def powers():
    for exponent in range(5):
        yield 2**exponent


class ItemsProxy(BaseProxy):
    _exposed_ = ["__next__"]

    def __iter__(self):
        return self

    def __next__(self):
        return self._callmethod("__next__")


def operators():
    return operator


class House(BaseManager):
    pass


House.register("Door", Door)
House.register("LockedDoor", Door, exposed=("shut", "_lock"))
House.register("powers", powers, proxytype=ItemsProxy)
House.register("operators", operators)


def use(door, locked, numbers, functions):
    print("--", flush=True)
    door.open()
    door.shut()
    print(hasattr(door, "_lock"))
    print("--", flush=True)
    locked.shut()
    locked._lock()
    print(hasattr(locked, "open"))
    print("--")
    for number in numbers:
        print(f"<{number}>", end="")
    print()
    print("--")
    print(functions.add(23, 45), functions.pow(2, 94))


if __name__ == "__main__":
    freeze_support()
    set_start_method(sys.argv[1])
    house = House()
    house.start()
    proxies = house.Door(), house.LockedDoor(), house.powers(), house.operators()
    if sys.argv[2:] == ["names"]:
        for proxy in proxies:
            print(sorted(proxy._exposed_))
    else:
        use(*proxies)
"""
