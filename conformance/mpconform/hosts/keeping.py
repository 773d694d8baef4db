"""What a process keeps for life: everything is used once, and then again.

What the first use leaves open and the second does not add to is kept for life; what grows with each use is a leak.
"""

from __future__ import annotations

import collections
import contextlib
import gc
from collections import Counter
from typing import Any, Callable

from mpspec.chapters.smoke.targets import take
from mpspec.clause import Chapter
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

from mpconform.hosts.audit import Inventory
from mpconform.hosts.kinds import kind

LARGE = 4 << 20
"""Bytes of an argument that goes another way than small ones do, where there is one."""

chapter = Chapter("keeping", section="", source="module-multiprocessing")


@chapter.clause("keeping.measured")
def descriptors_that_are_kept_for_life(mp: Any, see: See) -> None:
    """What a process keeps for life is recorded: of each kind of descriptor, how many."""
    first, second = _left_by(lambda: _use_everything(mp)), _left_by(lambda: _use_everything(mp))
    see.records(**(first - second))


def _left_by(use: Callable[[], None]) -> Counter[str]:
    """How many descriptors of each kind the use leaves open."""
    before = Inventory()
    use()
    for _ in range(3):
        gc.collect()  # what was finalised may itself have let go of something
    return collections.Counter(kind(target) for _, _, target in before.more())


def _use_everything(mp: Any) -> None:
    """Start children, with what they can share and without, or a pool. What fails here is for the clauses to say."""
    shared: list[Any] = []
    several: tuple[tuple[str, tuple[Any, ...]], ...] = (
        ("Lock", ()),
        ("RLock", ()),
        ("Semaphore", (1,)),
        ("BoundedSemaphore", (1,)),
        ("Event", ()),
        ("Condition", ()),
        ("Barrier", (1,)),
        ("Value", ("i", 1)),
        ("Array", ("i", 3)),
        ("SimpleQueue", ()),
        ("Pipe", ()),
        ("Queue", ()),
        ("JoinableQueue", ()),
    )
    for name, arguments in several:
        with contextlib.suppress(Exception):
            shared.append(getattr(mp, name)(*arguments))
    if not hasattr(mp, "Process"):  # a pool alone
        with contextlib.suppress(Exception):
            pool = mp.Pool(1)
            for size in (0, LARGE):
                pool.apply(take, (bytes(size),))
            pool.close()
            pool.join()
    for handed_over in ((), (shared,)):
        with contextlib.suppress(Exception):
            child = mp.Process(target=take, args=handed_over)
            child.start()
            child.join(LONG)
            child.close()
    for thing in shared:
        with contextlib.suppress(Exception):
            thing.put(1)
            thing.get()
    for thing in shared:
        for finish in ("close", "join_thread"):
            with contextlib.suppress(Exception):
                getattr(thing, finish)()
    with contextlib.suppress(Exception):
        for end in next(thing for thing in shared if isinstance(thing, tuple)):
            end.close()
