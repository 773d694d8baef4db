"""Better to inherit than pickle/unpickle: how shared objects come to the processes that need them."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.guidelines.chapter import ALL, chapter, prints
from mpspec.clause import UNSPECIFIED
from mpspec.observation.see import See


@chapter.clause("guidelines.inheriting.types", passage=f"{ALL}/16")
def shared_objects_inside_of_an_object_of_the_program(mp: Any, see: See) -> None:
    """The shared objects that an object of the program holds come with it to a child, as one of its arguments."""
    prints(see, see.program(WORKSHOP, mp.get_start_method()), "tool used\n7 [1, 2] True 1\n")


WORKSHOP = """\
import multiprocessing
import sys


class Workshop:
    def __init__(self):
        self.guards = [multiprocessing.Lock(), multiprocessing.RLock(), multiprocessing.Condition()]
        self.places = [multiprocessing.Semaphore(2), multiprocessing.BoundedSemaphore(2)]
        self.closed, self.meeting = multiprocessing.Event(), multiprocessing.Barrier(2)
        self.number, self.sizes = multiprocessing.Value("i"), multiprocessing.Array("i", 2)
        self.tools, self.results = multiprocessing.JoinableQueue(), multiprocessing.SimpleQueue()
        self.messages = multiprocessing.Queue()
        self.door, self.outside = multiprocessing.Pipe()

    def work(self):
        for guard in self.guards + self.places:
            with guard:
                self.number.value += 1
        self.sizes[:] = 1, 2
        self.results.put(self.tools.get() + " " + self.messages.get())
        self.tools.task_done()
        self.outside.send(self.number.value + 2)
        self.meeting.wait()
        self.closed.set()


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    workshop = Workshop()
    child = multiprocessing.Process(target=Workshop.work, args=(workshop,))
    child.start()
    workshop.messages.put("used")
    workshop.tools.put("tool")
    workshop.tools.join()
    print(workshop.results.get())
    seven = workshop.door.recv()
    workshop.meeting.wait()
    workshop.closed.wait()
    child.join()
    print(seven, workshop.sizes[:], workshop.closed.is_set(), int(child.exitcode == 0))
"""


@chapter.clause("guidelines.inheriting.ancestor", passage=f"{ALL}/18")
def a_resource_comes_from_an_ancestor(mp: Any, see: See) -> None:
    """A process uses the lock, the value and the queue that were made by the process which has started its parent."""
    prints(see, see.program(GENERATIONS, mp.get_start_method()), "['child', 'grandchild'] 2\n")


GENERATIONS = """\
import multiprocessing
import sys


def live(generations, lock, births, names):
    with lock:
        births.value += 1
        names.put(generations[0])
    if generations[1:]:
        child = multiprocessing.Process(target=live, args=(generations[1:], lock, births, names))
        child.start()
        child.join()


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    lock, births, names = multiprocessing.Lock(), multiprocessing.Value("i", 0), multiprocessing.Queue()
    child = multiprocessing.Process(target=live, args=(["child", "grandchild"], lock, births, names))
    child.start()
    print(sorted(names.get() for _ in range(2)), births.value, flush=True)
    child.join()
"""


@chapter.clause("guidelines.inheriting.sent", passage=f"{ALL}/17", level=UNSPECIFIED)
def a_lock_sent_through_a_pipe(mp: Any, see: See) -> None:
    """Whether a lock can be sent to a child through a pipe, instead of being inherited by it, is left open."""
    see.records(came_of_it=see.program(SENT, mp.get_start_method()).out)


SENT = """\
import multiprocessing
import sys


def receive(end):
    with end.recv():
        print("arrived", flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    end, other = multiprocessing.Pipe()
    child = multiprocessing.Process(target=receive, args=(other,))
    child.start()
    other.close()
    try:
        end.send(multiprocessing.Lock())
    except Exception as error:
        print("refused:", type(error).__name__, flush=True)
        child.terminate()
    child.join()
"""
