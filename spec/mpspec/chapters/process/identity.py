"""The name and the authentication key of a process."""

from __future__ import annotations

import re
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.targets import (
    MISUSE,
    hand_the_key_down,
    nothing,
    post_name_and_descend,
    post_names_below,
    post_own,
)
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

# name


@chapter.clause("process.name.given", source="multiprocessing.Process.name", methods=NO_METHOD)
def the_constructor_sets_the_name(mp: Any, see: See) -> None:
    """The name given to the constructor is the name of the process."""
    see.equal(mp.Process(name="a name: with / anything").name, "a name: with / anything", "the name")


@chapter.clause("process.name.set", source="multiprocessing.Process.name")
def the_name_can_be_set(mp: Any, see: See) -> None:
    """A name that is set before the start is the name that the child has."""
    box = see.mailbox()
    child = mp.Process(target=post_own, args=(mp, box, "name"), name="first")
    child.name = "second"
    child.start()
    see.exits(child, 0)
    see.equal((child.name, box.take()), ("second", ["second"]), "the name here and in the child")


@chapter.clause("process.name.same", source="multiprocessing.Process.name")
def processes_may_share_a_name(mp: Any, see: See) -> None:
    """Several processes may run under one name."""
    box = see.mailbox()
    twins = [mp.Process(target=post_own, args=(mp, box, "name"), name="twin") for _ in range(2)]
    for twin in twins:
        twin.start()
    for twin in twins:
        see.exits(twin, 0)
    see.equal(box.take_all(2), [["twin"], ["twin"]], "the names")


@chapter.clause("process.name.default", source="multiprocessing.Process.name", methods=NO_METHOD)
def the_default_name_counts_the_children(mp: Any, see: See) -> None:
    """The n-th child of the main process has the name 'Process-n' where none is given."""
    names = [mp.Process().name, mp.Process(name=None).name, mp.Process(daemon=True).name]
    see.equal(names, ["Process-1", "Process-2", "Process-3"], "the names")


@chapter.clause("process.name.counts-all", source="multiprocessing.Process.name", methods=ANY_METHOD)
def named_and_daemonic_children_count(mp: Any, see: See) -> None:
    """A started child counts in the names of later ones, whether it has a name of its own or is a daemon."""
    for child in (mp.Process(target=nothing, name="own"), mp.Process(target=nothing, daemon=True, name="daemon")):
        child.start()
        see.exits(child, 0)
    see.equal(mp.Process().name, "Process-3", "the name of the third child")


@chapter.clause(
    "process.name.counts-unstarted", source="multiprocessing.Process.name", level=UNSPECIFIED, methods=NO_METHOD
)
def processes_never_started_in_the_count(mp: Any, see: See) -> None:
    """Whether a process that is named otherwise and never started counts in the names of later ones is left open."""
    mp.Process(name="never started")
    see.records(name_of_the_next=mp.Process().name)


@chapter.clause("process.name.subclass", source="multiprocessing.Process.name", methods=NO_METHOD)
def the_default_name_of_a_subclass(mp: Any, see: See) -> None:
    """The default name of a process of a subclass begins with 'Process-' as well."""
    see.equal(type("Worker", (mp.Process,), {})().name, "Process-1", "the name")


@chapter.clause(
    "process.name.context",
    source="multiprocessing.Process.name",
    methods=NO_METHOD,
    cases={method: method for method in ("fork", "spawn", "forkserver")},
)
def the_default_name_in_a_context(mp: Any, see: See, method: str) -> None:
    """The default name of a process made from a context begins with 'Process-' as well."""
    see.equal(mp.get_context(method).Process().name, "Process-1", "the name")


@chapter.clause("process.name.descendants", source="multiprocessing.Process.name")
def the_default_name_shows_the_descent(mp: Any, see: See) -> None:
    """A default name lists the numbers of all generations: 'Process-1', 'Process-1:1', 'Process-1:1:1'."""
    box = see.mailbox()
    child = mp.Process(target=post_name_and_descend, args=(mp, box, 2))
    child.start()
    see.exits(child, 0)
    see.equal(box.take_all(3), ["Process-1", "Process-1:1", "Process-1:1:1"], "the names")


@chapter.clause("process.name.own-count", source="multiprocessing.Process.name")
def each_child_counts_its_own_children(mp: Any, see: See) -> None:
    """Each child counts its children from 1, however many its parent has, and whatever its own name is."""
    box = see.mailbox()
    mp.Process()
    child = mp.Process(target=post_names_below, args=(mp, box), name="renamed")
    mp.Process()
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), ["Process-2:1", "Process-2:2"], "the names of the grandchildren")


@chapter.clause("process.name.pattern", source="multiprocessing.Process.name", methods=NO_METHOD)
def the_default_name_is_a_string(mp: Any, see: See) -> None:
    """The default name is a string of the form 'Process-N1:N2:…:Nk'."""
    name = mp.Process().name
    see.true(type(name) is str and re.fullmatch(r"Process-\d+(:\d+)*", name), "a string of that form", name)


@chapter.clause(
    "process.name.other-type",
    source="multiprocessing.Process.name",
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"number": 5, "bytes": b"name", "none": None},
)
def a_name_that_is_no_string(mp: Any, see: See, name: Any) -> None:
    """Whether a name that is not a string is refused when it is set is left open."""
    process = mp.Process()
    try:
        process.name = name
    except MISUSE as error:
        see.records(refused=type(error).__name__)
    else:
        see.records(name=process.name)


# authkey


@chapter.clause("process.authkey.bytes", source="multiprocessing.Process.authkey", methods=NO_METHOD)
def the_key_is_a_byte_string(mp: Any, see: See) -> None:
    """The key of the main process is a byte string that is not empty."""
    key = mp.current_process().authkey
    see.true(isinstance(key, bytes) and len(key) > 0, "a byte string with content", type(key).__name__)


@chapter.clause("process.authkey.inherited", source="multiprocessing.Process.authkey", methods=NO_METHOD)
def a_new_process_has_the_key_of_its_parent(mp: Any, see: See) -> None:
    """A new process object has the key of the process that creates it."""
    mp.current_process().authkey = b"set for the main process"
    see.equal(mp.Process().authkey, b"set for the main process", "the key")


@chapter.clause("process.authkey.at-creation", source="multiprocessing.Process.authkey", methods=NO_METHOD)
def the_key_is_inherited_at_creation(mp: Any, see: See) -> None:
    """A process object keeps the key that its parent had when it was created."""
    mp.current_process().authkey = b"then"
    process = mp.Process()
    mp.current_process().authkey = b"now"
    see.equal(process.authkey, b"then", "the key")


@chapter.clause("process.authkey.child", source="multiprocessing.Process.authkey")
def the_child_has_the_key(mp: Any, see: See) -> None:
    """The current process of the child has the key of the parent."""
    box = see.mailbox()
    child = mp.Process(target=post_own, args=(mp, box, "authkey"))
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [bytes(mp.current_process().authkey)], "the key in the child")


@chapter.clause("process.authkey.set", source="multiprocessing.Process.authkey")
def the_key_can_be_set(mp: Any, see: See) -> None:
    """A byte string that is set as the key of a process is the child's key, and nobody else's."""
    box = see.mailbox()
    before = bytes(mp.current_process().authkey)
    child = mp.Process(target=post_own, args=(mp, box, "authkey"))
    child.authkey = b"for this child"
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [b"for this child"], "the key in the child")
    see.equal((mp.current_process().authkey, mp.Process().authkey), (before, before), "the keys of the others")


@chapter.clause("process.authkey.descendants", source="multiprocessing.Process.authkey")
def the_key_goes_down_the_generations(mp: Any, see: See) -> None:
    """A key that was set for a child is inherited by the child's own children."""
    box = see.mailbox()
    child = mp.Process(target=hand_the_key_down, args=(mp, box))
    child.authkey = b"of the family"
    child.start()
    see.exits(child, 0)
    see.equal(box.take(), [b"of the family"], "the key of the grandchild")


@chapter.clause("process.authkey.equal", source="multiprocessing.Process.authkey", methods=NO_METHOD)
def the_key_that_is_set_is_the_key_that_is_read(mp: Any, see: See) -> None:
    """A key of any bytes and of any length reads as it was set, and is a byte string."""
    process = mp.Process()
    for key in (b"", b"\0", bytes(range(256)), b"k" * 10_000):
        process.authkey = key
        see.true(isinstance(process.authkey, bytes), "the key is a byte string")
        see.equal(process.authkey, key, "the key")


@chapter.clause("process.authkey.text", source="multiprocessing.Process.authkey", level=SHOULD, methods=NO_METHOD)
def a_text_is_no_key(mp: Any, see: See) -> None:
    """A str is refused as a key, and the key stays."""
    process = mp.Process()
    process.authkey = b"stays"
    with see.raises(TypeError, ValueError, AssertionError):
        process.authkey = "text"
    see.equal(process.authkey, b"stays", "the key")


@chapter.clause(
    "process.authkey.pickle", source="multiprocessing.Process.authkey", level=UNSPECIFIED, methods=NO_METHOD
)
def pickling_a_key(mp: Any, see: See) -> None:
    """Whether a key can be pickled while no child is being started is left open."""
    import pickle

    try:
        pickle.dumps(mp.current_process().authkey)
    except Exception as error:
        see.records(refused=type(error).__name__)
    else:
        see.records(pickled=True)
