"""_callmethod(): calls by name, their results, and their exceptions."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child, server_of, workshop
from mpspec.chapters.managers.shared_objects import Uncommon
from mpspec.chapters.managers.targets import append_to_the_result, outcome, post_outcome
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import NotKept, See

CALL = "multiprocessing.managers.BaseProxy._callmethod"

CALLS: dict[str, tuple[tuple[Any, ...], dict[str, Any], Any]] = {
    "name": (("echo",), {}, ((), {})),
    "arguments": (("echo", (1, [2])), {}, ((1, [2]), {})),
    "keyword-arguments": (("echo", (1,), {"two": 3}), {}, ((1,), {"two": 3})),
    "by-names": ((), {"methodname": "echo", "args": (1,), "kwds": {"two": 3}}, ((1,), {"two": 3})),
    "only-keywords": (("echo",), {"kwds": {"two": 3}}, ((), {"two": 3})),
}
"""How _callmethod() is called, and what arrives at the method."""


@chapter.clause("proxy.call-method.arguments", passage=f"{CALL}/1,3-6", methods=ANY_METHOD, cases=CALLS)
def the_method_gets_args_and_kwds(mp: Any, see: See, case: tuple[Any, dict[str, Any], Any]) -> None:
    """_callmethod(methodname, args, kwds) calls the method of that name with these; the last two may be left out."""
    positions, names, arrives = case
    with workshop() as manager:
        see.returns(arrives, manager.Bench()._callmethod, *positions, **names)


@chapter.clause("proxy.call-method.place", passage=f"{CALL}/7,2")
def the_method_runs_in_the_server(mp: Any, see: See) -> None:
    """The method is called in the process of the manager, whatever process calls _callmethod()."""
    with workshop() as manager:
        bench = manager.Bench()
        pid = server_of(see, manager)
        see.equal(bench._callmethod("pid"), pid, "the process of the method, called here")
        told = posted_by_a_child(mp, see, post_outcome, bench, "_callmethod", "pid")
        see.equal(told, f"returned {pid}", "the process of the method, called in a child")


SPECIAL: dict[str, tuple[tuple[Any, ...], Any]] = {
    "len": (("__len__",), 10),
    "item": (("__getitem__", (3,)), 3),
    "slice": (("__getitem__", (slice(2, 7),)), [2, 3, 4, 5, 6]),
    "contains": (("__contains__", (9,)), True),
    "returns-none": (("append", (10,)), None),
}


@chapter.clause("proxy.call-method.list", passage=f"{CALL}/2,3-7", methods=ANY_METHOD, cases=SPECIAL)
def methods_of_a_list_are_called_by_name(mp: Any, see: See, case: tuple[tuple[Any, ...], Any]) -> None:
    """_callmethod() calls methods of a shared list, special ones too, and returns what they return."""
    arguments, wanted = case
    with mp.Manager() as manager:
        see.returns(wanted, manager.list(range(10))._callmethod, *arguments)


# Results


@chapter.clause("proxy.call-method.copy", passage=f"{CALL}/8", methods=ANY_METHOD)
def the_result_is_a_copy(mp: Any, see: See) -> None:
    """What a method returns comes as a copy: changes of it do not reach the referent."""
    with workshop() as manager:
        bench = manager.Bench("saw")
        for tools in (bench.all_tools(), bench._callmethod("all_tools")):
            tools.append("not shared")
        see.equal(bench.all_tools(), ["saw"], "what the method returns afterwards")


@chapter.clause("proxy.call-method.proxy", passage=f"{CALL}/8")
def the_result_is_a_proxy(mp: Any, see: See) -> None:
    """What a method in method_to_typeid returns comes as a proxy: changes through it are shared."""
    with workshop() as manager:
        maker = manager.Maker("saw")
        tools = maker._callmethod("all_tools")
        see.true(isinstance(tools, mp.managers.BaseProxy), "it is a proxy", type(tools))
        tools.append("file")
        see.equal((str(tools), str(another(tools))), ("['saw', 'file']",) * 2, "what it refers to, by two proxies")


@chapter.clause("proxy.call-method.proxy.child", passage=(f"{CALL}/8", "proxy-objects/8"))
def the_result_is_a_proxy_in_a_child(mp: Any, see: See) -> None:
    """A child that was given a proxy gets proxies as well of the methods that return some."""
    with workshop() as manager:
        told = posted_by_a_child(mp, see, append_to_the_result, manager.Maker("saw"), "all_tools")
        see.equal(told, "['saw', 'child']", "what the result refers to, after a change in the child")


# Exceptions

RAISED: dict[str, Exception] = {
    "index-error": IndexError("list index out of range"),
    "key-error": KeyError("a key"),
    "os-error": OSError(2, "No such thing"),
    "stop-iteration": StopIteration(7),
    "own-class": Uncommon("with", ["arguments"]),
    "without-arguments": ValueError(),
}


@chapter.clause("proxy.call-method.raises", passage=f"{CALL}/9", methods=ANY_METHOD, cases=RAISED)
def an_exception_of_the_method_is_raised(mp: Any, see: See, error: Exception) -> None:
    """An exception of the method is raised by _callmethod(): of the same class, with the same arguments."""
    with workshop() as manager:
        bench = manager.Bench()
        with see.raises(Exception) as caught:
            bench._callmethod("fail", (error,))
        see.true(type(caught.error) is type(error), f"it is of the class {type(error).__name__}", repr(caught.error))
        see.equal(caught.error.args, error.args, "its arguments")
        see.equal(bench._callmethod("echo", (1,)), ((1,), {}), "a call afterwards")


@chapter.clause("proxy.call-method.raises.child", passage=f"{CALL}/9")
def it_is_raised_in_every_process(mp: Any, see: See) -> None:
    """An exception of the method is raised in the process that has called, by the proxy's own methods too."""
    with mp.Manager() as manager:
        sequence = manager.list([1])
        told = [
            posted_by_a_child(mp, see, post_outcome, sequence, *call)
            for call in (("_callmethod", "__getitem__", (20,)), ("__getitem__", 20), ("__getitem__", 0))
        ]
        see.equal(told, ["IndexError", "IndexError", "returned 1"], "what comes of three calls in children")


def is_remote(error: BaseException) -> bool:
    """Whether it is a RemoteError, of whatever module: the page names the class alone."""
    return "RemoteError" in [kind.__name__ for kind in type(error).__mro__]


@chapter.clause("proxy.call-method.remote-error", passage=f"{CALL}/10")
def another_exception_comes_as_a_remote_error(mp: Any, see: See) -> None:
    """A result that cannot be pickled, an exception in the manager beside that of the call, raises RemoteError."""
    with workshop() as manager:
        bench = manager.Bench()
        for call in ((bench._callmethod, "stream"), (bench.stream,)):
            with see.raises(Exception) as caught:
                see.comes_back(*call)
            see.true(is_remote(caught.error), "a RemoteError", repr(caught.error))
        see.equal(bench.add_tool("saw"), 1, "a call afterwards")


@chapter.clause("proxy.call-method.remote-error.unpicklable", passage=f"{CALL}/10,9", level=SHOULD, methods=ANY_METHOD)
def an_exception_that_cannot_be_pickled(mp: Any, see: See) -> None:
    """An exception of the method that cannot be pickled comes as a RemoteError, and the proxy goes on working."""
    with workshop() as manager:
        bench = manager.Bench()
        with see.raises(Exception) as caught:
            see.comes_back(bench.fail_without_words)
        see.true(is_remote(caught.error), "a RemoteError", repr(caught.error))
        see.equal(see.comes_back(bench.add_tool, "saw"), 1, "a call afterwards")


@chapter.clause("proxy.call-method.remote-error.class", source=CALL, level=UNSPECIFIED, methods=ANY_METHOD)
def where_remote_error_is(mp: Any, see: See) -> None:
    """Whether RemoteError is in the module managers, and shows the traceback of the server, is left open."""
    with workshop() as manager:
        with see.raises(Exception) as caught:
            manager.Bench().stream()
        text = str(caught.error)
        see.records(in_module=hasattr(mp.managers, "RemoteError"), traceback_shown="Traceback" in text)


NOT_EXPOSED = {"private": "_hidden", "special": "__repr__x", "unknown": "no_such_method", "attribute": "tools"}


@chapter.clause("proxy.call-method.not-exposed", passage=f"{CALL}/11", methods=ANY_METHOD, cases=NOT_EXPOSED)
def what_is_not_exposed_is_refused(mp: Any, see: See, name: str) -> None:
    """_callmethod() of a name that is not exposed raises an exception, and the proxy goes on working."""
    with workshop() as manager:
        bench = manager.Bench()
        with see.raises(Exception):
            see.comes_back(bench._callmethod, name)
        see.equal(bench._callmethod("echo"), ((), {}), "a call afterwards")


@chapter.clause("proxy.call-method.not-exposed.given", passage=f"{CALL}/11", methods=ANY_METHOD)
def a_public_method_that_is_not_exposed(mp: Any, see: See) -> None:
    """_callmethod() of a public method that the registration has not exposed raises an exception."""
    with workshop() as manager:
        maker = manager.Maker("saw")
        see.equal(maker._callmethod("pid"), server_of(see, manager), "an exposed method")
        with see.raises(Exception):
            maker._callmethod("add_tool", ("file",))
        see.equal(str(maker), "Bench('saw',)", "the referent afterwards")


@chapter.clause("proxy.call-method.not-exposed.class", source=CALL, level=UNSPECIFIED, methods=ANY_METHOD)
def which_exception_refuses(mp: Any, see: See) -> None:
    """Of which class the exception is that refuses a method that is not exposed is left open."""
    with workshop() as manager:
        see.records(outcome=outcome(manager.Bench()._callmethod, "_hidden"))


@chapter.clause("proxy.call-method.system-exit", source=CALL, level=UNSPECIFIED, methods=ANY_METHOD)
def an_exception_that_is_none(mp: Any, see: See) -> None:
    """What comes of a method that raises SystemExit, and whether the server survives it, is left open."""
    with workshop() as manager:
        bench = manager.Bench()
        try:
            bench.fail(SystemExit(3))
        except NotKept:
            raise
        except BaseException as error:
            see.records(raised=type(error).__name__)
        see.records(then=see.comes_back(outcome, another(bench).add_tool, "saw"))
