"""SyncManager: the class, and how its methods are called."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.managers.chapter import TYPES, another, chapter
from mpspec.chapters.managers.targets import outcome
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
    """Each method returns a proxy, an instance of a subclass of BaseProxy, and another one at each call."""
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


def _is_free(lock: Any) -> bool:
    free: bool = lock.acquire(False)
    if free:
        lock.release()
    return free


def _item_stored(thing: Any, key: Any) -> None:
    thing[key] = 7


CHANGES: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "list": (lambda a: a.append(7), str),
    "dict": (lambda a: _item_stored(a, "key"), str),
    "Namespace": (lambda a: setattr(a, "x", 7), lambda a: hasattr(a, "x")),
    **dict.fromkeys(
        ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition"),
        (lambda a: a.acquire(), lambda a: _is_free(a)),
    ),
    "Event": (lambda a: a.set(), lambda a: a.is_set()),
    "Queue": (lambda a: a.put(7), lambda a: outcome(a.get, False)),
    "Value": (lambda a: setattr(a, "value", 7), lambda a: a.value),
    "Array": (lambda a: _item_stored(a, 0), lambda a: a[0]),
}
"""For each type what changes such an object, and what would show that."""


@chapter.clause(
    "manager.sync.new-objects",
    passage=(
        *(f"{SYNC_MANAGER}.{name}/2" for name in CHANGES if name not in ("list", "dict")),
        f"{SYNC_MANAGER}.list/3",
        f"{SYNC_MANAGER}.dict/4",
    ),
    methods=ANY_METHOD,
    cases={name: (name, *CHANGES[name]) for name in CHANGES},
)
def each_call_makes_an_object(mp: Any, see: See, case: tuple[str, Callable[[Any], Any], Callable[[Any], Any]]) -> None:
    """Each call of a method makes another object: what is done to the one does not show in another."""
    name, change, look = case
    with mp.Manager() as manager:
        first, second = (getattr(manager, name)(*TYPES[name]) for _ in range(2))
        before = see.comes_back(look, another(second))
        change(first)
        see.equal(see.comes_back(look, another(second)), before, "what the second shows after a change of the first")
        third = getattr(manager, name)(*TYPES[name])
        see.equal(see.comes_back(look, another(third)), before, "what a new one shows")


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
