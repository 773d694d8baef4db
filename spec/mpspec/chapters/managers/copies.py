"""_getvalue(): copies of the referent."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import chapter, run_in_a_child, workshop
from mpspec.chapters.managers.shared_objects import Bench
from mpspec.chapters.managers.targets import fill
from mpspec.clause import ANY_METHOD, SHOULD
from mpspec.observation.see import NotKept, See

GET_VALUE = "multiprocessing.managers.BaseProxy._getvalue"


@chapter.clause("proxy.get-value.copy", passage=f"{GET_VALUE}/2,1")
def it_is_a_copy_of_the_referent(mp: Any, see: See) -> None:
    """_getvalue() returns a copy of the referent: it has its state at the time, and changes of it are not shared."""
    with mp.Manager() as manager:
        sequence, mapping = manager.list([1, [2]]), manager.dict({"a": 1})
        run_in_a_child(mp, see, fill, mapping, sequence)
        items = sequence._getvalue()
        see.equal((items, mapping._getvalue()), (["last", [2], 1], {"a": 1, "one": 1, 2: "two"}), "the copies")
        items.append("not shared")
        items[1].append("not shared")
        sequence.append("new")
        see.equal(
            (len(items), len(sequence)), (4, 4), "the lengths of the copy and of the referent, after a change of each"
        )
        see.equal(sequence._getvalue(), ["last", [2], 1, "new"], "another copy")


@chapter.clause("proxy.get-value.own-class", passage=f"{GET_VALUE}/2")
def of_an_object_of_the_user(mp: Any, see: See) -> None:
    """_getvalue() of an object of the user's class returns an object of that class in the same state."""
    with workshop() as manager:
        bench = manager.Bench("saw")
        bench.add_tool("file")
        copy = bench._getvalue()
        see.true(type(copy) is Bench, "it is of the class of the referent", type(copy))
        see.equal(copy.tools, ["saw", "file"], "its state")


@chapter.clause("proxy.get-value.namespace", passage=f"{GET_VALUE}/2", methods=ANY_METHOD)
def of_a_namespace(mp: Any, see: See) -> None:
    """_getvalue() of a shared namespace returns a plain Namespace with its attributes."""
    with mp.Manager() as manager:
        space = manager.Namespace()
        space.x = [1]
        copy = space._getvalue()
        copy.x.append("not shared")
        see.true(type(copy) is mp.managers.Namespace, "it is a Namespace", type(copy))
        see.equal((copy.x, space.x), ([1, "not shared"], [1]), "the attribute of the copy and of the referent")


@chapter.clause("proxy.get-value.unpicklable", passage=f"{GET_VALUE}/3")
def a_referent_that_cannot_be_pickled(mp: Any, see: See) -> None:
    """_getvalue() of a referent that cannot be pickled raises an exception; its methods go on working."""
    with workshop() as manager:
        rooted = manager.Rooted()
        see.equal(rooted.up(), 1, "what a method returns")
        with see.raises(Exception):
            see.comes_back(rooted._getvalue)
        see.equal(rooted.up(), 2, "what the method returns afterwards")


@chapter.clause("proxy.get-value.lock", passage=f"{GET_VALUE}/3", methods=ANY_METHOD)
def a_lock_has_no_copy(mp: Any, see: See) -> None:
    """_getvalue() of a shared lock, which cannot be pickled, raises an exception; the lock goes on working."""
    with mp.Manager() as manager:
        lock = manager.Lock()
        try:
            copy = see.comes_back(lock._getvalue)
        except NotKept:
            raise
        except Exception:
            pass
        else:  # a pickler may know of locks
            whole = hasattr(copy, "acquire") and type(copy) is not type(lock)
            see.true(whole, "an exception is raised, or the copy is a lock", repr(copy))
        see.equal(lock.acquire(False), True, "acquire(False) afterwards")


@chapter.clause(
    "proxy.get-value.nested",
    passage=(f"{GET_VALUE}/2", "proxy-objects/9"),
    level=SHOULD,
    methods=ANY_METHOD,
    since="3.6",
)
def a_copy_contains_proxies(mp: Any, see: See) -> None:
    """A copy of a container has proxies where the referent has them: what is done through them is shared."""
    with mp.Manager() as manager:
        inner = manager.list()
        copy = manager.dict({"inner": inner})._getvalue()
        copy["inner"].append("hello")
        see.equal(str(inner), "['hello']", "the inner list")
