"""The zygote: warm process of one implementation, parent and supervisor of its hosts, one at a time.

It forks each host ahead of its check, while the driver is busy with the verdict on the last one.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import gc
import importlib
import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mpspec.loader import load

from mpconform.hosts import arming, host, leaks, wire
from mpconform.hosts.folders import Folders
from mpconform.hosts.supervision import Supervision

if TYPE_CHECKING:
    from mpconform.hosts.protocol import Answer, Finding, Greeting, Request


def serve(channel: int, modules: Sequence[tuple[str, str]]) -> None:
    """Import the modules once, then answer requests until the driver is gone.

    modules: name, and the key of the adapter that asks for it; the implementation comes first.
    """
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_read, False)
    os.set_blocking(wake_write, False)
    told = os.environ.pop(leaks.COME, None)
    come = None if told is None else int(told)
    if come is not None:
        os.set_inheritable(come, False)
    host.default_signals()
    # Every host inherits these by fork; at home they would answer nobody.
    os.environ[arming.FILE] = os.path.join(os.getcwd(), "stacks")
    faulthandler.enable()
    arming.arm()
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
    wire.put(channel, _warm(channel, modules))
    _freeze()
    prepare = functools.partial(Supervision, Folders(os.getcwd()), wake_read, channel, foreign=(wake_write,), come=come)
    supervision = prepare()
    while True:
        request: Request | None = wire.get(channel)
        if request is None:
            supervision.dismiss()
            return
        imported = not request["fresh"] and _get_ready_for(request["chapter"], request["package"])
        if imported or not supervision.waits():
            supervision.dismiss()
            supervision = prepare()
        answer: Answer | Finding
        try:
            supervision.ask(request)
            answer = supervision.supervise()
        except Exception:
            from mpconform.hosts import blame

            answer = blame.engine()
            supervision.end_all()
        finally:
            supervision.close()
        wire.put(channel, answer)
        supervision = prepare()


def _freeze() -> None:
    """Leave what there is alone from now on, or every host would copy it when it collects garbage."""
    gc.collect()
    getattr(gc, "freeze", lambda: None)()


def _get_ready_for(chapter: str, package: str) -> bool:
    """Load a chapter when it is asked for first: whether that was now. What is wrong with it, the host will say."""
    if f"{package}.{chapter}.chapter" in sys.modules:
        return False
    with contextlib.suppress(Exception):
        load(chapter, package)
        _freeze()
    return True


def _warm(channel: int, modules: Sequence[tuple[str, str]]) -> Greeting:
    """Import the modules, and say so before each: what came of it."""
    greeting: Greeting = {
        "ready": True,
        "why": None,
        "lacks": None,
        "python": list(sys.version_info[:3]),
        "executable": sys.executable,
        "seconds": 0.0,
    }
    began = time.monotonic()
    for name, key in modules:
        what = name if key == "implementation" else f"{name}, under `{key}`,"
        wire.put(channel, {"importing": what})
        try:
            importlib.import_module(name)
        except BaseException as error:  # a module may raise anything: SystemExit, KeyboardInterrupt
            from mpconform.hosts import unready

            lacks = error.name if isinstance(error, ModuleNotFoundError) else None
            why = f"{what} cannot be imported: it {unready.why(error)}"
            greeting.update({"ready": False, "why": why, "lacks": lacks})
            break
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(Exception):  # a module may have put anything there
            stream.flush()  # or every host would write it again
    greeting["seconds"] = time.monotonic() - began
    return greeting
