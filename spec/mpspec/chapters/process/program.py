"""Complete programs with a process: what they print, and how they end."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.observation.see import See

GREETING = """\
import multiprocessing
import os, sys

def greet(name, starter):
    print("good day,", name)
    print("elsewhere:", os.getpid() != starter)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=greet, args=("reader", os.getpid()))
    child.start()
    child.join()
    sys.exit(child.exitcode)
"""


@chapter.clause("process.program.greeting", passage="the-process-class/1,4,6")
def a_function_of_the_program_runs_in_a_child(mp: Any, see: See) -> None:
    """A function of the main module, started from under the guard of __main__, runs once, in a child."""
    ended = see.program(GREETING, mp.get_start_method())
    see.equal(
        (ended.status, ended.out, ended.err),
        (0, "good day, reader\nelsewhere: True\n", ""),
        "status, out, err",
    )


SUBCLASS = """\
import multiprocessing
import sys

class Counter(multiprocessing.Process):
    def __init__(self, limit):
        super().__init__(name="counter")
        self.limit = limit

    def run(self):
        print(self.name, *range(self.limit))
        sys.exit(self.limit)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = Counter(4)
    child.start()
    child.join()
    print(child.exitcode)
"""


@chapter.clause("process.program.subclass", passage="multiprocessing.Process.run/3")
def a_subclass_of_the_program_runs_in_a_child(mp: Any, see: See) -> None:
    """A subclass that the main module defines can be started by every start method."""
    ended = see.program(SUBCLASS, mp.get_start_method())
    see.equal((ended.status, ended.out, ended.err), (0, "counter 0 1 2 3\n4\n", ""), "status, out, err")


FAILING = """\
import multiprocessing
import sys

def fail():
    {}["missing"]

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=fail)
    child.start()
    child.join()
    print("the parent goes on:", child.exitcode)
"""


@chapter.clause("process.program.failing", passage="multiprocessing.Process.exitcode/6")
def the_failure_of_a_child_is_not_the_parents(mp: Any, see: See) -> None:
    """An exception in a child leaves its parent alone, which goes on and ends with its own status."""
    ended = see.program(FAILING, mp.get_start_method())
    see.equal((ended.status, ended.out), (0, "the parent goes on: 1\n"), "status and standard output")
