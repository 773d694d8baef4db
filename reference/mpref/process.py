"""Who this process is, who started it, and which processes it has started.

The class here knows no start method: the classes of the contexts say how to launch one.
"""

from __future__ import annotations

import os
import sys

from . import finalize, log  # noqa: F401  # exit handlers of the program, which come later, run before those
from .state import NO_KEY, AuthenticationString, State
from .state import children as _children

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from .state import Launched

# `signal` builds enums when imported, which costs more than a fork; these numbers never differ.
SIGINT, SIGKILL, SIGTERM = 2, 9, 15


def current_process() -> BaseProcess:
    """Return the object that stands for this process. Section "Miscellaneous"."""
    return _current


def parent_process() -> BaseProcess | None:
    """Return the object that stands for the process which started this one; None in the main process.

    Its name, pid, is_alive(), join() and sentinel can be used. Section "Miscellaneous".
    """
    return _parent


def living_children() -> list[State]:
    """Return what is known of the living children of this process, after joining those that have ended."""
    _reap()
    return list(_children)


def active_children() -> list[BaseProcess]:
    """Return the living children of this process, after joining those that have ended.

    Section "Miscellaneous".
    """
    _reap()
    return list(_children.values())


class BaseProcess:
    """An activity that runs in a process of its own. Section "Process and exceptions".

    group: must be None; it is there because threading.Thread has it.
    target: the callable that run() calls; None for nothing.
    name: a str, or what str() makes of it; None for ``Process-N1:N2:…``, where it is the Nth child of its parent.
    args: the target's positional arguments, a list or tuple. They stay alive here while the child runs.
    kwargs: the target's keyword arguments, a dict.
    daemon: whether the child ends with this process; None takes over the flag of this process.

    Misuse raises AssertionError (also under -O), any use after close() ValueError.
    """

    _mpref_ = State("?", None, 0, False, NO_KEY)
    """The only name that is taken here. This one is for a subclass that forgets the constructor: require() says so."""

    def __init__(
        self,
        group: None = None,
        target: Callable[..., object] | None = None,
        name: str | None = None,
        args: Iterable[Any] = (),
        kwargs: Mapping[str, Any] | None = {},  # the documented signature; never changed
        *,
        daemon: bool | None = None,
    ) -> None:
        if group is not None:
            raise AssertionError(f"group is reserved and must be None, not {group!r}")
        if target is not None and not callable(target):
            raise TypeError(f"target must be callable or None, not {target!r}")
        if kwargs is None:  # as threading.Thread takes it
            kwargs = {}
        current = _current._mpref_
        identity = (*(current.identity or ()), next(_numbers))
        state = State(
            "Process-" + ":".join(map(str, identity)) if name is None else _text(name),
            identity,
            os.getpid(),
            current.daemon if daemon is None else bool(daemon),
            current.authkey,
        )
        state.target = target
        state.args = tuple(args)
        state.kwargs = dict(kwargs)
        be_known(self, state)

    def run(self) -> None:
        """Do the work of the process: call the target. Subclasses may override it."""
        state = self._mpref_
        if state.target is not None:
            state.target(*state.args, **state.kwargs)

    def start(self) -> None:
        """Start the child, which calls run(). At most once for each object, and not in a daemonic process.

        RuntimeError: this process is itself a child that is still importing its main module.
        """
        state = self._mpref_
        state.require("start()", started=False)
        if importing_main:  # a daemonic process, too, is told what is wrong with its program
            raise RuntimeError(UNGUARDED.format(name=state.name))
        if _current._mpref_.daemon:
            raise AssertionError(f"a daemonic process may not have children, and {_current._mpref_.name!r} is one")
        _reap()
        handle = self._mpref_launch()
        state.handle = handle
        state.pid = handle.pid
        _children[state] = self

    def join(self, timeout: float | None = None) -> None:
        """Wait until the child has ended, at most `timeout` seconds if that is not None.

        Tell the two outcomes apart by exitcode. A process cannot join itself.
        """
        state = self._mpref_
        if self is _current:
            raise AssertionError(f"process {state.name!r} cannot join itself: it would wait for ever")
        handle = state.require("join()", started=True)
        if timeout is not None:
            from .quantities import seconds

            timeout = seconds(timeout)
        state.note(handle.wait(timeout))

    def is_alive(self) -> bool:
        """Tell whether the child runs; join it if it has ended."""
        if self is _current:
            return True
        state = self._mpref_
        state.require("is_alive()")
        return state.handle is not None and state.poll() is None

    def terminate(self) -> None:
        """End the child by SIGTERM: neither exit handlers nor finally clauses run, descendants stay."""
        self._mpref_.require("terminate()", started=True).signal(SIGTERM)

    def interrupt(self) -> None:
        """Interrupt the child by SIGINT: it ends by a KeyboardInterrupt, unless it handles the one or the other."""
        self._mpref_.require("interrupt()", started=True).signal(SIGINT)

    def kill(self) -> None:
        """End the child by SIGKILL, otherwise like terminate()."""
        self._mpref_.require("kill()", started=True).signal(SIGKILL)

    def close(self) -> None:
        """Release what belongs to this object; most of it raises ValueError from now on.

        ValueError: the child is still running.
        """
        state = self._mpref_
        if state.closed:
            return
        state.require("close()")
        if state.handle is not None:
            if state.poll() is None:
                raise ValueError(f"process {state.name!r} still runs: join() or terminate() it before close()")
            state.handle.close()
            state.handle = None
        state.closed = True
        state.forget_work()

    @property
    def name(self) -> str:
        """The name, a str that serves identification only; several processes may have the same."""
        return self._mpref_.name

    @name.setter
    def name(self, name: object) -> None:
        _own_state(self).name = _text(name)

    @property
    def daemon(self) -> bool:
        """Whether the child ends with its parent and may not have children; to be set before start()."""
        return self._mpref_.daemon

    @daemon.setter
    def daemon(self, daemon: bool) -> None:
        state = _own_state(self)
        if state.handle is not None or self is _current:
            raise AssertionError(f"daemon must be set before process {state.name!r} is started")
        state.daemon = bool(daemon)

    @property
    def authkey(self) -> AuthenticationString:
        """The authentication key, bytes: random in the main process, passed on to children."""
        return self._mpref_.authkey

    @authkey.setter
    def authkey(self, key: bytes) -> None:
        _own_state(self).authkey = AuthenticationString(memoryview(key))

    @property
    def pid(self) -> int | None:
        """The process id; None before start()."""
        if self is _current:
            return os.getpid()
        self._mpref_.require("pid", anywhere=True)
        return self._mpref_.pid

    ident = pid

    @property
    def exitcode(self) -> int | None:
        """None before the end; then 0, or N after sys.exit(N), 1 after an exception, -N after signal N."""
        if self is _current:
            return None
        state = self._mpref_
        state.require("exitcode")
        return None if state.handle is None else state.poll()

    @property
    def sentinel(self) -> int:
        """A descriptor that becomes readable, and stays so, once the child has ended."""
        state = self._mpref_
        state.require("sentinel", anywhere=True)
        if state.handle is None:
            rule = "before it is started" if state.pid is None else "in another process than that which started it"
            raise ValueError(f"process {state.name!r} has no sentinel {rule}")
        return state.handle.sentinel

    def __repr__(self) -> str:
        kind, state = type(self).__name__, self._mpref_
        if state.identity is None:
            return f"<{kind} without a call of the base constructor>"
        stage, pid, code = _standing(self)
        facts = (
            f"name={state.name!r}",
            f"pid={pid}" if pid else "",
            f"parent={state.creator}" if state.creator else "",
            stage,
            "" if code is None else f"exitcode={_in_words(code)}",
            "daemon" if state.daemon else "",
        )
        return f"<{kind} {' '.join(filter(None, facts))}>"

    def _mpref_launch(self) -> Launched:
        """Start a child that runs this object. The contexts' classes know how."""
        raise NotImplementedError("start a process by the Process of the package or of a context")


class MainProcess(BaseProcess):
    """The process that the program began with, or one that stands in while a child gets ready."""

    def __init__(
        self, name: str, identity: tuple[int, ...] = (), daemon: bool = False, authkey: bytes | None = None
    ) -> None:
        key = AuthenticationString(os.urandom(32) if authkey is None else authkey)
        be_known(self, State(name, identity, 0, daemon, key))


UNGUARDED = """\
process {name!r} was started by the import of the main module, in a child process that needs that module.
Every child that is started by 'spawn' or 'forkserver' imports the main module of the program, so what
starts processes there has to be kept from running again:

    if __name__ == '__main__':
        freeze_support()    # only needed in a program that is frozen into an executable
        ...                 # start processes here
"""

forked: list[Callable[[], None]] = []
"""What a child that was started by 'fork' does before its work, in the order in which its modules were imported."""

own_threads: set[int] = set()
"""Threads of the package that start processes by themselves: whoever uses it is not warned of what they do."""

importing_main = False
"""True while a child imports the main module: no process may be started by that."""


_ORDINALS = range(1, sys.maxsize)
"""Numbers for the children of a process; `itertools` need not be imported for them."""


_current: BaseProcess
_parent: BaseProcess | None = None
_numbers = iter(_ORDINALS)


def become(process: BaseProcess, parent: BaseProcess | None) -> None:
    """Be `process`, started by `parent`, without children as yet."""
    global _current, _parent, _numbers
    _current, _parent = process, parent
    _numbers = iter(_ORDINALS)
    _children.clear()


def stand_in(process: BaseProcess) -> None:
    """Be `process` from now on, but keep everything else."""
    global _current
    _current = process


def _reap() -> None:
    for child in tuple(_children):
        child.poll()


def be_known(process: BaseProcess, state: State) -> None:
    """Let `state` be what is known of a process, whatever the class of its user makes of setting an attribute."""
    object.__setattr__(process, "_mpref_", state)


def _own_state(process: BaseProcess) -> State:
    """Return what is known of a process to change it, also before its constructor was called."""
    if process._mpref_.identity is None:
        be_known(process, State("?", None, 0, False, NO_KEY))
    return process._mpref_


def _standing(process: BaseProcess) -> tuple[str, int | None, int | None]:
    """Tell the stage of a process, its id and its exit code, as far as they are known in this process."""
    state = process._mpref_
    if process is _current:
        return "started", os.getpid(), None
    if state.closed or state.creator != os.getpid():
        return "closed" if state.closed else "unknown", None, None
    if state.handle is None:
        return "initial", None, None
    code = state.poll()
    return "started" if code is None else "stopped", state.pid, code


def _text(name: object) -> str:
    """Return a name as plain text, as `threading` does."""
    return str.__str__(name if isinstance(name, str) else str(name))


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
os.register_at_fork(after_in_child=own_threads.clear)

_current = MainProcess("MainProcess")
_first = _current
"""Kept: to let go of it, a forked child would copy every page that a part of it lies in."""
log.name_of_process = lambda: _current._mpref_.name

# A child calls the main module `__mp_main__`; what it sends back is found here by that name.
if "__main__" in sys.modules:
    sys.modules.setdefault("__mp_main__", sys.modules["__main__"])
