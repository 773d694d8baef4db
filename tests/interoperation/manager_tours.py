"""What a client of a manager does, as steps of which each is told; run by `manager_peer.py`, which says how.

peer is that program: it has the classes that both ends know.
"""

from __future__ import annotations

import gc
from typing import Any

import manager_calls
import manager_types


class Steps:
    """Makes each step, and tells of it."""

    def __init__(self, peer: Any, manager: Any, key: bytes) -> None:
        self.peer = peer
        self.m = manager
        self.key = key

    def __call__(self, step: Any) -> None:
        try:
            step(self.peer, self.m)
            outcome = "ok"
        except BaseException as error:
            text = " ".join(f"{type(error).__name__}: {error}".split())
            outcome = text if len(text) < 600 else text[:200] + " ... " + text[-390:]
        print(f"{step.__name__}: {outcome}", flush=True)


def go(tours: Any, peer: Any, manager: Any, key: bytes) -> None:
    """Make all steps of some tours, the connection first, which a wrong key does not give."""
    steps = Steps(peer, manager, key)

    def refused(peer: Any, m: Any) -> None:
        for wrong in (b"another key", key + b"!", b""):
            with peer.raises(peer.multiprocessing.AuthenticationError):
                type(m)(m.address, wrong).connect()

    def connect(peer: Any, m: Any) -> None:
        m.connect()

    steps(refused)
    steps(connect)
    for tour in tours:
        tour(steps)


def types(steps: Steps) -> None:
    """Each type of SyncManager."""
    for step in manager_types.EVERY:
        steps(step)


def calls(steps: Steps) -> None:
    """Each way in which a call can end, proxies in arguments and results, and what becomes of them."""
    for step in manager_calls.EVERY:
        steps(step)

    def lifetime(peer: Any, m: Any) -> None:
        count = lambda: peer.objects(m.address, steps.key)  # noqa: E731
        gc.collect()
        before = count()
        outer, trees = m.list(), [m.Tree(str(number)) for number in range(5)]
        outer.append(trees[0])
        branch = trees[1].child("branch")
        peer.equal(count() - before, 7)
        del trees[0]
        gc.collect()
        peer.equal(outer[0].describe(), ("0", 0, 0))
        del outer[0]
        peer.until(lambda: count() - before == 6, "the container has given it back")
        del trees, branch
        peer.until(lambda: count() - before == 1, "proxies that are dropped")
        del outer
        peer.until(lambda: count() == before, "the container")

    steps(lifetime)


def released(steps: Steps) -> None:
    """Referents are deleted, once nobody refers to them, nor any container."""

    def referents(peer: Any, m: Any) -> None:
        probe = m.the_tree()
        gc.collect()
        peer.equal(probe.alive(), 1)
        trees = [m.Tree(str(number)) for number in range(5)]
        branch = trees[1].child("branch")
        peer.equal((probe.alive(), branch.alive()), (7, 7))
        del trees[1]
        peer.until(lambda: probe.alive() == 6, "the parent of the branch is gone, the branch is not")
        del branch, trees
        peer.until(lambda: probe.alive() == 1, "none is left")

    def nested_referents(peer: Any, m: Any) -> None:
        probe = m.the_tree()
        peer.until(lambda: probe.alive() == 1, "none is left of the step before")
        outer, twin = m.list([m.dict()]), m.Tree("in two places")
        outer[0]["tree"] = twin
        outer.append(twin)
        outer.append(m.Tree("argument")._callmethod("parent_of", (m.Tree("other argument"),)))
        del twin
        peer.until(lambda: probe.alive() == 2, "arguments are released, what is contained is not")
        del outer[1]
        peer.equal(outer[0]["tree"].describe(), ("in two places", 0, 0))
        peer.equal(probe.alive(), 2)
        outer[0]["tree"] = None
        peer.until(lambda: probe.alive() == 1, "it is in neither place any more")
        outer[0]["deeper"] = m.list([m.Tree("deep")])
        peer.equal(probe.alive(), 2)
        del outer
        peer.until(lambda: probe.alive() == 1, "the containers are gone, and what they contained")

    steps(referents)
    steps(nested_referents)


def plainly(steps: Steps) -> None:
    """What can be said in XML."""
    for step in (lists_in_xml, dicts_in_xml, exceptions_in_xml, queues_in_xml, trees_in_xml):
        steps(step)


def leave(steps: Steps) -> None:
    """Leave proxies for another client."""

    def left(peer: Any, m: Any) -> None:
        shelf = m.the_shelf()
        inner, middle = m.dict(), m.list()
        middle.append(inner)
        shelf["nested"] = m.dict()
        shelf["nested"]["middle"] = middle
        inner["deep"] = 1
        tree = m.Tree("left")
        tree.child("there")
        shelf["tree"] = tree
        shelf["twig"] = m.Twig("by itself").child("grown")
        shelf["values"] = [m.Value("i", 7), m.Namespace(x=3), m.Event()]

    steps(left)


def find(steps: Steps) -> None:
    """Use the proxies that another client has left, add to them, and say so."""

    def found(peer: Any, m: Any) -> None:
        shelf = m.the_shelf()
        nested = shelf["nested"]
        peer.equal(nested["middle"][0]["deep"], 1)
        nested["middle"][0]["deep"] = 2
        nested["middle"].append(m.list(["new"]))
        peer.equal([str(one) for one in nested["middle"]], ["{'deep': 2}", "['new']"])
        peer.equal(shelf["tree"].describe(), ("left", 0, 1))
        peer.equal(shelf["twig"].describe(), ("grown", 1, 0))
        value, namespace, event = shelf["values"]
        peer.equal((value.value, namespace.x, event.is_set()), (7, 3, False))
        value.value, namespace.x = 8, 4
        event.set()

    steps(found)


def find_again(steps: Steps) -> None:
    """Use what the finder has left of them."""

    def found_again(peer: Any, m: Any) -> None:
        nested = m.the_shelf()["nested"]
        peer.equal(nested["middle"][0]["deep"], 2)
        peer.equal(nested["middle"][1][0], "new")
        value, namespace, event = m.the_shelf()["values"]
        peer.equal((value.value, namespace.x, event.is_set()), (8, 4, True))

    steps(found_again)


def lists_in_xml(peer: Any, m: Any) -> None:
    """A list of what there is in XML."""
    one = m.list([1, 2])
    one.append("three")
    peer.equal((len(one), one[0], one[2], one.pop()), (3, 1, "three", "three"))
    peer.equal(str(one), "[1, 2]")


def dicts_in_xml(peer: Any, m: Any) -> None:
    """A dictionary of what there is in XML."""
    one = m.dict({"a": 1})
    one["b"] = 2.5
    peer.equal((one["b"], "a" in one, len(one)), (2.5, True, 2))


def exceptions_in_xml(peer: Any, m: Any) -> None:
    """Exceptions have no form of their own in XML: a failure is told all the same."""
    with peer.raises(Exception):
        m.list([])[5]


def queues_in_xml(peer: Any, m: Any) -> None:
    """A queue of what there is in XML."""
    one = m.Queue()
    one.put("an item")
    peer.equal((one.qsize(), one.get(), one.empty()), (1, "an item", True))


def trees_in_xml(peer: Any, m: Any) -> None:
    """A class of our own."""
    peer.equal(list(m.Open("open").describe()), ["open", 0, 0])
