"""Plain lists and dicts within shared objects: changes of them stay where they are made, until they are assigned."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, posted_by_a_child
from mpspec.chapters.managers.targets import post_text
from mpspec.clause import ANY_METHOD
from mpspec.observation.see import See

PROXY = "proxy-objects"


@chapter.clause("proxy.plain-values.stay", passage=f"{PROXY}/14")
def changes_of_a_contained_value_are_not_propagated(mp: Any, see: See) -> None:
    """A plain list or dict that is read out of a shared container is changed here alone: the referent stays."""
    with mp.Manager() as manager:
        sequence, mapping = manager.list([{}]), manager.dict({"items": []})
        inner, items = sequence[0], mapping["items"]
        inner["a"] = 1
        items.append(1)
        see.equal((str(sequence), str(mapping)), ("[{}]", "{'items': []}"), "the referents")
        told = [posted_by_a_child(mp, see, post_text, proxy) for proxy in (sequence, mapping)]
        see.equal(told, ["[{}]", "{'items': []}"], "the referents in a child")


@chapter.clause("proxy.plain-values.stay.direct", passage=f"{PROXY}/14", methods=ANY_METHOD)
def nor_by_an_expression(mp: Any, see: See) -> None:
    """A change in one expression, as proxy[0].append(1), does not reach the referent either, nor the next reading."""
    with mp.Manager() as manager:
        sequence, space = manager.list([[]]), manager.Namespace()
        space.items = []
        sequence[0].append(1)
        space.items.append(1)
        see.equal((sequence[0], space.items), ([], []), "the plain lists, read anew")


@chapter.clause("proxy.plain-values.assigned", passage=f"{PROXY}/15")
def an_assignment_is_propagated(mp: Any, see: See) -> None:
    """A changed value that is assigned to its place in the container again is there for every process."""
    with mp.Manager() as manager:
        sequence, mapping = manager.list([{}]), manager.dict({"items": []})
        inner, items = sequence[0], mapping["items"]
        inner["a"] = 1
        items.append(1)
        sequence[0] = inner
        mapping["items"] = items
        see.equal((another(sequence)[0], another(mapping)["items"]), ({"a": 1}, [1]), "the values, by another proxy")
        told = [posted_by_a_child(mp, see, post_text, proxy) for proxy in (sequence, mapping)]
        see.equal(told, ["[{'a': 1}]", "{'items': [1]}"], "the referents in a child")


@chapter.clause("proxy.plain-values.afterwards", passage=f"{PROXY}/14,15", methods=ANY_METHOD)
def what_was_assigned_is_a_copy(mp: Any, see: See) -> None:
    """A value that was assigned or appended is changed here alone afterwards, as before."""
    with mp.Manager() as manager:
        value = ["stored"]
        sequence, mapping = manager.list(), manager.dict()
        sequence.append(value)
        mapping["key"] = value
        value.append("later")
        see.equal((sequence[0], mapping["key"]), (["stored"], ["stored"]), "the values that are read")


@chapter.clause("proxy.plain-values.each-its-own", passage=f"{PROXY}/14", methods=ANY_METHOD)
def each_reading_gives_a_copy(mp: Any, see: See) -> None:
    """What is read out of a container is a copy of its own each time."""
    with mp.Manager() as manager:
        sequence = manager.list([[1]])
        first, second = sequence[0], sequence[0]
        first.append(2)
        see.equal((first, second), ([1, 2], [1]), "two readings, the first changed since")
