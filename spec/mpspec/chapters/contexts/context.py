"""Context objects: get_context, the API that they share with the module, several start methods in one program."""

from __future__ import annotations

import os
import threading
from typing import Any

from mpspec.chapters.contexts.chapter import METHODS, UNKNOWN, chapter, origin, prints
from mpspec.chapters.contexts.targets import nothing, post_parent_and_wait, wait
from mpspec.clause import EVERY_METHOD, ITS_CASE, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See

START_METHODS = "contexts-and-start-methods"

GET = "multiprocessing.get_context"

NAMES = """
Array AuthenticationError Barrier BoundedSemaphore BufferTooShort Condition Event JoinableQueue Lock Manager Pipe
Pool Process ProcessError Queue RLock Semaphore SimpleQueue TimeoutError Value active_children cpu_count
current_process freeze_support get_all_start_methods get_context get_logger get_start_method log_to_stderr
parent_process set_executable set_forkserver_preload set_start_method
"""
"""Every name that the page documents in the module itself."""

SIGNATURES = {
    "Process": "(group=None, target=None, name=None, args=(), kwargs={}, *, daemon=None)",
    "Value": "(typecode_or_type, *args, lock=True)",
    "Array": "(typecode_or_type, size_or_initializer, *, lock=True)",
    "get_context": "(method=None)",
    "get_start_method": "(allow_none=False)",
    "set_start_method": "(method, force=False)",
    "set_executable": "(executable)",
    "log_to_stderr": "(level=None)",
    **dict.fromkeys(
        ("Manager", "active_children", "cpu_count", "current_process", "freeze_support", "get_logger"), "()"
    ),
    "parent_process": "()",
}
"""What the page says of the parameters, defaults included, of what a context has too."""

OTHER = {"fork": "spawn", "spawn": "forkserver", "forkserver": "fork"}
"""A start method -> one that differs."""

WITH_OTHER = {method: (method, other) for method, other in OTHER.items()}
"""The start methods that each case uses which has another one beside its own."""


@chapter.clause("context.get.signature", passage=f"{GET}/1", methods=NO_METHOD)
def a_context_is_asked_by_method(mp: Any, see: See) -> None:
    """get_context takes method, by default None."""
    see.signature(mp.get_context, "(method=None)")


@chapter.clause("context.get.own-method", passage=f"{GET}/5,2", methods=NO_METHOD, cases=METHODS, uses=ITS_CASE)
def a_context_has_the_method_that_was_asked_for(mp: Any, see: See, method: str) -> None:
    """The get_start_method() of get_context(method) returns that method, with and without allow_none."""
    context = mp.get_context(method)
    see.returns(method, context.get_start_method)
    see.returns(method, context.get_start_method, allow_none=True)


@chapter.clause("context.get.unknown", passage=f"{GET}/6", methods=NO_METHOD, cases=UNKNOWN)
def an_unavailable_method_raises_value_error(mp: Any, see: See, method: str) -> None:
    """get_context() raises ValueError for a start method that is not available."""
    with see.raises(ValueError):
        mp.get_context(method)


@chapter.clause(
    "context.get.other-type",
    source=GET,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"number": 7, "bytes": b"fork"},
)
def a_method_that_is_no_string(mp: Any, see: See, method: Any) -> None:
    """What get_context() raises for a method that is no string is left open."""
    try:
        mp.get_context(method)
        see.records(refused=False)
    except Exception as error:
        see.records(refused=type(error).__name__)


@chapter.clause(
    "context.get.unavailable-on-windows",
    passage=f"{GET}/6",
    methods=NO_METHOD,
    platforms=("win32",),
    cases={"fork": "fork", "forkserver": "forkserver"},
)
def windows_has_no_context_of_a_fork(mp: Any, see: See, method: str) -> None:
    """On Windows get_context() raises ValueError for the methods that fork."""
    with see.raises(ValueError):
        mp.get_context(method)


@chapter.clause(
    "context.get.default", passage=f"{GET}/3", methods=NO_METHOD, fresh=True, cases={"left-out": (), "none": (None,)}
)
def without_a_method_the_default_context_is_returned(mp: Any, see: See, arguments: tuple[Any, ...]) -> None:
    """get_context() returns the context of the default start method while no other is set."""
    see.returns(mp.get_all_start_methods()[0], mp.get_context(*arguments).get_start_method)


@chapter.clause(
    "context.get.default-fixes",
    passage=(f"{GET}/4", "global-start-method/3"),
    methods=NO_METHOD,
    fresh=True,
    since="3.14",
)
def asking_for_the_default_context_fixes_the_default(mp: Any, see: See) -> None:
    """get_context() fixes an open start method to the default."""
    mp.get_context()
    see.returns(mp.get_all_start_methods()[0], mp.get_start_method, allow_none=True)


@chapter.clause(
    "context.get.default-is-the-choice", passage=f"{GET}/3", methods=NO_METHOD, fresh=True, cases=METHODS, uses=ITS_CASE
)
def a_set_method_makes_the_default_context(mp: Any, see: See, method: str) -> None:
    """get_context() returns the context of the start method that was set."""
    mp.set_start_method(method)
    context = mp.get_context()
    see.returns(method, context.get_start_method)
    see.equal(origin(context, see), method, "the start method of a child")


@chapter.clause(
    "context.get.leaves-open",
    passage=f"{START_METHODS}/14,15",
    level=SHOULD,
    methods=NO_METHOD,
    fresh=True,
    cases=METHODS,
    uses=ITS_CASE,
)
def asking_for_a_context_leaves_the_choice_open(mp: Any, see: See, method: str) -> None:
    """get_context(method) leaves the start method of the program open."""
    mp.get_context(method).get_start_method()
    see.returns(None, mp.get_start_method, allow_none=True)


@chapter.clause(
    "context.get.library",
    passage=f"{START_METHODS}/14,15",
    level=SHOULD,
    methods=NO_METHOD,
    fresh=True,
    cases=METHODS,
    uses=WITH_OTHER,
)
def a_library_with_a_context_leaves_the_choice_to_its_user(mp: Any, see: See, method: str) -> None:
    """After a process was started by a context the program can still set any start method."""
    see.equal(origin(mp.get_context(method), see), method, "the start method of the library's child")
    see.returns(None, mp.get_start_method, allow_none=True)
    mp.set_start_method(OTHER[method])
    see.equal(origin(mp, see), OTHER[method], "the start method of the user's child")


@chapter.clause(
    "context.get.overrides-choice",
    passage=f"{START_METHODS}/15,14",
    methods=NO_METHOD,
    fresh=True,
    cases=METHODS,
    uses=WITH_OTHER,
)
def a_context_starts_by_its_own_method(mp: Any, see: See, method: str) -> None:
    """A Process of a context is started by the context's method, whatever the program has set, and sets nothing."""
    mp.set_start_method(OTHER[method])
    see.equal(origin(mp.get_context(method), see), method, "the start method of the child")
    see.returns(OTHER[method], mp.get_start_method)


@chapter.clause(
    "context.get.survives-force",
    passage=f"{START_METHODS}/15",
    methods=NO_METHOD,
    fresh=True,
    uses=("spawn", "forkserver"),
)
def a_context_keeps_its_method(mp: Any, see: See) -> None:
    """A context keeps its start method when the program's is replaced by force."""
    context = mp.get_context("spawn")
    mp.set_start_method("forkserver", force=True)
    see.returns("spawn", context.get_start_method)
    see.equal(origin(context, see), "spawn", "the start method of the child")


@chapter.clause(
    "context.get.several",
    passage=f"{START_METHODS}/15",
    methods=NO_METHOD,
    platforms=("linux",),
    fresh=True,
    uses=EVERY_METHOD,
)
def several_start_methods_in_one_program(mp: Any, see: See) -> None:
    """Children of all start methods run side by side in one program."""
    box, gate = see.mailbox(), see.gate()
    children = [mp.get_context(method).Process(target=post_parent_and_wait, args=(box, gate)) for method in METHODS]
    for child in children:
        child.start()
    parents = box.take_all(len(children))
    see.equal(parents.count(os.getpid()), 2, "the number of children whose parent is this process")
    see.true(all(child.is_alive() for child in children), "all of them are alive at once")
    gate.open()
    for child in children:
        see.exits(child, 0)


@chapter.clause(
    "context.get.from-a-thread",
    passage=("multiprocessing.set_start_method/2", "multiprocessing.get_start_method/2", "global-start-method/2"),
    level=SHOULD,
    methods=NO_METHOD,
    fresh=True,
)
def the_choice_is_that_of_the_program(mp: Any, see: See) -> None:
    """The start method is set for the whole program: every thread has it."""
    found: list[Any] = []
    last = mp.get_all_start_methods()[-1]
    mp.set_start_method(last)
    thread = threading.Thread(target=lambda: found.append(mp.get_start_method(allow_none=True)))
    thread.start()
    thread.join()
    see.equal(found, [last], "what another thread gets")


# The same API as the module


@chapter.clause(
    "context.api.names", passage=f"{GET}/2", methods=NO_METHOD, cases={**METHODS, "default": None}, uses=ITS_CASE
)
def a_context_has_the_attributes_of_the_module(mp: Any, see: See, method: Any) -> None:
    """A context has every documented attribute that the module has."""
    context = mp.get_context(method)
    offered = [name for name in NAMES.split() if hasattr(mp, name)]
    see.true(len(offered) > 10, "the module has the documented names", offered)
    see.equal([name for name in offered if not hasattr(context, name)], [], "the list of names that it lacks")


@chapter.clause(
    "context.api.signatures", passage=f"{START_METHODS}/15", methods=NO_METHOD, cases=METHODS, uses=ITS_CASE
)
def a_context_takes_the_parameters_of_the_module(mp: Any, see: See, method: str) -> None:
    """Process, Value, Array and the functions of a context take the parameters that those of the module take."""
    context = mp.get_context(method)
    for name, promised in SIGNATURES.items():
        if hasattr(mp, name):
            see.signature(getattr(context, name), promised)


@chapter.clause("context.api.process-class", passage=f"{GET}/2", methods=NO_METHOD, cases=METHODS, uses=ITS_CASE)
def the_process_of_a_context_is_a_class(mp: Any, see: See, method: str) -> None:
    """The Process of a context is a class that can be subclassed, and so is that of the module."""
    own = mp.get_context(method).Process
    see.true(isinstance(own, type) and isinstance(mp.Process, type), "both are classes")
    see.true(isinstance(type("Own", (own,), {})(), own), "an instance of a subclass is one of the class")


@chapter.clause(
    "context.api.errors",
    passage=f"{GET}/2",
    methods=NO_METHOD,
    cases=cases("ProcessError", "BufferTooShort", "AuthenticationError", "TimeoutError"),
)
def the_errors_of_a_context_are_those_of_the_module(mp: Any, see: See, name: str) -> None:
    """An exception of the module is the same class in every context, so that one except clause is enough."""
    methods = mp.get_all_start_methods()
    see.true(methods, "there is a start method", methods)
    for method in methods:
        see.true(getattr(mp.get_context(method), name) is getattr(mp, name), f"{name} of {method} is the module's")


@chapter.clause("context.api.current-process", passage=f"{GET}/2", methods=NO_METHOD, cases=METHODS, uses=ITS_CASE)
def a_context_knows_the_current_process(mp: Any, see: See, method: str) -> None:
    """current_process() and parent_process() of a context return what those of the module return."""
    context = mp.get_context(method)
    see.true(context.current_process() is mp.current_process(), "the current process is the same object")
    if hasattr(mp, "parent_process"):  # documented since 3.8
        see.true(context.parent_process() is mp.parent_process(), "the parent process is the same object")


@chapter.clause(
    "context.api.active-children", passage=f"{GET}/2", methods=NO_METHOD, fresh=True, cases=METHODS, uses=WITH_OTHER
)
def the_children_of_a_context_are_children_of_the_program(mp: Any, see: See, method: str) -> None:
    """active_children() of the module and of every context contains a child that one context has started."""
    gate = see.gate()
    child = mp.get_context(method).Process(target=wait, args=(gate,))
    child.start()
    see.true(mp.active_children() == [child], "the module lists it", mp.active_children())
    listed = mp.get_context(OTHER[method]).active_children()
    see.true(listed == [child], "another context lists it", listed)
    gate.open()
    see.exits(child, 0)


@chapter.clause(
    "context.api.all-start-methods",
    passage=f"{GET}/2",
    methods=NO_METHOD,
    builds_on="context.api.names",
    cases=METHODS,
    uses=ITS_CASE,
)
def a_context_lists_every_start_method(mp: Any, see: See, method: str) -> None:
    """get_all_start_methods() of a context returns what that of the module returns."""
    see.returns(mp.get_all_start_methods(), mp.get_context(method).get_all_start_methods)


@chapter.clause(
    "context.api.contexts", passage=f"{GET}/2,5", methods=NO_METHOD, fresh=True, cases=METHODS, uses=WITH_OTHER
)
def a_context_gives_every_context(mp: Any, see: See, method: str) -> None:
    """get_context(method) of a context returns the context of that method."""
    other = mp.get_context(method).get_context(OTHER[method])
    see.returns(OTHER[method], other.get_start_method)
    see.equal(origin(other, see), OTHER[method], "the start method of its child")


@chapter.clause("context.api.unknown", passage=f"{GET}/6,2", methods=NO_METHOD, cases=METHODS, uses=ITS_CASE)
def a_context_refuses_an_unavailable_method(mp: Any, see: See, method: str) -> None:
    """get_context() of a context raises ValueError for a start method that is not available."""
    with see.raises(ValueError):
        mp.get_context(method).get_context("thread")


@chapter.clause(
    "context.api.default-of-a-context", source=GET, level=UNSPECIFIED, methods=NO_METHOD, cases=METHODS, uses=ITS_CASE
)
def a_context_without_a_method_gives_itself(mp: Any, see: See, method: str) -> None:
    """get_context() of a context returns that context."""
    see.records(method=mp.get_context(method).get_context().get_start_method())


@chapter.clause("context.api.setting", source=GET, level=UNSPECIFIED, methods=NO_METHOD, fresh=True, uses=("spawn",))
def the_method_of_a_context_can_be_set(mp: Any, see: See) -> None:
    """set_start_method() of a context sets the start method of the program."""
    try:
        mp.get_context("spawn").set_start_method("spawn")
        see.records(program=mp.get_start_method(allow_none=True))
    except Exception as error:
        see.records(error=error)


@chapter.clause("context.api.process-by-default", passage=f"{GET}/3", methods=NO_METHOD, fresh=True)
def the_default_context_starts_by_the_default(mp: Any, see: See) -> None:
    """A Process of get_context() is started by the default start method, without an argument but its target."""
    context = mp.get_context()
    see.equal(origin(context, see), mp.get_all_start_methods()[0], "the start method of the child")
    child = context.Process(target=nothing)
    child.start()
    see.exits(child, 0)


@chapter.clause("context.main.several", passage=f"{START_METHODS}/15", methods=NO_METHOD, uses=EVERY_METHOD)
def a_program_mixes_start_methods(mp: Any, see: See) -> None:
    """A program that takes a context for each start method runs processes of all of them, beside its own choice."""
    prints(see, see.program(SEVERAL), "fork True\nspawn False\nforkserver False\nspawn\n")


SEVERAL = """\
import multiprocessing

LIST = []


def tell(method):
    print(method, LIST == ["filled"], flush=True)


if __name__ == "__main__":
    multiprocessing.set_start_method("spawn")
    LIST.append("filled")
    for method in ("fork", "spawn", "forkserver"):
        child = multiprocessing.get_context(method).Process(target=tell, args=(method,))
        child.start()
        child.join()
    print(multiprocessing.get_start_method(), flush=True)
"""
