"""The first programs of the page: a pool that maps, a process that greets, and one that tells who it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from mpspec.chapters.examples.chapter import chapter, prints
from mpspec.clause import EVERY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

if TYPE_CHECKING:
    from mpspec.observation.program import Program

FORMS: dict[str, dict[str, Any]] = {"script": {}, "module": {"module": True}}
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
    """Program and process tell their module, ids and parents, as a script and as a module that is run with -m."""
    who_is_told(mp, see, see.program(f"{WHO}\n\n{START}", mp.get_start_method(), **form))


@chapter.clause("examples.first.zip", passage=("introduction/6", "the-process-class/6"), level=SHOULD)
def a_program_in_a_zip_file_has_its_functions_in_a_module(mp: Any, see: See) -> None:
    """A program that is run from a zip file and has its functions in a module there does what a script does."""
    main = f"from who import *\n{START}"
    who_is_told(mp, see, see.program(main, mp.get_start_method(), files={"who.py": WHO}, zipped=True), "who")


@chapter.clause("examples.first.zip-main", source="the-process-class", level=UNSPECIFIED)
def a_program_in_a_zip_file_has_its_functions_in_its_main_module(mp: Any, see: See) -> None:
    """Whether children find the functions of a main module in a zip file, which is its `__main__.py`, is left open."""
    ended = see.program(f"{WHO}\n\n{START}", mp.get_start_method(), zipped=True)
    see.records(runs="in greet" in ended.out, last_error=ended.err.splitlines()[-1:])


def who_is_told(mp: Any, see: See, ended: Program, module: str = "__main__") -> None:
    """The program has told about itself first, in this module, and then about its process."""
    see.equal((ended.status, ended.err), (0, ""), "status and errors")
    found = re.fullmatch(TOLD, ended.out)
    see.true(found, "the program and then its process tell who they are", ended.out)
    assert found
    see.equal(found["module"], module, "the module")
    see.true(found["program"] != found["process"], "the process has an id of its own", ended.out)
    if mp.get_start_method() != "forkserver":
        see.equal(found["parent"], found["program"], "the parent of the process")


TOLD = r"""program
module (?P<module>\w+)
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
"""

START = """\
if __name__ == "__main__":
    set_start_method(sys.argv[1])
    tell("program")
    host = Process(target=greet, args=("Ada",))
    host.start()
    host.join()
"""
