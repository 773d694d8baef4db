"""The public surface: contexts, each bound to a start method, and the names they and the package offer."""

from __future__ import annotations

import os
import sys

from . import launch
from .launch import methods
from .process import BaseProcess

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import ModuleType
    from typing import Any

    from .process import Launched

#: The start methods of this platform, the default first. On macOS a fork is unsafe.
METHODS = ("spawn", "fork", "forkserver") if sys.platform == "darwin" else ("fork", "spawn", "forkserver")

#: What the package and every context offer, by name: the module that has it. One line for each name.
PLAIN = {
    "AuthenticationError": "errors",
    "BufferTooShort": "errors",
    "Pipe": "connection",
    "ProcessError": "errors",
    "RawArray": "sharedctypes",
    "RawValue": "sharedctypes",
    "TimeoutError": "errors",
    "active_children": "process",
    "current_process": "process",
    "get_logger": "log",
    "log_to_stderr": "log",
    "parent_process": "process",
    "set_executable": "launch.interpreter",
    "set_forkserver_preload": "launch.forkserver",
}

#: Likewise, but a function whose first parameter is the context: it is offered as a method of it.
BOUND: dict[str, str] = {
    "Array": "factories",
    "Barrier": "factories",
    "BoundedSemaphore": "factories",
    "Condition": "factories",
    "Event": "factories",
    "JoinableQueue": "factories",
    "Lock": "factories",
    "Queue": "factories",
    "RLock": "factories",
    "Semaphore": "factories",
    "SimpleQueue": "factories",
    "Value": "factories",
}


class Process(BaseProcess):
    """A process that is started by the start method of the program. See BaseProcess."""

    _method: str | None = None

    def _launch(self) -> Launched:
        return methods.start(self, self._method or default.get_start_method())


class ForkProcess(Process):
    """A process that is started by 'fork'. See BaseProcess."""

    _method = "fork"


class SpawnProcess(Process):
    """A process that is started by 'spawn'. See BaseProcess."""

    _method = "spawn"


class ForkServerProcess(Process):
    """A process that is started by 'forkserver'. See BaseProcess."""

    _method = "forkserver"


class BaseContext:
    """What all contexts have: the whole API of the package. Section "Contexts and start methods"."""

    Process: type[Process]

    def __getattr__(self, name: str) -> Any:
        if name in PLAIN:
            return getattr(_module(PLAIN[name]), name)
        if name in BOUND:
            return getattr(_module(BOUND[name]), name).__get__(self)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *PLAIN, *BOUND})

    def cpu_count(self) -> int:
        """Return the number of processors of the machine; NotImplementedError when it is unknown.

        The option ``-X cpu_count`` and the variable PYTHON_CPU_COUNT override it. Section "Miscellaneous".
        """
        # From 3.13 on os.cpu_count() knows them; this is an implementation of that edition on any version.
        count = (None if sys.version_info >= (3, 13) else _overridden_cpu_count()) or os.cpu_count()
        if count is None:
            raise NotImplementedError("the number of processors of this machine cannot be determined")
        return count

    def freeze_support(self) -> None:
        """Do nothing: it is needed for frozen programs on Windows only. Section "Miscellaneous"."""

    def get_context(self, method: str | None = None) -> BaseContext:
        """Return the context of a start method, None: of this one. ValueError: there is no such method here."""
        return self if method is None else context_of(method)

    def get_start_method(self, allow_none: bool = False) -> str | None:
        """Return the name of the start method. See DefaultContext."""
        raise NotImplementedError

    def set_start_method(self, method: str | None, force: bool = False) -> None:
        """Refuse: only the program as a whole has a start method that can be set."""
        raise ValueError(
            f"the start method of the context {self.get_start_method()!r} cannot be set to {method!r}: "
            "set that of the program, or get_context() another context"
        )

    def get_all_start_methods(self) -> list[str]:
        """Return the names of the start methods of this platform, the default first."""
        return list(METHODS)


class MethodContext(BaseContext):
    """A context that is bound to one start method: that of its class of processes."""

    def __init__(self, process: type[Process]) -> None:
        self.Process = process

    def get_start_method(self, allow_none: bool = False) -> str | None:
        """Return the name of this context's start method."""
        return self.Process._method

    def __repr__(self) -> str:
        return f"<context {self.Process._method!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return context_of, (self.Process._method,)


class DefaultContext(BaseContext):
    """The context of the program, whose attributes the package has: its start method can be set, once."""

    Process = Process

    def get_context(self, method: str | None = None) -> BaseContext:
        """Return the context of a start method; None: of the program's, which is settled by that.

        ValueError: this platform has no such method. Section "Miscellaneous".
        """
        return context_of(self.get_start_method() if method is None else method)

    def get_start_method(self, allow_none: bool = False) -> Any:
        """Return the name of the start method of the program.

        Where it is not settled yet: None if `allow_none`, otherwise it is settled to be the default.
        Section "Miscellaneous".
        """
        if launch.fixed_method is None and not allow_none:
            launch.fixed_method = METHODS[0]
        return launch.fixed_method

    def set_start_method(self, method: str | None, force: bool = False) -> None:
        """Set how the program starts its processes; once only.

        method: 'fork', 'spawn' or 'forkserver'; None means the default, or with `force` that it is not settled.
        RuntimeError: it is settled already and `force` is false. ValueError: this platform has no such method.
        Section "Miscellaneous".
        """
        if launch.fixed_method is not None and not force:
            raise RuntimeError(
                f"the start method is {launch.fixed_method!r} already and can be set once only; "
                f"{method!r} would need force=True"
            )
        if method is not None:
            context_of(method)
        elif not force:
            method = METHODS[0]
        launch.fixed_method = method

    def __reduce__(self) -> str:
        return "default"


_contexts = {str(each._method): MethodContext(each) for each in (ForkProcess, SpawnProcess, ForkServerProcess)}

default = DefaultContext()
get_context = default.get_context


def context_of(method: str) -> BaseContext:
    """Return the context of a start method. ValueError: this platform has no such method."""
    if not isinstance(method, str) or method not in METHODS:
        raise ValueError(f"the start method must be one of {', '.join(map(repr, METHODS))}, not {method!r}")
    return _contexts[method]


def _module(name: str) -> ModuleType:
    full = f"{__package__}.{name}"
    __import__(full)
    return sys.modules[full]


def _overridden_cpu_count() -> int | None:
    given = sys._xoptions.get("cpu_count")
    source = "the option -X cpu_count"
    if given is None and not sys.flags.ignore_environment:
        given = os.environ.get("PYTHON_CPU_COUNT") or None
        source = "the variable PYTHON_CPU_COUNT"
    if given is None or given == "default":
        return None
    if given is True or not given.isdecimal() or int(given) < 1:
        raise ValueError(f"{source} must be 'default' or a number greater than 0, not {given!r}")
    return int(given)
