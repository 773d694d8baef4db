"""BaseManager: its arguments, its address, its key, and the context that its process comes from."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import stat
from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.chapters.managers.manager_referents import NOTES
from mpspec.chapters.managers.manager_targets import KEY
from mpspec.chapters.managers.serving import (
    FAMILIES,
    KEYS,
    MANAGER,
    REGISTER,
    START,
    address_of,
    connected,
)
from mpspec.clause import ANY_METHOD, EVERY_METHOD, ITS_CASE, MAY, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.waits import LONG, SETTLE

ADDRESS = f"{MANAGER}.address"


@chapter.clause(
    "manager.names",
    passage=("managers/5", f"{MANAGER}/1", "multiprocessing.managers.SyncManager/1"),
    methods=NO_METHOD,
    cases=cases("BaseManager", "SyncManager"),
)
def the_module_has_the_classes(mp: Any, see: See, name: str) -> None:
    """The classes of managers are in the module managers."""
    see.true(isinstance(getattr(mp.managers, name), type), "a class")


@chapter.clause("manager.signature", passage=f"{MANAGER}/1", level=SHOULD, methods=NO_METHOD, until="3.11")
def a_manager_takes_four_arguments(mp: Any, see: See) -> None:
    """BaseManager takes address, authkey, serializer and ctx, in this order, all of them optional."""
    see.signature(mp.managers.BaseManager, "(address=None, authkey=None, serializer='pickle', ctx=None)")


@chapter.clause("manager.signature.timeout", passage=f"{MANAGER}/1,16", level=SHOULD, methods=NO_METHOD, since="3.11")
def a_manager_takes_a_timeout_by_name(mp: Any, see: See) -> None:
    """BaseManager takes address, authkey, serializer and ctx, and shutdown_timeout, which is 1.0, by name alone."""
    see.signature(
        mp.managers.BaseManager,
        "(address=None, authkey=None, serializer='pickle', ctx=None, *, shutdown_timeout=1.0)",
    )


@chapter.clause(
    "manager.methods.signatures",
    passage=(f"{START}/1", f"{MANAGER}.get_server/1", f"{MANAGER}.connect/1", f"{REGISTER}/1,18"),
    level=SHOULD,
    methods=NO_METHOD,
    cases={
        "start": ("start", "(initializer=None, initargs=())"),
        "get_server": ("get_server", "()"),
        "connect": ("connect", "()"),
        "register": (
            "register",
            "(typeid, callable=None, proxytype=None, exposed=None, method_to_typeid=None, create_method=True)",
        ),
    },
)
def the_methods_take_the_arguments_of_the_page(mp: Any, see: See, case: Any) -> None:
    """The methods of a manager have the parameters of the page, with its names."""
    name, promised = case
    see.signature(getattr(mp.managers.BaseManager(), name), promised)


@chapter.clause(
    "manager.arguments.each", passage=f"{MANAGER}/1,2", methods=ANY_METHOD, cases={"positions": False, "names": True}
)
def a_manager_is_made_from_all_arguments(mp: Any, see: See, by_name: bool) -> None:
    """A manager is made from address, authkey, serializer and ctx, given by position or by name."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    context = mp.get_context(mp.get_start_method())
    given = {"address": ("127.0.0.1", 0), "authkey": KEY, "serializer": "pickle", "ctx": context}
    with StoreManager(**given) if by_name else StoreManager(*given.values()) as manager:
        see.equal(manager.address[0], "127.0.0.1", "the host")
        see.returns(7, connected(StoreManager, manager.address).Store(7).get)


@chapter.clause(
    "manager.arguments.surplus",
    passage=(f"{MANAGER}/1", f"{START}/1", f"{REGISTER}/1", f"{MANAGER}.connect/1", f"{MANAGER}.get_server/1"),
    level=SHOULD,
    methods=NO_METHOD,
    cases={
        "BaseManager": lambda make: make(None, None, "pickle", None, 1.0),
        "a name": lambda make: make(key=KEY),
        "start": lambda make: make().start(None, (), 1),
        "get_server": lambda make: make().get_server(1),
        "connect": lambda make: make().connect(1),
        "register": lambda make: make.register("name", str, None, None, None, True, None),
    },
)
def what_is_not_taken_is_refused(mp: Any, see: See, use: Any) -> None:
    """An argument more than a signature has, or one of a name that it does not have, raises TypeError."""
    with see.raises(TypeError):
        use(mp.managers.BaseManager)


# address


@chapter.clause("manager.address.given", passage=f"{MANAGER}/4", methods=ANY_METHOD, cases=FAMILIES)
def the_server_listens_at_the_address(mp: Any, see: See, family: str) -> None:
    """The process of the manager listens at the address that was given, for others than the manager too."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    address = address_of(family, see)
    with StoreManager(address, KEY) as manager:
        if family == "AF_UNIX":
            see.equal(manager.address, address, "the address")
            see.true(stat.S_ISSOCK(os.stat(address).st_mode), "a socket in the file system")
        else:
            see.equal(manager.address[0], "127.0.0.1", "the host")
        with socket.socket(getattr(socket, family)) as caller:
            caller.settimeout(LONG)
            caller.connect(manager.address)


@chapter.clause("manager.address.arbitrary", passage=f"{MANAGER}/5", methods=ANY_METHOD, cases=cases("absent", "none"))
def without_an_address_one_is_chosen(mp: Any, see: See, case: str) -> None:
    """A manager whose address is None chooses one, another one for each manager, at which others reach it."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    given = {} if case == "absent" else {"address": None}
    with StoreManager(authkey=KEY, **given) as one, StoreManager(authkey=KEY, **given) as other:
        see.true(one.address != other.address, "two addresses", one.address)
        for manager in (one, other):
            see.returns(manager.Store().pid(), connected(StoreManager, manager.address).Store().pid)


@chapter.clause("manager.address.in-use", passage=f"{ADDRESS}/2", methods=ANY_METHOD, cases=FAMILIES)
def address_is_that_in_use(mp: Any, see: See, family: str) -> None:
    """address is the address in use of a manager that was started, and of one that is connected."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(address_of(family, see), KEY) as manager:
        client = connected(StoreManager, manager.address)
        see.equal(client.address, manager.address, "the address of the client")
        see.returns(manager.Store().pid(), client.Store().pid)
        if family == "AF_INET":
            see.true(manager.address[1] > 0, "a port", manager.address)


@chapter.clause("manager.address.read-only", passage=(f"{MANAGER}/17", f"{ADDRESS}/1"), methods=ANY_METHOD)
def the_address_cannot_be_set(mp: Any, see: See) -> None:
    """address is read-only, before the server is started and afterwards."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with see.raises(AttributeError):
        mp.managers.BaseManager().address = ("127.0.0.1", 0)
    with StoreManager() as manager:
        before = manager.address
        with see.raises(AttributeError):
            manager.address = ("127.0.0.1", 0)
        see.equal(manager.address, before, "the address")


@chapter.clause("manager.address.before", source=ADDRESS, level=UNSPECIFIED, methods=NO_METHOD)
def the_address_before_the_start(mp: Any, see: See) -> None:
    """What address is before the server is started is left open."""
    see.records(none=mp.managers.BaseManager().address, given=mp.managers.BaseManager(("127.0.0.1", 0)).address)


@chapter.clause("manager.address.taken", passage=f"{MANAGER}/4", level=SHOULD, methods=ANY_METHOD, cases=FAMILIES)
def an_address_that_is_taken_is_refused(mp: Any, see: See, family: str) -> None:
    """start() raises where another manager listens at the address, and the other one goes on."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(address_of(family, see), KEY) as manager:
        second = StoreManager(manager.address, KEY)
        before = {child.pid for child in mp.active_children()}
        with see.output(), see.raises(Exception):  # the process that fails may write why
            see.comes_back(second.start)
        see.returns(7, manager.Store(7).get)
        see.eventually(lambda: {child.pid for child in mp.active_children()} <= before, "what has failed is not active")


# authkey


@chapter.clause("manager.authkey.given", passage=f"{MANAGER}/8,6", methods=ANY_METHOD)
def the_key_that_was_given_is_used(mp: Any, see: See) -> None:
    """A manager uses the key that it was given: it opens the door to others, and that of the process does not."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(authkey=KEY) as manager:
        see.returns(7, connected(StoreManager, manager.address, KEY).Store(7).get)
        with see.raises(mp.AuthenticationError):
            see.comes_back(connected, StoreManager, manager.address, None)


@chapter.clause(
    "manager.authkey.of-the-process",
    passage=(f"{MANAGER}/7", f"{KEYS}/6"),
    methods=ANY_METHOD,
    cases=cases("absent", "none"),
)
def without_a_key_that_of_the_process_is_used(mp: Any, see: See, case: str) -> None:
    """A manager whose key is None uses that of the current process, to serve and to connect."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    mp.current_process().authkey = KEY
    given = {} if case == "absent" else {"authkey": None}
    with StoreManager(**given) as manager:
        mp.current_process().authkey = b"another"
        see.returns(7, connected(StoreManager, manager.address, KEY).Store(7).get)
        with see.raises(mp.AuthenticationError):
            see.comes_back(connected, StoreManager, manager.address, None)
        mp.current_process().authkey = KEY
        see.returns(7, connected(StoreManager, manager.address, None).Store(7).get)


@chapter.clause(
    "manager.authkey.checked",
    passage=(f"{MANAGER}/6", "multiprocessing.AuthenticationError/2"),
    methods=ANY_METHOD,
    cases=FAMILIES,
)
def who_does_not_know_the_key_is_refused(mp: Any, see: See, family: str) -> None:
    """A manager refuses connections of those who do not know its key with AuthenticationError, and goes on serving."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    with StoreManager(address_of(family, see), KEY) as manager:
        for wrong in (b"wrong", KEY[:-1], KEY + b"x"):
            with see.raises(mp.AuthenticationError):
                see.comes_back(connected, StoreManager, manager.address, wrong)
        see.returns(7, connected(StoreManager, manager.address, KEY).Store(7).get)


class Mark:
    """Makes a folder when it is unpickled."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return os.mkdir, (self.path,)


@chapter.clause("manager.authkey.first", passage=(f"{MANAGER}/6", f"{KEYS}/4,3"), methods=ANY_METHOD)
def nothing_is_unpickled_of_a_stranger(mp: Any, see: See) -> None:
    """What somebody sends who has not proved to know the key is not unpickled."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    mark = os.path.join(see.folder, "unpickled")
    with StoreManager(("127.0.0.1", 0), KEY) as manager, mp.connection.Client(manager.address) as stranger:
        with contextlib.suppress(OSError):  # it may be shown out at the first word
            for _ in range(3):
                stranger.send(Mark(mark))
            # What it has sent is dealt with when it is shown out. A server need not do that, so the time is limited.
            while select.select([stranger], [], [], SETTLE)[0] and os.read(stranger.fileno(), 1 << 16):
                pass
        see.returns(7, connected(StoreManager, manager.address, KEY).Store(7).get)
    see.true(not os.path.exists(mark), "nothing is unpickled")


@chapter.clause("manager.authkey.any-bytes", passage=(f"{MANAGER}/8", f"{KEYS}/4"), methods=ANY_METHOD)
def any_bytes_are_a_key(mp: Any, see: See) -> None:
    """Any byte string serves as the key of a manager, of any length."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    for key in (b"k", bytes(range(256)), b"l" * 5000):
        with StoreManager(authkey=key) as manager:
            see.returns(7, connected(StoreManager, manager.address, key).Store(7).get)


@chapter.clause("manager.authkey.empty", passage=f"{MANAGER}/8,7", methods=ANY_METHOD, hanging=True)
def no_bytes_are_a_key(mp: Any, see: See) -> None:
    """The empty byte string is a key like others: it is used in place of the key of the process."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    mp.current_process().authkey = KEY
    with StoreManager(authkey=b"") as manager:
        see.returns(7, connected(StoreManager, manager.address, b"").Store(7).get)
        with see.raises(mp.AuthenticationError):
            see.comes_back(connected, StoreManager, manager.address, None)


@chapter.clause(
    "manager.authkey.not-bytes",
    passage=f"{MANAGER}/8",
    level=SHOULD,
    methods=NO_METHOD,
    cases={"text": "secret", "number": 7},
)
def a_key_that_is_not_bytes_is_refused(mp: Any, see: See, key: Any) -> None:
    """A manager with a key that is not a byte string is refused when it is made, or started at the latest."""
    with see.raises(Exception):
        mp.managers.BaseManager(authkey=key).get_server()


@chapter.clause("manager.authkey.when", source=MANAGER, level=UNSPECIFIED, methods=ANY_METHOD)
def when_the_key_of_the_process_is_taken(mp: Any, see: See) -> None:
    """Whether the key of the process is taken when a manager is made or when it is started is left open."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    mp.current_process().authkey = KEY
    manager = StoreManager()
    mp.current_process().authkey = b"another"
    manager.start()
    try:
        see.comes_back(connected, StoreManager, manager.address, KEY)
        see.records(taken="when it is made")
    except mp.AuthenticationError:
        see.records(taken="when it is started")
    mp.current_process().authkey = KEY
    manager.shutdown()


# ctx


def origin(manager: Any) -> str:
    """The start method that the process of a manager that is not started yet comes by."""
    NOTES.append("in memory that only fork hands on")
    manager.start()
    parent, forked = manager.Store().origin()
    manager.shutdown()
    if parent != os.getpid():
        return "forkserver"
    return "fork" if forked else "spawn"


@chapter.clause(
    "manager.ctx.given",
    passage=f"{MANAGER}/10",
    methods=NO_METHOD,
    cases=cases(*EVERY_METHOD),
    uses=ITS_CASE,
)
def the_process_comes_from_the_context(mp: Any, see: See, method: str) -> None:
    """The process of a manager is started by the context that the manager was given."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    see.equal(origin(StoreManager(ctx=mp.get_context(method))), method, "the start method of its process")


@chapter.clause(
    "manager.ctx.current",
    passage=f"{MANAGER}/10",
    methods=NO_METHOD,
    fresh=True,
    cases=cases(*EVERY_METHOD),
    uses=ITS_CASE,
)
def without_a_context_the_current_one_is_used(mp: Any, see: See, method: str) -> None:
    """The process of a manager whose ctx is None is started by the start method of the program."""
    from mpspec.chapters.managers.manager_classes import StoreManager

    mp.set_start_method(method)
    for given in ({}, {"ctx": None}):
        see.equal(origin(StoreManager(**given)), method, "the start method of its process")


@chapter.clause("manager.ctx.may-fix", passage=f"{MANAGER}/11", level=MAY, methods=NO_METHOD, fresh=True)
def making_a_manager_may_set_the_start_method(mp: Any, see: See) -> None:
    """Making a manager without a context may set an open start method to the default."""
    mp.managers.BaseManager()
    chosen = mp.get_start_method(allow_none=True)
    see.true(chosen in (None, mp.get_all_start_methods()[0]), "it is open, or the default", chosen)
    see.records(sets=chosen is not None)
