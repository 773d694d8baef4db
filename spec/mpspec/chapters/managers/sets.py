"""set of a manager, which editions since 3.14 have."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import chapter, posted_by_a_child, run_in_a_child
from mpspec.chapters.managers.operations import Operation, does_the_same
from mpspec.chapters.managers.targets import add_item, post_outcome_of_item
from mpspec.clause import ANY_METHOD, SHOULD
from mpspec.observation.see import See

SET = "multiprocessing.managers.SyncManager.set"
SHARING = "sharing-state-between-processes"

PROXY = "multiprocessing.managers.BaseProxy"

USED_LIKE_THE_REFERENT = "proxy-objects/5,4"

SETS: dict[str, tuple[Any, ...]] = {
    "nothing": (), "list": ([1, 2, 1],), "set": ({1, "two"},), "text": ("abba",), "mapping": ({"a": 1},),
}  # fmt: skip


@chapter.clause(
    "manager.set.made", passage=(f"{SET}/1-4", f"{SHARING}/23"), since="3.14", methods=ANY_METHOD, cases=SETS
)
def a_set_of_a_sequence_or_a_mapping(mp: Any, see: See, arguments: tuple[Any, ...]) -> None:
    """set() makes an empty set, set(sequence) one of its items, set(mapping) one of its keys, behind a proxy."""
    with mp.Manager() as manager:
        shared = manager.set(*arguments)
        see.true(isinstance(shared, mp.managers.BaseProxy), "it is a proxy", type(shared))
        see.equal(shared._getvalue(), set(*arguments), "a copy of the referent")


@chapter.clause("manager.set.new-objects", passage=f"{SET}/4", since="3.14", methods=ANY_METHOD)
def each_call_makes_a_set(mp: Any, see: See) -> None:
    """Each call of set() makes another one, which is not that which it was made of."""
    with mp.Manager() as manager:
        given = {1}
        first, second = manager.set(given), manager.set(given)
        first.add(2)
        given.add(3)
        see.equal((first._getvalue(), second._getvalue()), ({1, 2}, {1}), "both sets")


@chapter.clause(
    "manager.set.shown", passage=("proxy-objects/7", f"{PROXY}.__str__/2"), since="3.14", methods=ANY_METHOD
)
def str_shows_the_set(mp: Any, see: See) -> None:
    """str() of the proxy of a set gives the representation of the set, repr() that of the proxy."""
    with mp.Manager() as manager:
        shared = manager.set(["one"])
        see.equal(str(shared), "{'one'}", "str()")
        see.true(repr(shared) != "{'one'}", "repr() is not the representation of the set", repr(shared))


@chapter.clause("manager.set.compared", passage="proxy-objects/18,21", since="3.14", methods=ANY_METHOD)
def sets_are_not_compared_by_value(mp: Any, see: See) -> None:
    """The proxy of a set is not equal to a set of the same items, nor to the proxy of such a one; a copy is."""
    with mp.Manager() as manager:
        shared, other = manager.set([1]), manager.set([1])
        see.equal((shared == {1}, {1} == shared, shared == other), (False, False, False), "==, by value")
        see.equal(shared._getvalue() == {1}, True, "== of a copy")


@chapter.clause(
    "manager.set.nested", passage=("multiprocessing.managers.SyncManager/6", "proxy-objects/9-10"), since="3.14"
)
def a_set_is_an_item(mp: Any, see: See) -> None:
    """A proxy of a set can be an item of another shared object: what a child adds to it there is there for all."""
    with mp.Manager() as manager:
        shared = manager.set()
        outer = manager.dict({"item": shared})
        told = posted_by_a_child(mp, see, post_outcome_of_item, outer, "item", "add", 1)
        see.equal(told, "returned None", "what comes of add() in a child")
        see.equal((shared._getvalue(), outer["item"]._getvalue()), ({1}, {1}), "the set by both ways")


@chapter.clause(
    "manager.set.changed-elsewhere",
    passage=("multiprocessing.managers.SyncManager/4", "proxy-objects/8"),
    since="3.14",
)
def a_child_adds_to_a_set(mp: Any, see: See) -> None:
    """What a child adds to a shared set is there for the parent."""
    with mp.Manager() as manager:
        shared = manager.set([1, 2])
        run_in_a_child(mp, see, add_item, shared, 3)
        see.equal(shared._getvalue(), {1, 2, 3}, "a copy of the referent")


OPERATIONS: dict[str, Operation] = {
    "add": lambda a: a.add(9),
    "discard": lambda a: (a.discard(1), a.discard("not there")),
    "remove": lambda a: a.remove(1),
    "remove-error": lambda a: a.remove("not there"),
    "len": lambda a: len(a),
    "in": lambda a: (1 in a, 9 in a),
    "iterate": lambda a: sorted(iter(a)),
    "clear": lambda a: a.clear(),
    "update": lambda a: a.update([8, 9]),
    "unhashable": lambda a: a.add([]),
}


@chapter.clause(
    "manager.set.operations",
    passage=USED_LIKE_THE_REFERENT,
    since="3.14",
    level=SHOULD,
    methods=ANY_METHOD,
    cases=OPERATIONS,
)
def it_is_used_like_a_set(mp: Any, see: See, operation: Operation) -> None:
    """A proxy of a set does what a set does: adding, removal, length, membership, iteration."""
    with mp.Manager() as manager:
        does_the_same(see, operation, manager.set([3, 1, 2]), {3, 1, 2})


METHODS: dict[str, Operation] = {
    "pop": lambda a: [a.clear(), a.add(1), a.pop()],
    "copy": lambda a: a.copy(),
    "union": lambda a: a.union([9]),
    "or": lambda a: a | {9},
    "and": lambda a: a & {1, 9},
    "minus": lambda a: a - {1},
    "xor": lambda a: a ^ {1, 9},
    "difference": lambda a: a.difference([1]),
    "intersection": lambda a: a.intersection([1, 9]),
    "symmetric-difference": lambda a: a.symmetric_difference([1, 9]),
    "isdisjoint": lambda a: (a.isdisjoint([9]), a.isdisjoint([1])),
    "issubset": lambda a: (a.issubset([1, 2, 3, 4]), a.issubset([1])),
    "issuperset": lambda a: (a.issuperset([1]), a.issuperset([9])),
    "or-in-place": lambda a: sorted(a.__ior__({9})),
    "minus-in-place": lambda a: sorted(a.__isub__({1})),
}


@chapter.clause(
    "manager.set.methods",
    passage=USED_LIKE_THE_REFERENT,
    since="3.14",
    level=SHOULD,
    methods=ANY_METHOD,
    cases=METHODS,
)
def it_has_the_methods_of_a_set(mp: Any, see: See, operation: Operation) -> None:
    """The other methods and operators of a set are there as well; those that make a set give a copy of the result."""
    with mp.Manager() as manager:
        does_the_same(see, operation, manager.set([3, 1, 2]), {3, 1, 2})
