"""set_executable(): the interpreter that runs the children."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shlex
import sys
import time
from collections.abc import Iterator
from typing import Any, Callable

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.targets import nothing, post_executable, post_interpreter
from mpspec.clause import NO_METHOD, UNSPECIFIED
from mpspec.observation import processes
from mpspec.observation.see import See
from mpspec.observation.waits import YIELD

SET_EXECUTABLE = "multiprocessing.set_executable"


@contextlib.contextmanager
def other_interpreter(see: See) -> Iterator[str]:
    """The path of an executable that runs this interpreter with a mark in its environment."""
    path = os.path.join(see.folder, "other interpreter")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f'#!/bin/sh\nOTHER=yes exec {shlex.quote(sys.executable)} "$@"\n')
    os.chmod(path, 0o700)
    try:
        yield path
    finally:
        # An implementation may start a helper that it does not wait for: what begins as a script has to find it.
        while processes.begins(path):
            time.sleep(YIELD)
        os.unlink(path)


def mark_of_a_child(mp: Any, see: See) -> Any:
    """Run a child and return the mark of its interpreter."""
    box = see.mailbox()
    child = mp.Process(target=post_interpreter, args=(box,))
    child.start()
    see.exits(child, 0)
    return box.take()


@chapter.clause("set_executable.signature", passage=f"{SET_EXECUTABLE}/1,2", methods=NO_METHOD)
def set_executable_takes_a_path(mp: Any, see: See) -> None:
    """set_executable takes one parameter, executable."""
    see.signature(mp.set_executable, "(executable)")


@chapter.clause("set_executable.default", passage=f"{SET_EXECUTABLE}/3", methods=("spawn",))
def children_run_this_interpreter(mp: Any, see: See) -> None:
    """A child runs sys.executable where nothing else was set."""
    box = see.mailbox()
    child = mp.Process(target=post_executable, args=(box,))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), sys.executable, "sys.executable in the child")


@chapter.clause("set_executable.text", passage=f"{SET_EXECUTABLE}/2,7", methods=("spawn",))
def children_run_the_executable_that_was_set(mp: Any, see: See) -> None:
    """With spawn the executable given to set_executable runs the children that are started from then on."""
    with other_interpreter(see) as path:
        before = mark_of_a_child(mp, see)
        mp.set_executable(path)
        see.equal((before, mark_of_a_child(mp, see)), (None, "yes"), "the mark before and after")


@chapter.clause("set_executable.path", passage=f"{SET_EXECUTABLE}/8", methods=("spawn",), since="3.11")
def the_executable_may_be_a_path_object(mp: Any, see: See) -> None:
    """set_executable accepts a path-like object."""
    with other_interpreter(see) as path:
        mp.set_executable(pathlib.Path(path))
        see.equal(mark_of_a_child(mp, see), "yes", "the mark")


@chapter.clause("set_executable.again", passage=f"{SET_EXECUTABLE}/2", methods=("spawn",))
def the_executable_can_be_set_back(mp: Any, see: See) -> None:
    """The executable that was set last is the one that runs."""
    with other_interpreter(see) as path:
        mp.set_executable(path)
        mp.set_executable(sys.executable)
        see.equal(mark_of_a_child(mp, see), None, "the mark")


@chapter.clause(
    "set_executable.context", passage=(f"{SET_EXECUTABLE}/2", "multiprocessing.get_context/2"), methods=("spawn",)
)
def a_context_has_set_executable(mp: Any, see: See) -> None:
    """What is set through a context's set_executable runs the children of that context."""
    box = see.mailbox()
    context = mp.get_context("spawn")
    with other_interpreter(see) as path:
        context.set_executable(path)
        child = context.Process(target=post_interpreter, args=(box,))
        child.start()
        see.exits(child, 0)
    see.equal(box.take(), "yes", "the mark")


OTHER_KINDS: dict[str, Callable[[str], Any]] = {"bytes": os.fsencode}


@chapter.clause(
    "set_executable.bytes",
    source=SET_EXECUTABLE,
    level=UNSPECIFIED,
    methods=("spawn",),
    cases=OTHER_KINDS,
)
def an_executable_as_bytes(mp: Any, see: See, kind: Callable[[str], Any]) -> None:
    """Whether set_executable accepts bytes is left open."""
    with other_interpreter(see) as path:
        try:
            mp.set_executable(kind(path))
            see.records(mark=mark_of_a_child(mp, see))
        except Exception as error:
            see.records(refused=type(error).__name__)


@chapter.clause("set_executable.forkserver", source=SET_EXECUTABLE, level=UNSPECIFIED, methods=("forkserver",))
def the_executable_of_a_fork_server(mp: Any, see: See) -> None:
    """Whether the executable also runs the fork server that is started later is left open."""
    with other_interpreter(see) as path:
        mp.set_executable(path)
        see.records(mark=mark_of_a_child(mp, see))


@chapter.clause("set_executable.missing", source=SET_EXECUTABLE, level=UNSPECIFIED, methods=("spawn",))
def an_executable_that_is_not_there(mp: Any, see: See) -> None:
    """What comes of an executable that does not exist is left open: an error of start(), or the status of the child."""
    mp.set_executable(os.path.join(see.folder, "not there"))
    child = mp.Process(target=nothing)
    try:
        child.start()
        child.join()
        see.records(exitcode=child.exitcode)
    except OSError as error:
        see.records(raises=type(error).__name__)


@chapter.clause("set_executable.windows", passage=f"{SET_EXECUTABLE}/2,5", methods=("spawn",), platforms=("win32",))
def windows_children_may_run_without_a_console(mp: Any, see: See) -> None:
    """On Windows pythonw.exe, which has no console, can run the children."""
    mp.set_executable(os.path.join(sys.exec_prefix, "pythonw.exe"))
    child = mp.Process(target=nothing)
    child.start()
    see.exits(child, 0)
