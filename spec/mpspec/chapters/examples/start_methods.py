"""Programs that choose how their processes start: for all of them, by a context, and ready to be frozen."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.examples.chapter import chapter, prints
from mpspec.clause import EVERY_METHOD
from mpspec.observation.see import See

CONTEXTS = "contexts-and-start-methods"


@chapter.clause("examples.start-methods.chosen", passage=f"{CONTEXTS}/12,10", methods=EVERY_METHOD)
def a_program_chooses_its_start_method(mp: Any, see: See) -> None:
    """A program sets its start method, gets by a queue what a process has put there, and prints it."""
    prints(see, see.program(CHOSEN, mp.get_start_method()), "good morning\n")


CHOSEN = """\
import multiprocessing as mp
import sys


def answer(box):
    box.put("good morning")


if __name__ == "__main__":
    mp.set_start_method(sys.argv[1])
    box = mp.Queue()
    other = mp.Process(target=answer, args=(box,))
    other.start()
    print(box.get())
    other.join()
"""


@chapter.clause("examples.start-methods.context", passage=f"{CONTEXTS}/16,14", methods=EVERY_METHOD)
def a_program_takes_a_context(mp: Any, see: See) -> None:
    """A program takes queue and process from a context, gets by the one what the other has put there, and prints it."""
    prints(see, see.program(WITH_CONTEXT, mp.get_start_method()), "good evening\n")


WITH_CONTEXT = """\
import multiprocessing as mp
import sys


def answer(box):
    box.put("good evening")


if __name__ == "__main__":
    context = mp.get_context(sys.argv[1])
    box = context.Queue()
    other = context.Process(target=answer, args=(box,))
    other.start()
    print(box.get())
    other.join()
"""


@chapter.clause(
    "examples.start-methods.freeze-support", passage="multiprocessing.freeze_support/6,9", methods=EVERY_METHOD
)
def a_program_is_ready_to_be_frozen(mp: Any, see: See) -> None:
    """A program that calls freeze_support() first and is not frozen starts a process and ends after it, unjoined."""
    prints(see, see.program(READY, mp.get_start_method()), "good night\n")


READY = """\
from multiprocessing import Process, freeze_support, set_start_method
import sys


def say():
    print("good night")


if __name__ == "__main__":
    freeze_support()
    set_start_method(sys.argv[1])
    Process(target=say).start()
"""
