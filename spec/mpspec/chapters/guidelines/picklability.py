"""More picklability: what a process object may consist of where its child does not have the memory of its parent."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.guidelines.chapter import FRESH, chapter, prints
from mpspec.observation.see import See

TARGETS = {
    "function": "target=greet, args=('Ada',)",
    "partial": "target=functools.partial(greet, name='Ada')",
    "bound-method": "target=Person('Ada').greeted",
    "callable-object": "target=Person('Ada')",
    "function-as-an-argument": "target=call, args=(greet,), kwargs={'name': 'Ada'}",
}
"""What takes the place of a function that cannot be pickled, as arguments of Process."""


@chapter.clause("guidelines.picklability.arguments", passage=f"{FRESH}/3", cases=TARGETS)
def picklable_targets_and_arguments(mp: Any, see: See, case: str) -> None:
    """Targets and arguments that can be pickled do their work in a child, whatever the start method."""
    prints(see, see.program(GREETING.replace("target=None", case), mp.get_start_method()), "good morning, Ada\n")


GREETING = """\
import functools
import multiprocessing
import sys


class Person:
    def __init__(self, name):
        self.name = name

    def greeted(self):
        greet(self.name)

    __call__ = greeted


def greet(name):
    print("good morning,", name, flush=True)


def call(function, name):
    function(name)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    child = multiprocessing.Process(target=None)
    child.start()
    child.join()
"""

MADE_PICKLABLE = {
    "made-in-run": {"__init__": "None", "run": "threading.Lock()", "state": "self.__dict__"},
    "left-out-of-its-state": {
        "__init__": "threading.Lock()",
        "run": "getattr(self, 'lock', None) or threading.Lock()",
        "state": "{**self.__dict__, 'lock': None}",
    },
}
"""How a subclass sees to it that its instances can be pickled: what its methods make of a lock of threads."""


@chapter.clause("guidelines.picklability.subclass", passage=f"{FRESH}/4", cases=MADE_PICKLABLE)
def a_subclass_whose_instances_are_picklable_at_the_start(mp: Any, see: See, case: dict[str, str]) -> None:
    """A subclass makes what cannot be pickled in run(), or leaves it out when it is pickled, and its child runs."""
    text = COUNTER
    for place, expression in case.items():
        text = text.replace(f"'{place}'", expression)
    prints(see, see.program(text, mp.get_start_method()), "5 apples\n")


COUNTER = """\
import multiprocessing
import sys
import threading


class Counter(multiprocessing.Process):
    def __init__(self, fruit):
        super().__init__()
        self.fruit, self.lock = fruit, '__init__'

    def __getstate__(self):
        return 'state'

    def run(self):
        self.lock = 'run'
        with self.lock:
            print(5, self.fruit, flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    counter = Counter("apples")
    counter.start()
    counter.join()
"""
