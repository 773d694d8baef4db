"""dummy.Value, Array and Manager: shared objects, which threads share anyway."""

from __future__ import annotations

from typing import Any, Callable

from mpspec.chapters.dummy.chapter import API, chapter, started
from mpspec.clause import NO_METHOD, SHOULD
from mpspec.observation.see import See


def increase(value: Any) -> None:
    """Add one to what a value has."""
    value.value += 1


@chapter.clause("dummy.value.shared", passage=API, methods=NO_METHOD, cases={"i": ("i", 3, 4), "d": ("d", 0.5, 1.5)})
def a_value(mp: Any, see: See, case: Any) -> None:
    """A Value is made of a type code and a first value; what a dummy process sets is seen here."""
    code, first, second = case
    value = mp.dummy.Value(code, first)
    see.equal(value.value, first, "the value")
    with started(mp, increase, value):
        pass
    see.equal(value.value, second, "the value after the dummy process")


@chapter.clause("dummy.value.lock", passage=API, level=SHOULD, methods=NO_METHOD)
def a_value_has_a_lock(mp: Any, see: See) -> None:
    """get_lock() of a Value returns a lock that excludes other threads."""
    value = mp.dummy.Value("i", 0)
    with value.get_lock():
        see.equal(bool(see.comes_back(value.get_lock().acquire, False)), False, "acquire(False) of another thread")


@chapter.clause(
    "dummy.value.lock-argument", passage=API, level=SHOULD, methods=NO_METHOD, cases={"true": True, "false": False}
)
def the_lock_argument(mp: Any, see: See, case: bool) -> None:
    """Value() and Array() take the keyword argument lock."""
    see.equal(mp.dummy.Value("i", 7, lock=case).value, 7, "the value")
    see.equal(list(mp.dummy.Array("i", [1, 2], lock=case)), [1, 2], "the array")


@chapter.clause("dummy.array.shared", passage=API, methods=NO_METHOD)
def an_array(mp: Any, see: See) -> None:
    """An Array is made of a type code and a sequence; what a dummy process sets is seen here, by index and by slice."""
    array = mp.dummy.Array("i", [1, 2, 3])
    see.equal((len(array), list(array)), (3, [1, 2, 3]), "length and items")
    with started(mp, array.__setitem__, 1, 20):
        pass
    see.equal((array[1], list(array[1:])), (20, [20, 3]), "an item and a slice after the dummy process")


@chapter.clause("dummy.array.size", passage=API, level=SHOULD, methods=NO_METHOD)
def an_array_of_a_size(mp: Any, see: See) -> None:
    """An Array that is made of a type code and a number has so many items, all zero."""
    see.equal(list(mp.dummy.Array("i", 3)), [0, 0, 0], "the items")


def _queued(manager: Any) -> Any:
    made = manager.Queue()
    made.put("item")
    return made.get()


def _namespace(manager: Any) -> Any:
    made = manager.Namespace()
    made.x = 1
    return made.x


SHARED: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "list": (lambda manager: [*manager.list([1, 2])], [1, 2]),
    "dict": (lambda manager: dict(manager.dict({"a": 1}).items()), {"a": 1}),
    "Namespace": (_namespace, 1),
    "Value": (lambda manager: manager.Value("i", 5).value, 5),
    "Array": (lambda manager: [*manager.Array("i", [1, 2])], [1, 2]),
    "Queue": (_queued, "item"),
    "Lock": (lambda manager: bool(manager.Lock().acquire()), True),
    "RLock": (lambda manager: bool(manager.RLock().acquire()), True),
    "Semaphore": (lambda manager: bool(manager.Semaphore(1).acquire()), True),
    "BoundedSemaphore": (lambda manager: bool(manager.BoundedSemaphore(1).acquire()), True),
    "Condition": (lambda manager: bool(manager.Condition().acquire()), True),
    "Event": (lambda manager: bool(manager.Event().is_set()), False),
    "Barrier": (lambda manager: manager.Barrier(1).wait(), 0),
}
"""What a manager makes: name -> what is done with it, and what comes of that."""


@chapter.clause("dummy.manager.objects", passage=API, methods=NO_METHOD, cases=SHARED)
def a_manager_makes_shared_objects(mp: Any, see: See, case: Any) -> None:
    """Manager() returns an object with the methods of a SyncManager, which make objects for all threads."""
    use, promised = case
    see.equal(see.comes_back(use, mp.dummy.Manager()), promised, "what is done with such an object")


@chapter.clause("dummy.manager.shared", passage=API, methods=NO_METHOD)
def threads_share_what_a_manager_has_made(mp: Any, see: See) -> None:
    """What a dummy process does to an object of a manager is seen here."""
    manager = mp.dummy.Manager()
    items, table = manager.list(), manager.dict()
    with started(mp, lambda: [items.append("item"), table.update(key="value")]):
        pass
    see.equal((list(items), table["key"]), (["item"], "value"), "list and dict after the dummy process")


@chapter.clause("dummy.manager.shutdown", passage=API, methods=NO_METHOD)
def a_manager_can_be_shut_down(mp: Any, see: See) -> None:
    """What Manager() returns has shutdown()."""
    manager = mp.dummy.Manager()
    see.equal(list(manager.list([1])), [1], "a list of it")
    see.comes_back(manager.shutdown)


@chapter.clause("dummy.manager.context", passage=API, level=SHOULD, methods=NO_METHOD)
def a_manager_is_a_context_manager(mp: Any, see: See) -> None:
    """What Manager() returns is a context manager."""
    with mp.dummy.Manager() as manager:
        see.equal(list(manager.list([1])), [1], "a list of it")
