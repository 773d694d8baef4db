"""Named resources of spawn and forkserver: what is unlinked when a process was killed, and what never too early.

The kernel's own list of names is the witness, so an implementation whose semaphores have no name keeps these, too.
Where other programs have names in that list, those count that the processes of the clause's program tell to be theirs.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from mpspec.chapters.contexts.chapter import METHODS, chapter
from mpspec.chapters.contexts.targets import nothing, post_parent_and_wait, take_anything
from mpspec.clause import ITS_CASE, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation import procfs
from mpspec.observation.see import See
from mpspec.observation.shared_memory import names, private
from mpspec.observation.waits import LONG

START_METHODS = "contexts-and-start-methods"

FRESH = ("spawn", "forkserver")


def left(see: See, before: Mapping[str, int]) -> list[str]:
    """The names of semaphores and shared memory segments that the programs of the clause have made and not unlinked."""
    come = {name: inode for name, inode in names().items() if before.get(name) != inode}
    if come and not private():
        told: set[int] = set()
        for program in os.listdir(see.folder):
            path = os.path.join(see.folder, program, "held")
            if os.path.exists(path):
                told.update(map(int, written(path).split()))
        come = {name: inode for name, inode in come.items() if inode in told}
    return sorted(come)


TELL = """\
def tell():
    with open("/proc/self/maps") as maps, open("held", "a") as told:
        print(*(line.split()[4] for line in maps if "shm/" in line), file=told)


"""
PROGRAM = """\
import multiprocessing
import os
import signal
import sys


def use_and_die(lock):
    with lock:
        tell()
        print("used", flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def make_and_die(method):
    lock = multiprocessing.get_context(method).Lock()
    with lock:
        tell()
        print("made", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)


def use(lock):
    with lock:
        tell()
        print("used", flush=True)


def use_and_hand_on(lock, orphaned):
    orphaned.acquire()
    tell()
    child = multiprocessing.Process(target=use, args=(lock,))
    child.start()
    child.join()
    print("handed on", flush=True)


def run(target, *args):
    child = multiprocessing.Process(target=target, args=args)
    child.start()
    tell()
    child.join()


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
"""


def written(path: str) -> str:
    """What the file holds by now."""
    with open(path, encoding="utf-8") as file:
        return file.read()


def telling(*lines: str) -> str:
    """A program whose main part is these lines; its processes tell what they hold in shared memory."""
    return TELL + PROGRAM + "".join(f"    {line}\n" for line in lines)


@chapter.clause(
    "context.resources.killed-user", passage=f"{START_METHODS}/6,5,7", methods=FRESH, needs="Lock", platforms=("linux",)
)
def a_killed_user_of_a_semaphore_leaves_nothing(mp: Any, see: See) -> None:
    """After a child that uses its parent's lock was killed and the program has ended, no named semaphore is left."""
    before = names()
    ended = see.program(telling("run(use_and_die, multiprocessing.Lock())"), mp.get_start_method())
    see.equal((ended.status, ended.out), (0, "used\n"), "status and output")
    see.eventually(lambda: not left(see, before), "every name is unlinked")


@chapter.clause(
    "context.resources.killed-maker",
    passage=f"{START_METHODS}/6,5,7",
    methods=FRESH,
    needs="Lock",
    platforms=("linux",),
)
def a_killed_maker_of_a_semaphore_leaves_nothing(mp: Any, see: See) -> None:
    """After a child that has made a lock was killed and the program has ended, no named semaphore is left."""
    before = names()
    ended = see.program(telling("run(make_and_die, sys.argv[1])"), mp.get_start_method())
    see.equal((ended.status, ended.out), (0, "made\n"), "status and output")
    see.eventually(lambda: not left(see, before), "every name is unlinked")


@chapter.clause(
    "context.resources.killed-program",
    passage=f"{START_METHODS}/6,5,7",
    methods=FRESH,
    needs="Lock",
    platforms=("linux",),
)
def a_killed_program_leaves_nothing(mp: Any, see: See) -> None:
    """After the only process of a program that has made a lock was killed, no named semaphore is left."""
    before = names()
    ended = see.program(telling("make_and_die(sys.argv[1])"), mp.get_start_method())
    see.equal((ended.status, ended.out), (-9, "made\n"), "status and output")
    see.eventually(lambda: not left(see, before), "every name is unlinked")


@chapter.clause(
    "context.resources.shared-memory",
    passage=f"{START_METHODS}/6,5",
    methods=FRESH,
    needs="shared_memory",
    platforms=("linux",),
    since="3.8",
)
def a_killed_maker_of_shared_memory_leaves_nothing(mp: Any, see: See) -> None:
    """After a program that has made shared memory was killed, the segment is unlinked."""
    text = telling(
        "from multiprocessing.shared_memory import SharedMemory",
        "run(print)",
        "memory = SharedMemory(create=True, size=10)",
        "print(memory.name, flush=True)",
        "os.kill(os.getpid(), signal.SIGKILL)",
    )
    # The killed program leaves its temporary files, which are not what this is about: they go with its folder.
    ended = see.program(text, mp.get_start_method(), env={"TMPDIR": "."})
    see.equal(ended.status, -9, "the status")
    name = ended.out.split()[-1]
    see.eventually(lambda: name not in names(), "the segment is unlinked")


@chapter.clause(
    "context.resources.not-too-early",
    passage=f"{START_METHODS}/6,5",
    level=SHOULD,
    methods=("spawn",),
    needs="Lock",
    platforms=("linux",),
)
def a_semaphore_lives_as_long_as_the_program(mp: Any, see: See) -> None:
    """A semaphore can be used and handed on while one process of the program runs, though its maker was killed."""
    before = names()
    text = telling(
        "lock, orphaned = multiprocessing.Lock(), multiprocessing.Semaphore(0)",
        "child = multiprocessing.Process(target=use_and_hand_on, args=(lock, orphaned))",
        "child.start()",
        "orphaned.release()",
        "os.kill(os.getpid(), signal.SIGKILL)",
    )
    running = see.start_program(text, mp.get_start_method())
    running.process.wait()
    out = os.path.join(running.folder, ".out")
    see.eventually(lambda: "handed on" in written(out), "the orphan hands the lock on")
    ended = running.finish()
    see.equal((ended.status, ended.out), (-9, "used\nhanded on\n"), "status and output")
    see.eventually(lambda: not left(see, before), "every name is unlinked in the end")


@chapter.clause(
    "context.resources.normal-end",
    passage=f"{START_METHODS}/6,5",
    methods=FRESH,
    needs="Lock",
    platforms=("linux",),
)
def a_program_that_ends_leaves_nothing(mp: Any, see: See) -> None:
    """After a program with a lock and a child that uses it by spawn or forkserver has ended, no name is left."""
    before = names()
    ended = see.program(telling("run(use, multiprocessing.Lock())"), mp.get_start_method())
    see.equal((ended.status, ended.out), (0, "used\n"), "status and output")
    see.eventually(lambda: not left(see, before), "every name is unlinked")


@chapter.clause(
    "context.resources.usually-none",
    passage=f"{START_METHODS}/7",
    level=SHOULD,
    needs="Lock",
    platforms=("linux",),
)
def a_program_that_ends_leaks_nothing(mp: Any, see: See) -> None:
    """A program with a lock and a child that uses it, by whichever method, ends in silence and leaves no name."""
    before = names()
    ended = see.program(telling("run(use, multiprocessing.Lock())"), mp.get_start_method())
    see.equal((ended.status, ended.out, ended.err), (0, "used\n", ""), "status, output and errors")
    see.eventually(lambda: not left(see, before), "every name is unlinked")


@chapter.clause("context.resources.told", level=UNSPECIFIED, methods=FRESH, needs="Lock")
def a_leak_is_told(mp: Any, see: See) -> None:
    """The tracker writes to standard error what it had to unlink."""
    text = f"def tell():\n    pass\n\n\n{PROGRAM}    make_and_die(sys.argv[1])\n"
    see.records(err=see.program(text, mp.get_start_method()).err[-300:])


@chapter.clause(
    "context.locks.of-fork",
    passage=f"{START_METHODS}/18,17",
    methods=NO_METHOD,
    needs="Lock",
    fresh=True,
    cases=cases(*FRESH),
    uses={method: ("fork", method) for method in FRESH},
)
def a_lock_of_fork_is_not_for_other_methods(mp: Any, see: See, method: str) -> None:
    """A lock of the fork context cannot be passed to a process by spawn or forkserver: start() or the child fails."""
    lock = mp.get_context("fork").Lock()
    child = mp.get_context(method).Process(target=take_anything, args=(lock,))
    with see.output():
        try:
            child.start()
        except Exception:
            return
        child.join(LONG)
        see.true(child.exitcode not in (None, 0), "the child fails where start() does not", child.exitcode)


@chapter.clause(
    "context.locks.of-fork-told",
    source=START_METHODS,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    needs="Lock",
    fresh=True,
    cases=cases(*FRESH),
    uses={method: ("fork", method) for method in FRESH},
)
def how_a_lock_of_fork_is_refused(mp: Any, see: See, method: str) -> None:
    """Whether start() raises where it is given a lock of the fork context, and what, is left open."""
    child = mp.get_context(method).Process(target=take_anything, args=(mp.get_context("fork").Lock(),))
    with see.output():
        try:
            child.start()
            child.join(LONG)
            see.records(exitcode=child.exitcode)
        except Exception as error:
            see.records(raises=type(error).__name__)


@chapter.clause(
    "context.locks.own",
    passage="all-start-methods/16,33",
    methods=NO_METHOD,
    needs="Lock",
    fresh=True,
    cases=METHODS,
    uses=ITS_CASE,
)
def a_lock_of_a_context_is_for_its_processes(mp: Any, see: See, method: str) -> None:
    """A lock of a context is passed to a process of that context."""
    context = mp.get_context(method)
    lock = context.Lock()
    child = context.Process(target=take_anything, args=(lock,))
    child.start()
    see.exits(child, 0)


@chapter.clause(
    "context.tracker.started",
    passage=f"{START_METHODS}/5",
    level=SHOULD,
    methods=FRESH,
    platforms=("linux",),
    fresh=True,
)
def a_tracker_process_is_started_too(mp: Any, see: See) -> None:
    """The first start by spawn or forkserver also starts a process that tracks named resources, and stays."""
    box, opened = see.mailbox(), see.gate()
    opened.open()
    child = mp.Process(target=post_parent_and_wait, args=(box, opened))
    child.start()
    others = {os.getpid(), box.take(), child.pid}
    see.exits(child, 0)
    see.true(set(procfs.children(os.getpid())) - others, "a helper process stays beside the fork server")


@chapter.clause(
    "context.tracker.once",
    passage=f"{START_METHODS}/5",
    level=SHOULD,
    methods=FRESH,
    platforms=("linux",),
    fresh=True,
)
def further_children_start_no_further_tracker(mp: Any, see: See) -> None:
    """Further children start no further helper process."""
    helpers = []
    for _ in range(2):
        child = mp.Process(target=nothing)
        child.start()
        see.exits(child, 0)
        helpers.append(set(procfs.children(os.getpid())))
    see.equal(helpers[1], helpers[0], "the set of helper processes")
