"""Which chapter answers for which part of the page, those included that have no clauses yet.

A clause may rest on a passage of any chapter; the owner is the one whose gap it is where none does.
"""

from __future__ import annotations

from mpspec.clause import spread
from mpspec.registers.passages import Passage

CHAPTERS: dict[str, tuple[str, ...]] = {
    "process": (
        "module-multiprocessing",
        "the-process-class",
        "reference",
        "process-and-exceptions",
        "miscellaneous",
    ),
    "contexts": (
        "contexts-and-start-methods",
        "global-start-method",
        "multiprocessing.get_all_start_methods",
        "multiprocessing.get_context",
        "multiprocessing.get_start_method",
        "multiprocessing.set_forkserver_preload",
        "multiprocessing.set_start_method",
    ),
    "connection": (
        "exchanging-objects-between-processes/8-10,12-16",
        "multiprocessing.Pipe",
        "connection-objects",
        "multiprocessing.connection.wait",
        "module-multiprocessing.connection/11",
    ),
    "listeners": ("module-multiprocessing.connection", "address-formats", "authentication-keys"),
    "queues": ("exchanging-objects-between-processes", "pipes-and-queues"),
    "synchronize": ("synchronization-between-processes", "synchronization-primitives"),
    "sharedctypes": (
        "sharing-state-between-processes",
        "shared-ctypes-objects",
        "module-multiprocessing.sharedctypes",
    ),
    "managers": (
        "authentication-keys/6",
        "pipes-and-queues/21",
        "sharing-state-between-processes/13-16,18,20-23",
        "managers",
        "customized-managers",
        "using-a-remote-manager",
        "proxy-objects",
        "cleanup",
    ),
    "pool": (
        "multiprocessing.TimeoutError/2",
        "introduction",
        "using-a-pool-of-workers",
        "module-multiprocessing.pool",
        "multiprocessing.pool.ThreadPool",
    ),
    "dummy": ("module-multiprocessing.dummy",),
    "log": ("logging",),
    "guidelines": ("programming-guidelines", "all-start-methods", "the-spawn-and-forkserver-start-methods"),
    "examples": (
        "examples",
        "introduction/8,10",
        "the-process-class/4,6",
        "contexts-and-start-methods/12,16",
        "exchanging-objects-between-processes/5,11",
        "synchronization-between-processes/3",
        "sharing-state-between-processes/7,9,17,19,24-25",
        "using-a-pool-of-workers/4,10",
        "multiprocessing.Process/20,29",
        "multiprocessing.Process.run/7",
        "multiprocessing.freeze_support/6",
        "connection-objects/5",
        "module-multiprocessing.sharedctypes/12,14",
        "multiprocessing.managers.BaseManager.get_server/4",
        "multiprocessing.managers.BaseManager.connect/3",
        "multiprocessing.managers.Namespace/6",
        "customized-managers/3",
        "using-a-remote-manager/3,5,7,9",
        "proxy-objects/6,11,13,16,20",
        "multiprocessing.managers.BaseProxy._callmethod/13",
        "module-multiprocessing.pool/3",
        "module-multiprocessing.connection/8,10,12",
        "logging/4",
    ),
}
"""Chapter -> its sections, the definitions that it has in sections of others, and the passages ("anchor/2,5-7") that it
has in either. The most specific wins: passage, definition, section."""


def chapter_of(passage: Passage) -> str:
    """The chapter that answers for a passage. Raises LookupError where the table has none."""
    definition = passage.anchor
    places = [passage.id, definition]
    while "." in definition:
        definition = definition.rpartition(".")[0]
        places.append(definition)
    for place in [*places, passage.section]:
        if place in _OWNERS:
            return _OWNERS[place]
    raise LookupError(f"no chapter answers for {passage.id} in the section {passage.section}")


_OWNERS = {
    each: chapter
    for chapter, places in CHAPTERS.items()
    for place in places
    for each in (spread(place) if "/" in place else [place])
}
