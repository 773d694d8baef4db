"""connect(): a manager of a server that somebody else has started, and what is no such server."""

from __future__ import annotations

import contextlib
import os
import socket
from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.chapters.managers.manager_targets import KEY, add_to, be_client, count_up
from mpspec.chapters.managers.serving import (
    CONNECT,
    FAMILIES,
    KEYS,
    MANAGER,
    REGISTER,
    address_of,
    connected,
    serving,
)
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import NotKept, See
from mpspec.observation.waits import SMALL


@chapter.clause("manager.connect.uses", passage=(f"{CONNECT}/2", "managers/2,3"), methods=ANY_METHOD, cases=FAMILIES)
def a_connected_manager_uses_the_remote_process(mp: Any, see: See, family: str) -> None:
    """A manager that is connected to a server in another process makes and uses objects there."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager, address=address_of(family, see)) as address:
        client = connected(OpenClient, address)
        store = client.Store(5)
        see.equal(store.add(2), 7, "what comes back")
        see.returns(7, store.get)
        see.equal(store.pid(), client.get_store().pid(), "the process of the objects")
        see.true(store.pid() != os.getpid(), "another process")


@chapter.clause("manager.connect.to-a-started", passage=f"{CONNECT}/2", methods=ANY_METHOD, cases=FAMILIES)
def one_can_connect_to_a_started_manager(mp: Any, see: See, family: str) -> None:
    """The server of a manager that was started takes other managers, too, and their objects are in its process."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(address_of(family, see), KEY) as manager:
        clients = [connected(StoreManager, manager.address) for _ in range(3)]
        pids = {client.Store().pid() for client in clients}
        see.equal(pids, {manager.Store().pid()}, "the processes of the objects")


@chapter.clause("manager.connect.in-a-child", passage=(f"{CONNECT}/2", "managers/3"))
def a_child_connects(mp: Any, see: See) -> None:
    """A child connects to the manager that its parent has started, and uses objects there."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    box = see.mailbox()
    with StoreManager(authkey=KEY) as manager:
        child = mp.Process(target=be_client, args=(box, count_up, StoreManager, manager.address, {"authkey": KEY}))
        child.start()
        see.equal(box.take(), [3, manager.Store().pid()], "what the child gets")
        see.exits(child, 0)


@chapter.clause("manager.connect.key-of-the-process", passage=(f"{MANAGER}/7", f"{KEYS}/6,8"))
def a_child_connects_by_the_key_that_it_inherited(mp: Any, see: See) -> None:
    """Without a key given anywhere a child connects to its parent's manager: both use the key of the process."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    box = see.mailbox()
    mp.current_process().authkey = KEY
    with StoreManager() as manager:
        child = mp.Process(target=be_client, args=(box, count_up, StoreManager, manager.address, {}))
        child.start()
        see.equal(box.take(), [3, manager.Store().pid()], "what the child gets")
        see.exits(child, 0)


@chapter.clause("manager.connect.proxies-elsewhere", passage="managers/3,1")
def a_child_uses_a_proxy_that_it_was_given(mp: Any, see: See) -> None:
    """A child that is given a proxy uses the object in the process of the manager, and others see what it did."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager() as manager:
        store = manager.Store(1)
        for number in (2, 3):
            child = mp.Process(target=add_to, args=(store, number))
            child.start()
            see.exits(child, 0)
        see.returns(6, store.get)


@chapter.clause(
    "manager.connect.wrong-key", passage=(f"{MANAGER}/6", "multiprocessing.AuthenticationError/2"), methods=ANY_METHOD
)
def a_child_with_another_key_is_refused(mp: Any, see: See) -> None:
    """connect() in another process whose key is another raises AuthenticationError there, and the server goes on."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    box = see.mailbox()
    with StoreManager(authkey=KEY) as manager:
        given = {"authkey": b"wrong"}
        child = mp.Process(target=be_client, args=(box, count_up, StoreManager, manager.address, given))
        child.start()
        told = box.take()
        see.true("AuthenticationError" in told, "the child gets an AuthenticationError", told)
        see.exits(child, 0)
        see.returns(7, manager.Store(7).get)


@chapter.clause("manager.connect.nobody", passage=f"{CONNECT}/2", level=SHOULD, methods=NO_METHOD, cases=FAMILIES)
def where_nobody_listens_connect_raises(mp: Any, see: See, family: str) -> None:
    """connect() raises where nobody listens at the address."""
    from mpspec.chapters.managers.manager_classes import OpenClient

    if family == "AF_INET":
        # Bound and not listening: nobody else gets the port meanwhile.
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            with see.raises(Exception):
                see.comes_back(connected, OpenClient, silent.getsockname())
    else:
        with see.raises(Exception):
            see.comes_back(connected, OpenClient, address_of(family, see))


@chapter.clause("manager.connect.after-nobody", passage=f"{CONNECT}/2", level=SHOULD, methods=ANY_METHOD)
def connect_can_be_tried_again(mp: Any, see: See) -> None:
    """A manager whose connect() has raised connects once the server is there."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    address = address_of("AF_UNIX", see)
    client = OpenClient(address, KEY)
    with see.raises(Exception):
        see.comes_back(client.connect)
    with serving(mp, see, OpenManager, address=address):
        client.connect()
        see.equal(client.Store().get(), 0, "what a new store holds")


@chapter.clause("manager.connect.no-address", passage=f"{CONNECT}/2", level=SHOULD, methods=NO_METHOD)
def a_manager_without_an_address_cannot_connect(mp: Any, see: See) -> None:
    """connect() of a manager that has no address raises."""
    with see.raises(Exception):
        see.comes_back(mp.managers.BaseManager(authkey=KEY).connect)


@chapter.clause(
    "manager.connect.no-manager",
    source=CONNECT,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"http": b"HTTP/1.1 400 Bad Request\r\n\r\n", "leaves": b"", "silent": None},
)
def what_is_connected_to_is_no_manager(mp: Any, see: See, answer: bytes | None) -> None:
    """What connect() does whose address is that of another kind of server is left open."""
    from mpspec.chapters.managers.manager_classes import OpenClient

    with socket.create_server(("127.0.0.1", 0)) as other:
        calling = see.in_thread(connected, OpenClient, other.getsockname())
        caller, _ = other.accept()
        with caller:
            if answer is not None:
                caller.sendall(answer)
                caller.shutdown(socket.SHUT_WR)
            calling.thread.join(SMALL)
            waits = calling.thread.is_alive()
        try:
            calling.ends()
            see.records(waits=waits, error=None)
        except NotKept:
            raise
        except Exception as error:
            see.records(waits=waits, error=type(error).__name__)


@chapter.clause("manager.connect.listener", source=CONNECT, level=UNSPECIFIED, methods=NO_METHOD)
def a_listener_is_no_manager(mp: Any, see: See) -> None:
    """What connect() does at a Listener with the same key, whose owner closes the connection, is left open."""
    from mpspec.chapters.managers.manager_classes import OpenClient

    with mp.connection.Listener(("127.0.0.1", 0), authkey=KEY) as listener:
        calling = see.in_thread(connected, OpenClient, listener.address)
        with contextlib.suppress(Exception):
            listener.accept().close()
        try:
            calling.ends()
            see.records(error=None)
        except NotKept:
            raise
        except Exception as error:
            see.records(error=type(error).__name__)


@chapter.clause("manager.connect.twice", source=CONNECT, level=UNSPECIFIED, methods=ANY_METHOD)
def a_manager_is_connected_twice(mp: Any, see: See) -> None:
    """What connect() of a manager does that is connected already is left open."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager) as address:
        client = connected(OpenClient, address)
        try:
            client.connect()
            error = None
        except Exception as raised:
            error = type(raised).__name__
        see.records(error=error, usable=client.Store().get() == 0)


@chapter.clause(
    "manager.connect.use-before",
    passage=f"{MANAGER}/3",
    level=SHOULD,
    methods=NO_METHOD,
)
def a_manager_without_a_server_makes_nothing(mp: Any, see: See) -> None:
    """A manager that was neither started nor connected raises where it is asked for an object."""
    from mpspec.chapters.managers.manager_classes import OpenClient, StoreManager

    for kind in (OpenClient, StoreManager):
        with see.raises(Exception):
            see.comes_back(kind(("127.0.0.1", 0), KEY).Store)


@chapter.clause(
    "manager.connect.unknown-there",
    passage=(f"{REGISTER}/3", "multiprocessing.managers.BaseProxy._callmethod/10"),
    level=SHOULD,
    methods=ANY_METHOD,
)
def what_only_the_client_registers_is_refused(mp: Any, see: See) -> None:
    """An object whose typeid the server does not know is refused with an exception, and the server goes on."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager) as address:
        client = connected(OpenClient, address)
        with see.raises(Exception):
            see.comes_back(client.only_here)
        see.equal(client.Store().get(), 0, "what a new store holds")


@chapter.clause("manager.connect.unknown-here", passage=f"{REGISTER}/17", level=SHOULD, methods=ANY_METHOD)
def what_only_the_server_registers_has_no_method_here(mp: Any, see: See) -> None:
    """A manager has no method for a typeid that was registered with the class of the server alone."""
    from mpspec.chapters.managers.manager_classes import OpenClient, OpenManager

    with serving(mp, see, OpenManager) as address:
        client = connected(OpenClient, address)
        see.true(not hasattr(client, "only_there"), "no method of the name of the typeid")
        see.true(callable(client.Store), "a method for what was registered here")
