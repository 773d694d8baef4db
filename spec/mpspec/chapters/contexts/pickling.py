"""More picklability: what spawn and forkserver ask of a process object, and what happens otherwise."""

from __future__ import annotations

import os
import threading
from typing import Any

from mpspec.chapters.contexts.chapter import chapter
from mpspec.chapters.contexts.targets import Countdown, Unbuildable, count_arguments, nothing, take_anything
from mpspec.clause import SHOULD
from mpspec.observation import procfs
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

SPAWN_AND_FORKSERVER = "the-spawn-and-forkserver-start-methods"
PROCESS = "multiprocessing.Process"

FRESH = ("spawn", "forkserver")

UNPICKLABLE: dict[str, dict[str, Any]] = {
    "target": {"target": lambda: None},
    "argument": {"target": count_arguments, "args": (threading.Lock(),)},
    "keyword-argument": {"target": count_arguments, "kwargs": {"numbers": (number for number in range(3))}},
    "inside-an-argument": {"target": count_arguments, "args": ([{"function": lambda: None}],)},
}
"""What cannot be pickled -> arguments of Process with it."""


def helpers(mp: Any, see: See) -> set[int]:
    """The processes that stay below this one after a child has come and gone."""
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)
    return set(procfs.children(os.getpid()))


@chapter.clause(
    "context.pickling.fork",
    passage=(f"{SPAWN_AND_FORKSERVER}/1,3", f"{PROCESS}/22"),
    methods=("fork",),
    cases=UNPICKLABLE,
)
def a_forked_child_takes_what_cannot_be_pickled(mp: Any, see: See, arguments: dict[str, Any]) -> None:
    """A child by fork takes targets and arguments that cannot be pickled."""
    child = mp.Process(**arguments)
    child.start()
    see.exits(child, len(arguments) - 1)


@chapter.clause("context.pickling.fork-pickles-nothing", passage=f"{SPAWN_AND_FORKSERVER}/1", methods=("fork",))
def a_fork_does_not_pickle(mp: Any, see: See) -> None:
    """The start of a child by fork does not pickle the arguments: what it cannot build again arrives."""
    child = mp.Process(target=take_anything, args=(Unbuildable(),))
    child.start()
    see.exits(child, 0)


def is_refused(see: See, child: Any, status: int) -> bool:
    """Start the child: whether that is refused. Else it was handed over, and the child ends with the status."""
    try:
        child.start()
    except Exception:
        return True
    see.exits(child, status)
    return False


@chapter.clause(
    "context.pickling.error",
    passage=(f"{SPAWN_AND_FORKSERVER}/3", "the-process-class/8", f"{PROCESS}/16"),
    level=SHOULD,
    methods=FRESH,
    cases=UNPICKLABLE,
)
def what_cannot_be_pickled_is_refused_at_the_start(mp: Any, see: See, arguments: dict[str, Any]) -> None:
    """Where an argument of Process cannot be handed over, by spawn or forkserver, it is start() that raises."""
    refused = is_refused(see, mp.Process(**arguments), len(arguments) - 1)
    see.equal(mp.active_children(), [], "the children after a start that was refused, or a child that has ended")
    see.records(refused=refused)


@chapter.clause("context.pickling.construction", passage=f"{SPAWN_AND_FORKSERVER}/4,3", methods=FRESH)
def a_process_is_pickled_at_its_start(mp: Any, see: See) -> None:
    """Arguments are pickled when the process is started, and not when it is constructed."""
    child = mp.Process(target=take_anything, args=(Countdown(),))
    see.equal(Countdown.taken, 0, "how often it was pickled before the start")
    child.start()
    see.true(Countdown.taken > 0, "it is pickled by the start")
    see.exits(child, 0)


@chapter.clause(
    "context.pickling.nothing-left",
    passage=(
        f"{PROCESS}.pid/3",
        f"{PROCESS}.exitcode/3",
        f"{PROCESS}.is_alive/3",
        "multiprocessing.active_children/2",
        f"{SPAWN_AND_FORKSERVER}/3",
    ),
    level=SHOULD,
    methods=FRESH,
    platforms=("linux",),
)
def a_refused_start_leaves_nothing(mp: Any, see: See) -> None:
    """A start that fails because of its arguments leaves no process, and the process object as not started."""
    before = helpers(mp, see)
    child = mp.Process(target=take_anything, args=(threading.Lock(),))
    refused = is_refused(see, child, 0)
    see.equal(set(procfs.children(os.getpid())), before, "the set of processes below")
    if not refused:
        return
    see.equal(
        (child.pid, child.exitcode, child.is_alive()), (None, None, False), "pid, exitcode and life of the object"
    )
    see.equal(mp.active_children(), [], "the list of children")


@chapter.clause("context.pickling.goes-on", passage="multiprocessing.Process.start/4", methods=FRESH)
def a_refused_start_does_not_harm_the_next(mp: Any, see: See) -> None:
    """After a start with arguments that cannot be pickled, the next process starts and ends as usual."""
    is_refused(see, mp.Process(target=take_anything, args=(threading.Lock(),)), 0)
    child = mp.Process(target=take_anything, args=(1,))
    child.start()
    see.exits(child, 0)


@chapter.clause("context.pickling.unbuildable", passage=f"{PROCESS}/18", level=SHOULD, methods=FRESH)
def what_cannot_be_built_again_fails_the_child(mp: Any, see: See) -> None:
    """A child whose arguments cannot be built again ends with an exit code other than 0."""
    child = mp.Process(target=take_anything, args=(Unbuildable(),))
    with see.output():
        child.start()
        child.join(LONG)
    see.true(child.exitcode not in (None, 0), "the exitcode is a failure", child.exitcode)


@chapter.clause("context.pickling.unbuildable-told", passage=f"{PROCESS}/18", level=SHOULD, methods=FRESH, fresh=True)
def a_child_tells_what_it_cannot_build(mp: Any, see: See) -> None:
    """A child whose arguments cannot be built again writes the error to standard error."""
    child = mp.Process(target=take_anything, args=(Unbuildable(),))
    with see.output() as output:
        child.start()
        child.join(LONG)
    see.true("LookupError: it cannot be built again" in output.err, "the error is written", output.err)


@chapter.clause("context.pickling.subclass", passage=f"{SPAWN_AND_FORKSERVER}/4")
def an_instance_of_a_subclass_arrives(mp: Any, see: See) -> None:
    """The child runs the instance of a subclass with the attributes that it has when start() is called."""
    program = see.program(SUBCLASS, mp.get_start_method())
    see.equal((program.status, program.out, program.err), (0, "set before the start\n", ""), "status and outputs")


SUBCLASS = """\
import multiprocessing
import sys


class Herald(multiprocessing.Process):
    def __init__(self):
        super().__init__()
        self.message = (word for word in "not picklable")

    def run(self):
        print(self.message, flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    herald = Herald()
    herald.message = "set before the start"
    herald.start()
    herald.message = "set after the start"
    herald.join()
"""


@chapter.clause("context.pickling.subclass-error", passage=f"{SPAWN_AND_FORKSERVER}/4", level=SHOULD, methods=FRESH)
def an_unpicklable_instance_of_a_subclass_is_refused(mp: Any, see: See) -> None:
    """Where the instance of a subclass cannot be handed over, by spawn or forkserver, it is start() that raises."""
    program = see.program(UNPICKLABLE_SUBCLASS, mp.get_start_method())
    see.equal((program.status, program.err), (0, ""), "status and standard error")
    see.true(program.out in ("refused, no child\n", "0 1 2\n"), "it is refused, or runs", program.out)


UNPICKLABLE_SUBCLASS = """\
import multiprocessing
import sys


class Counter(multiprocessing.Process):
    def __init__(self):
        super().__init__()
        self.numbers = (number for number in range(3))

    def run(self):
        print(*self.numbers, flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    counter = Counter()
    try:
        counter.start()
    except Exception:
        print("refused,", multiprocessing.active_children() or "no child", flush=True)
"""


@chapter.clause("context.pickling.fork-subclass", passage=f"{SPAWN_AND_FORKSERVER}/1,4", methods=("fork",))
def a_forked_subclass_may_hold_anything(mp: Any, see: See) -> None:
    """A child by fork runs the instance of a subclass that cannot be pickled."""
    program = see.program(UNPICKLABLE_SUBCLASS, mp.get_start_method())
    see.equal((program.status, program.out, program.err), (0, "0 1 2\n", ""), "status and outputs")
