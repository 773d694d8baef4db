"""What of an object a proxy may call: the list exposed, that of the proxytype, and public methods."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import another, chapter
from mpspec.chapters.managers.serving import REGISTER
from mpspec.clause import ANY_METHOD, SHOULD, cases
from mpspec.observation.see import See

CALL = "multiprocessing.managers.BaseProxy._callmethod"

PUBLIC = cases("method", "inherited", "of_class", "static", "attribute")
"""Public methods of Various, each of which returns its name: a method, one of the class above, and so on."""


@chapter.clause("manager.exposed.list", passage=f"{REGISTER}/9")
def what_is_exposed_can_be_called(mp: Any, see: See) -> None:
    """The methods whose names a sequence gives as exposed can be called by _callmethod(), whatever they begin with."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        for various in (manager.tuple(), manager.list()):
            for name in ("method", "_hidden"):
                see.returns(name, various._callmethod, name)
            see.returns(["method", "_hidden"], various._callmethod, "calls")


@chapter.clause(
    "manager.exposed.rest-refused",
    passage=(f"{REGISTER}/9", f"{CALL}/11"),
    methods=ANY_METHOD,
    cases=cases("tuple", "list"),
)
def what_is_not_exposed_is_refused(mp: Any, see: See, typeid: str) -> None:
    """_callmethod() raises for a method that is not among those exposed, and does not call it."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        various = getattr(manager, typeid)()
        for name in ("static", "inherited", "__len__", "number"):
            with see.raises(Exception):
                various._callmethod(name)
        see.returns([], various._callmethod, "calls")
        see.returns("method", various._callmethod, "method")


@chapter.clause(
    "manager.exposed.methods-of-the-proxy",
    passage=(f"{REGISTER}/8,9", "proxy-objects/4", "examples/2"),
    methods=ANY_METHOD,
    cases=cases("tuple", "list"),
)
def a_proxy_has_what_is_exposed(mp: Any, see: See, typeid: str) -> None:
    """A proxy whose class was made automatically has the exposed methods as its own, those with an underscore too."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        various = getattr(manager, typeid)()
        see.returns("method", various.method)
        see.returns("_hidden", various._hidden)
        see.returns(["method", "_hidden"], various.calls)


@chapter.clause("manager.exposed.passed", passage=(f"{REGISTER}/9,11", "proxy-objects/8"), methods=ANY_METHOD)
def what_is_exposed_does_not_change_on_the_way(mp: Any, see: See) -> None:
    """A proxy that comes out of a pickle has the exposed methods, or the public ones, and is refused the others."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        for typeid, there, missing in (("list", "_hidden", "static"), ("everything", "method", "_hidden")):
            various = another(getattr(manager, typeid)())
            see.returns(there, getattr(various, there))
            see.returns(there, various._callmethod, there)
            with see.raises(Exception):
                various._callmethod(missing)
            see.returns([there, there], various.calls)


@chapter.clause("manager.exposed.told", passage="examples/2", level=SHOULD, methods=ANY_METHOD)
def a_proxy_tells_what_is_exposed(mp: Any, see: See) -> None:
    """_exposed_ of a proxy whose class was made automatically has the names of what is exposed."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        see.equal(sorted(manager.list()._exposed_), ["_hidden", "calls", "method"], "the names that were given")
        public = ["attribute", "calls", "inherited", "kind", "method", "of_class", "static"]
        see.equal(sorted(manager.everything()._exposed_), public, "the names of the public methods")


@chapter.clause("manager.exposed.rest-absent", passage=("examples/2", "proxy-objects/4"), methods=ANY_METHOD)
def a_proxy_has_not_what_is_not_exposed(mp: Any, see: See) -> None:
    """A proxy whose class was made automatically has no attributes of the names of methods that are not exposed."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        for typeid, names in {"tuple": ("static", "inherited"), "everything": ("_hidden",)}.items():
            various = getattr(manager, typeid)()
            see.equal([name for name in names if hasattr(various, name)], [], "the attributes")


@chapter.clause(
    "manager.exposed.nothing",
    passage=f"{REGISTER}/9,10,11",
    methods=ANY_METHOD,
    cases=cases("nothing", "nothing_in_a_list", "closed"),
)
def an_empty_list_exposes_nothing(mp: Any, see: See, typeid: str) -> None:
    """Where the list of what is exposed is empty, of register() or of the proxytype, nothing can be called."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        various = getattr(manager, typeid)()
        for name in ("method", "static", "calls"):
            with see.raises(Exception):
                various._callmethod(name)


@chapter.clause("manager.exposed.of-the-proxytype", passage=f"{REGISTER}/10")
def the_proxytype_says_what_is_exposed(mp: Any, see: See) -> None:
    """Where exposed is not given, _exposed_ of the proxytype says what can be called."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        various = manager.proxytype()
        for name in ("method", "_hidden"):
            see.returns(name, various._callmethod, name)
        for name in ("static", "inherited"):
            with see.raises(Exception):
                various._callmethod(name)
        see.returns(["method", "_hidden"], various._callmethod, "calls")


@chapter.clause("manager.exposed.before-the-proxytype", passage=f"{REGISTER}/9,10", methods=ANY_METHOD)
def what_is_given_replaces_what_the_proxytype_says(mp: Any, see: See) -> None:
    """Where exposed is given, _exposed_ of the proxytype is not used: its names are refused."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        various = manager.both()
        see.returns("static", various._callmethod, "static")
        for name in ("method", "_hidden", "calls"):
            with see.raises(Exception):
                various._callmethod(name)


@chapter.clause("manager.exposed.public", passage=f"{REGISTER}/11,12", methods=ANY_METHOD, cases=PUBLIC)
def public_methods_are_exposed(mp: Any, see: See, name: str) -> None:
    """Without any list every attribute can be called that has __call__() and whose name begins with no underscore."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        for various in (manager.everything(), manager.unsaid()):
            see.returns(name, various._callmethod, name)


@chapter.clause(
    "manager.exposed.public-of-the-proxy",
    passage=(f"{REGISTER}/8,11,12", "proxy-objects/4"),
    methods=ANY_METHOD,
    cases={**PUBLIC, "kind": ""},
)
def a_proxy_has_the_public_methods(mp: Any, see: See, promised: str) -> None:
    """A proxy whose class was made automatically has the public methods of the object as its own."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        various = manager.everything()
        see.returns(promised, getattr(various, promised or "kind"))


@chapter.clause(
    "manager.exposed.not-public",
    passage=(f"{REGISTER}/12,11", f"{CALL}/11"),
    methods=ANY_METHOD,
    cases=cases("_hidden", "__len__", "number"),
)
def what_is_not_public_is_refused(mp: Any, see: See, name: str) -> None:
    """Without any list an attribute cannot be called that begins with an underscore or that has no __call__()."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        for various in (manager.everything(), manager.unsaid()):
            with see.raises(Exception):
                various._callmethod(name)
            see.returns([], various._callmethod, "calls")


@chapter.clause("manager.exposed.of-the-object", passage=f"{REGISTER}/11", methods=ANY_METHOD)
def each_object_has_its_public_methods(mp: Any, see: See) -> None:
    """The public methods are those of the object: two objects of one typeid can have different ones."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        store, various = manager.either(True), manager.either(False)
        see.returns(1, store._callmethod, "get")
        see.returns("method", various._callmethod, "method")
        for proxy, name in ((store, "method"), (various, "get")):
            with see.raises(Exception):
                proxy._callmethod(name)


@chapter.clause("manager.exposed.module", passage=f"{REGISTER}/11,12", methods=ANY_METHOD)
def a_module_can_be_shared(mp: Any, see: See) -> None:
    """The public methods of a module that is shared are its functions."""
    from mpspec.chapters.managers.manager_classes import ExposingManager

    with ExposingManager() as manager:
        operators = manager.operators()
        see.returns(68, operators._callmethod, "add", (23, 45))
        see.returns(2**94, operators.pow, 2, 94)
