"""What a method returns: a proxy of another object, where method_to_typeid says so, else a copy."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.chapters.managers.manager_referents import Store
from mpspec.chapters.managers.manager_targets import add_to
from mpspec.chapters.managers.serving import REGISTER
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See


@chapter.clause(
    "manager.returned.proxy", passage=(f"{REGISTER}/13,14", "multiprocessing.managers.BaseProxy._callmethod/8")
)
def a_method_can_return_a_proxy(mp: Any, see: See) -> None:
    """A method that method_to_typeid names returns a proxy: the object stays in the server, and is used there."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = manager.mapped()
        drawer = shelf.drawer()
        see.true(isinstance(drawer, mp.managers.BaseProxy), "a proxy", type(drawer))
        drawer.write("changed")
        see.returns("changed", shelf.content)
        see.returns("changed", shelf.drawer().read)


@chapter.clause(
    "manager.returned.callmethod", passage="multiprocessing.managers.BaseProxy._callmethod/8", methods=ANY_METHOD
)
def callmethod_can_return_a_proxy(mp: Any, see: See) -> None:
    """_callmethod() of such a method returns the proxy as well."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = manager.mapped()
        shelf._callmethod("drawer").write("changed")
        see.returns("changed", shelf._callmethod, "content")


@chapter.clause("manager.returned.typeid", passage=f"{REGISTER}/14,7,8,9", methods=ANY_METHOD)
def the_typeid_decides_of_the_proxy(mp: Any, see: See) -> None:
    """The typeid to which a method is mapped decides of the class of the proxy and of what is exposed."""
    from mpspec.chapters.managers.manager_classes import ShelfManager, StoreProxy

    with ShelfManager() as manager:
        shelf = manager.mapped()
        drawer, box = shelf.drawer(), shelf.box()
        see.true(type(drawer) is StoreProxy, "a proxy of the class of its typeid", type(drawer))
        see.true(not isinstance(box, StoreProxy), "a proxy of another class", type(box))
        box.set("changed")
        see.returns("changed", drawer.read)
        for proxy in (drawer, box):
            with see.raises(Exception):
                proxy._callmethod("add", (1,))


@chapter.clause("manager.returned.no-callable", passage=f"{REGISTER}/6,17", methods=ANY_METHOD)
def what_only_methods_return_needs_no_callable(mp: Any, see: See) -> None:
    """A typeid with create_method False and without a callable serves methods that return its proxies."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        for name in ("Drawer", "Box"):
            see.true(not hasattr(manager, name), "the manager has no method of that name")
        shelf = manager.mapped()
        see.returns(1, shelf.drawer().read)
        see.returns(1, shelf.box().get)


@chapter.clause("manager.returned.in-a-child", passage=f"{REGISTER}/13", methods=ANY_METHOD)
def a_returned_proxy_can_be_passed_on(mp: Any, see: See) -> None:
    """A child that is given a proxy which a method has returned uses the object in the server."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = manager.wide()
        box = shelf.box()
        child = mp.Process(target=add_to, args=(box, 5))
        child.start()
        see.exits(child, 0)
        see.returns(6, shelf.content)


@chapter.clause(
    "manager.returned.copy", passage=f"{REGISTER}/16", methods=ANY_METHOD, cases=cases("mapped", "unmapped")
)
def other_methods_return_copies(mp: Any, see: See, typeid: str) -> None:
    """A method that is no key of the mapping, or of an object that has none, returns a copy, which is nobody else's."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = getattr(manager, typeid)()
        copy = shelf.all()
        see.equal((type(copy), copy), (list, [1, 2]), "the list")
        copy.append(3)
        see.returns([1, 2], shelf.all)
        if typeid == "unmapped":
            store = shelf.drawer()
            see.true(type(store) is Store, "a store", type(store))
            store.set("changed")
            see.returns(1, shelf.content)


@chapter.clause("manager.returned.of-the-proxytype", passage=f"{REGISTER}/15")
def the_proxytype_says_what_returns_proxies(mp: Any, see: See) -> None:
    """Where no mapping is given, _method_to_typeid_ of the proxytype is used."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = manager.proxytype()
        shelf._callmethod("drawer").write("changed")
        see.returns("changed", shelf._callmethod, "content")
        see.true(type(shelf._callmethod("box")) is Store, "a copy of what it does not map")


@chapter.clause(
    "manager.returned.before-the-proxytype",
    passage=f"{REGISTER}/15,16",
    methods=ANY_METHOD,
    cases=cases("both", "emptied"),
)
def a_mapping_replaces_what_the_proxytype_says(mp: Any, see: See, typeid: str) -> None:
    """Where a mapping is given, an empty one too, _method_to_typeid_ of the proxytype is not used."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = getattr(manager, typeid)()
        see.true(type(shelf._callmethod("drawer")) is Store, "a copy")
        if typeid == "both":
            shelf._callmethod("box").set("changed")
            see.returns("changed", shelf._callmethod, "content")


@chapter.clause("manager.returned.unknown-typeid", passage=f"{REGISTER}/14", level=SHOULD, methods=ANY_METHOD)
def a_mapping_to_nowhere_is_told(mp: Any, see: See) -> None:
    """A method that is mapped to a typeid which is not registered raises where it is called, and the server goes on."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = manager.astray()
        with see.raises(Exception):
            see.comes_back(shelf.drawer)
        see.returns(1, shelf.content)


@chapter.clause("manager.returned.made-anew", source=REGISTER, level=UNSPECIFIED, methods=ANY_METHOD)
def a_typeid_with_a_callable_is_returned(mp: Any, see: See) -> None:
    """What the callable of the typeid does with the object that a method returns is left open."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = manager.made_anew()
        see.records(holds=type(shelf.box().get()).__name__)


@chapter.clause("manager.returned.not-exposed", source=REGISTER, level=UNSPECIFIED, methods=ANY_METHOD)
def a_method_is_mapped_and_not_exposed(mp: Any, see: See) -> None:
    """Whether a method can be called that is mapped to a typeid and is not among those exposed is left open."""
    from mpspec.chapters.managers.manager_classes import ShelfManager

    with ShelfManager() as manager:
        shelf = manager.mapped_only()
        try:
            see.records(holds=shelf._callmethod("drawer").read())
        except Exception as error:
            see.records(error=type(error).__name__)
