"""Steps of a client's tour: each way in which a call can end, and proxies in arguments and results."""

from __future__ import annotations

import gc
import operator
import threading
from typing import Any

LONG = 60.0


def texts(peer: Any, m: Any) -> None:
    """str() is the referent's representation, repr() the proxy's."""
    one = m.list(["a", 1])
    peer.equal(str(one), "['a', 1]")
    assert "ListProxy" in repr(one), repr(one)
    assert "'list'" in repr(one), repr(one)
    assert "Tree object" in str(m.Tree("x")), str(m.Tree("x"))


def exceptions(peer: Any, m: Any) -> None:
    """Exceptions of the referent, built in and of our own."""
    with peer.raises(IndexError) as got:
        m.list()[5]
    peer.equal(got[0].args, ("list index out of range",))
    with peer.raises(KeyError) as got:
        m.dict()["none"]
    peer.equal(got[0].args, ("none",))
    tree = m.Tree()
    with peer.raises(peer.Refused) as got:
        tree._callmethod("refuse", (5,))
    peer.equal((got[0].args, got[0].code), (("not today", 5), 5))
    with peer.raises(ValueError) as got:
        tree._callmethod("chain")
    peer.equal(got[0].args, ("outer",))
    with peer.raises(TypeError):
        tree._callmethod("describe", (1, 2, 3))
    with peer.raises(TypeError, peer.managers.RemoteError):
        m.Tree(1, 2, 3, 4)


def exceptions_that_do_not_survive(peer: Any, m: Any) -> None:
    """What cannot come over is told in another way, and the next call is as any other."""
    tree = m.Tree("here")
    with peer.raises(peer.managers.RemoteError) as got:
        tree._callmethod("no_pickle")
    assert "NoPickle" in str(got[0]) or "to be pickled" in str(got[0]), got
    for name in ("no_rebuild", "rebuilds"):
        with peer.raises(Exception):
            tree._callmethod(name)
    peer.equal(tree.describe(), ("here", 0, 0))


def not_exposed(peer: Any, m: Any) -> None:
    """A method that is not exposed is refused."""
    tree = m.Tree("closed")
    for name in ("plain", "_hidden", "__class__", "__dict__", "__init__", "__reduce__", "name", "children", "none"):
        with peer.raises(peer.managers.RemoteError, AttributeError):
            tree._callmethod(name)
    for name in ("plain", "child"):
        with peer.raises(peer.managers.RemoteError, AttributeError):
            m.Narrow()._callmethod(name, ("a",))
    peer.equal(tree.describe(), ("closed", 0, 0))


def unserializable_results(peer: Any, m: Any) -> None:
    """What cannot be pickled is told as that."""
    tree = m.Tree("goes on")
    with peer.raises(peer.managers.RemoteError) as got:
        tree._callmethod("function")
    assert "lambda" in str(got[0]), got
    peer.equal(tree.describe(), ("goes on", 0, 0))


def unknown_typeids(peer: Any, m: Any) -> None:
    """A typeid of which the server does not know."""
    type(m).register("unknown_there")
    with peer.raises(Exception) as got:
        m.unknown_there()
    assert "unknown_there" in str(got[0]), got


def public_methods(peer: Any, m: Any) -> None:
    """Where no list is given, a generated proxy has the public methods."""
    one = m.Open("open")
    peer.equal((one.plain(), one.describe(loud=True)), ("public", ("OPEN", 0, 0)))
    assert not hasattr(one, "_hidden")
    with peer.raises(peer.managers.RemoteError, AttributeError):
        one._callmethod("_hidden")


def listed_methods(peer: Any, m: Any) -> None:
    """Where a list is given, a generated proxy has those."""
    one = m.Narrow("narrow")
    peer.equal((one.describe(), one._hidden()), (("narrow", 0, 0), "hidden"))
    assert not hasattr(one, "plain")


def arguments(peer: Any, m: Any) -> None:
    """Positional and named arguments, for the referent and its methods."""
    peer.equal(m.Tree("a", depth=3).describe(loud=True), ("A", 3, 0))
    peer.equal(m.Tree(name="b").describe(), ("b", 0, 0))
    peer.equal(operator.methodcaller("_callmethod", "describe", (), {"loud": True})(m.Tree("c")), ("C", 0, 0))


def proxies_in_arguments(peer: Any, m: Any) -> None:
    """A proxy is an argument, which the server uses."""
    peer.equal(m.Tree()._callmethod("parent_of", (m.Tree("given"),)), ("given", 0, 0))
    peer.equal(m.Open().parent_of(m.Twig("twig")), ("twig", 0, 0))


def method_to_typeid(peer: Any, m: Any) -> None:
    """A method returns a proxy."""
    tree = m.Tree()
    first, second = tree.child("first"), tree.child("second")
    assert isinstance(first, peer.TreeProxy), first
    peer.equal((first.describe(), second.describe(), tree.describe()[2]), (("first", 1, 0), ("second", 1, 0), 2))
    walk = tree.walk()
    assert isinstance(walk, peer.WalkProxy), walk
    peer.equal(list(walk), ["first", "second"])
    with peer.raises(StopIteration):
        next(walk)


def method_to_typeid_three_deep(peer: Any, m: Any) -> None:
    """Proxies by methods of proxies by methods."""
    tree = m.Tree()
    leaf = tree.child("a").child("b").child("c")
    del tree
    gc.collect()
    peer.equal(leaf.describe(), ("c", 3, 0))
    peer.equal(m.Twig().child("a").child("b").child("c").describe(), ("c", 3, 0))


def generated_proxies_nested(peer: Any, m: Any) -> None:
    """Proxies of generated classes are contained."""
    one = m.dict()
    one["twig"] = m.Twig("twig")
    one["open"] = m.Open("open")
    one["tree"] = m.Tree("tree")
    peer.equal(one["twig"].describe(), ("twig", 0, 0))
    peer.equal(one["open"].plain(), "public")
    peer.equal(one["tree"].describe(), ("tree", 0, 0))


def method_to_typeid_of_nested_proxies(peer: Any, m: Any) -> None:
    """A proxy that was contained has methods that give proxies."""
    one = m.list([m.Twig("twig"), m.Tree("tree")])
    peer.equal(one[0].child("x").describe(), ("x", 1, 0))
    one[1].child("kept").child("too")
    peer.equal(one[1].describe(), ("tree", 0, 1))
    peer.equal(next(one[1].walk()), "kept")


def shared_objects(peer: Any, m: Any) -> None:
    """Two proxies of the same referent."""
    one, other = m.the_shelf(), m.the_shelf()
    one["by"] = "one"
    peer.equal(other.pop("by"), "one")
    peer.equal(m.the_tree().describe()[0], "shared")


def nested_three_deep(peer: Any, m: Any) -> None:
    """Containers in containers in containers, each changed through the outermost."""
    outer, middle, inner = m.list(), m.dict(), m.list()
    middle["inner"] = inner
    outer.append(middle)
    del middle
    inner.append(1)
    outer[0]["inner"].append(m.dict(deep=2))
    del inner
    gc.collect()
    peer.equal(outer[0]["inner"][0], 1)
    peer.equal(outer[0]["inner"][1]["deep"], 2)
    outer[0]["inner"][1]["deep"] = 3
    peer.equal(str(outer[0]["inner"][1]), "{'deep': 3}")
    namespace = m.Namespace(one=outer)
    peer.equal(namespace.one[0]["inner"][1].copy(), {"deep": 3})
    through = m.Queue()
    through.put(outer[0]["inner"])
    peer.equal(through.get()[0], 1)
    plain = [outer, {"inner": outer[0]["inner"]}]
    outer.append(plain)
    peer.equal(outer[1][1]["inner"][0], 1)
    del outer[1]


def threads(peer: Any, m: Any) -> None:
    """Several threads use the same proxies at once."""
    shared, lock, total = m.list(), m.Lock(), m.Value("i", 0)

    def act(number: int) -> None:
        for _ in range(5):
            shared.append(number)
            with lock:
                total.value += 1

    acting = [threading.Thread(target=act, args=(number,)) for number in range(4)]
    for one in acting:
        one.start()
    for one in acting:
        one.join(LONG)
    peer.equal((total.value, sorted(shared)), (20, sorted(list(range(4)) * 5)))


def large_messages(peer: Any, m: Any) -> None:
    """Arguments and results of some megabytes."""
    one = m.list()
    one.append(b"x" * 3000000)
    one.append("\u00e9" * 100000)
    peer.equal((len(one[0]), one[1]), (3000000, "\u00e9" * 100000))


EVERY = (
    texts, exceptions, exceptions_that_do_not_survive, not_exposed, unserializable_results, unknown_typeids,
    public_methods, listed_methods, arguments, proxies_in_arguments, method_to_typeid, method_to_typeid_three_deep,
    generated_proxies_nested, method_to_typeid_of_nested_proxies, shared_objects, nested_three_deep, threads,
    large_messages,
)  # fmt: skip
