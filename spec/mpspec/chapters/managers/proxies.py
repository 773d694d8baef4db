"""Proxies: what they show, that they refer, and how they compare."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import TYPES, another, chapter, server_of, workshop
from mpspec.chapters.managers.shared_objects import Bench
from mpspec.chapters.managers.targets import outcome
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See

PROXY = "proxy-objects"

BASE = "multiprocessing.managers.BaseProxy"

CONTAINERS: dict[str, tuple[Any, ...]] = {
    "list": ([0, 1, "four"],), "dict": ({"a": 1, 2: [3]},), "list-empty": (), "dict-empty": (),
}  # fmt: skip
"""The arguments of list() and dict(), whose representation is known."""


def made(manager: Any, label: str) -> tuple[Any, Any]:
    """A proxy of a container, and the plain container that its referent is like."""
    kind = label.partition("-")[0]
    plain = {"list": list, "dict": dict}[kind](*CONTAINERS[label])
    return getattr(manager, kind)(*CONTAINERS[label]), plain


@chapter.clause("proxy.class", passage=f"{BASE}/1", methods=NO_METHOD)
def base_proxy_is_a_class(mp: Any, see: See) -> None:
    """managers.BaseProxy is a class that can be derived from."""
    kind = type("Own", (mp.managers.BaseProxy,), {"_exposed_": ("method",)})
    see.true(issubclass(kind, mp.managers.BaseProxy), "it is a subclass")


@chapter.clause(
    "proxy.str", passage=(f"{PROXY}/7", f"{BASE}.__str__/2,1"), methods=ANY_METHOD, cases=cases(*CONTAINERS)
)
def str_shows_the_referent(mp: Any, see: See, label: str) -> None:
    """str() of a proxy, and so print(), gives the representation of the referent."""
    with mp.Manager() as manager:
        proxy, plain = made(manager, label)
        see.equal((str(proxy), f"{proxy}"), (repr(plain), repr(plain)), "str() and a formatted string")
        see.equal(proxy.__str__(), repr(plain), "__str__()")


@chapter.clause("proxy.str.own-class", passage=(f"{BASE}.__str__/2", f"{PROXY}/7"))
def str_of_an_object_of_the_user(mp: Any, see: See) -> None:
    """str() of a proxy gives what repr() gives for the referent, of a class of the user's as well."""
    with workshop() as manager:
        bench = manager.Bench("saw", "file")
        see.equal(str(bench), repr(Bench("saw", "file")), "str() of the proxy")


@chapter.clause(
    "proxy.repr",
    passage=(f"{PROXY}/7", f"{BASE}.__repr__/2,1"),
    methods=ANY_METHOD,
    cases=cases(*CONTAINERS),
)
def repr_shows_the_proxy(mp: Any, see: See, label: str) -> None:
    """repr() of a proxy gives a representation of the proxy, which is not that of the referent."""
    with mp.Manager() as manager:
        proxy, plain = made(manager, label)
        before = repr(proxy)
        see.true(before != repr(plain), "it is not the representation of the referent", before)
        see.equal(proxy.__repr__(), before, "__repr__()")


@chapter.clause("proxy.repr.form", source=f"{BASE}.__repr__", level=UNSPECIFIED, methods=ANY_METHOD)
def the_form_of_a_representation(mp: Any, see: See) -> None:
    """Whether repr() of a proxy tells its class and the typeid, as in the example of the page, is left open."""
    with mp.Manager() as manager:
        proxy = manager.list()
        see.records(type_told=type(proxy).__name__ in repr(proxy), typeid_told="typeid 'list'" in repr(proxy))


@chapter.clause("proxy.methods", passage=f"{PROXY}/4,1-2")
def methods_invoke_those_of_the_referent(mp: Any, see: See) -> None:
    """A method of the proxy invokes that of the referent, in the process where that is, with all its arguments."""
    with workshop() as manager:
        bench = manager.Bench()
        see.equal(bench.pid(), server_of(see, manager), "the process in which the method runs")
        given = ((1, "two", [3]), {"four": None})
        see.equal(bench.echo(1, "two", [3], four=None), given, "the arguments that have come")
        see.equal(
            (bench.add_tool("saw"), bench.add_tool("file"), str(bench)), (1, 2, "Bench('saw', 'file')"), "its state"
        )


@chapter.clause("proxy.same-referent", passage=f"{PROXY}/3", methods=ANY_METHOD)
def several_proxies_have_one_referent(mp: Any, see: See) -> None:
    """What is done through one proxy is seen through every other proxy of the same referent."""
    with mp.Manager() as manager:
        first = manager.list()
        second = another(first)
        third = another(second)
        for number, proxy in enumerate((first, second, third)):
            proxy.append(number)
        texts = [str(proxy) for proxy in (first, second, third)]
        see.equal(texts, ["[0, 1, 2]"] * 3, "the representation of the referent by each of them")


@chapter.clause(
    "proxy.new-referent",
    passage=(f"{PROXY}/1-2", "multiprocessing.managers.SyncManager/4"),
    methods=ANY_METHOD,
)
def each_call_makes_a_referent(mp: Any, see: See) -> None:
    """Two shared objects made alike are two: what is done to the one does not show in the other."""
    with mp.Manager() as manager:
        first, second = manager.list([1]), manager.list([1])
        first.append(2)
        see.equal((str(first), str(second)), ("[1, 2]", "[1]"), "both after a change of the first")


# Comparison


@chapter.clause("proxy.compare.value", passage=f"{PROXY}/18", methods=ANY_METHOD, cases=cases(*CONTAINERS))
def proxies_do_not_compare_by_value(mp: Any, see: See, label: str) -> None:
    """A proxy is not equal to a plain object of the value of its referent, nor to the proxy of another such one."""
    with mp.Manager() as manager:
        (proxy, plain), (other, _) = made(manager, label), made(manager, label)
        see.equal((proxy == plain, plain == proxy, proxy == other), (False, False, False), "==, by value")
        see.equal((proxy != plain, plain != proxy, proxy != other), (True, True, True), "!=, by value")


@chapter.clause("proxy.compare.self", passage=f"{PROXY}/18", level=SHOULD, methods=ANY_METHOD, cases=cases(*TYPES))
def a_proxy_is_equal_to_itself(mp: Any, see: See, name: str) -> None:
    """A proxy is equal to itself, and has a hash, as any object without a comparison of its own."""
    with mp.Manager() as manager:
        proxy = getattr(manager, name)(*TYPES[name])
        see.true(proxy == proxy and hash(proxy) == hash(proxy), "it is equal to itself, and its hash too")


@chapter.clause("proxy.compare.copy", passage=f"{PROXY}/21", methods=ANY_METHOD, cases=cases(*CONTAINERS))
def a_copy_of_the_referent_compares(mp: Any, see: See, label: str) -> None:
    """A copy of the referent is equal to a plain object of its value."""
    with mp.Manager() as manager:
        proxy, plain = made(manager, label)
        see.equal(proxy._getvalue(), plain, "a copy of the referent")
        see.true(type(proxy._getvalue()) is type(plain), "it is a plain object", type(proxy._getvalue()))


@chapter.clause("proxy.compare.referent", source=PROXY, level=UNSPECIFIED, methods=ANY_METHOD)
def two_proxies_of_one_referent_compared(mp: Any, see: See) -> None:
    """Whether two proxies of one referent are equal is left open."""
    with mp.Manager() as manager:
        proxy = manager.list()
        see.records(equal=proxy == another(proxy), less=outcome(lambda: proxy < [1]))
