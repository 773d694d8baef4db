"""Proxies: the sessions that show how a proxy is used, nested, changed and compared."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.examples.chapter import chapter
from mpspec.chapters.examples.sessions import session
from mpspec.clause import NO_METHOD
from mpspec.observation.see import See

PROXY = "proxy-objects"
SPAWN = ("spawn",)
MANAGER = ["import multiprocessing", 'manager = multiprocessing.get_context("spawn").Manager()']


def shown(mp: Any, see: See, lines: list[str]) -> list[str]:
    """What each of the lines prints in a session that has a manager; its own lines print nothing."""
    told = session(mp, see, [*MANAGER, *lines])
    see.equal(told[: len(MANAGER)], [""] * len(MANAGER), "what is printed when the manager is made")
    return told[len(MANAGER) :]


@chapter.clause(
    "examples.proxies.namespace", passage="multiprocessing.managers.Namespace/6,5,4", methods=NO_METHOD, uses=SPAWN
)
def a_session_uses_a_namespace(mp: Any, see: See) -> None:
    """A namespace shows the attributes that a session has set, but for that with an underscore, which the proxy has."""
    made = ["shared = manager.Namespace()", "shared.name = 'box'", "shared.size = 4", "shared._own = 0.5"]
    told = shown(mp, see, [*made, "print(shared)", "shared._own"])
    see.equal(told, ["", "", "", "", "Namespace(name='box', size=4)\n", "0.5\n"], "what is printed")


@chapter.clause("examples.proxies.list", passage=f"{PROXY}/6,5,7", methods=NO_METHOD, uses=SPAWN)
def a_session_uses_a_list_by_its_proxy(mp: Any, see: See) -> None:
    """print() shows the list to which a proxy refers, repr() the proxy; an index and a slice give items of the list."""
    made = "cubes = manager.list([number**3 for number in range(6)])"
    told = shown(mp, see, [made, "print(cubes)", "print(repr(cubes))", "cubes[3]", "cubes[1:4]"])
    see.true(told[2].strip() not in ("", told[1].strip()), "repr() shows the proxy", told[2])
    see.equal(told[:2] + told[3:], ["", "[0, 1, 8, 27, 64, 125]\n", "27\n", "[1, 8, 27]\n"], "what else is printed")


@chapter.clause("examples.proxies.in-a-list", passage=f"{PROXY}/11,8-10", methods=NO_METHOD, uses=SPAWN, since="3.6")
def a_session_puts_a_list_into_another(mp: Any, see: See) -> None:
    """A shared list that is appended to another one is shown there as a proxy, and shows what comes into it later."""
    made = ["outer = manager.list()", "inner = manager.list()", "outer.append(inner)"]
    told = shown(mp, see, [*made, "print(outer, inner)", "inner.append('later')", "print(outer[0], inner)"])
    outer, _, inner = told.pop(3).strip().rpartition(" ")
    see.true(outer[:1] + outer[-1:] == "[]" and outer != "[[]]", "a proxy is shown in the outer list", outer)
    see.equal(
        (inner, told), ("[]", ["", "", "", "", "['later'] ['later']\n"]), "the inner list and what else is printed"
    )


@chapter.clause("examples.proxies.nested", passage=f"{PROXY}/13,12", methods=NO_METHOD, uses=SPAWN, since="3.6")
def a_session_changes_dicts_in_a_list(mp: Any, see: See) -> None:
    """What is stored in shared dicts of a shared list, by a proxy with a name or by one without, is found there."""
    made = ["pair = manager.list([manager.dict() for _ in range(2)])", "first = pair[0]"]
    stored = ["first['x'] = 3", "first['y'] = 4", "pair[1]['u'] = 5", "pair[1]['v'] = 12"]
    told = shown(mp, see, [*made, *stored, "print(pair[0])", "print(pair[1])"])
    see.equal(told, [*[""] * 6, "{'x': 3, 'y': 4}\n", "{'u': 5, 'v': 12}\n"], "what is printed")


@chapter.clause("examples.proxies.stored-anew", passage=f"{PROXY}/16,14-15", methods=NO_METHOD, uses=SPAWN)
def a_session_stores_a_changed_dict_anew(mp: Any, see: See) -> None:
    """A plain dict from a shared list can be changed unnoticed by the list, until it is stored there anew."""
    made = ["shared = manager.list()", "shared.append({})", "own = shared[0]", "own['x'] = 3", "own['y'] = 4"]
    told = shown(mp, see, [*made, "print(shared)", "shared[0] = own", "print(shared)"])
    see.equal(told, [*[""] * 5, "[{}]\n", "", "[{'x': 3, 'y': 4}]\n"], "what is printed")


@chapter.clause("examples.proxies.compared", passage=f"{PROXY}/20,18,21", methods=NO_METHOD, uses=SPAWN)
def a_session_compares_a_proxy(mp: Any, see: See) -> None:
    """A proxy is not equal to a list of the same items; a copy of its referent is."""
    told = shown(mp, see, ["manager.list([4, 5]) == [4, 5]", "manager.list([4, 5])[:] == [4, 5]"])
    see.equal(told, ["False\n", "True\n"], "what is printed")


@chapter.clause(
    "examples.proxies.call-method",
    passage="multiprocessing.managers.BaseProxy._callmethod/13,2-7,9",
    methods=NO_METHOD,
    uses=SPAWN,
)
def a_session_calls_methods_by_their_names(mp: Any, see: See) -> None:
    """A method that is called by its name gives what the list gives, and ends in the error that the list raises."""
    calls = [f"word._callmethod({given})" for given in ("'__len__'", "'__getitem__', (slice(1, 3),)")]
    told = shown(mp, see, ["word = manager.list('proxy')", *calls, "word._callmethod('__getitem__', (7,))"])
    traceback = told.pop().splitlines()
    see.equal(told, ["", "5\n", "['r', 'o']\n"], "what is printed")
    see.true("Traceback (most recent call last):" in traceback, "a traceback is printed", traceback)
    see.equal(traceback[-1], "IndexError: list index out of range", "what it ends with")
