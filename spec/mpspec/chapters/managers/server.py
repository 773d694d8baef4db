"""get_server() and the server that it returns."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.chapters.managers.manager_targets import KEY, serve
from mpspec.chapters.managers.serving import FAMILIES, MANAGER, SERVER, address_of, connected, serving
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.processes import end
from mpspec.observation.see import See
from mpspec.observation.waits import HELD


@chapter.clause("manager.server.has", passage=f"{SERVER}/2,3,5", methods=NO_METHOD)
def a_server_can_serve_and_has_an_address(mp: Any, see: See) -> None:
    """get_server() returns an object with serve_forever() and address."""
    server = mp.managers.BaseManager(("127.0.0.1", 0)).get_server()
    see.true(callable(server.serve_forever), "serve_forever can be called")
    see.equal(server.address[0], "127.0.0.1", "the host of the address")


@chapter.clause("manager.server.serves", passage=(f"{SERVER}/3,2", f"{MANAGER}/3"), methods=ANY_METHOD)
def serve_forever_serves(mp: Any, see: See) -> None:
    """serve_forever() serves objects, which are in the process that calls it, to one client and the next."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager) as address:
        for number in range(3):
            client = connected(OpenClient, address)
            see.equal(client.Store().get(), 0, "what a new store holds")
            store = client.get_store()
            store.set(number)
            see.equal(connected(OpenClient, address).get_store().get(), number, "what another client finds")
            see.equal([store.pid()], [child.pid for child in mp.active_children()], "the process of the objects")


@chapter.clause(
    "manager.server.address",
    passage=(f"{SERVER}/5", f"{MANAGER}/4,5"),
    methods=ANY_METHOD,
    cases={**FAMILIES, "none": None},
)
def the_address_of_a_server_is_where_it_is_reached(mp: Any, see: See, family: Any) -> None:
    """address of the server is that at which clients reach it: the one given with the port in use, or one chosen."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    given = family and address_of(family, see)
    with serving(mp, see, OpenManager, address=given) as address:
        if family == "AF_UNIX":
            see.equal(address, given, "the address")
        see.equal(connected(OpenClient, address).Store().get(), 0, "what a client finds")


@chapter.clause("manager.server.forever", passage=f"{SERVER}/3", level=SHOULD, methods=ANY_METHOD)
def serve_forever_does_not_come_back(mp: Any, see: See) -> None:
    """serve_forever() goes on while clients come and go, and when there are none."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    box = see.mailbox()
    child = mp.Process(target=serve, args=(box, OpenManager, ("127.0.0.1", 0), {"authkey": KEY}))
    child.start()
    address = box.take()
    see.equal(connected(OpenClient, address).Store().get(), 0, "what a client finds")
    see.true(box.empty(after=HELD), "it goes on", "serve_forever() came back")
    see.equal(connected(OpenClient, address).Store().get(), 0, "what a client finds")
    end(child)


@chapter.clause("manager.server.key", passage=f"{MANAGER}/6,8", methods=ANY_METHOD)
def a_server_checks_the_key(mp: Any, see: See) -> None:
    """A server that serve_forever() runs refuses who does not know the key of its manager."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager) as address:
        with see.raises(mp.AuthenticationError):
            see.comes_back(connected, OpenClient, address, b"wrong")
        see.equal(connected(OpenClient, address).Store().get(), 0, "what a client finds")


@chapter.clause("manager.server.after-start", source=SERVER, level=UNSPECIFIED, methods=ANY_METHOD)
def the_server_of_a_manager_that_runs(mp: Any, see: See) -> None:
    """What get_server() of a manager does that was started is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        try:
            manager.get_server()
            error = None
        except Exception as raised:
            error = type(raised).__name__
        see.records(error=error)
