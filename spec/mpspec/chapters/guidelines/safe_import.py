"""Safe importing of the main module: a program without its guard, and the same program with it."""

from __future__ import annotations

import os
import textwrap
from typing import Any

from mpspec.chapters.guidelines.chapter import FRESH, FRESH_METHODS, chapter, prints
from mpspec.clause import SHOULD
from mpspec.observation.see import See

HEAD = """\
import multiprocessing
import sys

context = multiprocessing.get_context("METHOD")


def triple(number):
    return 3 * number


def show(number):
    print(triple(number), flush=True)


"""
"""What the import of the main module may do in a child."""

START = """\
child = context.Process(target=show, args=(5,))
child.start()
child.join()
"""

USES = {
    "pool": "pool = context.Pool(1)\nprint(pool.apply(triple, (5,)), flush=True)\npool.close()\npool.join()\n",
    "manager": "manager = context.Manager()\nprint(manager.list([15])[0], flush=True)\nmanager.shutdown()\n",
}
"""What has processes of its own -> an entry point that makes one, and prints 15."""


def bare(mp: Any, entry: str) -> str:
    """A program whose entry point stands at the top level."""
    return HEAD.replace("METHOD", mp.get_start_method()) + entry


def guarded(mp: Any, entry: str) -> str:
    """The same program, whose entry point stands under the guard."""
    return bare(mp, 'if __name__ == "__main__":\n' + textwrap.indent(entry, "    "))


@chapter.clause("guidelines.main.guard", passage=f"{FRESH}/12,10,15", methods=FRESH_METHODS, hanging=True)
def the_guard_is_the_way_out(mp: Any, see: See) -> None:
    """A program that fails with RuntimeError because it starts a child at its top level does so under the guard."""
    program = see.program(bare(mp, START))
    see.true("RuntimeError" in program.err, "a RuntimeError is written", program.err)
    see.equal(program.out, "", "the output of the program without the guard")
    prints(see, see.program(guarded(mp, START)), "15\n")


@chapter.clause("guidelines.main.no-freeze-support", passage=f"{FRESH}/14,12")
def a_program_that_is_not_frozen_needs_no_freeze_support(mp: Any, see: See) -> None:
    """A program that is run by the interpreter starts its child without freeze_support(), and no less with it."""
    for entry in (START, "multiprocessing.freeze_support()\n" + START):
        prints(see, see.program(guarded(mp, entry)), "15\n")


@chapter.clause("guidelines.main.uses", passage=f"{FRESH}/16,12", cases=USES)
def a_pool_or_manager_under_the_guard(mp: Any, see: See, case: str) -> None:
    """A program that makes a pool, or a manager, under the guard runs."""
    prints(see, see.program(guarded(mp, case)), "15\n")


@chapter.clause("guidelines.main.uses-fork", passage=f"{FRESH}/1,16", methods=("fork",), cases=USES)
def a_forking_pool_or_manager_needs_no_guard(mp: Any, see: See, case: str) -> None:
    """A program that makes a pool, or a manager, by fork at its top level runs: the restriction is not one of fork."""
    prints(see, see.program(bare(mp, case)), "15\n")


UNGUARDED = {
    "pool": "pool = context.Pool(1)\nsys.stdin.readline()\npool.terminate()\npool.join()\n",
    "manager": "manager = context.Manager()\nmanager.shutdown()\n",
}
"""The same for the top level. A pool may go on to replace workers that cannot begin: it is ended when it is told."""


@chapter.clause(
    "guidelines.main.uses-unguarded", passage=f"{FRESH}/16,10", level=SHOULD, methods=FRESH_METHODS, cases=UNGUARDED
)
def a_pool_or_manager_without_the_guard(mp: Any, see: See, case: str) -> None:
    """A program that makes a pool, or a manager, at its top level tells of a RuntimeError."""
    running = see.start_program(bare(mp, case))

    def told() -> str:
        with open(os.path.join(running.folder, ".err"), encoding="utf-8") as file:
            return file.read()

    see.eventually(lambda: "RuntimeError" in told(), "a RuntimeError is written")
    running.finish("go on\n")
