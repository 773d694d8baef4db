"""list and dict of a manager: how they are made, and what their proxies do."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import chapter, posted_by_a_child, run_in_a_child
from mpspec.chapters.managers.operations import Operation, does_the_same, remove, result_of, store
from mpspec.chapters.managers.targets import multiply_items, outcome, post_keys, post_text
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

LIST = "multiprocessing.managers.SyncManager.list"

DICT = "multiprocessing.managers.SyncManager.dict"

USED_LIKE_THE_REFERENT = "proxy-objects/5,4"

# list

LISTS: dict[str, tuple[Any, ...]] = {
    "nothing": (), "list": ([1, "two", None],), "tuple": ((1, 2),), "range": (range(3),), "text": ("ab",),
    "nested": ([[1], {2: 3}],), "long": (list(range(5_000)),),
}  # fmt: skip


@chapter.clause("manager.list.made", passage=f"{LIST}/3,1,2", methods=ANY_METHOD, cases=LISTS)
def a_list_of_a_sequence(mp: Any, see: See, arguments: tuple[Any, ...]) -> None:
    """list() makes an empty list, list(sequence) one of the items of the sequence."""
    with mp.Manager() as manager:
        see.equal(manager.list(*arguments)._getvalue(), list(*arguments), "a copy of the referent")


@chapter.clause("manager.list.made.copies", passage=f"{LIST}/3,2", methods=ANY_METHOD)
def the_sequence_is_copied(mp: Any, see: See) -> None:
    """The list is a new one: later changes of the sequence that it was made of do not reach it."""
    with mp.Manager() as manager:
        sequence = [[1], 2]
        shared = manager.list(sequence)
        sequence.append(3)
        sequence[0].append("later")  # type: ignore[attr-defined]
        see.equal(shared._getvalue(), [[1], 2], "a copy of the referent")


LIST_OPERATIONS: dict[str, Operation] = {
    "index": lambda a: a[1],
    "negative-index": lambda a: a[-1],
    "index-error": lambda a: a[7],
    "slice": lambda a: (a[1:3], a[:], a[::-1], a[7:]),
    "store": lambda a: store(a, 0, "new"),
    "store-slice": lambda a: store(a, slice(1, 2), ["x", "y", "z"]),
    "store-error": lambda a: store(a, 7, "new"),
    "len": lambda a: len(a),
    "in": lambda a: (3 in a, 7 in a),
    "append": lambda a: a.append("last"),
    "reverse": lambda a: a.reverse(),
    "iterate": lambda a: list(a),
}
"""What the page shows of lists, and what follows from that for every sequence of Python."""


@chapter.clause(
    "manager.list.operations",
    passage=(USED_LIKE_THE_REFERENT, f"{LIST}/3"),
    methods=ANY_METHOD,
    cases=LIST_OPERATIONS,
)
def it_is_used_like_a_list(mp: Any, see: See, operation: Operation) -> None:
    """A proxy of a list does what a list does: items and slices, length, membership, iteration, append, reverse."""
    with mp.Manager() as manager:
        does_the_same(see, operation, manager.list([3, 1, 2]), [3, 1, 2])


LIST_METHODS: dict[str, Operation] = {
    "delete": lambda a: remove(a, 1),
    "delete-slice": lambda a: remove(a, slice(0, 2)),
    "extend": lambda a: a.extend((8, 9)),
    "insert": lambda a: a.insert(1, "new"),
    "pop": lambda a: (a.pop(), a.pop(0)),
    "pop-error": lambda a: a.pop(9),
    "remove": lambda a: a.remove(1),
    "remove-error": lambda a: a.remove("not there"),
    "index": lambda a: (a.index(1), a.index(1, 0, 2)),
    "index-error": lambda a: a.index("not there"),
    "count": lambda a: a.count(1),
    "sort": lambda a: a.sort(),
    "sort-names": lambda a: a.sort(key=str, reverse=True),
    "add": lambda a: a + [4],  # noqa: RUF005 - the operator is meant
    "times": lambda a: (a * 2, 2 * a),
    "add-in-place": lambda a: a.__iadd__([4])[:],
    "times-in-place": lambda a: a.__imul__(2)[:],
    "reversed": lambda a: list(reversed(a)),
}


@chapter.clause(
    "manager.list.methods",
    passage=(USED_LIKE_THE_REFERENT, f"{LIST}/3"),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=LIST_METHODS,
)
def it_has_the_methods_of_a_list(mp: Any, see: See, operation: Operation) -> None:
    """Deletion and the other methods and operators of a list are there as well, with their arguments and exceptions."""
    with mp.Manager() as manager:
        does_the_same(see, operation, manager.list([3, 1, 2]), [3, 1, 2])


@chapter.clause("manager.list.in-place", passage=USED_LIKE_THE_REFERENT, level=SHOULD, methods=ANY_METHOD)
def operators_in_place_keep_the_proxy(mp: Any, see: See) -> None:
    """After += and *= the name still stands for a proxy, and the referent has changed for every process."""
    with mp.Manager() as manager:
        shared = before = manager.list([1])
        shared += [2]
        shared *= 2
        see.true(isinstance(shared, mp.managers.BaseProxy), "it is a proxy", shared)
        see.equal((str(shared), str(before)), ("[1, 2, 1, 2]",) * 2, "the representation, by the new name and the old")
        told = posted_by_a_child(mp, see, post_text, shared)
        see.equal(told, "[1, 2, 1, 2]", "the representation in a child")


@chapter.clause("manager.list.later-methods", source=LIST, level=UNSPECIFIED, methods=ANY_METHOD)
def less_usual_methods_of_a_list(mp: Any, see: See) -> None:
    """Whether clear() and copy() of a list are there is left open: a proxy need not have every method."""
    with mp.Manager() as manager:
        see.records(copy=outcome(lambda: manager.list([1]).copy()), clear=hasattr(manager.list(), "clear"))


@chapter.clause("manager.list.changed-elsewhere", passage=(f"{LIST}/3", "multiprocessing.managers.SyncManager/4,5"))
def a_child_stores_into_a_list(mp: Any, see: See) -> None:
    """What a child stores into the items of a shared list is there for the parent."""
    with mp.Manager() as manager:
        shared = manager.list([1, 2, 3])
        run_in_a_child(mp, see, multiply_items, shared, 10)
        see.equal(shared[:], [10, 20, 30], "the items")


# dict

DICTS: dict[str, tuple[tuple[Any, ...], dict[str, Any]]] = {
    "nothing": ((), {}),
    "mapping": (({"a": 1, 2: None},), {}),
    "sequence": (([("a", 1), (2, None)],), {}),
    "tuple": (((("a", 1),),), {}),
    "tuple-key": (({(1, "a"): [2]},), {}),
}


@chapter.clause("manager.dict.made", passage=f"{DICT}/4,1-3", methods=ANY_METHOD, cases=DICTS)
def a_dict_of_a_mapping_or_a_sequence(mp: Any, see: See, case: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    """dict() makes an empty dict, dict(mapping) one of its items, dict(sequence) one of the pairs in the sequence."""
    arguments, names = case
    with mp.Manager() as manager:
        see.equal(manager.dict(*arguments, **names)._getvalue(), dict(*arguments, **names), "a copy of the referent")


@chapter.clause("manager.dict.made.names", source=DICT, level=UNSPECIFIED, methods=ANY_METHOD)
def a_dict_of_keyword_arguments(mp: Any, see: See) -> None:
    """Whether dict() of a manager takes keyword arguments as items is left open."""
    with mp.Manager() as manager:
        see.records(outcome=outcome(lambda: manager.dict({1: 2}, a=3)._getvalue()))


DICT_OPERATIONS: dict[str, Operation] = {
    "item": lambda a: a["one"],
    "key-error": lambda a: a["not there"],
    "store": lambda a: store(a, "three", 3),
    "replace": lambda a: store(a, "one", "new"),
    "unhashable": lambda a: result_of(lambda b: b[[]], a)[0],
}
"""What the page shows of dicts: items by their keys."""


@chapter.clause(
    "manager.dict.operations",
    passage=(USED_LIKE_THE_REFERENT, f"{DICT}/4"),
    methods=ANY_METHOD,
    cases=DICT_OPERATIONS,
)
def it_is_used_like_a_dict(mp: Any, see: See, operation: Operation) -> None:
    """A proxy of a dict does what a dict does: its items are read by their keys, stored and replaced."""
    with mp.Manager() as manager:
        does_the_same(see, operation, manager.dict({"one": 1, 2: "two"}), {"one": 1, 2: "two"})


@chapter.clause(
    "manager.dict.iterated-elsewhere", passage=(USED_LIKE_THE_REFERENT, "proxy-objects/8", f"{DICT}/4"), level=SHOULD
)
def a_child_iterates_over_a_dict(mp: Any, see: See) -> None:
    """A child iterates over a shared dict that it was given, as over a dict of its own."""
    with mp.Manager() as manager:
        told = posted_by_a_child(mp, see, post_keys, manager.dict({"b": 1, "a": 2}))
        see.equal(told, ["a", "b"], "the keys that the child has come across")


DICT_METHODS: dict[str, Operation] = {
    "delete": lambda a: remove(a, "one"),
    "delete-error": lambda a: remove(a, "not there"),
    "len": lambda a: len(a),
    "in": lambda a: ("one" in a, 7 in a),
    "iterate": lambda a: list(a),
    "get": lambda a: (a.get("one"), a.get("not there"), a.get("not there", 7)),
    "keys": lambda a: sorted(a.keys(), key=str),
    "values": lambda a: sorted(a.values(), key=str),
    "items": lambda a: sorted(a.items(), key=str),
    "update": lambda a: a.update({"one": 0, "three": 3}),
    "update-names": lambda a: a.update(one=0, three=3),
    "pop": lambda a: (a.pop("one"), a.pop("not there", 7)),
    "pop-error": lambda a: a.pop("not there"),
    "popitem": lambda a: a.popitem(),
    "setdefault": lambda a: (a.setdefault("one", 9), a.setdefault("three", 3)),
    "copy": lambda a: a.copy(),
    "clear": lambda a: a.clear(),
}


@chapter.clause(
    "manager.dict.methods",
    passage=(USED_LIKE_THE_REFERENT, f"{DICT}/4"),
    level=SHOULD,
    methods=ANY_METHOD,
    cases=DICT_METHODS,
)
def it_has_the_methods_of_a_dict(mp: Any, see: See, operation: Operation) -> None:
    """The methods of a dict are there, with their arguments and exceptions, deletion, length, membership, iteration."""
    with mp.Manager() as manager:
        does_the_same(see, operation, manager.dict({"one": 1, 2: "two"}), {"one": 1, 2: "two"})


@chapter.clause("manager.dict.views", source=DICT, level=UNSPECIFIED, methods=ANY_METHOD)
def what_keys_are(mp: Any, see: See) -> None:
    """Whether keys(), values() and items() give lists or something else to iterate over is left open."""
    with mp.Manager() as manager:
        shared = manager.dict({1: 2})
        see.records(types=[type(shared.keys()).__name__, type(shared.values()).__name__, type(shared.items()).__name__])


@chapter.clause("manager.dict.operators", source=DICT, level=UNSPECIFIED, methods=ANY_METHOD)
def operators_of_a_dict(mp: Any, see: See) -> None:
    """Whether a proxy of a dict has the operators | and |= is left open."""
    with mp.Manager() as manager:
        shared = manager.dict({1: 2})
        see.records(union=outcome(lambda: shared | {3: 4}), there=hasattr(shared, "__ior__"))
