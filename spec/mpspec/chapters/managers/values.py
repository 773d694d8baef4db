"""Value and Array of a manager."""

from __future__ import annotations

import array
from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, run_in_a_child
from mpspec.chapters.managers.targets import multiply_items, outcome, set_attribute
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

VALUE = "multiprocessing.managers.SyncManager.Value"

ARRAY = "multiprocessing.managers.SyncManager.Array"

USED_LIKE_THE_REFERENT = "proxy-objects/5,4"

VALUES: dict[str, tuple[str, Any, Any]] = {
    "integer": ("i", 7, -8), "double": ("d", 0.5, 2.25), "byte": ("b", 1, 2), "long": ("q", 0, 1 << 40),
}  # fmt: skip
"""A typecode, a value of it, and another one."""


@chapter.clause("manager.value.value", passage=f"{VALUE}/2,1", methods=ANY_METHOD, cases=VALUES)
def its_value_is_read_and_written(mp: Any, see: See, case: tuple[str, Any, Any]) -> None:
    """Value(typecode, value) makes an object whose attribute value has that value, and can be assigned to."""
    code, first, second = case
    with mp.Manager() as manager:
        shared = manager.Value(code, first)
        other = another(shared)
        see.equal((shared.value, other.value), (first, first), "value, by two proxies")
        shared.value = second
        see.equal((shared.value, other.value), (second, second), "value after an assignment")


@chapter.clause("manager.value.child", passage=(f"{VALUE}/2", "multiprocessing.managers.SyncManager/4"))
def a_child_assigns_the_value(mp: Any, see: See) -> None:
    """What a child assigns to value is there for the parent."""
    with mp.Manager() as manager:
        shared = manager.Value("i", 1)
        run_in_a_child(mp, see, set_attribute, shared, "value", 42)
        see.equal(shared.value, 42, "value")


@chapter.clause("manager.value.typecode", source=VALUE, level=UNSPECIFIED, methods=ANY_METHOD)
def a_value_that_does_not_fit_its_typecode(mp: Any, see: See) -> None:
    """Whether the value is held to the typecode is left open."""
    with mp.Manager() as manager:
        see.records(of_double=outcome(lambda: manager.Value("d", 1).value))
        see.records(of_text=outcome(lambda: manager.Value("i", "text").value))


@chapter.clause("manager.value.get", source=VALUE, level=UNSPECIFIED, methods=ANY_METHOD)
def other_ways_to_a_value(mp: Any, see: See) -> None:
    """Whether the proxy of a value has get() and set(), and what str() of it shows, is left open."""
    with mp.Manager() as manager:
        shared = manager.Value("i", 1)
        see.records(get=hasattr(shared, "get"), set=hasattr(shared, "set"), text=str(shared))


ARRAYS: dict[str, tuple[str, Any, list[Any]]] = {
    "list": ("i", [1, -2, 3], [1, -2, 3]),
    "tuple": ("d", (0.5, 2.0), [0.5, 2.0]),
    "range": ("q", range(4), [0, 1, 2, 3]),
    "empty": ("i", [], []),
}
"""A typecode, a sequence, and the items of the array."""


@chapter.clause("manager.array.made", passage=f"{ARRAY}/2,1", methods=ANY_METHOD, cases=ARRAYS)
def an_array_of_a_sequence(mp: Any, see: See, case: tuple[str, Any, list[Any]]) -> None:
    """Array(typecode, sequence) makes an array with the items of the sequence."""
    code, sequence, items = case
    with mp.Manager() as manager:
        shared = manager.Array(code, sequence)
        see.equal(len(shared), len(items), "its length")
        see.equal([shared[index] for index in range(len(items))], items, "its items")


@chapter.clause("manager.array.stored", passage=(f"{ARRAY}/2", USED_LIKE_THE_REFERENT), methods=ANY_METHOD)
def items_are_stored(mp: Any, see: See) -> None:
    """An item can be assigned to, and another proxy sees it; an index that is not there raises IndexError."""
    with mp.Manager() as manager:
        shared = manager.Array("i", [1, 2, 3])
        other = another(shared)
        shared[1] = 20
        shared[-1] = 30
        see.equal([other[index] for index in range(3)], [1, 20, 30], "the items, by another proxy")
        with see.raises(IndexError):
            shared[3]
        with see.raises(IndexError):
            shared[3] = 4


@chapter.clause("manager.array.child", passage=(f"{ARRAY}/2", "multiprocessing.managers.SyncManager/4"))
def a_child_stores_items(mp: Any, see: See) -> None:
    """What a child stores into an array is there for the parent."""
    with mp.Manager() as manager:
        shared = manager.Array("i", [1, 2, 3])
        run_in_a_child(mp, see, multiply_items, shared, 10)
        see.equal([shared[index] for index in range(3)], [10, 20, 30], "the items")


@chapter.clause("manager.array.typecode", passage=f"{ARRAY}/2,1", level=SHOULD, methods=ANY_METHOD)
def items_are_of_the_typecode(mp: Any, see: See) -> None:
    """The items are of the type that the typecode names: an int in an array of doubles comes back as a float."""
    with mp.Manager() as manager:
        shared = manager.Array("d", [1, 2])
        shared[1] = 3
        see.equal([repr(shared[index]) for index in range(2)], ["1.0", "3.0"], "the items")
        whole = manager.Array("i", [1])
        with see.raises(Exception):
            whole[0] = "text"
        see.equal(whole[0], 1, "the item afterwards")


@chapter.clause("manager.array.slices", passage=USED_LIKE_THE_REFERENT, level=SHOULD, methods=ANY_METHOD)
def slices_of_an_array(mp: Any, see: See) -> None:
    """Slices of an array are read as arrays or lists of their items, iteration gives the items."""
    with mp.Manager() as manager:
        shared = manager.Array("i", [1, 2, 3])
        see.equal((list(shared[1:]), list(shared)), ([2, 3], [1, 2, 3]), "the items of a slice, and of an iteration")


@chapter.clause("manager.array.slices.stored", source=ARRAY, level=UNSPECIFIED, methods=ANY_METHOD)
def slices_that_are_stored(mp: Any, see: See) -> None:
    """What can be stored into a slice of an array, a list or an array.array, is left open."""
    with mp.Manager() as manager:
        shared = manager.Array("i", [1, 2, 3])
        see.records(list=outcome(lambda: shared.__setitem__(slice(0, 2), [8, 9])))
        see.records(array=outcome(lambda: shared.__setitem__(slice(0, 2), array.array("i", [8, 9]))))


@chapter.clause("manager.array.size", source=ARRAY, level=UNSPECIFIED, methods=ANY_METHOD)
def an_array_of_a_number(mp: Any, see: See) -> None:
    """Whether Array() of a manager takes a number of items in place of a sequence is left open."""
    with mp.Manager() as manager:
        see.records(there=outcome(lambda: len(manager.Array("i", 3))))
