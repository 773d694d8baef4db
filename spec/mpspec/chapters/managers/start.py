"""start(): the process, and its initializer."""

from __future__ import annotations

import os
from typing import Any

from mpspec.chapters.managers.chapter import beside_threads, chapter
from mpspec.chapters.managers.manager_referents import fail, note
from mpspec.chapters.managers.manager_targets import start_one_and_end
from mpspec.chapters.managers.serving import MANAGER, START
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import NotKept, See


@chapter.clause("manager.start.subprocess", passage=(f"{START}/2", "managers/2", f"{MANAGER}/3"))
def start_starts_a_process(mp: Any, see: See) -> None:
    """start() starts another process, by the start method in use, in which the objects of the manager are."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        pid = manager.Store().pid()
        see.true(pid != os.getpid(), "another process", pid)
        see.true(see.alive(pid), "a living process", pid)
        see.returns(pid, manager.make_store().pid)


@chapter.clause("manager.start.one-each", passage=(f"{START}/2", "managers/2"))
def each_manager_has_its_process(mp: Any, see: See) -> None:
    """Two managers have two processes, and neither end ends the other, whichever was started first."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as first, StoreManager() as second:
        with StoreManager() as third:
            pids = {manager.Store().pid() for manager in (first, second, third)}
            see.equal(len(pids), 3, "the number of processes of three managers")
        see.returns(7, first.Store(7).get)
        first.shutdown()
        see.returns(8, second.Store(8).get)


@chapter.clause(
    "manager.start.initializer",
    passage=f"{START}/3",
    cases={"alone": ((note,), []), "arguments": ((note, (1, ["two", 3])), [1, ["two", 3]])},
)
def the_initializer_is_called_in_the_process(mp: Any, see: See, case: Any) -> None:
    """The process of the manager calls the initializer with the arguments, once, before objects are made."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    arguments, promised = case
    manager = StoreManager()
    manager.start(*arguments)
    store = manager.Store()
    see.equal(store.noted_before(), [[promised, {}]], "the calls of the initializer when the first object was made")
    see.equal(store.notes(), [[promised, {}]], "the calls of the initializer")
    manager.shutdown()


@chapter.clause("manager.start.initializer-by-name", passage=f"{START}/1,3", methods=ANY_METHOD)
def the_arguments_of_start_have_names(mp: Any, see: See) -> None:
    """initializer and initargs can be given by their names."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start(initargs=("by name",), initializer=note)
    see.equal(manager.Store().notes(), [[["by name"], {}]], "the calls of the initializer")
    manager.shutdown()


@chapter.clause(
    "manager.start.no-initializer",
    passage=f"{START}/3",
    methods=ANY_METHOD,
    cases={"none": (None,), "arguments": (None, (1, 2))},
)
def without_an_initializer_nothing_is_called(mp: Any, see: See, arguments: Any) -> None:
    """An initializer that is None is not called, whatever the arguments."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    manager.start(*arguments)
    see.returns(7, manager.Store(7).get)
    manager.shutdown()


@chapter.clause(
    "manager.start.initializer-not-callable",
    passage=f"{START}/3",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"number": 7, "text": "note"},
)
def an_initializer_that_cannot_be_called_is_refused(mp: Any, see: See, initializer: Any) -> None:
    """start() raises where the initializer cannot be called."""
    with see.raises(Exception):
        see.comes_back(mp.managers.BaseManager().start, initializer)


@chapter.clause("manager.start.initializer-fails", source=START, level=UNSPECIFIED)
def an_initializer_that_raises(mp: Any, see: See) -> None:
    """What start() does where the initializer raises is left open."""
    with see.output() as told:
        try:
            see.comes_back(mp.managers.BaseManager().start, fail)
            error = None
        except Exception as raised:
            error = type(raised).__name__
    see.records(error=error, prints_it="ArithmeticError" in told.err)


@chapter.clause("manager.start.twice", source=START, level=UNSPECIFIED, methods=ANY_METHOD)
def a_manager_is_started_twice(mp: Any, see: See) -> None:
    """What start() of a manager does that was started already is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        pid = manager.Store().pid()
        try:
            see.comes_back(manager.start)
            error = None
        except NotKept:
            raise
        except Exception as raised:
            error = type(raised).__name__
        see.records(error=error, same=manager.Store().pid() == pid)


@chapter.clause("manager.start.after-shutdown", source=START, level=UNSPECIFIED, methods=ANY_METHOD)
def a_manager_is_started_again(mp: Any, see: See) -> None:
    """What start() of a manager does that was shut down is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        manager.shutdown()
        try:
            see.comes_back(manager.start)
            error = None
        except NotKept:
            raise
        except Exception as raised:
            error = type(raised).__name__
        see.records(error=error)


@chapter.clause("manager.start.in-a-child", passage=(f"{START}/2", "managers/4"))
def a_child_can_have_a_manager(mp: Any, see: See) -> None:
    """A child can start a manager, whose process ends when the child has ended."""
    box = see.mailbox()
    child = mp.Process(target=start_one_and_end, args=(box,))
    child.start()
    pid = box.take()
    see.exits(child, 0)
    see.gone(pid)


@chapter.clause("manager.start.in-a-thread", passage="managers/4", level=SHOULD)
def the_process_outlives_the_thread_that_started_it(mp: Any, see: See) -> None:
    """A manager that a thread has started goes on when that thread has ended."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    manager = StoreManager()
    with beside_threads():
        starting = see.in_thread(manager.start)
        starting.ends()
        starting.thread.join()
    see.returns(7, manager.Store(7).get)
    pid = manager.Store().pid()
    see.true(see.alive(pid), "a living process", pid)
    manager.shutdown()
    see.gone(pid)
