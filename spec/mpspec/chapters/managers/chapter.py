"""Managers: what BaseManager, SyncManager, Namespace and proxies promise.

Of a proxy's methods the page says that they are those of the referent, and in the same breath that not each of these
need be there. MUST are those without which the object is of no use, and those that the page shows; the others are
SHOULD, and no MUST rests on them. What a method returns is promised where `threading`, `queue` or the page says so.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable

from mpspec.chapters.managers.shared_objects import Tells
from mpspec.clause import Chapter
from mpspec.observation.see import See

chapter = Chapter(
    "managers",
    section="Managers",
    source="multiprocessing-managers",
    subjects=(
        "server_process",
        "lifetime",
        "manager",
        "start",
        "server",
        "connect",
        "shutdown",
        "register",
        "exposed",
        "method_to_typeid",
        "sync_manager",
        "barriers",
        "semaphores",
        "conditions",
        "locks",
        "shared_queue",
        "values",
        "containers",
        "sets",
        "namespace",
        "customized",
        "remote",
        "serializers",
        "proxies",
        "passing",
        "nesting",
        "plain_values",
        "call_method",
        "copies",
        "cleanup",
    ),
)

TYPES: dict[str, tuple[Any, ...]] = {
    "list": (), "dict": (), "Namespace": (), "Lock": (), "RLock": (), "Semaphore": (), "BoundedSemaphore": (),
    "Condition": (), "Event": (), "Barrier": (2,), "Queue": (), "Value": ("i", 1), "Array": ("i", [1, 2]),
}  # fmt: skip
"""The types that every SyncManager supports, each with arguments that make one."""


def workshop(**arguments: Any) -> Any:
    """A manager, not started, that supports shared objects of the user; its class needs an implementation at hand."""
    from mpspec.chapters.managers.workshop import Workshop

    return Workshop(**arguments)


def another(proxy: Any) -> Any:
    """One more proxy for the same referent: a thread has its own, as the guidelines want it."""
    return pickle.loads(pickle.dumps(proxy))


def server_of(see: See, manager: Any) -> int:
    """The id of the manager's server process, from an action that runs there."""
    box = see.mailbox()
    manager.Barrier(1, Tells(box)).wait()
    pid: int = box.take()
    return pid


def posted_by_a_child(mp: Any, see: See, target: Callable[..., None], *args: Any) -> Any:
    """The message that the target posts in a child, once that has ended."""
    box = see.mailbox()
    run_in_a_child(mp, see, target, box, *args)
    return box.take()


def run_in_a_child(mp: Any, see: See, target: Callable[..., None], *args: Any) -> None:
    """The target has run in a child, to its end."""
    child = mp.Process(target=target, args=args)
    with beside_threads():
        child.start()
    see.exits(child, 0)


@contextmanager
def beside_threads() -> Iterator[None]:
    """Forking beside a thread may warn, which other clauses are about; under -W error it would raise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield
