"""Who this process is, who started it, and which processes it has started.

The class here knows no start method: the classes of the contexts say how to launch one.
"""

from __future__ import annotations

import os
import sys

from . import finalize, log  # noqa: F401  # exit handlers of the program, which come later, run before those

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Any, Protocol

    class Launched(Protocol):
        """What a start method hands back: the child, seen from the process that started it."""

        pid: int
        sentinel: int

        def poll(self) -> int | None:
            """Give the exit code if the child has ended, and reap it."""

        def wait(self, timeout: float | None) -> int | None:
            """Wait at most `timeout` seconds for the end, then do as poll() does."""

        def signal(self, number: int) -> None:
            """Send a signal, unless the child is known to have ended."""

        def close(self) -> None:
            """Give up every descriptor."""


# `signal` builds enums when imported, which costs more than a fork; these two numbers never differ.
SIGKILL, SIGTERM = 9, 15


def current_process() -> BaseProcess:
    """Return the object that stands for this process. Section "Miscellaneous"."""
    return _current


def parent_process() -> BaseProcess | None:
    """Return the object that stands for the process which started this one; None in the main process.

    Its name, pid, is_alive(), join() and sentinel can be used. Section "Miscellaneous".
    """
    return _parent


def active_children() -> list[BaseProcess]:
    """Return the living children of this process, after joining those that have ended.

    Section "Miscellaneous".
    """
    _reap()
    return list(_children.values())


class AuthenticationString(bytes):
    """The authentication key of a process: bytes that are pickled for a child being started and nobody else."""

    def __reduce__(self) -> tuple[type[AuthenticationString], tuple[bytes]]:
        from .transfer import handover

        if handover.being_started() is None:
            raise TypeError(
                "an authentication key is not pickled: it would leave the program. "
                "A child gets it when it is started; to send it yourself use bytes(key)"
            )
        return AuthenticationString, (bytes(self),)


class BaseProcess:
    """An activity that runs in a process of its own. Section "Process and exceptions".

    group: must be None; it is there because threading.Thread has it.
    target: the callable that run() calls; None for nothing.
    name: a str; None for ``Process-N1:N2:…``, where N says that it is the Nth child of its parent.
    args: the target's positional arguments, a list or tuple. They stay alive here while the child runs.
    kwargs: the target's keyword arguments, a dict.
    daemon: whether the child ends with this process; None takes over the flag of this process.

    Misuse raises AssertionError (also under -O), any use after close() ValueError.
    """

    # Defaults for subclasses that forget to call the constructor: _require() tells them.
    _identity: tuple[int, ...] | None = None
    _handle: Launched | None = None
    _closed = False
    _creator = 0
    _daemon = False
    _name = "?"
    _authkey: AuthenticationString
    _target: Callable[..., object] | None = None
    _args: tuple[Any, ...] = ()
    _kwargs: dict[str, Any]

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] = {},  # the documented signature; never changed
        *,
        daemon: bool | None = None,
    ) -> None:
        if group is not None:
            raise AssertionError(f"group is reserved and must be None, not {group!r}")
        if target is not None and not callable(target):
            raise TypeError(f"target must be callable or None, not {target!r}")
        self._identity = (*(_current._identity or ()), next(_numbers))
        self._creator = os.getpid()
        self._authkey = _current._authkey
        self._daemon = _current._daemon if daemon is None else bool(daemon)
        self._target = target
        self._args = tuple(args)
        self._kwargs = dict(kwargs)
        self.name = name or "Process-" + ":".join(map(str, self._identity))

    def run(self) -> None:
        """Do the work of the process: call the target. Subclasses may override it."""
        if self._target is not None:
            self._target(*self._args, **self._kwargs)

    def start(self) -> None:
        """Start the child, which calls run(). At most once for each object, and not in a daemonic process.

        RuntimeError: this process is itself a child that is still importing its main module.
        """
        self._require("start()", started=False)
        if _current._daemon:
            raise AssertionError(f"a daemonic process may not have children, and {_current._name!r} is one")
        if importing_main:
            raise RuntimeError(UNGUARDED.format(name=self._name))
        _reap()
        handle = self._launch()
        self._handle = handle
        _children[handle.pid] = self

    def join(self, timeout: float | None = None) -> None:
        """Wait until the child has ended, at most `timeout` seconds if that is not None.

        Tell the two outcomes apart by exitcode. A process cannot join itself.
        """
        if self is _current:
            raise AssertionError(f"process {self._name!r} cannot join itself: it would wait for ever")
        handle = self._require("join()", started=True)
        if timeout is not None and not isinstance(timeout, (int, float)):
            timeout = float(timeout)
        self._note(handle.wait(timeout))

    def is_alive(self) -> bool:
        """Tell whether the child runs; join it if it has ended."""
        if self is _current:
            return True
        self._require("is_alive()")
        return self._handle is not None and self._poll() is None

    def terminate(self) -> None:
        """End the child by SIGTERM: neither exit handlers nor finally clauses run, descendants stay."""
        self._require("terminate()", started=True).signal(SIGTERM)

    def kill(self) -> None:
        """End the child by SIGKILL, otherwise like terminate()."""
        self._require("kill()", started=True).signal(SIGKILL)

    def close(self) -> None:
        """Release what belongs to this object; most of it raises ValueError from now on.

        ValueError: the child is still running.
        """
        if self._closed:
            return
        self._require("close()")
        if self._handle is not None:
            if self._poll() is None:
                raise ValueError(f"process {self._name!r} still runs: join() or terminate() it before close()")
            self._handle.close()
            self._handle = None
        self._closed = True
        self._forget_work()

    @property
    def name(self) -> str:
        """The name, a str that serves identification only; several processes may have the same."""
        return self._name

    @name.setter
    def name(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(f"the name of a process must be a str, not {name!r}")
        self._name = name

    @property
    def daemon(self) -> bool:
        """Whether the child ends with its parent and may not have children; to be set before start()."""
        return self._daemon

    @daemon.setter
    def daemon(self, daemon: bool) -> None:
        if self._handle is not None or self is _current:
            raise AssertionError(f"daemon must be set before process {self._name!r} is started")
        self._daemon = bool(daemon)

    @property
    def authkey(self) -> AuthenticationString:
        """The authentication key, bytes: random in the main process, passed on to children."""
        return self._authkey

    @authkey.setter
    def authkey(self, key: bytes) -> None:
        self._authkey = AuthenticationString(memoryview(key))

    @property
    def pid(self) -> int | None:
        """The process id; None before start()."""
        if self is _current:
            return os.getpid()
        self._require("pid", anywhere=True)
        return None if self._handle is None else self._handle.pid

    ident = pid

    @property
    def exitcode(self) -> int | None:
        """None before the end; then 0, or N after sys.exit(N), 1 after an exception, -N after signal N."""
        if self is _current:
            return None
        self._require("exitcode")
        return None if self._handle is None else self._poll()

    @property
    def sentinel(self) -> int:
        """A descriptor that becomes readable, and stays so, once the child has ended."""
        self._require("sentinel", anywhere=True)
        if self._handle is None:
            raise ValueError(f"process {self._name!r} has no sentinel before it is started")
        return self._handle.sentinel

    def __repr__(self) -> str:
        kind = type(self).__name__
        if self._identity is None:
            return f"<{kind} without a call of the base constructor>"
        facts = [f"name={self._name!r}"]
        code = None
        if self is _current:
            state = "started"
            facts.append(f"pid={os.getpid()}")
        elif self._closed:
            state = "closed"
        elif self._creator != os.getpid():
            state = "unknown"
        elif self._handle is None:
            state = "initial"
        else:
            facts.append(f"pid={self._handle.pid}")
            code = self._poll()
            state = "started" if code is None else "stopped"
        facts.append(f"parent={self._creator}" if self._creator else "")
        facts.append(state)
        if code is not None:
            facts.append(f"exitcode={_in_words(code)}")
        if self._daemon:
            facts.append("daemon")
        return f"<{kind} {' '.join(filter(None, facts))}>"

    def _launch(self) -> Launched:
        """Start a child that runs this object. The contexts' classes know how."""
        raise NotImplementedError("start a process by the Process of the package or of a context")

    def _require(self, use: str, started: bool | None = None, anywhere: bool = False) -> Launched:
        """Raise unless `use` of this object is allowed here and now."""
        if self._identity is None:
            raise RuntimeError(
                f"{type(self).__name__}.__init__ must call the constructor of its base class "
                f"before anything else is done with the process, such as {use}"
            )
        if self._closed:
            raise ValueError(f"process {self._name!r} is closed: {use} is not possible any more")
        if not anywhere and self._creator != os.getpid():
            raise AssertionError(
                f"{use} of process {self._name!r} belongs to its creator, process {self._creator}, "
                f"and was used in process {os.getpid()}"
            )
        if started is not None and started != (self._handle is not None):
            rule = "is possible once only" if self._handle else "is possible only after start()"
            raise AssertionError(f"{use} of process {self._name!r} {rule}")
        return self._handle  # type: ignore[return-value]  # None only where `started` is not True

    def _poll(self) -> int | None:
        return self._note(None if self._handle is None else self._handle.poll())

    def _note(self, code: int | None) -> int | None:
        """Take notice of an exit code: an ended child is no child any more."""
        if code is not None and self._handle is not None and _children.get(self._handle.pid) is self:
            _children.pop(self._handle.pid, None)  # another thread may have noticed as well
            self._forget_work()
        return code

    def _forget_work(self) -> None:
        self._target, self._args, self._kwargs = None, (), {}


class MainProcess(BaseProcess):
    """The process that the program began with, or one that stands in while a child gets ready."""

    def __init__(
        self, name: str, identity: tuple[int, ...] = (), daemon: bool = False, authkey: bytes | None = None
    ) -> None:
        self._name = name
        self._identity = identity
        self._daemon = daemon
        self._authkey = AuthenticationString(os.urandom(32) if authkey is None else authkey)
        self._forget_work()


UNGUARDED = """\
process {name!r} was started by the import of the main module, in a child process that needs that module.
Every child that is started by 'spawn' or 'forkserver' imports the main module of the program, so what
starts processes there has to be kept from running again:

    if __name__ == '__main__':
        freeze_support()    # only needed in a program that is frozen into an executable
        ...                 # start processes here
"""

importing_main = False
"""True while a child imports the main module: no process may be started by that."""


def _count() -> Iterator[int]:
    """Number the children of a process; `itertools` need not be imported for that."""
    return iter(range(1, sys.maxsize))


_current: BaseProcess
_parent: BaseProcess | None = None
_children: dict[int, BaseProcess] = {}
_numbers = _count()


def become(process: BaseProcess, parent: BaseProcess | None) -> None:
    """Be `process`, started by `parent`, without children as yet."""
    global _current, _parent, _numbers
    _current, _parent = process, parent
    _numbers = _count()
    _children.clear()


def stand_in(process: BaseProcess) -> None:
    """Be `process` from now on, but keep everything else."""
    global _current
    _current = process


def _reap() -> None:
    for child in tuple(_children.values()):
        child._poll()


def _in_words(code: int) -> str:
    if code >= 0:
        return str(code)
    from signal import Signals

    try:
        return f"-{Signals(-code).name}"
    except ValueError:
        return str(code)


# A process that forks by itself must not take the children of its parent for its own.
os.register_at_fork(after_in_child=_children.clear)

_current = MainProcess("MainProcess")
log.name_of_process = lambda: _current.name

# A child calls the main module `__mp_main__`; what it sends back is found here by that name.
if "__main__" in sys.modules:
    sys.modules.setdefault("__mp_main__", sys.modules["__main__"])
