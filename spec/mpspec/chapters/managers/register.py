"""register(): typeids, what makes their objects, their proxies, and the methods of the manager that it adds."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child
from mpspec.chapters.managers.manager_referents import Store, make_store
from mpspec.chapters.managers.manager_targets import KEY
from mpspec.chapters.managers.serving import REGISTER, connected
from mpspec.chapters.managers.targets import post_outcome
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import NotKept, See


@chapter.clause("manager.register.makes", passage=(f"{REGISTER}/5,2,17", "customized-managers/1"))
def a_type_or_a_callable_makes_objects(mp: Any, see: See) -> None:
    """A class, a function or another callable that is registered makes the objects of its typeid, in the server."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        for make in (manager.Store, manager.make_store, manager.Maker):
            store = make()
            see.returns(0, store.get)
            store.set(5)
            see.returns(5, store.get)


@chapter.clause(
    "manager.register.arguments",
    passage=f"{REGISTER}/5,17",
    level=SHOULD,
    methods=ANY_METHOD,
    cases={"position": ((7,), {}), "name": ((), {"value": 7})},
)
def the_callable_gets_the_arguments(mp: Any, see: See, case: Any) -> None:
    """What the method of the typeid is called with, the callable is called with."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    args, kwargs = case
    with StoreManager() as manager:
        for typeid in ("Store", "make_store", "Maker"):
            see.returns(7, getattr(manager, typeid)(*args, **kwargs).get)


@chapter.clause("manager.register.new-object", passage=f"{REGISTER}/17", methods=ANY_METHOD)
def each_call_makes_a_new_object(mp: Any, see: See) -> None:
    """Each call of the method of a typeid makes a new object."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        one, other = manager.Store(), manager.Store()
        one.set("of one")
        see.returns(0, other.get)
        other.set("of the other")
        see.returns("of one", one.get)


@chapter.clause("manager.register.proxy", passage=(f"{REGISTER}/17,8", "managers/3"), methods=ANY_METHOD)
def the_method_returns_a_proxy(mp: Any, see: See) -> None:
    """The method of a typeid without a proxytype returns a proxy of the new object, of a class that was made for it."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        store = manager.Store(3)
        base = mp.managers.BaseProxy
        see.true(isinstance(store, base) and type(store) is not base, "a proxy of a class of its own", type(store))
        see.true(type(store) is not Store, "not the object itself", type(store))
        see.returns(3, store._callmethod, "get")


@chapter.clause("manager.register.typeids", passage=f"{REGISTER}/3", methods=ANY_METHOD)
def a_typeid_tells_what_is_made(mp: Any, see: See) -> None:
    """The typeid decides of several what is made."""
    from mpspec.chapters.managers.manager_classes import YoungerManager

    with YoungerManager() as manager:
        see.returns(4, manager.Store(4).get)
        see.returns("method", manager.Various().method)


@chapter.clause("manager.register.proxytype", passage=f"{REGISTER}/7")
def a_proxytype_makes_the_proxies(mp: Any, see: See) -> None:
    """A proxytype that was given makes the proxies of the typeid."""
    from mpspec.chapters.managers.manager_classes import StoreManager, StoreProxy

    with StoreManager() as manager:
        store = manager.with_proxy(3)
        see.true(type(store) is StoreProxy, "a proxy of the class that was given", type(store))
        store.write(store.read() + 1)
        see.returns(4, store.read)


@chapter.clause("manager.register.proxytype.passed", passage=(f"{REGISTER}/7", "proxy-objects/8"))
def a_proxytype_makes_the_proxies_that_are_passed(mp: Any, see: See) -> None:
    """A proxy that comes out of a pickle, or to a child, is of the proxytype as well."""
    from mpspec.chapters.managers.manager_classes import StoreManager, StoreProxy

    with StoreManager() as manager:
        store = manager.with_proxy(3)
        see.true(type(another(store)) is StoreProxy, "a proxy of the class that was given", type(another(store)))
        told = posted_by_a_child(mp, see, post_outcome, store, "read")
        see.equal(told, "returned 3", "what a method of the proxytype returns in a child")


@chapter.clause(
    "manager.register.create-method",
    passage=f"{REGISTER}/17,18",
    methods=NO_METHOD,
    cases={"default": {}, "true": {"create_method": True}, "false": {"create_method": False}},
)
def create_method_decides_of_the_method(mp: Any, see: See, given: Any) -> None:
    """register() adds a method of the name of the typeid, by default too, and none where create_method is False."""

    class Manager(mp.managers.BaseManager):  # type: ignore[misc]
        """Of a user."""

    Manager.register("Store", Store, **given)
    promised = given.get("create_method", True)
    see.equal(hasattr(Manager, "Store"), promised, "whether the class has the method")
    see.equal(hasattr(Manager(), "Store"), promised, "whether a manager has the method")


@chapter.clause(
    "manager.register.by-position",
    passage=f"{REGISTER}/1",
    methods=ANY_METHOD,
    cases={"positions": False, "names": True},
)
def register_takes_six_arguments(mp: Any, see: See, by_name: bool) -> None:
    """register() takes its six arguments in the order of the page, by position, and by their names."""
    from mpspec.chapters.managers.manager_classes import HatchProxy, RegisteredManager, StoreProxy

    typeid = "by_name" if by_name else "by_position"
    with RegisteredManager() as manager:
        see.true(not hasattr(manager, f"not_made_{typeid}"), "no method where create_method is False")
        hatch = getattr(manager, typeid)()
        see.true(type(hatch) is HatchProxy, "a proxy of the proxytype", type(hatch))
        see.true(type(hatch._callmethod("mapped")) is StoreProxy, "a proxy where a method is mapped")
        see.true(type(hatch._callmethod("copied")) is Store, "a copy where it is not")
        with see.raises(Exception):
            hatch._callmethod("hidden")


@chapter.clause("manager.register.no-callable", passage=f"{REGISTER}/6", methods=ANY_METHOD)
def a_client_needs_no_callable(mp: Any, see: See) -> None:
    """A manager that connects has registered a typeid without a callable: the server's makes the object."""
    from mpspec.chapters.managers.manager_classes import OpenClient, StoreManager

    with StoreManager(authkey=KEY) as manager:
        see.returns(7, connected(OpenClient, manager.address).Store(7).get)


@chapter.clause("manager.register.subclass", passage=f"{REGISTER}/2", level=SHOULD, methods=ANY_METHOD)
def a_subclass_inherits_and_keeps_its_own(mp: Any, see: See) -> None:
    """A class has the typeids of the class that it is derived from, which in turn has none of the subclass."""
    from mpspec.chapters.managers.manager_classes import StoreManager, YoungerManager

    with YoungerManager() as manager:
        see.returns(4, manager.Store(4).get)
    see.true(not hasattr(StoreManager, "Various"), "the class above has not the method")
    see.true(not hasattr(mp.managers.BaseManager, "Store"), "BaseManager has not the method")


@chapter.clause("manager.register.local-class", source=REGISTER, level=UNSPECIFIED)
def a_manager_of_a_class_that_nobody_can_import(mp: Any, see: See) -> None:
    """Whether a manager can be started whose class cannot be imported by its name is left open."""

    class Manager(mp.managers.BaseManager):  # type: ignore[misc]
        """Of a user."""

    Manager.register("make_store", make_store)
    manager = Manager()
    try:
        see.comes_back(manager.start)
    except NotKept:
        raise
    except Exception as error:
        see.records(error=type(error).__name__)
        return
    see.records(made=manager.make_store(7).get())
    manager.shutdown()


@chapter.clause("manager.register.after-start", source=REGISTER, level=UNSPECIFIED, methods=ANY_METHOD)
def a_type_is_registered_after_the_start(mp: Any, see: See) -> None:
    """What becomes of a typeid that is registered after the start is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    class Manager(StoreManager):
        """Of a user."""

    manager = Manager()
    manager.start()
    try:
        Manager.register("late", make_store)
        see.records(made=see.comes_back(lambda: manager.late(7).get()))
    except NotKept:
        raise
    except Exception as error:
        see.records(error=type(error).__name__)
    manager.shutdown()


@chapter.clause("manager.register.again", source=REGISTER, level=UNSPECIFIED, methods=ANY_METHOD)
def a_typeid_is_registered_again(mp: Any, see: See) -> None:
    """What becomes of a typeid that is registered twice is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    class Manager(StoreManager):
        """Of a user."""

    try:
        Manager.register("Store", dict, exposed=("get",))
    except Exception as error:
        see.records(error=type(error).__name__)
        return
    manager = Manager()
    manager.start()
    see.records(found=manager.Store({"key": "the later one"}).get("key"))
    manager.shutdown()


@chapter.clause(
    "manager.register.typeid-not-text",
    passage=f"{REGISTER}/4",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"number": 7, "none": None, "bytes": b"Store", "class": Store},
)
def a_typeid_is_a_string(mp: Any, see: See, typeid: Any) -> None:
    """register() raises where the typeid is not a string."""

    class Manager(mp.managers.BaseManager):  # type: ignore[misc]
        """Of a user."""

    with see.raises(Exception):
        Manager.register(typeid, make_store)


@chapter.clause(
    "manager.register.not-callable",
    passage=f"{REGISTER}/5",
    level=SHOULD,
    methods=("fork",),  # by the others a class that nobody can import is refused, whatever was registered
    cases={"number": 7, "text": "make_store", "list": [Store]},
)
def what_cannot_be_called_is_refused(mp: Any, see: See, maker: Any) -> None:
    """What cannot be called is refused with an exception, when it is registered or when it is to make an object."""

    class Manager(mp.managers.BaseManager):  # type: ignore[misc]
        """Of a user."""

    with see.raises(Exception):
        Manager.register("thing", maker)
        manager = Manager()
        manager.start()
        try:
            see.comes_back(manager.thing)
        finally:
            manager.shutdown()


@chapter.clause("manager.register.nothing-to-call", passage=f"{REGISTER}/6", level=SHOULD, methods=ANY_METHOD)
def a_server_needs_a_callable(mp: Any, see: See) -> None:
    """Where the server has a typeid without a callable, asking for an object raises, and the server goes on."""
    from mpspec.chapters.managers.manager_classes import RegisteredManager

    with RegisteredManager() as manager:
        with see.raises(Exception):
            see.comes_back(manager.without_callable)
        see.equal(type(manager.by_name()).__name__, "HatchProxy", "what else it makes")


@chapter.clause("manager.register.callable-raises", passage=f"{REGISTER}/5", level=SHOULD, methods=ANY_METHOD)
def an_exception_of_the_callable_is_told(mp: Any, see: See) -> None:
    """An exception of the callable in the server ends the call that asked for the object, and the server goes on."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        with see.raises(Exception, match="it fails on purpose"):
            see.comes_back(manager.failing)
        see.returns(7, manager.Store(7).get)


@chapter.clause("manager.register.wrong-arguments", passage=f"{REGISTER}/5,17", level=SHOULD, methods=ANY_METHOD)
def arguments_that_the_callable_does_not_take_are_told(mp: Any, see: See) -> None:
    """Arguments that the callable does not take end the call with an exception, and the server goes on."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        with see.raises(Exception):
            see.comes_back(manager.Store, 1, 2, 3)
        see.returns(7, manager.Store(7).get)
