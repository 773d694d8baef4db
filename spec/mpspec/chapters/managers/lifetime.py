"""How long the server process of a manager lives, and what its proxies make of its end."""

from __future__ import annotations

import contextlib
import gc
import os
from typing import Any

from mpspec.chapters.managers.chapter import chapter, server_of
from mpspec.chapters.managers.manager_targets import KEY
from mpspec.chapters.managers.serving import MANAGER, SHUTDOWN
from mpspec.chapters.managers.targets import manage, outcome
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

LIFETIME = "managers/4"


@chapter.clause("manager.lifetime.collected", passage=LIFETIME)
def its_process_ends_with_the_manager(mp: Any, see: See) -> None:
    """The server process ends once the manager is garbage collected."""
    manager = mp.Manager()
    pid = server_of(see, manager)
    see.true(see.alive(pid), "the server runs while the manager is there")
    del manager
    see.eventually(lambda: [gc.collect(), not see.alive(pid)][1], "the server process ends")


@chapter.clause("manager.lifetime.collected.proxies", source="managers", level=UNSPECIFIED)
def a_proxy_and_the_end_of_its_manager(mp: Any, see: See) -> None:
    """Whether a proxy keeps its manager from being garbage collected is left open."""
    manager = mp.Manager()
    proxy = manager.list([1])
    del manager
    gc.collect()
    see.records(then=see.comes_back(outcome, str, proxy))


@chapter.clause("manager.lifetime.cycle", passage=LIFETIME)
def a_manager_in_a_cycle_is_collected(mp: Any, see: See) -> None:
    """The server process ends as well where the manager was part of a reference cycle that is garbage collected."""
    cycle: list[Any] = [mp.Manager()]
    cycle.append(cycle)
    pid = server_of(see, cycle[0])
    del cycle
    see.eventually(lambda: [gc.collect(), not see.alive(pid)][1], "the server process ends")


PARENT = """\
import multiprocessing
import os
import signal
import sys

class Tells:
    def __call__(self):
        print(os.getpid(), flush=True)

if __name__ == "__main__":
    method, end = sys.argv[1:]
    manager = multiprocessing.get_context(method).Manager()
    manager.Barrier(1, Tells()).wait()
    if end == "exit":
        sys.exit(3)
    if end == "raise":
        raise SystemExit("raised")
    if end == "_exit":
        os._exit(3)
    if end == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
"""
"""Makes a manager whose server prints its process id, and ends."""

KILL = -9


@chapter.clause(
    "manager.lifetime.parent-exits",
    passage=LIFETIME,
    cases={"returns": ("return", 0), "sys.exit": ("exit", 3), "raises": ("raise", 1)},
    hanging=True,
)
def its_process_ends_with_the_parent(mp: Any, see: See, case: tuple[str, int]) -> None:
    """The server process ends when the process that has started it exits, and does not keep it from exiting."""
    end, status = case
    ended = see.program(PARENT, mp.get_start_method(), end)
    see.equal(ended.status, status, "the exit status")
    see.gone(int(ended.out))


@chapter.clause(
    "manager.lifetime.parent-vanishes",
    passage=LIFETIME,
    level=SHOULD,
    cases={"os._exit": ("_exit", 3), "SIGKILL": ("kill", KILL)},
)
def its_process_ends_with_a_parent_that_cleans_nothing_up(mp: Any, see: See, case: tuple[str, int]) -> None:
    """The server process ends as well when its parent ends by os._exit() or SIGKILL."""
    end, status = case
    ended = see.program(PARENT, mp.get_start_method(), end)
    see.equal(ended.status, status, "the exit status")
    see.gone(int(ended.out))


@chapter.clause("manager.lifetime.parent-child", passage=LIFETIME)
def the_parent_may_be_a_child(mp: Any, see: See) -> None:
    """A manager that a child process has made ends when that child does."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=manage, args=(mp, box, gate))
    child.start()
    pid = box.take()
    see.true(see.alive(pid), "the server runs while its parent does")
    gate.open()
    see.exits(child, 0)
    see.gone(pid)


@chapter.clause("manager.shutdown.by-a-child", source=SHUTDOWN, level=UNSPECIFIED, methods=("fork",))
def a_child_shuts_a_manager_down(mp: Any, see: See) -> None:
    """Whether a forked child can shut down the manager of its parent is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    def end() -> None:
        try:
            manager.shutdown()
        except BaseException as error:
            box.post(type(error).__name__)
        else:
            box.post(None)

    box = see.mailbox()
    with StoreManager() as manager:
        store = manager.Store(7)
        child = mp.Process(target=end)
        child.start()
        child.join()
        try:
            still = see.comes_back(store.get)
        except Exception as error:
            still = type(error).__name__
        see.records(raised=box.take(), afterwards=still)


@chapter.clause("proxy.another-server", source=MANAGER, level=UNSPECIFIED, methods=ANY_METHOD)
def another_server_takes_the_address(mp: Any, see: See) -> None:
    """What a proxy does is left open where another server has taken the address of the one that had its referent."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    address = os.path.join(see.folder, "address")
    with StoreManager(address, KEY) as manager:
        store = manager.Store(7)
        see.returns(7, store.get)
        manager.shutdown()
        with contextlib.suppress(OSError):
            os.unlink(address)
        with StoreManager(address, KEY) as other:
            see.returns(8, other.Store(8).get)
            try:
                see.records(got=see.comes_back(store.get))
            except Exception as error:
                see.records(raised=type(error).__name__)
            del store
