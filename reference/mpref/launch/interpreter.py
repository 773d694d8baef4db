"""Fresh interpreters: which executable, which options, and how they get at what they are to do."""

from __future__ import annotations

import marshal
import os
import sys
from _signal import SIG_BLOCK, pthread_sigmask  # type: ignore[import-not-found]  # `signal` is expensive

from ..descriptors import pipe

try:
    from os import POSIX_SPAWN_DUP2, posix_spawn
except ImportError:
    from .without_posix_spawn import POSIX_SPAWN_DUP2, posix_spawn  # type: ignore[assignment]  # it is called in one way

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, TypedDict

    class Head(TypedDict):
        """What a fresh interpreter is told first: all that `marshal` can write."""

        path: list[str]
        """Where it looks for modules."""
        replaces: bool
        """Whether it finds this package under the name of `multiprocessing`."""


_executable: str | None = None

# The path of the parent is in force before anything is imported that is not built into the interpreter.
_FIRST_WORDS = """\
import marshal, sys
try:
    orders = open({descriptor}, 'rb')
    head = marshal.load(orders)
except EOFError:
    raise SystemExit(1) from None
sys.path[:] = head['path']
from {module} import {function}
{function}(head, orders)
"""


def set_executable(executable: str | bytes | os.PathLike[Any]) -> None:
    """Set the path that executable() returns: str, bytes or path-like."""
    global _executable
    path = os.fsdecode(executable)
    _executable = path and os.path.abspath(path)  # the program may change its directory


def executable() -> str:
    """Return the path of the interpreter for children."""
    path = _executable or sys.executable
    if not path:
        raise RuntimeError("sys.executable does not say which Python this is: use set_executable(path) first")
    return path


def start(
    module: str, function: str, head: Head, body: bytes, descriptors: Iterable[int], block: Iterable[int] = ()
) -> int:
    """Start an interpreter that calls a function of this package's `launch`, and return its process id.

    The function gets `head` and a stream from which it can read `body`. The `descriptors` have the same numbers
    there; only they and the standard streams are inherited. The signals to `block` do not reach it before it says so.
    """
    package = __name__.rpartition(".")[0]
    reading, writing = pipe()
    try:
        program = executable()
        words = _FIRST_WORDS.format(descriptor=reading, module=f"{package}.{module}", function=function)
        orders = marshal.dumps(head)  # type: ignore[arg-type]  # it is a dict
        actions = [(POSIX_SPAWN_DUP2, one, one) for one in (reading, *descriptors)]
        pid = posix_spawn(
            program,
            [program, *options(), "-c", words],
            environment(),
            file_actions=actions,
            setsigmask=pthread_sigmask(SIG_BLOCK, ()).union(block),
        )
    except BaseException:
        os.close(writing)
        raise
    finally:
        os.close(reading)
    try:
        _write(writing, orders)
        _write(writing, body)
    except BrokenPipeError:  # it has ended already: its exit code says so
        pass
    except BaseException:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        raise
    finally:
        os.close(writing)
    return pid


def environment() -> Any:
    """Return the environment for os.posix_spawn(), with what os.putenv() has put there.

    os.environ would not do: another thread may change it while it is read, and it does not know all. Left out is what
    would have an interpreter ask at its end what to do, instead of ending.
    """
    if not hasattr(os, "posix_spawn") or (sys.version_info >= (3, 13) and "PYTHONINSPECT" not in os.environ):
        return None  # that of this process
    import posix

    # A module that is made once more reads the environment of this process once more.
    spec: Any = posix.__spec__
    again = spec.loader.create_module(spec)
    spec.loader.exec_module(again)
    again.environ.pop(b"PYTHONINSPECT", None)
    return again.environ


def options() -> list[str]:
    """Return the command line options that make another interpreter behave like this one."""
    flags = sys.flags
    letters = {
        "d": flags.debug,
        "O": flags.optimize,
        "B": flags.dont_write_bytecode,
        "v": flags.verbose,
        "b": flags.bytes_warning,
        "q": flags.quiet,
    }
    if flags.isolated:
        letters["I"] = 1
    else:
        letters |= {
            "E": flags.ignore_environment,
            "s": flags.no_user_site,
            "P": getattr(flags, "safe_path", 0),
        }
    letters["S"] = flags.no_site
    chosen = [f"-{letter * count}" for letter, count in letters.items() if count]
    chosen += [f"-W{option}" for option in _own_warning_options()]
    for name, value in sys._xoptions.items():
        chosen += ["-X", name if value is True else f"{name}={value}"]
    return chosen


def _own_warning_options() -> list[str]:
    """Return the warning options of the command line, without those that every child finds for itself."""
    given = list(sys.warnoptions)
    found = ["default"] if sys.flags.dev_mode else []
    if not sys.flags.ignore_environment:
        found += [one for one in os.environ.get("PYTHONWARNINGS", "").split(",") if one]
    if given[: len(found)] == found:
        given = given[len(found) :]
    return [one for one in given if not one.endswith("::BytesWarning")] if sys.flags.bytes_warning else given


def _write(descriptor: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
