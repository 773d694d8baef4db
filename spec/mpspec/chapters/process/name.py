"""name: what a process is called, by choice and by default."""

from __future__ import annotations

import re
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.parent_targets import post_name_and_descend, post_names_below
from mpspec.chapters.process.targets import MISUSE, nothing, post_own
from mpspec.clause import ANY_METHOD, ITS_CASE, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See

NAME = "multiprocessing.Process.name"


@chapter.clause("process.name.given", passage=(f"{NAME}/6,1,2", "multiprocessing.Process/8"), methods=NO_METHOD)
def the_constructor_sets_the_name(mp: Any, see: See) -> None:
    """The name given to the constructor is the name of the process."""
    see.equal(mp.Process(name="a name: with / anything").name, "a name: with / anything", "the name")


@chapter.clause("process.name.set", passage=(f"{NAME}/6,2", "the-process-class/2"), level=SHOULD)
def the_name_can_be_set(mp: Any, see: See) -> None:
    """A name that is set before the start is the name that the child has."""
    box = see.mailbox()
    child = mp.Process(target=post_own, args=(mp, box, "name"), name="first")
    child.name = "second"
    child.start()
    see.exits(child, 0)
    see.equal((child.name, box.take()), ("second", ["second"]), "the name here and in the child")


@chapter.clause("process.name.same", passage=f"{NAME}/5")
def processes_may_share_a_name(mp: Any, see: See) -> None:
    """Several processes may run under one name."""
    box = see.mailbox()
    twins = [mp.Process(target=post_own, args=(mp, box, "name"), name="twin") for _ in range(2)]
    for twin in twins:
        twin.start()
    for twin in twins:
        see.exits(twin, 0)
    see.equal(box.take_all(2), [["twin"], ["twin"]], "the names")


@chapter.clause("process.name.default", passage=f"{NAME}/7", methods=ANY_METHOD)
def the_default_name_counts_the_children(mp: Any, see: See) -> None:
    """The nth child of the main process has the name 'Process-n' where none is given."""
    names = []
    for options in ({}, {"name": None}, {"daemon": True}):
        child = mp.Process(target=nothing, **options)
        child.start()
        see.exits(child, 0)
        names.append(child.name)
    see.equal(names, ["Process-1", "Process-2", "Process-3"], "the names")


@chapter.clause("process.name.counts-all", passage=f"{NAME}/7", methods=ANY_METHOD)
def named_and_daemonic_children_count(mp: Any, see: See) -> None:
    """A started child counts in the names of later ones, whether it has a name of its own or is a daemon."""
    for child in (mp.Process(target=nothing, name="own"), mp.Process(target=nothing, daemon=True, name="daemon")):
        child.start()
        see.exits(child, 0)
    third = mp.Process(target=nothing)
    third.start()
    see.exits(third, 0)
    see.equal(third.name, "Process-3", "the name of the third child")


@chapter.clause("process.name.counts-unstarted", source=NAME, level=UNSPECIFIED, methods=NO_METHOD)
def processes_never_started_in_the_count(mp: Any, see: See) -> None:
    """Whether a process that is named otherwise and never started counts in the names of later ones is left open."""
    mp.Process(name="never started")
    see.records(name_of_the_next=mp.Process().name)


@chapter.clause("process.name.subclass", passage=f"{NAME}/7", level=SHOULD, methods=NO_METHOD)
def the_default_name_of_a_subclass(mp: Any, see: See) -> None:
    """The default name of a process of a subclass begins with 'Process-' as well."""
    see.equal(type("Worker", (mp.Process,), {})().name, "Process-1", "the name")


@chapter.clause(
    "process.name.context",
    passage=f"{NAME}/7",
    level=SHOULD,
    methods=NO_METHOD,
    cases=cases("fork", "spawn", "forkserver"),
    uses=ITS_CASE,
)
def the_default_name_in_a_context(mp: Any, see: See, method: str) -> None:
    """The default name of a process made from a context begins with 'Process-' as well."""
    see.equal(mp.get_context(method).Process().name, "Process-1", "the name")


@chapter.clause("process.name.descendants", passage=f"{NAME}/7")
def the_default_name_shows_the_descent(mp: Any, see: See) -> None:
    """A default name lists the numbers of all generations: 'Process-1', 'Process-1:1', 'Process-1:1:1'."""
    box = see.mailbox()
    child = mp.Process(target=post_name_and_descend, args=(mp, box, 2))
    child.start()
    see.exits(child, 0)
    see.equal(box.take_all(3), ["Process-1", "Process-1:1", "Process-1:1:1"], "the names")


@chapter.clause("process.name.own-count", passage=f"{NAME}/7,4")
def each_child_counts_its_own_children(mp: Any, see: See) -> None:
    """Each child counts its children from 1, however many its parent has, and whatever its own name is."""
    box = see.mailbox()
    first = mp.Process(target=nothing)
    first.start()
    see.exits(first, 0)
    child = mp.Process(target=post_names_below, args=(mp, box), name="renamed")
    child.start()
    see.exits(child, 0)
    see.equal(box.take_all(2), [["Process-2:1"], ["Process-2:2"]], "the names of the grandchildren")


@chapter.clause("process.name.pattern", passage=f"{NAME}/7,3", methods=NO_METHOD)
def the_default_name_is_a_string(mp: Any, see: See) -> None:
    """The default name is a string of the form 'Process-N1:N2:…:Nk'."""
    name = mp.Process().name
    see.true(type(name) is str and re.fullmatch(r"Process-\d+(:\d+)*", name), "a string of that form", name)


@chapter.clause(
    "process.name.other-type",
    source=NAME,
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
