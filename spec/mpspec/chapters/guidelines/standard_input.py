"""Beware of replacing sys.stdin with a file-like object: what a child does to that, and how it is made safe."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.guidelines.chapter import ALL, chapter, prints
from mpspec.clause import MAY
from mpspec.observation.see import See


@chapter.clause("guidelines.stdin.replaced", passage=f"{ALL}/45")
def a_replaced_input_is_not_read_by_a_child(mp: Any, see: See) -> None:
    """In a child of a process that has replaced sys.stdin by an object without a descriptor, sys.stdin is empty."""
    prints(see, see.program(REPLACED, mp.get_start_method()), "child: ''\nparent: 'two lines'\n")


REPLACED = """\
import io
import multiprocessing
import sys


def read():
    print("child:", repr(sys.stdin.read()), flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    sys.stdin = io.StringIO("two lines")
    child = multiprocessing.Process(target=read)
    child.start()
    child.join()
    print("parent:", repr(sys.stdin.read()))
"""


@chapter.clause("guidelines.stdin.cache-of-a-process", passage=f"{ALL}/48,50", methods=("fork",))
def a_cache_that_knows_its_process(mp: Any, see: See) -> None:
    """A file-like sys.stdin that drops its cache where the process id is another one writes each line once."""
    prints(see, see.program(DIARY.replace("shared = True", "shared = False")), "child 0\nchild 1\nmain\n")


@chapter.clause("guidelines.stdin.shared-cache", passage=f"{ALL}/46", level=MAY, methods=("fork",))
def a_cache_that_does_not_know_its_process(mp: Any, see: See) -> None:
    """A file-like sys.stdin with a cache that survives a fork may write what is in it several times."""
    out = see.program(DIARY).out
    see.true(out.endswith("main\n"), "the parent writes its line at last", out)
    see.records(times=out.count("main\n"))


DIARY = """\
import multiprocessing
import os
import sys

shared = True


class Diary:
    def __init__(self):
        self.author, self.entries = os.getpid(), []

    def of_this_process(self):
        if not shared and self.author != os.getpid():
            self.__init__()
        return self.entries

    def write(self, entry):
        self.of_this_process().append(entry)

    def close(self):
        os.write(1, "".join(self.of_this_process()).encode())


def work(number):
    diary.write(f"child {number}\\n")
    diary.close()


if __name__ == "__main__":
    multiprocessing.set_start_method("fork")
    sys.stdin = diary = Diary()
    diary.write("main\\n")
    for number in range(2):
        child = multiprocessing.Process(target=work, args=(number,))
        child.start()
        child.join()
    diary.close()
"""
