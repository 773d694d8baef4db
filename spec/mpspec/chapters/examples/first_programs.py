"""The first programs of the page: a pool that maps, a process that greets, and one that tells who it is."""

from __future__ import annotations

import re
from typing import Any

from mpspec.chapters.examples.chapter import chapter, prints
from mpspec.clause import EVERY_METHOD
from mpspec.observation.see import See

FORMS: dict[str, dict[str, Any]] = {"script": {}, "module": {"module": True}, "zip": {"zipped": True}}
"""How a main module is run, and so where its children have to find it."""


@chapter.clause("examples.first.pool", passage="introduction/8,10", methods=EVERY_METHOD)
def a_pool_maps_a_function_of_the_program(mp: Any, see: See) -> None:
    """A pool of five maps a function of the main module over three numbers, and the program prints the list."""
    prints(see, see.program(MAPPING, mp.get_start_method()), "[8, 27, 64]\n")


MAPPING = """\
from multiprocessing import Pool, set_start_method
import sys


def cube(side):
    return side**3


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    with Pool(5) as pool:
        print(pool.map(cube, [2, 3, 4]))
"""


@chapter.clause("examples.first.process", passage="the-process-class/4", methods=EVERY_METHOD)
def a_process_runs_a_function_of_the_program(mp: Any, see: See) -> None:
    """A process runs a function of the main module with its argument, and the program ends after it."""
    prints(see, see.program(GREETING, mp.get_start_method()), "welcome, Ada\n")


GREETING = """\
from multiprocessing import Process, set_start_method
import sys


def greet(guest):
    print("welcome,", guest)


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    host = Process(target=greet, args=("Ada",))
    host.start()
    host.join()
"""


@chapter.clause(
    "examples.first.process-ids", passage=("the-process-class/6", "introduction/6"), methods=EVERY_METHOD, cases=FORMS
)
def a_process_tells_who_it_is(mp: Any, see: See, form: dict[str, Any]) -> None:
    """Program and process tell their module, ids and parents, as a script, as a module and from a zip file."""
    ended = see.program(WHO, mp.get_start_method(), **form)
    see.equal((ended.status, ended.err), (0, ""), "status and errors")
    found = re.fullmatch(TOLD, ended.out)
    see.true(found, "the program and then its process tell who they are", ended.out)
    assert found
    see.true(found["program"] != found["process"], "the process has an id of its own", ended.out)
    if mp.get_start_method() != "forkserver":
        see.equal(found["parent"], found["program"], "the parent of the process")


TOLD = r"""program
module __main__
parent \d+
process (?P<program>\d+)
in greet
module \w+
parent (?P<parent>\d+)
process (?P<process>\d+)
welcome, Ada
"""

WHO = """\
from multiprocessing import Process, set_start_method
import os
import sys


def tell(place):
    print(place)
    print("module", __name__)
    print("parent", os.getppid())
    print("process", os.getpid(), flush=True)


def greet(guest):
    tell("in greet")
    print("welcome,", guest)


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    tell("program")
    host = Process(target=greet, args=("Ada",))
    host.start()
    host.join()
"""
