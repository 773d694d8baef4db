"""The vocabulary of observation: what a clause may say about what it saw.

A failed observation raises NotKept, which tells what was promised and what was seen. Small and exact: a promise
that cannot be said in these words is usually two promises.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Callable

from mpspec.implementation import Implementation, Missing
from mpspec.observation import processes, procfs, settling
from mpspec.observation.blocked import Blocked, NotKept
from mpspec.observation.waits import ATTEMPTS, LATE, LONG

if sys.platform == "win32":
    from mpspec.observation.spool import Gate, Mailbox
else:
    from mpspec.observation.mailbox import Gate, Mailbox

if TYPE_CHECKING:
    from mpspec.observation.program import Program, Running

__all__ = ["Blocked", "NotKept", "See"]


class Caught:
    """What `see.raises` caught; error is None until the block is over."""

    error: Any = None


class Output:
    """What the block of `see.output` wrote to the descriptors 1 and 2, as text; set when the block is over."""

    out = ""
    err = ""


class See:
    """The observations of one check. folder: the host's own temporary folder; mp: the implementation."""

    def __init__(self, folder: str, mp: Implementation) -> None:
        self.folder = folder
        self.recorded: dict[str, Any] = {}
        self._mp = mp
        self._names = 0
        self._channels: list[Mailbox | Gate] = []
        self._programs: list[Running] = []

    # Values

    def equal(self, seen: Any, promised: Any, what: str = "the value") -> None:
        """seen == promised. what: the thing in words, for the report."""
        if not seen == promised:
            raise NotKept(f"{what} is {promised!r}", repr(seen))

    def true(self, condition: object, promised: str, seen: object = None) -> None:
        """The condition holds; promised and seen say in words what it stands for."""
        if not condition:
            raise NotKept(promised, "it does not hold" if seen is None else str(seen))

    def returns(self, promised: Any, function: Callable[..., Any], *args: Any, **kwargs: Any) -> None:
        """The call returns an equal value, without an exception."""
        name = _name_of(function)
        try:
            value = function(*args, **kwargs)
        except Exception as error:
            raise NotKept(f"{name}() returns {promised!r}", f"it raised {error!r}") from error
        self.equal(value, promised, f"what {name}() returns")

    def signature(self, function: Callable[..., Any], promised: str) -> None:
        """The callable takes these parameters: names, kinds and defaults, as in "(a, b=None, *, c=True)".

        Keyword names are compared in order; a leading self is left out; annotations do not count. None may stand for
        a default that is an empty dict or list: no call can tell them apart, and one that is shared could be changed.
        """
        import inspect  # few clauses ask, and every host would have it imported

        space: dict[str, Any] = {}
        exec(f"def documented{promised}: pass", space)
        wanted = list(inspect.signature(space["documented"]).parameters.values())
        try:
            given = list(inspect.signature(function).parameters.values())
        except (TypeError, ValueError) as error:
            raise NotKept(f"a signature {promised}", f"none can be read: {error}") from error
        if given and given[0].name == "self":
            given = given[1:]
        plain = [p.replace(annotation=inspect.Parameter.empty) for p in given]
        meant = [p.replace(default=None) if p.default in ({}, []) else p for p in wanted]
        if len(plain) != len(wanted) or any(g not in either for g, *either in zip(plain, wanted, meant)):
            raise NotKept(f"the signature {promised}", str(inspect.Signature(plain)))

    # Errors and warnings

    @contextlib.contextmanager
    def raises(self, *kinds: type[BaseException], match: str | None = None) -> Iterator[Caught]:
        """The block raises one of kinds; match: a regular expression searched in its text.

        That a name of the implementation is not there is none of them, but for AttributeError itself.
        """
        caught = Caught()
        promised = " or ".join(kind.__name__ for kind in kinds)
        try:
            yield caught
        except kinds as error:
            if isinstance(error, Missing) and AttributeError not in kinds:
                raise  # what is not there refuses nothing
            caught.error = error
            if match is not None and not re.search(match, str(error)):
                raise NotKept(f"{promised} whose text matches {match!r}", repr(error)) from error
            # A kept traceback would keep the frames' objects alive and so hide what garbage collection does.
            error.__traceback__ = None
        except NotKept:
            raise
        except Exception as error:
            raise NotKept(f"{promised} is raised", f"{type(error).__name__}: {error}") from error
        else:
            raise NotKept(f"{promised} is raised", "nothing was raised")

    @contextlib.contextmanager
    def warns(self, kind: type[Warning], match: str = "") -> Iterator[None]:
        """The block issues a warning of this kind whose text matches."""
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            yield
        told = [w for w in seen if issubclass(w.category, kind) and re.search(match, str(w.message))]
        if not told:
            raise NotKept(f"a {kind.__name__} is issued", f"{[str(w.message) for w in seen]}")

    # Time

    @contextlib.contextmanager
    def takes(self, *, at_least: float) -> Iterator[None]:
        """The block takes at least so many seconds, also if it raises. Timers may round: 5 ms are forgiven."""
        began = time.monotonic()
        try:
            yield
        except NotKept:
            raise
        except Exception:  # what the block is promised to raise after that time
            self._lasted(time.monotonic() - began, at_least)
            raise
        self._lasted(time.monotonic() - began, at_least)

    def blocks(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Blocked:
        """The call has been entered and does not come back, in whatever way it waits; it waits by now, see `settling`.

        Returns the handle whose `ends()` gives the result once the cure was applied.
        """
        blocked = self.in_thread(function, *args, **kwargs)
        waits = settling.of_thread(blocked.thread.native_id or 0, blocked.entered)
        name = _name_of(function)

        def settled() -> bool:
            over = waits.over()
            if not blocked.thread.is_alive():
                raise NotKept(f"{name}() blocks", f"it came back with {blocked._error or blocked._result!r}")
            return over

        self.eventually(settled, f"{name}() is called and waits")
        return blocked

    def comes_back(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """The call comes back within LONG: returns its value, or raises what it raised."""
        return self.in_thread(function, *args, **kwargs).ends()

    def expires(self, timeout: float, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """The call gives up after its timeout: not before, and not long after. Returns its value, or raises its error.

        It may be made several times, see LATE.
        """
        return self._timed(timeout, timeout, function, *args, **kwargs)

    def is_over(self, timeout: float, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        """The call comes back not long after its timeout, and may do so earlier. Otherwise as expires()."""
        return self._timed(0.0, timeout, function, *args, **kwargs)

    def _timed(
        self, at_least: float, at_most: float, function: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Any:
        spent: list[float] = []
        while len(spent) < ATTEMPTS:
            began = time.monotonic()
            running = self.in_thread(function, *args, **kwargs)
            running.thread.join(LONG)
            spent.append(time.monotonic() - began)
            if running.thread.is_alive():
                break
            try:
                value = running.ends()
            except NotKept:
                raise
            except Exception:  # the context of what is said then: perhaps a name is not there
                self._lasted(spent[-1], at_least)
                if spent[-1] <= at_most * LATE:
                    raise
                continue
            self._lasted(spent[-1], at_least)
            if spent[-1] <= at_most * LATE:
                return value
        raise NotKept(f"{_name_of(function)}() is over after {at_most} s", f"the best attempt took {min(spent):.3f} s")

    def in_thread(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Blocked:
        """Call in a thread of its own, whether it blocks or not; `ends()` of the handle gives the result."""
        running = Blocked(lambda: function(*args, **kwargs))
        running.thread.start()
        return running

    def settles(self, pid: int, *, or_ends: bool = False) -> None:
        """The process, which has told that it is about to wait, does so, in whatever way, and has not ended.

        or_ends: its end is as good.
        """
        waits = settling.of_process(pid)

        def settled() -> bool:
            over = waits.over()
            # Without /proc each question starts a process: it is asked once.
            if (over or procfs.known()) and not self.alive(pid):
                if not or_ends:
                    raise NotKept(f"process {pid} waits", "it has ended")
                return True
            return over

        self.eventually(settled, f"process {pid} waits")

    def eventually(self, holds: Callable[[], object], promised: str) -> None:
        """holds() becomes true within LONG. For states of the kernel that no event announces."""
        deadline = time.monotonic() + LONG
        pause = 0.0005
        while not holds():
            if time.monotonic() > deadline:
                raise NotKept(f"{promised}, sooner or later", f"not within {LONG} s")
            time.sleep(pause)
            pause = min(pause * 2, 0.02)

    # Processes

    def exits(self, process: Any, status: int) -> None:
        """The started process ends within LONG and its exitcode is status (negative: the signal)."""
        process.join(LONG)
        if process.exitcode is None:
            raise NotKept(f"the process ends with exitcode {status}", f"still alive after {LONG} s")
        self.equal(process.exitcode, status, "the exitcode")

    def gone(self, pid: int) -> None:
        """The process with this id ends within LONG; a zombie counts as ended."""
        self.eventually(lambda: processes.state(pid) in processes.ENDED, f"process {pid} ends")

    def alive(self, pid: int) -> bool:
        """Whether the kernel runs a process of this id; a zombie does not count."""
        return processes.state(pid) not in processes.ENDED

    def zombie(self, pid: int) -> bool:
        """Whether the process has ended and waits for its parent to reap it."""
        return processes.state(pid) == "Z"

    # Children tell and wait

    def mailbox(self) -> Mailbox:
        """A new mailbox, to be handed to children: they post(), the clause takes. Works across any start method."""
        box = Mailbox(self._path("mail"))
        self._channels.append(box)
        return box

    def gate(self) -> Gate:
        """A new gate, to be handed to children: they wait() until the clause opens it."""
        gate = Gate(self._path("gate"))
        self._channels.append(gate)
        return gate

    # Programs and output

    def program(
        self,
        source: str,
        *args: str,
        name: str = "program.py",
        flags: tuple[str, ...] = (),
        env: dict[str, str | None] | None = None,
        stdin: str = "",
        files: dict[str, str] | None = None,
        module: bool = False,
        zipped: bool = False,
    ) -> Program:
        """Run a Python program of its own to its end: status (negative: the signal), out and err as text.

        The source imports `multiprocessing` as every user does; the name is replaced by the implementation's.
        args: command line; name: the file's; flags: of the interpreter; env: variables to set, or None to unset;
        stdin: text to read; files: further files beside it, name -> text (replaced likewise);
        module: run as `python -m name`; zipped: as `python program.zip`, in which it is the `__main__.py`.
        Not over within LONG * 2 counts as broken.
        """
        return self.start_program(
            source, *args, name=name, flags=flags, env=env, files=files, module=module, zipped=zipped
        ).finish(stdin)

    def start_program(
        self,
        source: str,
        *args: str,
        name: str = "program.py",
        flags: tuple[str, ...] = (),
        env: dict[str, str | None] | None = None,
        files: dict[str, str] | None = None,
        module: bool = False,
        zipped: bool = False,
    ) -> Running:
        """Like program, but comes back while it runs: for a parent that is to be killed or talked to."""
        from mpspec.observation.program import (
            Running,  # few clauses start programs, and every host would have it imported
        )

        folder = self._path("program")
        os.mkdir(folder)
        running = Running(self._mp, folder, name, source, args, flags, env or {}, files or {}, module, zipped, NotKept)
        self._programs.append(running)
        return running

    @contextlib.contextmanager
    def output(self) -> Iterator[Output]:
        """Capture what the block and the children that end in it write to standard output and error."""
        seen = Output()
        paths = [self._path("out"), self._path("err")]
        sys.stdout.flush()
        sys.stderr.flush()
        kept = [os.dup(1), os.dup(2)]
        try:
            for number, path in ((1, paths[0]), (2, paths[1])):
                file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
                os.dup2(file, number)
                os.close(file)
            yield seen
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, copy in ((1, kept[0]), (2, kept[1])):
                os.dup2(copy, number)
                os.close(copy)
            texts: list[str] = []
            for path in paths:
                with open(path, encoding="utf-8", errors="backslashreplace") as text:
                    texts.append(text.read())
                os.unlink(path)
            seen.out, seen.err = texts
            if seen.err:
                from mpspec.observation import noise  # nearly no block has any

                noise.pass_on(seen.err)

    # Unspecified and optional behaviour

    def records(self, **what: Any) -> None:
        """Keep what was seen where the page allows or leaves open more than one behaviour (MAY, UNSPECIFIED)."""
        self.recorded.update({name: repr(value) for name, value in what.items()})

    def _lasted(self, spent: float, at_least: float) -> None:
        if spent < at_least - 0.005:
            raise NotKept(f"it takes at least {at_least} s", f"{spent:.4f} s")

    def _path(self, kind: str) -> str:
        self._names += 1
        return os.path.join(self.folder, f"{kind}-{self._names}")

    def close(self) -> None:
        """Remove what the observations put into the folder, so that the rest is the implementation's."""
        for channel in self._channels:
            channel.close()
        for kind in range(1, self._names + 1):
            for name in ("mail", "gate", "out", "err"):
                with contextlib.suppress(OSError):
                    os.unlink(os.path.join(self.folder, f"{name}-{kind}"))
        for program in self._programs:
            program.remove()


def _name_of(function: Callable[..., Any]) -> str:
    """What to call a function in a report. Its repr comes last: that of a method shows, and so may ask, its object."""
    return getattr(function, "__name__", None) or repr(function)
