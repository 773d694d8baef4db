"""Explicitly pass resources to child processes: by a global variable, and as an argument."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.guidelines.chapter import ALL, FRESH, FRESH_METHODS, chapter, prints
from mpspec.clause import MAY
from mpspec.observation.see import See

USED = "0 while it is locked\n4 afterwards\n"
"""What the program prints if all four children use the lock of their parent."""


@chapter.clause("guidelines.resources.argument", passage=f"{ALL}/34,33,39")
def a_resource_as_an_argument(mp: Any, see: See) -> None:
    """A lock that is passed to four processes as an argument excludes all of them as long as another holds it."""
    prints(see, see.program(TEN, mp.get_start_method(), "argument"), USED)


@chapter.clause("guidelines.resources.global", passage=f"{ALL}/32,37", methods=("fork",))
def a_resource_in_a_global_variable(mp: Any, see: See) -> None:
    """A lock in a global variable of their parent excludes four forked processes as long as it is held."""
    prints(see, see.program(TEN, mp.get_start_method(), "global"), USED)


@chapter.clause(
    "guidelines.resources.global-fresh", passage=(f"{FRESH}/6", f"{ALL}/34"), level=MAY, methods=FRESH_METHODS
)
def a_global_resource_and_a_fresh_child(mp: Any, see: See) -> None:
    """A child by spawn or forkserver may not have what its parent has put into a global variable, and may fail."""
    program = see.program(TEN, mp.get_start_method(), "global")
    see.true(program.out in (USED, USED.replace("4", "0")), "all use it, or none does", (program.out, program.err))
    see.records(used=program.out == USED)


TEN = """\
import multiprocessing
import sys


def count(total, tried, lock=None):
    try:
        lock = shared_lock if lock is None else lock
        if lock.acquire(block=False):
            return
    finally:
        tried.release()
    with lock:
        total.value += 1


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    shared_lock, tried = multiprocessing.Lock(), multiprocessing.Semaphore(0)
    total = multiprocessing.Value("i", 0, lock=False)
    passed = (total, tried, shared_lock) if sys.argv[2] == "argument" else (total, tried)
    children = [multiprocessing.Process(target=count, args=passed) for _ in range(4)]
    with shared_lock:
        for child in children:
            child.start()
        for child in children:
            tried.acquire()
        print(total.value, "while it is locked", flush=True)
    for child in children:
        child.join()
    print(total.value, "afterwards")
"""


@chapter.clause("guidelines.resources.kept", passage=f"{ALL}/34,35")
def an_argument_is_not_freed_while_the_child_runs(mp: Any, see: See) -> None:
    """A resource that is freed with its object in the parent is there for the child whose argument the object is."""
    prints(see, see.program(KEPT, mp.get_start_method()), "there: True\n")


KEPT = """\
import multiprocessing
import gc, os, sys


class Note:
    def __init__(self, path):
        self.path, self.author = path, os.getpid()
        open(path, "x").close()

    def __del__(self, os=os):
        if os.getpid() == self.author:
            os.unlink(self.path)


def read(note, go_on):
    go_on.wait()
    print("there:", os.path.exists(note.path), flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    go_on = multiprocessing.Event()
    child = multiprocessing.Process(target=read, args=(Note("note.txt"), go_on))
    child.start()
    gc.collect()
    go_on.set()
"""
