"""Start method 'fork': the child is a copy of its parent. Section "Contexts and start methods"."""

from __future__ import annotations

import os
import sys
from _signal import set_wakeup_fd  # type: ignore[import-not-found]  # `signal` is expensive
from _thread import _count, get_ident

from .. import finalize
from .. import process as processes
from . import child, lifeline
from .handle import Handle, sentinel_before, take_charge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_IGNORED = "ignore", None, DeprecationWarning, __name__, 0
"""A filter for the warning of threads that os.fork() has from Python 3.12 on."""


def start(process: processes.BaseProcess) -> Handle:
    """Fork a child that runs `process`; nothing is pickled."""
    if get_ident() not in processes.own_threads:
        return _start(process)
    # Nobody can do anything about this fork. No catch_warnings(): what other threads set meanwhile has to stay.
    filters = getattr(sys.modules.get("warnings"), "filters", [])
    filters.insert(0, _IGNORED)
    try:
        return _start(process, filters)
    finally:
        _heed_again(filters)


def _start(process: processes.BaseProcess, filters: list[Any] | None = None) -> Handle:
    parent = lifeline.as_parent(processes.current_process()._mpref_.name)
    child.flush()
    alone = _count() == 0
    if not alone and get_ident() not in processes.own_threads and _warns_late():
        _warn_of_threads()
    ends = sentinel_before()
    try:
        pid = os.fork()
    except OSError:
        for end in ends or ():
            os.close(end)
        raise
    if pid == 0:
        status = 1
        try:
            if ends is not None:
                os.close(ends[0])
                lifeline.vital.add(ends[1])
            finalize.forget_all()
            if filters is not None:
                _heed_again(filters)
            if "signal" in sys.modules:
                set_wakeup_fd(-1)  # a signal to this process shall not wake the event loop of its parent
            child.leave_threads_to_parent()
            if not alone:
                child.renew_streams()
            child.begin(process, parent)
            for prepare in processes.forked:
                prepare()
            status = child.run(process)
            child.leave(status)
        except SystemExit as leaving:  # a signal handler of the program ends it before, or after, its work
            status = child.status_of(leaving)
        except BaseException:
            child.report(process._mpref_.name)
        finally:
            os._exit(status)  # what was on the stack belongs to the parent: never return to it
    return take_charge(pid, ends)


def _heed_again(filters: list[Any]) -> None:
    if _IGNORED in filters:  # the program may have set others
        filters.remove(_IGNORED)


def _warns_late() -> bool:
    """Tell whether os.fork() leaves a warning to this module: the warning of threads, which is an error for some."""
    if sys.version_info < (3, 12):
        return True
    # From 3.15 on it raises the error in the parent once there is a child: of that nobody would know.
    warnings = sys.modules.get("warnings")
    return sys.version_info >= (3, 15) and any(one[0] == "error" for one in getattr(warnings, "filters", ()))


def _warn_of_threads() -> None:
    """Say what os.fork() says by itself from Python 3.12 on, which is the edition that this package follows."""
    threading = sys.modules.get("threading")
    if threading is not None and threading.active_count() > 1:
        import warnings

        warnings.warn(
            f"process {os.getpid()} has several threads: a forked child may hang where another of them holds a lock",
            DeprecationWarning,
            stacklevel=2,
        )
