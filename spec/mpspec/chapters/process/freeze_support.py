"""freeze_support(): for programs that are frozen into an executable."""

from __future__ import annotations

import sys
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.clause import NO_METHOD, cases
from mpspec.observation.see import See

FREEZE_SUPPORT = "multiprocessing.freeze_support"


@chapter.clause("freeze_support.signature", passage=f"{FREEZE_SUPPORT}/9,1", methods=NO_METHOD)
def freeze_support_does_nothing_here(mp: Any, see: See) -> None:
    """freeze_support() takes nothing and does nothing in a program that is not frozen."""
    see.signature(mp.freeze_support, "()")
    before = list(sys.argv)
    see.comes_back(mp.freeze_support)
    see.equal(sys.argv, before, "sys.argv")


FROZEN = """\
import multiprocessing
import sys

def work():
    print("the work is done", flush=True)

if __name__ == "__main__":
    {frozen}
    multiprocessing.freeze_support()
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    print(child.exitcode)
"""


@chapter.clause("freeze_support.program", passage=f"{FREEZE_SUPPORT}/9", methods=NO_METHOD, uses=("fork",))
def a_program_that_is_not_frozen_goes_on(mp: Any, see: See) -> None:
    """A program that is not frozen goes past freeze_support(), even with the arguments of a child of a frozen one."""
    for args in ((), ("--multiprocessing-fork", "tracker_fd=4", "pipe_handle=5")):
        ended = see.program(FROZEN.format(frozen="pass"), *args)
        see.equal((ended.status, ended.out, ended.err), (0, "the work is done\n0\n", ""), "status, out, err")


@chapter.clause(
    "freeze_support.frozen",
    passage=f"{FREEZE_SUPPORT}/8",
    methods=NO_METHOD,
    cases=cases("fork", "forkserver"),
    uses={"fork": ("fork",), "forkserver": ("fork", "forkserver")},
)
def freeze_support_is_for_spawn_alone(mp: Any, see: See, method: str) -> None:
    """Where the start method is not spawn, freeze_support() has no effect in a frozen program either."""
    frozen = f"multiprocessing.set_start_method({method!r}); sys.frozen = True"
    ended = see.program(FROZEN.format(frozen=frozen), "--multiprocessing-fork", "pipe_handle=5")
    see.equal((ended.status, ended.out, ended.err), (0, "the work is done\n0\n", ""), "status, out, err")
