"""Names that the documentation does not have and that programs import from `multiprocessing` all the same.

They are here, in `reduction`, and where an attribute has its place, for the clients that use them, and do what those
use them for:

=====================================================  =========================================================
name                                                   client
=====================================================  =========================================================
util.debug, info, sub_debug, sub_warning, get_logger   concurrent.futures (debug), joblib
util.Finalize                                          joblib, and others that tie a callback to an object
util._exit_function                                    pebble, in its workers
util.register_after_fork                               programs that renew what a fork must not share
context.assert_spawning, context._concrete_contexts    joblib
synchronize.SemLock                                    joblib
util._args_from_interpreter_flags, spawnv_passfds,      joblib
queues._sentinel
spawn                                                  joblib
pool.Pool._pool                                        dask, which takes its length
reduction.ForkingPickler                               joblib
queues.Queue._on_queue_feeder_error, _ignore_epipe,    concurrent.futures
queues.Queue._terminate_broken
queues.Queue._reader, _writer, those of SimpleQueue    concurrent.futures, programs that wait for several queues
=====================================================  =========================================================
"""

from __future__ import annotations

import os
from _weakref import ref

from . import log
from .finalize import Finalizer, run_at_exit
from .log import debug, get_logger, info, log_to_stderr

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

__all__ = [
    "Finalize",
    "debug",
    "get_logger",
    "info",
    "log_to_stderr",
    "register_after_fork",
    "sub_debug",
    "sub_warning",
]


class Finalize:
    """A callback that runs once: when it is called, when `obj` is collected, or at exit if it has a priority.

    callback, args, kwargs: what is called with what. obj: None for one that waits for a call or the exit.
    exitpriority: the highest first.
    """

    def __init__(
        self,
        obj: object,
        callback: Callable[..., Any],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
        exitpriority: int | None = None,
    ) -> None:
        if obj is None and exitpriority is None:
            raise ValueError("a finalizer needs an object, an exitpriority or both: with neither it would never run")
        self._callback, self._args, self._kwargs = callback, args, dict(kwargs or {})
        self._finalizer = Finalizer(_call, callback, args, self._kwargs, owner=obj, priority=exitpriority)

    def __call__(self, *_: object) -> Any:
        """Run the callback, unless it has run, was cancelled, or belongs to another process; return what it does."""
        return self._callback(*self._args, **self._kwargs) if self._finalizer.cancel() else None

    def cancel(self) -> None:
        """Forget the callback."""
        self._finalizer.cancel()

    def still_active(self) -> bool:
        """Tell whether the callback is still to run in this process."""
        return self._finalizer.alive


def sub_debug(msg: str, *args: object) -> None:
    """Log below the level DEBUG, if there is a logger."""
    _log(5, msg, *args)


def sub_warning(msg: str, *args: object) -> None:
    """Log between the levels INFO and WARNING, if there is a logger."""
    _log(25, msg, *args)


def register_after_fork(obj: Any, func: Callable[[Any], object]) -> None:
    """Call ``func(obj)`` in every child that is forked from this process, as long as `obj` lives."""
    weak = ref(obj)

    def renew() -> None:
        living = weak()
        if living is not None:
            func(living)

    os.register_at_fork(after_in_child=renew)


def _exit_function() -> None:
    """Do what the exit of a process does, for one that is about to leave by os._exit()."""
    run_at_exit()


def _args_from_interpreter_flags() -> list[str]:
    """Return the options that make another interpreter behave like this one."""
    from .launch import interpreter

    return interpreter.options()


def spawnv_passfds(path: str | bytes, args: Sequence[str | bytes], passfds: Iterable[int]) -> int:
    """Start a program that inherits these descriptors and the standard streams, and return its process id."""
    from subprocess import Popen

    child = Popen(args, executable=path, pass_fds=tuple(passfds))
    child.returncode = 0  # it is for the caller to reap
    return child.pid


def _call(callback: Callable[..., object], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    callback(*args, **kwargs)


def _log(level: int, message: str, *values: object) -> None:
    if log._logger is not None:
        log._logger.log(level, message, *values)
