"""shutdown(), its timeouts, and the context manager protocol."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import time
from collections.abc import Iterator
from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.chapters.managers.manager_referents import post_terminate
from mpspec.chapters.managers.manager_targets import KEY, wait_at
from mpspec.chapters.managers.serving import MANAGER, SHUTDOWN, connected, remove_leftovers, serving
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See
from mpspec.observation.waits import HELD, LONG, SETTLE, SMALL

CONTEXT = f"{MANAGER}/18"


@chapter.clause("manager.shutdown.ends-the-process", passage=f"{SHUTDOWN}/2", hanging=True)
def shutdown_stops_the_process(mp: Any, see: See) -> None:
    """shutdown() stops the process of the manager."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start()
    pid = manager.Store().pid()
    see.true(see.alive(pid), "a living process before", pid)
    manager.shutdown()
    see.gone(pid)


@chapter.clause("manager.shutdown.again", passage=f"{SHUTDOWN}/4", methods=ANY_METHOD)
def shutdown_can_be_called_again(mp: Any, see: See) -> None:
    """shutdown() can be called several times."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start()
    pid = manager.Store().pid()
    for _ in range(3):
        manager.shutdown()
        see.gone(pid)


@chapter.clause("manager.shutdown.surplus", passage=f"{SHUTDOWN}/1", level=SHOULD, methods=ANY_METHOD)
def shutdown_takes_no_argument(mp: Any, see: See) -> None:
    """shutdown() takes no argument: with one, as with a timeout, it raises TypeError, and stops nothing."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        store = manager.Store(7)
        for given, named in (((5,), {}), ((), {"timeout": 5})):
            with see.raises(TypeError):
                see.comes_back(lambda: manager.shutdown(*given, **named))  # noqa: B023 - called at once
        see.returns(7, store.get)


@chapter.clause("manager.shutdown.in-use", passage=f"{SHUTDOWN}/2", methods=ANY_METHOD, hanging=True)
def shutdown_stops_a_process_that_is_in_use(mp: Any, see: See) -> None:
    """shutdown() stops the process though there are proxies, other managers are connected, and a call waits in it."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    box, gate = see.mailbox(), see.gate()
    manager = StoreManager(authkey=KEY)
    manager.start()
    client = connected(StoreManager, manager.address)
    stores = [manager.Store(1), client.Store(2)]
    pid = stores[0].pid()
    waiting = see.in_thread(client.Store().wait, box, gate)
    see.equal(box.take(), "waiting", "the message")
    manager.shutdown()
    see.gone(pid)
    gate.open()
    with contextlib.suppress(Exception):
        waiting.ends()
    remove_leftovers(see)


@chapter.clause("manager.shutdown.beside-a-child", passage=(f"{SHUTDOWN}/2", "managers/4"), hanging=True)
def a_child_that_lives_on_holds_up_no_end(mp: Any, see: See) -> None:
    """The process of a manager that is shut down or collected ends though a child lives on that came later."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    gate = see.gate()
    managers = [StoreManager(), StoreManager()]
    for manager in managers:
        manager.start()
    pids = [manager.Store().pid() for manager in managers]
    del manager
    child = mp.Process(target=wait_at, args=(gate,))
    child.start()
    managers.pop().shutdown()
    see.gone(pids.pop())
    managers.clear()
    gc.collect()
    see.gone(pids.pop())
    gate.open()
    see.exits(child, 0)


@chapter.clause(
    "manager.shutdown.only-after-start",
    passage=f"{SHUTDOWN}/3",
    methods=NO_METHOD,
    cases={"made": False, "server": True},
)
def shutdown_is_not_there_without_a_start(mp: Any, see: See, server: bool) -> None:
    """shutdown() is not available, and raises, where the manager was only made, or has its server here."""
    manager = mp.managers.BaseManager(("127.0.0.1", 0), KEY)
    if server:
        made = manager.get_server()
        see.equal(made.address[0], "127.0.0.1", "the host of the server")
    with see.raises(Exception):
        see.comes_back(lambda: manager.shutdown())


@chapter.clause("manager.shutdown.not-connected", passage=f"{SHUTDOWN}/3", methods=ANY_METHOD)
def a_connected_manager_cannot_shut_down(mp: Any, see: See) -> None:
    """shutdown() is not available, and raises, where connect() has been used, and the server goes on."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager) as address:
        client = connected(OpenClient, address)
        with see.raises(Exception):
            see.comes_back(lambda: client.shutdown())
        see.equal(client.Store().get(), 0, "what a new store holds")
        see.equal(connected(OpenClient, address).Store().get(), 0, "what another client finds")


@chapter.clause("manager.shutdown.use-afterwards", passage=f"{SHUTDOWN}/2", level=SHOULD, methods=ANY_METHOD)
def what_was_shut_down_makes_nothing_more(mp: Any, see: See) -> None:
    """After shutdown() the manager raises where it is asked for an object, and proxies raise where they are used."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        store = manager.Store()
        see.returns(0, store.get)
        manager.shutdown()
        for use in (manager.Store, store.get):
            with see.raises(Exception):
                see.comes_back(use)


@chapter.clause("manager.shutdown.connect-afterwards", passage=f"{SHUTDOWN}/2", level=SHOULD, methods=ANY_METHOD)
def nobody_connects_to_what_was_shut_down(mp: Any, see: See) -> None:
    """After shutdown() nobody can connect at the address any more."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(authkey=KEY) as manager:
        manager.shutdown()
        with see.raises(Exception):
            see.comes_back(connected, StoreManager, manager.address)


@chapter.clause("manager.shutdown.process-is-dead", passage=f"{SHUTDOWN}/2", level=SHOULD, methods=ANY_METHOD)
def a_process_that_has_ended_is_shut_down(mp: Any, see: See) -> None:
    """shutdown() comes back, without an exception, though the process of the manager was killed."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        pid = manager.Store().pid()
        os.kill(pid, signal.SIGKILL)
        see.gone(pid)
        see.comes_back(manager.shutdown)
    remove_leftovers(see)


# Its timeouts


@contextlib.contextmanager
def stopped(pid: int) -> Iterator[None]:
    """The process is stopped meanwhile: it can do nothing, and nothing but SIGKILL ends it."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


@chapter.clause(
    "manager.shutdown.timeout-waits", passage=f"{MANAGER}/13", methods=ANY_METHOD, since="3.11", hanging=True
)
def shutdown_waits_for_the_process(mp: Any, see: See) -> None:
    """shutdown() waits for a process that does not complete yet, and does nothing to it until its timeout is over."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    box = see.mailbox()
    manager = StoreManager(shutdown_timeout=LONG * 4)
    manager.start(post_terminate, (box,))
    pid = manager.Store().pid()
    box.take()
    with stopped(pid):
        ending = see.blocks(manager.shutdown)
        ending.goes_on()
        see.true(see.alive(pid), "the process is there", pid)
    ending.ends()
    see.gone(pid)
    see.true(box.empty(), "the process was not terminated", "it was")


@chapter.clause("manager.shutdown.terminates", passage=f"{MANAGER}/14", methods=ANY_METHOD, since="3.11", hanging=True)
def a_process_that_goes_on_is_terminated(mp: Any, see: See) -> None:
    """A process that does not complete by itself before the timeout is over is terminated by shutdown()."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    box, gate = see.mailbox(), see.gate()
    manager = StoreManager(shutdown_timeout=HELD)  # ample for the handler of SIGTERM, which runs in the second wait
    manager.start(post_terminate, (box,))
    store = manager.Store()
    pid = store.pid()
    store.linger(gate)
    began = time.monotonic()
    manager.shutdown()
    by_itself = time.monotonic() - began < HELD
    see.gone(pid)
    if box.take() == "handled" and not by_itself:
        see.equal(box.take(), "SIGTERM", "what the process was sent")
    remove_leftovers(see)


@chapter.clause(
    "manager.shutdown.terminates-in-time", passage=f"{MANAGER}/15,13", methods=ANY_METHOD, since="3.11", hanging=True
)
def a_process_has_time_to_be_terminated(mp: Any, see: See) -> None:
    """A process that needs some time to end when it is terminated is not killed before the timeout is over again."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    box, waits, gate = see.mailbox(), see.gate(), see.gate()
    manager = StoreManager(shutdown_timeout=HELD)  # ample for what the handler of SIGTERM is asked and answers
    manager.start(post_terminate, (box, waits))
    store = manager.Store()
    pid = store.pid()
    store.linger(gate)
    handled = box.take() == "handled"
    ending = see.in_thread(manager.shutdown)
    see.eventually(lambda: not box.empty() or not ending.thread.is_alive(), "the process is terminated, or has ended")
    if handled and not box.empty():
        see.equal(box.take(), "SIGTERM", "what the process was sent")
        see.true(box.empty(after=SETTLE) and see.alive(pid), "the process goes on until it can end", pid)
        waits.open()
        see.equal(box.take(), "ends", "what the process does once it can")
    ending.ends()
    see.gone(pid)
    remove_leftovers(see)


@chapter.clause("manager.shutdown.kills", passage=f"{MANAGER}/15", methods=ANY_METHOD, since="3.11", hanging=True)
def a_process_that_ignores_its_termination_is_killed(mp: Any, see: See) -> None:
    """A process that neither completes before the timeout is over nor when it is terminated is killed by shutdown()."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    gate = see.gate()
    manager = StoreManager(shutdown_timeout=SMALL)
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a process hands it on to what it starts
    manager.start()
    signal.signal(signal.SIGTERM, before)
    store = manager.Store()
    pid = store.pid()
    store.linger(gate)
    manager.shutdown()
    see.gone(pid)
    remove_leftovers(see)


@chapter.clause(
    "manager.shutdown.unresponsive",
    passage=f"{MANAGER}/13,14,15",
    level=SHOULD,
    methods=ANY_METHOD,
    since="3.11",
    hanging=True,
)
def a_process_that_does_not_answer_is_killed(mp: Any, see: See) -> None:
    """shutdown() of a manager whose process is stopped, and so answers nothing, comes back: it is killed."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager(shutdown_timeout=SMALL)
    manager.start()
    pid = manager.Store().pid()
    with stopped(pid):
        ending = see.in_thread(manager.shutdown)
        ending.ends()
        see.gone(pid)
    remove_leftovers(see)


@chapter.clause(
    "manager.shutdown.timeout-zero", passage=f"{MANAGER}/13", level=SHOULD, methods=ANY_METHOD, since="3.11"
)
def no_time_is_a_timeout(mp: Any, see: See) -> None:
    """With a timeout of 0 seconds shutdown() stops the process as well."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager(shutdown_timeout=0)
    manager.start()
    pid = manager.Store().pid()
    manager.shutdown()
    see.gone(pid)
    remove_leftovers(see)


# The context manager protocol


@chapter.clause("manager.context.starts", passage=CONTEXT, methods=ANY_METHOD)
def entering_starts_the_process(mp: Any, see: See) -> None:
    """A with statement starts the process of a manager, and gives the manager itself."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    with manager as entered:
        see.true(entered is manager, "the manager itself", entered)
        see.true(manager.Store().pid() != os.getpid(), "another process")


@chapter.clause("manager.context.started-already", passage=CONTEXT, methods=ANY_METHOD)
def entering_a_started_manager_starts_nothing(mp: Any, see: See) -> None:
    """A with statement of a manager that was started goes on with its process, and gives the manager itself."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start()
    store = manager.Store(7)
    pid = store.pid()
    with manager as entered:
        see.true(entered is manager, "the manager itself", entered)
        see.equal(manager.Store().pid(), pid, "the process")
        see.returns(7, store.get)


@chapter.clause("manager.context.shuts-down", passage=CONTEXT, methods=ANY_METHOD, hanging=True)
def leaving_stops_the_process(mp: Any, see: See) -> None:
    """At the end of a with statement the manager is shut down: its process has ended."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        pid = manager.Store().pid()
        see.true(see.alive(pid), "a living process", pid)
    see.gone(pid)


@chapter.clause("manager.context.exception", passage=CONTEXT, methods=ANY_METHOD)
def an_exception_leaves_and_stops_the_process(mp: Any, see: See) -> None:
    """An exception in the block of a with statement goes on, and the manager is shut down."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with see.raises(LookupError, match="of the block"), StoreManager() as manager:
        pid = manager.Store().pid()
        raise LookupError("of the block")
    see.gone(pid)


@chapter.clause("manager.context.shut-down-within", passage=(CONTEXT, f"{SHUTDOWN}/4"), methods=ANY_METHOD)
def a_manager_can_be_shut_down_in_the_block(mp: Any, see: See) -> None:
    """A manager can be shut down in the block of its with statement, whose end calls shutdown() once more."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        pid = manager.Store().pid()
        manager.shutdown()
    see.gone(pid)


@chapter.clause("manager.context.shut-down-before", source=SHUTDOWN, level=UNSPECIFIED, methods=ANY_METHOD)
def a_manager_that_was_shut_down_is_entered(mp: Any, see: See) -> None:
    """Whether a with statement starts a manager that was shut down, or refuses it, is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start()
    manager.shutdown()
    try:
        with manager:
            see.records(raised=None)
    except Exception as error:
        see.records(raised=type(error).__name__)
