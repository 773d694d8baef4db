"""The two serializers, pickle and xmlrpclib."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.chapters.managers.manager_referents import Answer
from mpspec.chapters.managers.manager_targets import KEY, be_client, count_up
from mpspec.chapters.managers.serving import MANAGER, connected, serving
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

SERIALIZER = f"{MANAGER}/9"

EASY: dict[str, list[Any]] = {
    "numbers": [0, -1, 2**31 - 1, -(2**31), 0.5, True, False],
    "texts": ["", "text", "<&>\"'", "gr\u00fc\u00df dich \u2603"],
    "list": [[1, ["two", [3.0]]], []],
    "dict": [{"key": 1, "inner": {"list": [True]}}, {}],
}
"""Values that each serializer carries unchanged."""
PICKLED = {
    "set": {1, 2},
    "tuple": (1, (2,)),
    "complex": 2j,
    "large": 2**200,
    "keys": {1: "one", (2, 3): "two"},
    "bytes": b"\0\xff",
}
"""Values that pickle alone carries unchanged."""


@chapter.clause("manager.serializer.xmlrpclib", passage=SERIALIZER)
def a_manager_can_use_xml(mp: Any, see: See) -> None:
    """A manager whose serializer is xmlrpclib is started, makes objects, and calls their methods."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(serializer="xmlrpclib") as manager:
        store = manager.Store()
        store.set(5)
        see.returns(7, store.add, 2)
        see.returns(7, store.get)
        see.returns(0, manager.make_store().get)


@chapter.clause("manager.serializer.remote", passage=SERIALIZER, methods=ANY_METHOD)
def clients_can_use_xml(mp: Any, see: See) -> None:
    """Clients whose serializer is xmlrpclib as well as the server's use its objects, from a child too."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    box = see.mailbox()
    given = {"authkey": KEY, "serializer": "xmlrpclib"}
    with serving(mp, see, OpenManager, serializer="xmlrpclib") as address:
        store = connected(OpenClient, address, serializer="xmlrpclib").get_store()
        store.set("of one")
        see.equal(
            connected(OpenClient, address, serializer="xmlrpclib").get_store().get(), "of one", "what another has"
        )
        child = mp.Process(target=be_client, args=(box, count_up, OpenClient, address, given))
        child.start()
        see.equal(box.take(), [3, store.pid()], "what the child gets")
        see.exits(child, 0)


@chapter.clause(
    "manager.serializer.same-values",
    passage=SERIALIZER,
    methods=ANY_METHOD,
    cases={f"{name}-{kind}": (name, kind) for name in ("pickle", "xmlrpclib") for kind in EASY},
)
def plain_values_go_to_and_fro(mp: Any, see: See, case: Any) -> None:
    """Each serializer carries numbers, texts, lists and dicts of them there and back unchanged."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    serializer, kind = case
    with StoreManager(serializer=serializer) as manager:
        store = manager.Store()
        for value in EASY[kind]:
            store.set(value)
            came = store.get()
            see.equal((type(came), came), (type(value), value), "what comes back")


@chapter.clause(
    "manager.serializer.pickle",
    passage=SERIALIZER,
    methods=ANY_METHOD,
    cases={"default": {}, "given": {"serializer": "pickle"}},
)
def pickle_carries_what_can_be_pickled(mp: Any, see: See, given: Any) -> None:
    """Whatever can be pickled goes to and fro by the serializer pickle, which is the default."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(**given) as manager:
        store = manager.Store()
        for value in (*PICKLED.values(), None, Answer):
            store.set(value)
            see.returns(value, store.get)
        store.set(Answer("of a user"))
        see.returns("of a user", store.get())


@chapter.clause("manager.serializer.limits", passage=SERIALIZER, level=SHOULD, methods=ANY_METHOD)
def xml_carries_what_xmlrpc_can(mp: Any, see: See) -> None:
    """What xmlrpc.client cannot serialise raises where the serializer is xmlrpclib, and a tuple becomes a list."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(serializer="xmlrpclib") as manager:
        store = manager.Store()
        for value in ({1, 2}, 2j, 2**200):
            with see.raises(Exception):
                see.comes_back(store.set, value)
        store = manager.Store()
        store.set((1, (2, "three")))
        see.returns([1, [2, "three"]], store.get)


@chapter.clause(
    "manager.serializer.unknown",
    passage=SERIALIZER,
    level=SHOULD,
    methods=NO_METHOD,
    cases={"json": "json", "empty": "", "none": None, "module": "xmlrpc.client", "number": 7},
)
def an_unknown_serializer_is_refused(mp: Any, see: See, serializer: Any) -> None:
    """A manager with a serializer that does not exist is refused when it is made, or started at the latest."""
    with see.raises(Exception):
        mp.managers.BaseManager(("127.0.0.1", 0), serializer=serializer).get_server()


@chapter.clause("manager.serializer.other-side", source=MANAGER, level=UNSPECIFIED, methods=ANY_METHOD)
def two_serializers_meet(mp: Any, see: See) -> None:
    """What becomes of a client whose serializer is not the server's is left open."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager, serializer="xmlrpclib") as address:
        try:
            see.records(made=see.comes_back(lambda: connected(OpenClient, address).Store().get()))
        except Exception as error:
            see.records(error=type(error).__name__)
