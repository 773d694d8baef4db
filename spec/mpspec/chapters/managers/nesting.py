"""Nesting: shared objects that contain proxies, to any depth."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child, run_in_a_child
from mpspec.chapters.managers.targets import append_all, append_at_depth, outcome, post_outcome_of_item
from mpspec.chapters.managers.uses import USES
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

PROXY = "proxy-objects"

NESTED = "multiprocessing.managers.SyncManager/6"


@chapter.clause("proxy.nesting.list", passage=(f"{PROXY}/9,10", NESTED), since="3.6")
def a_list_contains_a_list(mp: Any, see: See) -> None:
    """A shared list contains another shared list: what is done to that one by either way is done to the one object."""
    with mp.Manager() as manager:
        outer, inner = manager.list(), manager.list()
        outer.append(inner)
        inner.append("hello")
        see.true(isinstance(outer[0], mp.managers.BaseProxy), "the item is a proxy", type(outer[0]))
        see.equal((str(outer[0]), str(inner)), ("['hello']", "['hello']"), "the inner list by both ways")
        outer[0].append("again")
        see.equal((outer[0][1], inner[1]), ("again", "again"), "its new item by both ways")


@chapter.clause("proxy.nesting.mixed", passage=(f"{PROXY}/12", NESTED), since="3.6")
def lists_and_dicts_contain_each_other(mp: Any, see: See) -> None:
    """Shared dicts within a shared list, and shared lists within a shared dict, are changed where they are."""
    with mp.Manager() as manager:
        outer = manager.list([manager.dict() for _ in range(2)])
        first = outer[0]
        first["a"] = 1
        outer[1]["c"] = manager.list([3])
        outer[1]["c"].append(4)
        see.equal((str(outer[0]), str(outer[1]["c"])), ("{'a': 1}", "[3, 4]"), "the first dict, the list in the second")
        see.equal((len(outer), str(outer[1]["c"][0])), (2, "3"), "the length of the list, an item at the bottom")


@chapter.clause("proxy.nesting.made-of", passage=(f"{PROXY}/9,12", NESTED), methods=ANY_METHOD, since="3.6")
def containers_are_made_of_proxies(mp: Any, see: See) -> None:
    """list(sequence) and dict(mapping) take proxies among the items, in plain containers as well."""
    with mp.Manager() as manager:
        inner = manager.list([1])
        outer = manager.dict({"direct": inner, "within": {"deep": [inner]}})
        inner.append(2)
        see.equal(str(outer["direct"]), "[1, 2]", "the list that is an item")
        see.equal(str(outer["within"]["deep"][0]), "[1, 2]", "the list within plain containers")


@chapter.clause("proxy.nesting.deep", passage=(f"{PROXY}/10,9", NESTED), methods=ANY_METHOD, since="3.6")
def to_any_depth(mp: Any, see: See) -> None:
    """Shared objects are nested to any depth, and a child changes what lies at the bottom."""
    with mp.Manager() as manager:
        bottom = outer = manager.list()
        for _ in range(20):
            outer = manager.list([outer])
        run_in_a_child(mp, see, append_at_depth, outer, 20, "found")
        see.equal(str(bottom), "['found']", "the list at the bottom")


@chapter.clause("proxy.nesting.types", passage=(f"{PROXY}/10,9", NESTED), methods=ANY_METHOD, cases=USES, since="3.6")
def proxies_of_every_type_are_contained(mp: Any, see: See, case: tuple[Any, ...]) -> None:
    """A proxy of each type can be an item of a shared dict, and a child uses it from there."""
    name, made, method, arguments, wanted = case
    with mp.Manager() as manager:
        outer = manager.dict({"item": getattr(manager, name)(*made)})
        told = posted_by_a_child(mp, see, post_outcome_of_item, outer, "item", method, *arguments)
        see.equal(told, wanted, f"{method}() of the item in a child")


@chapter.clause("proxy.nesting.child", passage=(f"{PROXY}/9,10", NESTED), since="3.6")
def a_child_puts_one_into_the_other(mp: Any, see: See) -> None:
    """A child puts one shared object into another, and the parent finds it there after the child has ended."""
    with mp.Manager() as manager:
        outer, inner = manager.list(), manager.dict()
        run_in_a_child(mp, see, append_all, outer, [inner])
        outer[0]["a"] = 1
        see.equal(str(inner), "{'a': 1}", "the inner dict")


@chapter.clause("proxy.nesting.keeps", passage=(f"{PROXY}/9,10", "cleanup/2"), methods=ANY_METHOD, since="3.6")
def what_is_contained_lives(mp: Any, see: See) -> None:
    """A shared object lives while a shared container holds a proxy of it, though no other process has one."""
    with mp.Manager() as manager:
        outer = manager.list()
        for number in range(3):
            outer.append(manager.list([number]))
        see.equal([str(outer[number]) for number in range(3)], ["[0]", "[1]", "[2]"], "the inner lists")
        outer = another(outer)
        see.equal([str(item) for item in outer], ["[0]", "[1]", "[2]"], "the inner lists, by iteration")


@chapter.clause("proxy.nesting.queue", passage=(f"{PROXY}/9,10", NESTED), methods=ANY_METHOD, since="3.6")
def a_queue_contains_proxies(mp: Any, see: See) -> None:
    """A proxy that waits in a shared queue comes out as a proxy of its referent."""
    with mp.Manager() as manager:
        shared, inner = manager.Queue(), manager.list([1])
        shared.put({"inside": inner})
        shared.get()["inside"].append(2)
        see.equal(str(inner), "[1, 2]", "the inner list")


@chapter.clause("proxy.nesting.used-there", passage=f"{PROXY}/5,8", methods=ANY_METHOD)
def a_shared_object_reads_another_one(mp: Any, see: See) -> None:
    """What a shared object is handed as a proxy it can use: a list is extended, and a dict updated, by another one."""
    with mp.Manager() as manager:
        numbers, names = manager.list([1, 2]), manager.dict(a=1)
        numbers.extend(manager.list([3, 4]))
        see.equal(numbers[:], [1, 2, 3, 4], "the list that was extended")
        names.update(manager.dict(b=2))
        see.equal(names.copy(), {"a": 1, "b": 2}, "the dict that was updated")


@chapter.clause("proxy.nesting.other-manager", passage=f"{PROXY}/9", level=SHOULD, since="3.6")
def objects_of_two_managers_are_nested(mp: Any, see: See) -> None:
    """A shared object can contain a proxy of an object that another manager has."""
    with mp.Manager() as first, mp.Manager() as second:
        outer, inner = first.list(), second.list()
        outer.append(inner)
        outer[0].append("hello")
        see.equal(str(inner), "['hello']", "the inner list")


@chapter.clause("proxy.nesting.text", source=PROXY, level=UNSPECIFIED, methods=ANY_METHOD)
def how_a_container_shows_its_proxies(mp: Any, see: See) -> None:
    """How str() of a container shows a proxy in it, by its repr() as in the example of the page, is left open."""
    with mp.Manager() as manager:
        inner = manager.list(["hello"])
        text = str(manager.list([inner]))
        see.records(proxy_shown="proxy" in text.lower(), referent_shown="hello" in text)


@chapter.clause("proxy.nesting.itself", source=PROXY, level=UNSPECIFIED, methods=ANY_METHOD)
def a_container_within_itself(mp: Any, see: See) -> None:
    """What comes of a shared list that contains itself is left open."""
    with mp.Manager() as manager:
        outer = manager.list()
        outer.append(outer)
        see.records(length=see.comes_back(outcome, lambda: len(outer[0][0][0])))
