"""Joining processes that use queues: the deadlock, and each of the ways out of it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from mpspec.chapters.guidelines.chapter import ALL, chapter, prints
from mpspec.observation.see import See

if TYPE_CHECKING:
    from mpspec.observation.program import Running


def told(running: Running) -> str:
    """What the program has written so far."""
    with open(os.path.join(running.folder, ".out"), encoding="utf-8") as file:
        return file.read()


@chapter.clause("guidelines.joining-queues.deadlock", passage=f"{ALL}/28,29,23,26", hanging=True)
def a_join_before_the_get_deadlocks(mp: Any, see: See) -> None:
    """A program that joins a child before it gets the long item which the child has put waits; a get ends that."""
    running = see.start_program(DEADLOCK, mp.get_start_method())
    see.eventually(lambda: told(running).endswith("\n"), "the child has put its item")
    put = told(running)
    see.settles(int(put.split()[1]))
    see.settles(running.pid)
    see.equal(told(running), put, "the output while nobody gets the item")
    prints(see, running.finish("\n"), put + "get\njoined 0\n")


DEADLOCK = """\
import multiprocessing
import os
import sys
import threading


def fill(queue):
    queue.put("long" * 250000)
    print("put", os.getpid(), flush=True)


def get_when_told(queue):
    sys.stdin.readline()
    print("get", flush=True)
    queue.get()


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    queue = multiprocessing.Queue()
    child = multiprocessing.Process(target=fill, args=(queue,))
    child.start()
    threading.Thread(target=get_when_told, args=(queue,)).start()
    child.join()
    print("joined", child.exitcode, flush=True)
"""


WAYS_OUT = {"get-first": "print(len(queue.get()))\n    child.join()", "join-left-out": "print(len(queue.get()))"}


@chapter.clause("guidelines.joining-queues.ways-out", passage=f"{ALL}/30,27", cases=WAYS_OUT, hanging=True)
def a_get_before_the_join_ends(mp: Any, see: See, case: str) -> None:
    """A program that gets the item before it joins the child, or leaves the joining to its exit, ends."""
    prints(see, see.program(FILL.replace("pass", case), mp.get_start_method()), "1000000\n")


FILL = """\
import multiprocessing
import sys


def fill(queue):
    queue.put("long" * 250000)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    queue = multiprocessing.Queue()
    child = multiprocessing.Process(target=fill, args=(queue,))
    child.start()
    pass
"""


@chapter.clause("guidelines.joining-queues.cancelled", passage=f"{ALL}/24,23", hanging=True)
def a_child_that_does_not_wait_for_its_items(mp: Any, see: See) -> None:
    """A child that calls cancel_join_thread() of its queue ends, and is joined, although nobody gets its item."""
    text = FILL.replace("queue.put", "queue.cancel_join_thread()\n    queue.put")
    text = text.replace("pass", 'child.join()\n    print("joined", child.exitcode)')
    prints(see, see.program(text, mp.get_start_method()), "joined 0\n")


@chapter.clause("guidelines.joining-queues.several", passage=f"{ALL}/25,23", hanging=True)
def all_items_are_got_before_any_child_is_joined(mp: Any, see: See) -> None:
    """A program that gets every item of its children joins them all afterwards, in whatever order they have put."""
    prints(see, see.program(SEVERAL, mp.get_start_method()), "[0, 0, 1, 1, 2, 2] [0, 0, 0]\n")


SEVERAL = """\
import multiprocessing
import sys


def work(number, results):
    for _ in range(2):
        results.put((number, "long" * 250000))


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    results = multiprocessing.Queue()
    children = [multiprocessing.Process(target=work, args=(number, results)) for number in range(3)]
    for child in children:
        child.start()
    got = sorted(results.get()[0] for _ in range(6))
    for child in children:
        child.join()
    print(got, [child.exitcode for child in children])
"""
