"""Children prove what ran: interpreter, implementation, start method, lineage.

A target leaves one line in the host's witness file before it does its work; the engine compares the lines with
what was asked for, so that an implementation cannot pass by running something else. Imported by every spawned
child, hence next to no imports.
"""

from __future__ import annotations

import os
import sys

from mpspec.implementation import under_test

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, TypedDict, TypeVar

    Target = TypeVar("Target", bound=Callable[..., Any])

    class Witness(TypedDict):
        """What one process testifies of itself; start is "none" in the host itself, else a start method."""

        pid: int
        parent: int
        start: str
        interpreter: str
        version: list[int]
        implementation: str | None


FILE = "MPSPEC_WITNESS"
"""Environment variable: path of the file that takes the witnesses, the literal of one Witness a line."""

HOST = "MPSPEC_HOST"
"""Environment variable: process id of the host, the process that runs the clause's body."""

_marked_in: int | None = None


def mark() -> None:
    """Remember in memory, which only a fork hands on, that this process is the host."""
    global _marked_in
    _marked_in = os.getpid()
    os.environ[HOST] = str(os.getpid())


def target(function: Target) -> Target:
    """Make a module-level function the target of a child: it testifies first, then does its work."""

    def witnessed(*args: Any, **kwargs: Any) -> Any:
        testify()
        return function(*args, **kwargs)

    # What functools.wraps would do; pickling by reference needs the names.
    for name in ("__module__", "__name__", "__qualname__", "__doc__"):
        setattr(witnessed, name, getattr(function, name))
    return witnessed  # type: ignore[return-value]


def testify() -> None:
    """Append this process's line to the witness file; nothing where no host asked for one."""
    path = os.environ.get(FILE)
    if path is None:
        return
    line: Witness = {
        "pid": os.getpid(),
        "parent": os.getppid(),
        "start": _start_method(path),
        "interpreter": os.path.realpath(sys.executable),
        "version": list(sys.version_info[:3]),
        "implementation": getattr(under_test().load(), "__file__", None),
    }
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{line!r}\n")


def lines(path: str) -> list[Witness]:
    """The witnesses left in the file at path, if there is one; a line that a kill cut short is left out."""
    if not os.path.exists(path):
        return []
    import ast

    with open(path, encoding="utf-8") as file:
        return [ast.literal_eval(line) for line in file if line.endswith("\n")]


def _start_method(path: str) -> str:
    """How this process came to be, from the kernel's and the memory's evidence alone."""
    if _marked_in == os.getpid():
        return "none"  # the host itself: the target ran without a process of its own
    if _marked_in is not None:
        return "fork"  # the mark is in memory that only fork hands on
    parent = os.getppid()
    if parent == int(os.environ[HOST]) or any(line["pid"] == parent for line in lines(path)):
        return "spawn"
    return "forkserver"
