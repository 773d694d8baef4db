"""What a child inherits by each start method and what it does not; the warning of fork."""

from __future__ import annotations

import contextlib
import os
import threading
import warnings
from collections.abc import Iterator
from typing import Any

from mpspec.chapters.contexts.chapter import chapter
from mpspec.chapters.contexts.targets import (
    ASPECTS,
    CHANGES,
    CONSTANT,
    LOOKS,
    nothing,
    post_aspect,
    post_constant,
    post_open_files,
    post_origin,
    read_from,
    wait_and_post_aspect,
)
from mpspec.clause import EVERY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.descriptors import open_files
from mpspec.observation.see import See

SPAWN = "multiprocessing-start-method-spawn"
FORK = "multiprocessing-start-method-fork"
FRESH = ("spawn", "forkserver")
IN_MEMORY = cases("memory", "modules", "signal-handler")
ELSEWHERE = [name for name in ASPECTS if name not in IN_MEMORY]


def shown_by_a_child(mp: Any, see: See, aspect: str) -> Any:
    """What a child shows of the aspect that its parent changes before."""
    CHANGES[aspect]()
    box = see.mailbox()
    child = mp.Process(target=post_aspect, args=(box, aspect))
    child.start()
    shown = box.take()
    see.exits(child, 0)
    return shown


@contextlib.contextmanager
def another_thread() -> Iterator[None]:
    """While the block runs, this process has a second thread, which sleeps."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        yield
    finally:
        end.set()
        thread.join()


def deprecations_at_start(child: Any) -> list[str]:
    """The texts of the DeprecationWarnings that the start of the child issues."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        child.start()
    return [str(one.message) for one in seen if issubclass(one.category, DeprecationWarning)]


# Fork


@chapter.clause("context.fork.identical", passage=f"{FORK}/2,3,1", methods=("fork",), fresh=True, cases=ASPECTS)
def a_forked_child_begins_as_a_copy_of_its_parent(mp: Any, see: See, aspect: str) -> None:
    """A forked child begins with the memory, modules, handlers, environment, directory and settings of its parent."""
    before = LOOKS[aspect]()
    shown = shown_by_a_child(mp, see, aspect)
    see.true(LOOKS[aspect]() != before, "the parent has changed it")
    see.equal(shown, LOOKS[aspect](), f"the child's {aspect}")


@chapter.clause("context.fork.parent", passage=f"{FORK}/1", methods=("fork",))
def a_forked_child_is_a_child_of_its_starter(mp: Any, see: See) -> None:
    """The parent of a forked child is the process that started it."""
    box = see.mailbox()
    child = mp.Process(target=post_origin, args=(box,))
    child.start()
    see.equal(box.take()[0], os.getpid(), "the parent")
    see.exits(child, 0)


@chapter.clause(
    "context.fork.descriptors", passage=f"{FORK}/3,2", methods=("fork",), cases={"plain": False, "inheritable": True}
)
def a_forked_child_has_the_descriptors_of_its_parent(mp: Any, see: See, inheritable: bool) -> None:
    """A forked child has every open descriptor of its parent, under the same number."""
    read, write = os.pipe()
    os.set_inheritable(read, inheritable)
    os.write(write, b"for whom it may concern")
    box = see.mailbox()
    child = mp.Process(target=read_from, args=(box, read))
    child.start()
    see.equal(box.take(), b"for whom it may concern", "what the child reads")
    see.exits(child, 0)
    os.close(read)
    os.close(write)


@chapter.clause("context.fork.copy", passage=f"{FORK}/2,1", methods=("fork",))
def what_the_parent_changes_later_stays_its_own(mp: Any, see: See) -> None:
    """A forked child is a copy of the moment of its start: it does not see what the parent changes afterwards."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=wait_and_post_aspect, args=(box, gate, "memory"))
    child.start()
    CHANGES["memory"]()
    gate.open()
    see.equal(box.take(), False, "what the child sees of the later change")
    see.exits(child, 0)


@chapter.clause("context.fork.hooks", passage=f"{FORK}/1", methods=("fork",))
def a_fork_is_one_of_os(mp: Any, see: See) -> None:
    """The start of a child by fork runs what was registered for os.fork(), in the parent and in the child."""
    here: list[str] = []
    os.register_at_fork(
        before=lambda: here.append("before"),
        after_in_parent=lambda: here.append("after"),
        after_in_child=CHANGES["memory"],
    )
    box = see.mailbox()
    child = mp.Process(target=post_aspect, args=(box, "memory"))
    child.start()
    see.equal((LOOKS["memory"](), set(here)), (False, {"before", "after"}), "what has run in the parent")
    see.equal(box.take(), True, "whether it has run in the child")
    see.exits(child, 0)


@chapter.clause("context.fork.threads-warning", passage=f"{FORK}/9", methods=("fork",), since="3.12")
def a_fork_of_several_threads_warns(mp: Any, see: See) -> None:
    """The start of a child by fork issues a DeprecationWarning where the process has several threads."""
    child = mp.Process(target=nothing)
    with another_thread():
        told = deprecations_at_start(child)
    see.true(told, "a DeprecationWarning is issued", "none")
    see.exits(child, 0)


@chapter.clause(
    "context.fork.no-warning",
    passage=f"{FORK}/9",
    level=SHOULD,
    methods=("fork",),
    since="3.12",
    platforms=("linux",),
)
def a_fork_of_one_thread_does_not_warn(mp: Any, see: See) -> None:
    """The start of a child by fork issues no DeprecationWarning where no thread but one is left."""
    with another_thread():
        pass
    # The kernel may see a joined thread for a moment longer.
    see.eventually(lambda: len(os.listdir("/proc/self/task")) == 1, "the other thread is gone")
    child = mp.Process(target=nothing)
    see.equal(deprecations_at_start(child), [], "the list of DeprecationWarnings")
    see.exits(child, 0)


@chapter.clause("context.fresh.no-warning", passage=f"{FORK}/9", level=SHOULD, methods=FRESH, since="3.12")
def a_fresh_child_of_several_threads_does_not_warn(mp: Any, see: See) -> None:
    """The start of a child by spawn or forkserver issues no DeprecationWarning, however many threads there are."""
    child = mp.Process(target=nothing)
    with another_thread():
        told = deprecations_at_start(child)
    see.equal(told, [], "the list of DeprecationWarnings")
    see.exits(child, 0)


# Spawn and forkserver


@chapter.clause(
    "context.fresh.memory",
    passage=(f"{SPAWN}/2,1", "multiprocessing-start-method-forkserver/4"),
    methods=FRESH,
    cases=IN_MEMORY,
)
def a_fresh_child_has_nothing_of_its_parents_memory(mp: Any, see: See, aspect: str) -> None:
    """A child by spawn or forkserver has none of the state, modules and handlers that its parent has in memory."""
    see.equal(LOOKS[aspect](), False, "what the parent begins with")
    see.equal(shown_by_a_child(mp, see, aspect), False, f"whether the child has the parent's {aspect}")


@chapter.clause(
    "context.fresh.circumstances",
    source=SPAWN,
    level=UNSPECIFIED,
    methods=FRESH,
    fresh=True,
    cases={"first-child": False, "later-child": True},
)
def a_fresh_child_gets_the_circumstances_of_its_parent(mp: Any, see: See, later: bool) -> None:
    """A child by spawn or forkserver has the environment, directory, sys.path, sys.argv and umask of its parent."""
    if later:  # a fork server that began before the change may not hand it on
        first = mp.Process(target=nothing)
        first.start()
        see.exits(first, 0)
    for aspect in ELSEWHERE:
        CHANGES[aspect]()
    box = see.mailbox()
    child = mp.Process(target=post_aspect, args=(box, *ELSEWHERE))
    child.start()
    for aspect in ELSEWHERE:
        see.records(**{aspect: box.take() == LOOKS[aspect]()})
    see.exits(child, 0)


@chapter.clause("context.spawn.parent", passage=f"{SPAWN}/1", methods=("spawn",))
def a_spawned_child_is_a_child_of_its_starter(mp: Any, see: See) -> None:
    """The parent of every spawned child, the first and those after it, is the process that started it."""
    box = see.mailbox()
    for _ in range(2):
        child = mp.Process(target=post_origin, args=(box,))
        child.start()
        see.equal(box.take()[0], os.getpid(), "the parent")
        see.exits(child, 0)


@chapter.clause(
    "context.fresh.descriptors",
    passage=(f"{SPAWN}/3,2", "multiprocessing-start-method-forkserver/4"),
    methods=FRESH,
    cases={
        "plain": (False, False),
        "inheritable": (True, False),
        "late": (False, True),
        "late-inheritable": (True, True),
    },
)
def a_fresh_child_gets_no_unneeded_descriptor(mp: Any, see: See, case: tuple[bool, bool]) -> None:
    """A child by spawn or forkserver has none of the files that its parent has opened for itself."""
    inheritable, late = case
    box, gate = see.mailbox(), see.gate()
    gate.open()
    if late:
        first = mp.Process(target=nothing)
        first.start()
        see.exits(first, 0)
    with open("own", "w", encoding="ascii") as own:
        os.set_inheritable(own.fileno(), inheritable)
        status = os.fstat(own.fileno())
        child = mp.Process(target=post_open_files, args=(box, gate))
        child.start()
        see.true((status.st_dev, status.st_ino) not in box.take(), "the child has not the parent's file")
        see.exits(child, 0)
    os.unlink("own")


@chapter.clause(
    "context.fresh.siblings",
    passage=(f"{SPAWN}/3", "multiprocessing-start-method-forkserver/4"),
    methods=FRESH,
    platforms=("linux",),
)
def a_fresh_child_gets_nothing_of_a_sibling(mp: Any, see: See) -> None:
    """A child by spawn or forkserver has no descriptor that belongs to a sibling."""
    box, gate, opened = see.mailbox(), see.gate(), see.gate()
    opened.open()
    alone, sibling, beside = (mp.Process(target=post_open_files, args=(box, each)) for each in (opened, gate, opened))
    alone.start()
    see.exits(alone, 0)
    alone.close()
    before = set(open_files().values())
    sibling.start()
    of_alone, of_sibling = box.take_all(2)
    for_sibling = set(open_files().values()) - before | set(of_sibling) - set(of_alone)
    beside.start()
    of_beside = box.take()
    see.exits(beside, 0)
    see.equal(for_sibling & set(of_beside), set(), "the set of files of the sibling, and for it, that it has")
    gate.open()
    see.exits(sibling, 0)


@chapter.clause("context.globals.constants", passage="the-spawn-and-forkserver-start-methods/7", methods=EVERY_METHOD)
def a_constant_of_a_module_is_the_same_in_a_child(mp: Any, see: See) -> None:
    """A global variable that is a constant of its module has the same value in a child."""
    box = see.mailbox()
    child = mp.Process(target=post_constant, args=(box,))
    child.start()
    see.equal(box.take(), CONSTANT, "the constant in the child")
    see.exits(child, 0)


@chapter.clause(
    "context.inheritance.windows-handles",
    passage=(f"{SPAWN}/3", "contexts-and-start-methods/3"),
    methods=NO_METHOD,
    platforms=("win32",),
    fresh=True,
)
def a_spawned_child_gets_no_inheritable_handle(mp: Any, see: See) -> None:
    """On Windows a child does not inherit the inheritable handles of its parent."""
    program = see.program(INHERITABLE_HANDLE)
    see.equal((program.status, program.out), (0, "not inherited\n"), "status and output")


INHERITABLE_HANDLE = """\
import multiprocessing
import msvcrt
import os


def try_handle(handle):
    try:
        os.write(msvcrt.open_osfhandle(handle, os.O_WRONLY), b"x")
        print("inherited", flush=True)
    except OSError:
        print("not inherited", flush=True)


if __name__ == "__main__":
    read, write = os.pipe()
    handle = msvcrt.get_osfhandle(write)
    os.set_handle_inheritable(handle, True)
    child = multiprocessing.Process(target=try_handle, args=(handle,))
    child.start()
    child.join()
"""
