"""Picklability, and thread safety of proxies: what is handed to their methods, and who uses one at the same time."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.guidelines.chapter import ALL, chapter, prints
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See


@chapter.clause("guidelines.proxies.picklable", passage=f"{ALL}/6")
def picklable_arguments_of_a_proxys_method(mp: Any, see: See) -> None:
    """The methods of a proxy take what can be pickled, objects and functions of the main module among it."""
    prints(see, see.program(ORDERS, mp.get_start_method()), "soup {'table': (4, None)}\n")


ORDERS = """\
import multiprocessing
import sys


class Order:
    def __init__(self, dish):
        self.dish = dish


def dish_of(order):
    return order.dish


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with multiprocessing.Manager() as manager:
        orders = manager.list()
        orders.append(Order("soup"))
        orders.extend([dish_of, {"table": (4, None)}])
        order, function, note = orders[:]
        print(function(order), note)
"""


@chapter.clause("guidelines.proxies.unpicklable", passage=f"{ALL}/6", level=SHOULD, hanging=True)
def an_unpicklable_argument_of_a_proxys_method(mp: Any, see: See) -> None:
    """A proxy is of use after a call with an argument that cannot be pickled, whether or not that call has failed."""
    program = see.program(LAMBDA, mp.get_start_method())
    see.equal((program.status, program.err), (0, ""), "status and standard error")
    first, *rest = program.out.splitlines()
    see.equal(rest, ["[1, 2]"], "the items that can be pickled")
    see.records(came_of_it=first)


LAMBDA = """\
import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with multiprocessing.Manager() as manager:
        items = manager.list([1])
        try:
            items.append(lambda: None)
            items.pop()
            print("taken")
        except Exception as error:
            print(type(error).__name__)
        items.append(2)
        print(items)
"""


@chapter.clause("guidelines.proxies.threads", passage=f"{ALL}/8", methods=ANY_METHOD)
def threads_that_take_turns_at_a_proxy(mp: Any, see: See) -> None:
    """Several threads use one proxy, for what takes two calls as well, where a lock protects it."""
    prints(see, see.program(THREADS.replace("guard = None", "guard = threading.Lock()")), "60\n")


@chapter.clause("guidelines.proxies.threads-at-once", passage=f"{ALL}/8", level=UNSPECIFIED, methods=ANY_METHOD)
def threads_that_use_a_proxy_at_once(mp: Any, see: See) -> None:
    """What becomes of the calls of several threads that use one proxy without a lock is left open."""
    running = see.start_program(THREADS.replace("guard = None", "guard = contextlib.nullcontext()"))
    see.records(came_of_it=running.finish().out)


THREADS = """\
import contextlib
import multiprocessing
import threading

guard = None


def count(visits):
    for _ in range(20):
        with guard:
            visits.update(number=visits["number"] + 1)


if __name__ == "__main__":
    with multiprocessing.Manager() as manager:
        visits = manager.dict(number=0)
        threads = [threading.Thread(target=count, args=(visits,)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(visits["number"])
"""


@chapter.clause("guidelines.proxies.processes", passage=f"{ALL}/9")
def processes_that_use_a_proxy_at_once(mp: Any, see: See) -> None:
    """Several processes, and the one that has started them, use one proxy at once, without a lock."""
    prints(see, see.program(PROCESSES, mp.get_start_method()), "80 [20, 20, 20, 20]\n")


PROCESSES = """\
import multiprocessing
import sys


def visit(visitors, number):
    for _ in range(20):
        visitors.append(number)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with multiprocessing.Manager() as manager:
        visitors = manager.list()
        children = [multiprocessing.Process(target=visit, args=(visitors, number)) for number in range(3)]
        for child in children:
            child.start()
        visit(visitors, 3)
        for child in children:
            child.join()
        print(len(visitors), [visitors.count(number) for number in range(4)])
"""
