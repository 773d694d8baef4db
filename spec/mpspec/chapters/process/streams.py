"""The standard streams of a process and of its children."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.end_targets import let_go_of_the_input
from mpspec.clause import UNSPECIFIED
from mpspec.observation.see import See

ALL_START_METHODS = "all-start-methods"

INPUT = """\
import multiprocessing
import os, sys

def work():
    print("child reads", repr(sys.stdin.read()), flush=True)
    print("of the null device:", os.path.samestat(os.fstat(sys.stdin.fileno()), os.stat(os.devnull)), flush=True)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=work)
    child.start()
    child.join()
    print("parent reads", repr(sys.stdin.read()))
"""


@chapter.clause("process.stdin.child", passage=f"{ALL_START_METHODS}/45")
def a_child_does_not_read_its_parents_input(mp: Any, see: See) -> None:
    """In a child sys.stdin reads from the null device; what was to be read stays with the parent."""
    ended = see.program(INPUT, mp.get_start_method(), stdin="two\nlines\n")
    see.equal(ended.out, "child reads ''\nof the null device: True\nparent reads 'two\\nlines\\n'\n", "standard output")
    see.equal((ended.status, ended.err), (0, ""), "status and standard error")


CLOSING = """\
import multiprocessing
import os, sys

class Input:
    def close(self):
        os.write(1, b"closed in the child\\n" if os.getpid() != main else b"closed in the parent\\n")

def work():
    os.write(1, repr(sys.stdin.read()).encode() + b"\\n")

if __name__ == "__main__":
    main = os.getpid()
    multiprocessing.set_start_method("fork")
    sys.stdin = Input()
    child = multiprocessing.Process(target=work)
    child.start()
    child.join()
    os.write(1, b"replaced still: %d\\n" % isinstance(sys.stdin, Input))
"""


@chapter.clause("process.stdin.replaced", passage=f"{ALL_START_METHODS}/45", methods=("fork",))
def a_forked_child_closes_what_stands_for_its_input(mp: Any, see: See) -> None:
    """A forked child calls close() of the object that its parent has put in the place of sys.stdin, and replaces it."""
    ended = see.program(CLOSING)
    see.equal(ended.out, "closed in the child\n''\nreplaced still: 1\n", "standard output")
    see.equal(ended.status, 0, "the exit status")


# Before, the page had open(os.devnull) there, which owns its descriptor.
@chapter.clause("process.stdin.closing", passage=f"{ALL_START_METHODS}/45", since="3.9")
def closing_the_input_of_a_child_leaves_its_descriptor(mp: Any, see: See) -> None:
    """In a child closing or replacing sys.stdin leaves the descriptor below it open: the object does not own it."""
    box = see.mailbox()
    for how in ("closed", "replaced"):
        child = mp.Process(target=let_go_of_the_input, args=(box, how))
        child.start()
        see.exits(child, 0)
        see.equal(box.take(), b"", f"what the descriptor reads after sys.stdin was {how}")


NESTED = """\
import multiprocessing
import os, sys

def inner():
    print("inner reads", repr(sys.stdin.read()), flush=True)

def outer():
    child = multiprocessing.Process(target=inner)
    child.start()
    child.join()
    print("outer reads", repr(sys.stdin.read()), child.exitcode, flush=True)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=outer)
    child.start()
    child.join()
    print("main reads", repr(sys.stdin.read()), child.exitcode)
"""


@chapter.clause("process.stdin.nested", passage=f"{ALL_START_METHODS}/46,45")
def processes_in_processes_do_not_collide(mp: Any, see: See) -> None:
    """A child of a child has an empty standard input as well, and neither fails on it."""
    ended = see.program(NESTED, mp.get_start_method(), stdin="for main")
    see.equal(ended.out, "inner reads ''\nouter reads '' 0\nmain reads 'for main' 0\n", "standard output")
    see.equal((ended.status, ended.err), (0, ""), "status and standard error")


PRINTS = """\
import multiprocessing
import sys

def work():
    print("from the child")

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    print("before the child")
    child = multiprocessing.Process(target=work)
    child.start()
    child.join()
    print("after the child")
"""


@chapter.clause("process.stdout.order", source="multiprocessing.Process", level=UNSPECIFIED)
def nothing_is_printed_twice(mp: Any, see: See) -> None:
    """Whether what the parent has printed before a start comes first, and once, where the output is a file is open."""
    see.records(out=see.program(PRINTS, mp.get_start_method()).out.splitlines())
