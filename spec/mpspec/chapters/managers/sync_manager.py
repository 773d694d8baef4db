"""SyncManager: the class, and how its methods are called."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.managers.chapter import TYPES, another, chapter
from mpspec.clause import ANY_METHOD, NO_METHOD, UNSPECIFIED, cases
from mpspec.observation.see import Blocked, See
from mpspec.observation.waits import LONG

SYNC_MANAGER = "multiprocessing.managers.SyncManager"


@chapter.clause("manager.sync.subclass", passage=f"{SYNC_MANAGER}/1,2", methods=NO_METHOD)
def it_is_a_base_manager(mp: Any, see: See) -> None:
    """SyncManager is a subclass of BaseManager."""
    see.true(issubclass(mp.managers.SyncManager, mp.managers.BaseManager), "it is a subclass")


@chapter.clause("manager.sync.made-by-hand", passage=f"{SYNC_MANAGER}/1,2,4")
def one_can_be_made_by_hand(mp: Any, see: See) -> None:
    """A SyncManager that was made and started by itself makes shared objects, as that of Manager() does."""
    manager = mp.managers.SyncManager()
    manager.start()
    see.equal(str(manager.dict({1: 2})), "{1: 2}", "the representation of a shared dict")
    manager.shutdown()


@chapter.clause(
    "manager.sync.proxies",
    passage=(f"{SYNC_MANAGER}/4", "multiprocessing.managers.BaseProxy/1-2"),
    methods=ANY_METHOD,
    cases=cases(*TYPES),
)
def its_methods_return_proxies(mp: Any, see: See, name: str) -> None:
    """Each method returns a proxy, an instance of a subclass of BaseProxy, for an object that it has made anew."""
    base = mp.managers.BaseProxy
    with mp.Manager() as manager:
        proxies = [getattr(manager, name)(*TYPES[name]) for _ in range(2)]
        for proxy in proxies:
            see.true(isinstance(proxy, base) and type(proxy) is not base, "it is of a subclass", type(proxy))
        see.true(proxies[0] is not proxies[1], "each call returns another one")


def _acquired(lock: Any) -> Any:
    lock.acquire()
    return lock


def _full(queue: Any) -> Any:
    queue.put(0)
    return queue


ARGUMENTS: dict[str, Callable[[Any], Any]] = {
    "Barrier": lambda m: m.Barrier(parties=1, action=dict, timeout=LONG * 100).wait(),
    "BoundedSemaphore": lambda m: m.BoundedSemaphore(value=0).acquire(False),
    "Semaphore": lambda m: m.Semaphore(value=0).acquire(False),
    "Condition": lambda m: m.Condition(lock=_acquired(m.Lock())).acquire(False),
    "Queue": lambda m: _full(m.Queue(maxsize=1)).get(),
    "Value": lambda m: m.Value(typecode="i", value=0).value,
    "Array": lambda m: m.Array(typecode="i", sequence=[0])[0],
}
"""Each called with its documented names: what comes of it is 0, or False."""


@chapter.clause(
    "manager.sync.argument-names",
    passage=tuple(f"{SYNC_MANAGER}.{name}/1" for name in ARGUMENTS),
    methods=ANY_METHOD,
    cases=ARGUMENTS,
)
def the_arguments_have_names(mp: Any, see: See, call: Callable[[Any], Any]) -> None:
    """The arguments of a method can be given by their names."""
    with mp.Manager() as manager:
        see.equal(call(manager), 0, "what comes of a first use")


ENDLESS: dict[str, tuple[Callable[[Any], Any], str, tuple[Any, ...], str, tuple[Any, ...]]] = {
    "Lock": (lambda m: _acquired(m.Lock()), "acquire", (), "release", ()),
    "Semaphore": (lambda m: m.Semaphore(0), "acquire", (), "release", ()),
    "BoundedSemaphore": (lambda m: _acquired(m.BoundedSemaphore()), "acquire", (), "release", ()),
    "Event": (lambda m: m.Event(), "wait", (), "set", ()),
    "Barrier": (lambda m: m.Barrier(2), "wait", (), "wait", ()),
    "Queue.get": (lambda m: m.Queue(), "get", (), "put", (1,)),
    "Queue.put": (lambda m: _full(m.Queue(1)), "put", (1,), "get", ()),
}
"""What waits without a limit: the object, the call that waits, and that which ends the wait."""


@chapter.clause(
    "manager.sync.endless",
    passage=(
        f"{SYNC_MANAGER}.Lock/2",
        *(f"{SYNC_MANAGER}.{name}/2" for name in ("Semaphore", "BoundedSemaphore", "Event", "Barrier", "Queue")),
        "proxy-objects/5",
    ),
    methods=ANY_METHOD,
    cases=ENDLESS,
)
def a_wait_without_a_limit_does_not_give_up(mp: Any, see: See, case: tuple[Any, ...]) -> None:
    """A method that waits in its referent without a limit waits on for what takes seconds to come, then comes back."""
    make, waits, arguments, ends, others = case
    with mp.Manager() as manager:
        proxy = make(manager)
        waiter: Blocked = see.blocks(getattr(another(proxy), waits), *arguments)
        waiter.goes_on()
        see.comes_back(getattr(proxy, ends), *others)
        waiter.ends()


@chapter.clause(
    "manager.sync.others",
    source=SYNC_MANAGER,
    level=UNSPECIFIED,
    methods=ANY_METHOD,
    cases=cases("JoinableQueue", "Pool"),
)
def types_that_the_page_does_not_name(mp: Any, see: See, name: str) -> None:
    """Whether a SyncManager has methods JoinableQueue() and Pool() is left open."""
    see.records(there=hasattr(mp.managers.SyncManager, name))
