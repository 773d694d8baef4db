"""Programs whose processes exchange objects, by a queue and by a pipe, and take turns at standard output."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.examples.chapter import chapter, prints
from mpspec.clause import EVERY_METHOD
from mpspec.observation.see import See

EXCHANGING = "exchanging-objects-between-processes"


@chapter.clause("examples.exchanging.queue", passage=f"{EXCHANGING}/5", methods=EVERY_METHOD)
def a_queue_brings_an_object(mp: Any, see: See) -> None:
    """The list that a process puts into a queue is the list that the program gets and prints."""
    prints(see, see.program(BY_QUEUE, mp.get_start_method()), "['plum', 7, None]\n")


BY_QUEUE = """\
from multiprocessing import Process, Queue, set_start_method
import sys


def fill(basket):
    basket.put(["plum", 7, None])


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    basket = Queue()
    other = Process(target=fill, args=(basket,))
    other.start()
    print(basket.get())
    other.join()
"""


@chapter.clause("examples.exchanging.pipe", passage=f"{EXCHANGING}/11,9", methods=EVERY_METHOD)
def a_pipe_brings_an_object(mp: Any, see: See) -> None:
    """The list that a process sends at its end of a pipe, which it then closes, arrives at the other end."""
    prints(see, see.program(BY_PIPE, mp.get_start_method()), "['pear', 8, None]\n")


BY_PIPE = """\
from multiprocessing import Pipe, Process, set_start_method
import sys


def fill(far):
    far.send(["pear", 8, None])
    far.close()


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    near, far = Pipe()
    other = Process(target=fill, args=(far,))
    other.start()
    print(near.recv())
    other.join()
"""


@chapter.clause("examples.exchanging.lock", passage="synchronization-between-processes/3,2", methods=EVERY_METHOD)
def a_lock_keeps_words_together(mp: Any, see: See) -> None:
    """Ten processes that print under one lock do so one after another, and the program ends after all of them."""
    ended = see.program(TURNS, mp.get_start_method())
    see.equal((ended.status, ended.err), (0, ""), "status and errors")
    lines = ended.out.splitlines()
    see.equal(sorted(lines[::2]), [f"here is {number}" for number in range(10)], "who has printed, in whatever order")
    see.equal(lines[1::2], [f"there goes {line[-1]}" for line in lines[::2]], "the second line of each one")


TURNS = """\
from multiprocessing import Lock, Process, set_start_method
import sys
import time


def visit(turn, number):
    turn.acquire()
    try:
        print("here is", number, flush=True)
        time.sleep(0.02)  # the others have the time to break in
        print("there goes", number, flush=True)
    finally:
        turn.release()


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    turn = Lock()
    for number in range(10):
        Process(target=visit, args=(turn, number)).start()
"""
