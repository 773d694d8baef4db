"""Global variables: what a child that does not have the memory of its parent sees of them, and what always arrives."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.guidelines.chapter import FRESH, FRESH_METHODS, chapter, prints
from mpspec.clause import MAY, cases
from mpspec.observation.see import See

VARIABLES = cases("changed", "bound", "elsewhere")


@chapter.clause("guidelines.globals.seen", passage=f"{FRESH}/6", level=MAY, methods=FRESH_METHODS, cases=VARIABLES)
def what_a_fresh_child_sees_of_a_global_variable(mp: Any, see: See, case: str) -> None:
    """A child by spawn or forkserver may see another value of a global variable than its parent at start(), or none."""
    program = see.program(COLOURS, mp.get_start_method(), case, files={"palette.py": "colour = 'white'\n"})
    see.equal((program.status, program.err), (0, ""), "status and errors")
    see.true(
        program.out in ("white\n", "blue\n", "none\n"), "the value of the import, of the start, or none", program.out
    )
    see.records(value=program.out.strip())


COLOURS = """\
import multiprocessing
import sys

import palette

changed = "white"


def show(name):
    print(palette.colour if name == "elsewhere" else globals().get(name, "none"), flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    changed = bound = palette.colour = "blue"
    child = multiprocessing.Process(target=show, args=(sys.argv[2],))
    child.start()
    child.join()
"""


@chapter.clause("guidelines.globals.argument", passage=("multiprocessing.Process/9,14", f"{FRESH}/6"))
def the_value_of_a_global_variable_as_an_argument(mp: Any, see: See) -> None:
    """The value that a global variable has at start() comes to the child as an argument, whatever the start method."""
    prints(see, see.program(ARGUMENT, mp.get_start_method()), "blue\n")


ARGUMENT = """\
import multiprocessing
import sys

colour = "white"


def show(colour):
    print(colour, flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    colour = "blue"
    child = multiprocessing.Process(target=show, args=(colour,))
    child.start()
    colour = "red"
    child.join()
"""
