"""What a client of a manager does, as steps of which each is told; run by `manager_peer.py`, which says how.

peer is that program: it has the classes that both ends know.
"""

from __future__ import annotations

import gc
import operator
import queue
import threading
from typing import Any

LONG = 60.0


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


def go(tour: Any, peer: Any, manager: Any, key: bytes) -> None:
    """Make all steps of a tour, the connection first."""
    steps = Steps(peer, manager, key)

    def connect(peer: Any, m: Any) -> None:
        m.connect()

    steps(connect)
    tour(steps)


def refused(steps: Steps) -> None:
    """Connect, and no more."""


def everything(steps: Steps) -> None:
    """Each type and each way in which a call can end."""
    for step in (
        lists, dicts, iteration_over_dicts, namespaces, values_and_arrays, locks, rlocks, semaphores, events,
        conditions, conditions_with_a_lock, conditions_with_an_rlock, barriers, queues, texts, exceptions, exceptions_that_do_not_survive, not_exposed,
        unserializable_results, unknown_typeids, public_methods, listed_methods, arguments, proxies_in_arguments,
        method_to_typeid, method_to_typeid_three_deep, generated_proxies_nested,
        method_to_typeid_of_nested_proxies, shared_objects, nested_three_deep,
        threads, large_messages,
    ):  # fmt: skip
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
    for step in (
        lists_in_xml, dicts_in_xml, exceptions_in_xml, queues_in_xml, trees_in_xml,
    ):  # fmt: skip
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


# The steps.


def lists(peer: Any, m: Any) -> None:
    """A list."""
    one = m.list([3, 1, 2])
    one.append(5)
    one.extend([4, 4])
    one.insert(0, 9)
    peer.equal((len(one), one.count(4), one.index(5), one.pop(), one.pop(0)), (7, 2, 4, 4, 9))
    one.sort()
    peer.equal(one[:], [1, 2, 3, 4, 5])
    one.reverse()
    one.remove(3)
    one[0] = 50
    one[1:2] = [40, 41]
    del one[3]
    peer.equal((one[:], one[-1], one[1:], 41 in one), ([50, 40, 41, 1], 1, [40, 41, 1], True))
    peer.equal((one + [7], one * 2), ([50, 40, 41, 1, 7], [50, 40, 41, 1] * 2))
    same = one
    one += [6]
    one *= 2
    peer.equal((one is same, list(one)), (True, [50, 40, 41, 1, 6] * 2))
    peer.equal(one._getvalue(), [50, 40, 41, 1, 6] * 2)
    peer.equal(m.list()[:], [])


def dicts(peer: Any, m: Any) -> None:
    """A dictionary."""
    one = m.dict({"a": 1}, b=2)
    one["c"] = None
    peer.equal((one["a"], "b" in one, one.get("z", 5), one.setdefault("d", 4), len(one)), (1, True, 5, 4, 4))
    one.update({"e": 5}, f=6)
    del one["c"]
    peer.equal((sorted(one.keys()), sorted(one.values())), (["a", "b", "d", "e", "f"], [1, 2, 4, 5, 6]))
    peer.equal(sorted(one.items())[0], ("a", 1))
    peer.equal((one.pop("f"), one.pop("f", "none"), one.popitem()), (6, "none", ("e", 5)))
    peer.equal(one.copy(), {"a": 1, "b": 2, "d": 4})
    peer.equal(m.dict([("k", (1, 2))]).copy(), {"k": (1, 2)})
    one.clear()
    peer.equal(len(one), 0)


def iteration_over_dicts(peer: Any, m: Any) -> None:
    """A dictionary, key by key."""
    one = m.dict(zip("abcde", range(5)))
    peer.equal(list(one), list("abcde"))
    iterator = iter(one)
    peer.equal((next(iterator), next(iterator)), ("a", "b"))
    one["f"] = 5
    with peer.raises(RuntimeError):
        next(iterator)


def namespaces(peer: Any, m: Any) -> None:
    """A namespace."""
    one = m.Namespace(x=1)
    one.y = ["hello"]
    one._z = 12.3
    peer.equal((one.x, one.y, one._z), (1, ["hello"], 12.3))
    peer.equal(str(one), "Namespace(x=1, y=['hello'])")
    del one.x
    with peer.raises(AttributeError):
        one.x  # noqa: B018


def values_and_arrays(peer: Any, m: Any) -> None:
    """A value and an array."""
    value = m.Value("i", 5)
    value.value += 2
    peer.equal(value.value, 7)
    array = m.Array("d", [1.5, 2.5, 3.5])
    array[1] = 9.5
    peer.equal((len(array), array[0], array[1], array[1:]), (3, 1.5, 9.5, type(array[1:])("d", [9.5, 3.5])))


def _elsewhere(call: Any, *args: Any) -> Any:
    """What a call gives in another thread: there is another owner of locks."""
    results: list[Any] = []

    def act() -> None:
        try:
            results.append(call(*args))
        except BaseException as error:
            results.append(error)

    thread = threading.Thread(target=act)
    thread.start()
    thread.join(LONG)
    return results[0]


def locks(peer: Any, m: Any) -> None:
    """A lock."""
    one = m.Lock()
    peer.equal((one.acquire(), one.acquire(False), _elsewhere(one.acquire, True, 0.01)), (True, False, False))
    one.release()
    with one:
        peer.equal(_elsewhere(one.acquire, False), False)
    peer.equal(_elsewhere(one.acquire), True)
    one.release()
    with peer.raises(RuntimeError):
        one.release()


def rlocks(peer: Any, m: Any) -> None:
    """A lock with an owner."""
    one = m.RLock()
    with one, one:
        peer.equal(_elsewhere(one.acquire, False), False)
        peer.equal(type(_elsewhere(one.release)), RuntimeError)
    peer.equal(_elsewhere(one.acquire, False), True)


def semaphores(peer: Any, m: Any) -> None:
    """Semaphores."""
    one = m.Semaphore(2)
    peer.equal((one.acquire(), one.acquire(), one.acquire(False)), (True, True, False))
    for _ in range(3):
        one.release()
    bounded = m.BoundedSemaphore(1)
    with bounded:
        peer.equal(bounded.acquire(False), False)
    with peer.raises(ValueError):
        bounded.release()


def events(peer: Any, m: Any) -> None:
    """An event."""
    one = m.Event()
    peer.equal((one.is_set(), one.wait(0.01)), (False, False))
    setting = threading.Thread(target=one.set)
    setting.start()
    peer.equal(one.wait(LONG), True)
    setting.join()
    one.clear()
    peer.equal(one.is_set(), False)


def conditions(peer: Any, m: Any) -> None:
    """A condition."""
    _condition(peer, m, m.Condition())


def conditions_with_a_lock(peer: Any, m: Any) -> None:
    """A condition whose lock is the referent of a proxy."""
    lock = m.Lock()
    one = m.Condition(lock)
    _condition(peer, m, one)
    with one:
        peer.equal(_elsewhere(lock.acquire, False), False)
    with lock:
        peer.equal(_elsewhere(one.acquire, False), False)


def conditions_with_an_rlock(peer: Any, m: Any) -> None:
    """A condition whose lock is the referent of a proxy, and has an owner."""
    _condition(peer, m, m.Condition(m.RLock()))


def _condition(peer: Any, m: Any, one: Any) -> None:
    state = m.list()

    def act() -> None:
        with one:
            state.append("changed")
            one.notify_all()

    acting = threading.Thread(target=act, daemon=True)
    with one:
        peer.equal(one.wait(0.01), False)
        acting.start()
        peer.equal(one.wait_for(lambda: len(state) == 1, LONG), True)
    acting.join(LONG)


def barriers(peer: Any, m: Any) -> None:
    """A barrier."""
    one = m.Barrier(2)
    peer.equal((one.parties, one.n_waiting, one.broken), (2, 0, False))
    others: list[int] = []
    waiting = threading.Thread(target=lambda: others.append(one.wait(LONG)))
    waiting.start()
    others.append(one.wait(LONG))
    waiting.join(LONG)
    peer.equal(sorted(others), [0, 1])
    one.abort()
    peer.equal(one.broken, True)
    with peer.raises(threading.BrokenBarrierError):
        one.wait()
    one.reset()
    peer.equal(one.broken, False)


def queues(peer: Any, m: Any) -> None:
    """A queue."""
    one = m.Queue(2)
    peer.equal((one.empty(), one.full(), one.qsize()), (True, False, 0))
    one.put({"a": 1})
    one.put(None, timeout=LONG)
    with peer.raises(queue.Full):
        one.put(3, False)
    peer.equal((one.get(), one.get_nowait()), ({"a": 1}, None))
    with peer.raises(queue.Empty):
        one.get(timeout=0.01)
    one.task_done()
    one.task_done()
    one.join()


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
        for _ in range(10):
            shared.append(number)
            with lock:
                total.value += 1

    acting = [threading.Thread(target=act, args=(number,)) for number in range(4)]
    for one in acting:
        one.start()
    for one in acting:
        one.join(LONG)
    peer.equal((total.value, sorted(shared)), (40, sorted(list(range(4)) * 10)))


def large_messages(peer: Any, m: Any) -> None:
    """Arguments and results of some megabytes."""
    one = m.list()
    one.append(b"x" * 3000000)
    one.append("\u00e9" * 100000)
    peer.equal((len(one[0]), one[1]), (3000000, "\u00e9" * 100000))


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
