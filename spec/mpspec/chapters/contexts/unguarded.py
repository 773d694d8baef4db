"""A main module without a guard, or one that cannot be imported: what happens to the program."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.contexts.chapter import chapter, prints
from mpspec.clause import SHOULD, UNSPECIFIED
from mpspec.observation.see import See

SPAWN_AND_FORKSERVER = "the-spawn-and-forkserver-start-methods"

GUIDELINES = "programming-guidelines"
FRESH = ("spawn", "forkserver")


@chapter.clause("context.main.unguarded", passage=f"{SPAWN_AND_FORKSERVER}/10,11", methods=FRESH, hanging=True)
def a_program_without_a_guard_fails_with_runtime_error(mp: Any, see: See) -> None:
    """A program that starts a child at its top level fails with RuntimeError, and neither hangs nor does the work."""
    program = see.program(UNGUARDED.replace("METHOD", mp.get_start_method()))
    see.true("RuntimeError" in program.err, "a RuntimeError is written", program.err)
    see.true("work" not in program.out, "the work is not done", program.out)


@chapter.clause("context.main.unguarded-status", passage=f"{SPAWN_AND_FORKSERVER}/10", methods=FRESH, hanging=True)
def the_child_of_a_program_without_a_guard_fails(mp: Any, see: See) -> None:
    """The program whose main module starts a child at its top level does not see that child succeed."""
    program = see.program(UNGUARDED.replace("METHOD", mp.get_start_method()))
    see.true(program.status != 0 or "exitcode 0" not in program.out, "no success is shown", program.out)


@chapter.clause("context.main.unguarded-advice", source=GUIDELINES, level=UNSPECIFIED, methods=FRESH)
def a_program_without_a_guard_is_told_of_the_guard(mp: Any, see: See) -> None:
    """Whether what a program without a guard writes names the guard that it lacks is left open."""
    program = see.program(UNGUARDED.replace("METHOD", mp.get_start_method()))
    see.records(guard_named="if __name__ == '__main__':" in program.err)


@chapter.clause("context.main.unguarded-fork", passage=f"{SPAWN_AND_FORKSERVER}/1", methods=("fork",))
def a_forking_program_needs_no_guard(mp: Any, see: See) -> None:
    """A program that starts a child by fork at its top level runs: the restriction does not apply to fork."""
    prints(see, see.program(UNGUARDED.replace("METHOD", "fork")), "work\nexitcode 0\n")


UNGUARDED = """\
import multiprocessing

context = multiprocessing.get_context("METHOD")


def work():
    print("work", flush=True)


child = context.Process(target=work)
child.start()
child.join()
print("exitcode", child.exitcode, flush=True)
"""


@chapter.clause(
    "context.main.unimportable", passage=f"{SPAWN_AND_FORKSERVER}/9,15", level=SHOULD, methods=FRESH, hanging=True
)
def a_main_that_cannot_be_imported_fails_the_child(mp: Any, see: See) -> None:
    """A child whose main module raises when it is imported fails, does no work, and the program goes on."""
    program = see.program(UNIMPORTABLE, mp.get_start_method())
    see.equal((program.status, program.out), (0, "failed\n"), "status and output")


@chapter.clause("context.main.unimportable-told", source=GUIDELINES, level=UNSPECIFIED, methods=FRESH)
def the_error_of_an_unimportable_main_is_written(mp: Any, see: See) -> None:
    """Whether the error with which a child's import of the main module ends is written to standard error is open."""
    program = see.program(UNIMPORTABLE, mp.get_start_method())
    see.records(told="LookupError: for children there is nothing here" in program.err)


UNIMPORTABLE = """\
import multiprocessing
import sys

if __name__ != "__main__":
    raise LookupError("for children there is nothing here")


def work():
    print("work", flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=work)
    try:
        child.start()
        child.join()
        failed = child.exitcode != 0
    except Exception:
        failed = True
    print("failed" if failed else "not failed", flush=True)
"""
