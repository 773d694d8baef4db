"""Named shared memory outlives its processes: the resource tracker removes it when all of them have ended.

`register()` a block when it gets its name, `unregister()` it when it is unlinked. What is left when the last
process of the program has ended, killed or not, the tracker unlinks. It reads one pipe, whose writing end every
process of the program holds. Section "Contexts and start methods".
"""

from __future__ import annotations

import os

from ... import finalize, log
from ...descriptors import pipe
from .. import inheritance, interpreter, lifeline
from ..handle import Handle, sentinel_before, take_charge
from ..lifeline import inherited

try:
    from os import POSIX_SPAWN_CLOSE, POSIX_SPAWN_DUP2, POSIX_SPAWN_OPEN, posix_spawn
except ImportError:
    from ..without_posix_spawn import (  # type: ignore[assignment]  # it is called in one way
        POSIX_SPAWN_CLOSE,
        POSIX_SPAWN_DUP2,
        POSIX_SPAWN_OPEN,
        posix_spawn,
    )

PATIENCE = 0.5
"""Seconds that the exit of this process waits for the tracker, which ends with the last process it serves."""

SHELL = "/bin/sh"
WAIT = 'IFS= read -r line || exit 0; exec "$@" "$line"'
"""What the shell does with the command that it is given; a shell reads a pipe no further than the line's end."""

_names: dict[str, int] = {}  # registered by this process, with the inodes, for a new tracker
_unread: int | None = None  # the reading end, until there is a tracker
_handle: Handle | None = None


def register(name: str, inode: int = 0) -> None:
    """Have the block `name` unlinked when all processes of the program have ended.

    name: as the operating system knows it, a str without line breaks. inode: its number in the file system; a block of
    that name that has another one by then is somebody else's, and stays. Zero: whatever has the name is meant.
    OSError: there is no tracker, and none can be started.
    """
    line = _line("+", name, inode)
    _names[name] = inode
    try:
        _tell(line)
    except BaseException:
        _names.pop(name, None)
        raise


def unregister(name: str) -> None:
    """Take back a register(); any process of the program may do so."""
    _names.pop(name, None)
    _tell(_line("-", name))


def forget(name: str) -> None:
    """Take back a register() that may have failed: then there is nobody to be told."""
    if _names.pop(name, None) is not None:
        _tell(_line("-", name))


def descriptor() -> int:
    """Return the writing end for a child. There may be no tracker as yet: call ensure() after the start."""
    global _unread
    with lifeline.lock:
        if not lifeline.holds("tracker"):
            _unread, writing = pipe()
            lifeline.hold({"tracker": writing})
        return inherited["tracker"]


def ensure() -> None:
    """Start the tracker if this process has made the pipe and nobody reads it yet."""
    global _unread, _handle
    with lifeline.lock:
        descriptor()
        if _unread is None:
            return
        _handle = _start(_unread)
        os.close(_unread)
        _unread = None
        finalize.Finalizer(_release, priority=finalize.TRACKER)


def ensure_if_possible() -> None:
    """Do as ensure() does, unless the system refuses: a child runs that may never need a tracker."""
    try:
        ensure()
    except OSError as error:
        log.info("no resource tracker could be started: %s", error)


def withdraw() -> None:
    """Forget the pipe that nobody reads: the child that it was made for could not be started."""
    global _unread
    with lifeline.lock:
        if _unread is not None:
            os.close(_unread)
            os.close(inherited.pop("tracker"))
            _unread = None


def _start(reading: int) -> Handle:
    """Start the tracker, and return its handle. OSError: the system refuses.

    Most programs register nothing, and an interpreter takes ten times as long to start as a shell: a shell waits for
    the first line, and becomes the interpreter that gets it. Where none is to be had, the interpreter waits itself.
    """
    from signal import SIGHUP, SIGINT, SIGQUIT, SIGTERM

    ends = sentinel_before()
    kept = [0, *(ends[1:] if ends else ())]
    # Two modules that are found beside this one; the interpreter reads no site, user or environment.
    here = os.path.dirname(__file__)
    words = (
        f"import sys; sys.path[:0] = {[here, os.path.dirname(here)]!r}; import inheritance, program; "
        f"inheritance.keep_only({kept}); program.main(0, sys.argv[1:])"
    )
    python = interpreter.executable()
    command = [python, "-I", "-S", "-c", words]
    actions = [
        (POSIX_SPAWN_DUP2, reading, 0),
        (POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        *((POSIX_SPAWN_DUP2, one, one) for one in kept[1:]),
        *((POSIX_SPAWN_CLOSE, one) for one in inheritance.inheritable() if one not in (reading, *kept)),
    ]
    for program, arguments in ((SHELL, ["sh", "-c", WAIT, "sh", *command]), (python, command)):
        try:
            pid = posix_spawn(
                program,
                arguments,
                interpreter.environment(),
                file_actions=actions,
                setsigmask=[SIGINT, SIGTERM, SIGHUP, SIGQUIT],  # for good: it outlives an interrupted program
            )
            break
        except (FileNotFoundError, PermissionError) as error:
            if program != SHELL or error.errno is None:  # without a number it is a signal handler's
                raise
    log.debug("resource tracker started, process %d", pid)
    return take_charge(pid, ends)


def _tell(line: bytes) -> None:
    with lifeline.lock:
        ensure()
        try:
            os.write(inherited["tracker"], line)
        except BrokenPipeError:
            _renew()


def _renew() -> None:
    """Start another tracker in the place of one that was killed, for what this process has registered."""
    global _handle
    log.info("the resource tracker was killed and is started again")
    os.close(inherited.pop("tracker"))
    if _handle is not None:
        _handle.poll()
        _handle = None
    ensure()
    for name, inode in _names.items():
        os.write(inherited["tracker"], _line("+", name, inode))


def _line(sign: str, name: str, inode: int = 0) -> bytes:
    if "\n" in name:
        raise ValueError(f"the name of a block must not contain a line break: {name!r}")
    return f"{sign}{inode} {name}\n".encode(errors="surrogateescape")


def _release() -> None:
    """Let go of the tracker at exit, and reap it if this process is the last that it serves."""
    if lifeline.holds("tracker"):
        os.close(inherited.pop("tracker"))
    if _handle is not None:
        _handle.wait(PATIENCE)


def _after_fork() -> None:
    global _unread, _handle
    _names.clear()
    _handle = None
    if _unread is not None:  # the parent is about to give it to a tracker, and has the only right to
        os.close(_unread)
        _unread = None


os.register_at_fork(after_in_child=_after_fork)
