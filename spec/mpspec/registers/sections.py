"""Which chapter answers for which part of the page, those included that have no clauses yet.

A clause may rest on a passage of any chapter; the owner is the one whose gap it is where none does.
"""

from __future__ import annotations

from collections.abc import Iterator

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
        "exchanging-objects-between-processes/8-16",
        "multiprocessing.Pipe",
        "connection-objects",
        "multiprocessing.connection.wait",
        "module-multiprocessing.connection/11-12",
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
        "sharing-state-between-processes/13-22",
        "managers",
        "customized-managers",
        "using-a-remote-manager",
        "proxy-objects",
        "cleanup",
    ),
    "pool": (
        "introduction",
        "using-a-pool-of-workers",
        "module-multiprocessing.pool",
        "multiprocessing.pool.ThreadPool",
    ),
    "dummy": ("module-multiprocessing.dummy",),
    "log": ("logging",),
    "guidelines": ("programming-guidelines", "all-start-methods", "the-spawn-and-forkserver-start-methods"),
    "examples": ("examples",),
}
"""Chapter -> its sections, definitions outside of them, and passages ("anchor/first-last") of sections that are not
its own. The most specific wins: passages, then the definition, then the section."""


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


def _each(place: str) -> Iterator[str]:
    """The place itself, or each of the passages from the first to the last."""
    anchor, _, ordinals = place.partition("/")
    if not ordinals:
        yield place
        return
    first, last = ordinals.split("-")
    for ordinal in range(int(first), int(last) + 1):
        yield f"{anchor}/{ordinal}"


_OWNERS = {place: chapter for chapter, places in CHAPTERS.items() for each in places for place in _each(each)}
