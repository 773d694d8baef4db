"""The end of a manager that nobody shuts down: it is collected, or the process ends that has started it."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.chapters.managers.serving import remove_leftovers
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import NotKept, See


@chapter.clause("manager.collected.ends-the-process", passage="managers/4", hanging=True)
def a_collected_manager_has_no_process(mp: Any, see: See) -> None:
    """The process of a manager ends when the manager is garbage collected."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start()
    pid = manager.Store().pid()
    gc.collect()
    see.true(see.alive(pid), "a living process before", pid)
    del manager
    gc.collect()
    see.gone(pid)


@chapter.clause("manager.collected.proxies", source="managers", level=UNSPECIFIED, methods=ANY_METHOD)
def a_proxy_whose_manager_is_collected(mp: Any, see: See) -> None:
    """Whether a proxy keeps the manager alive that has made it is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start()
    store = manager.Store(7)
    pid = store.pid()
    del manager
    gc.collect()
    try:
        see.records(usable=see.comes_back(store.get) == 7, alive=see.alive(pid))
    except NotKept:
        raise
    except Exception as error:
        see.records(error=type(error).__name__)
    del store
    gc.collect()
    see.gone(pid)


PROGRAM = """\
import multiprocessing
from multiprocessing.managers import BaseManager
import os, signal, sys, time

class Place:
    def pid(self):
        return os.getpid()

class Manager(BaseManager):
    pass

Manager.register("Place", Place)

if __name__ == "__main__":
    method, end = sys.argv[1:]
    manager = Manager(ctx=multiprocessing.get_context(method))
    manager.start()
    place = manager.Place()
    print(place.pid(), flush=True)
    if end == "raises":
        raise LookupError("of the program")
    if end == "os._exit":
        os._exit(4)
    if end.startswith("SIG"):
        os.kill(os.getpid(), getattr(signal, end))
        time.sleep(1000)
"""


@chapter.clause(
    "manager.exit.ends-the-process",
    passage="managers/4",
    hanging=True,
    cases={"returns": 0, "raises": 1},
)
def the_process_ends_with_the_program(mp: Any, see: See, status: int) -> None:
    """The process of a manager that nobody shuts down ends when the program ends that has started it."""
    end = {0: "returns", 1: "raises"}[status]
    program = see.program(PROGRAM, mp.get_start_method(), end)
    see.equal(program.status, status, "the status of the program")
    see.gone(int(program.out))


@chapter.clause(
    "manager.exit.without-handlers",
    passage="managers/4",
    level=SHOULD,
    hanging=True,
    cases={"os._exit": 4, "SIGKILL": -9},
)
def the_process_ends_with_a_program_that_is_killed(mp: Any, see: See, status: int) -> None:
    """The process of a manager ends when the program that has started it is ended without its exit handlers."""
    end = {4: "os._exit", -9: "SIGKILL"}[status]
    program = see.program(PROGRAM, mp.get_start_method(), end)
    see.equal(program.status, status, "the status of the program")
    pid = int(program.out)
    try:
        see.gone(pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        remove_leftovers(see)
