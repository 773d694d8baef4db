"""Where the page of edition 3.13, as its later patches amended it, no longer says what the edition said at first.

The register of passages is that of 3.13.18. A clause follows what the edition said at first, unless the amendment
corrects an error; what an amendment merely adds is no promise that an implementation of 3.13 can be held to.
"""

from __future__ import annotations

from typing import NamedTuple


class Amendment(NamedTuple):
    """One change of the page within the edition."""

    passages: tuple[str, ...]
    """Passages of the amended page, "anchor/2,5-7" for several under one anchor; read by `clause.spread`."""
    change: str
    """What is different, in our words."""
    correction: bool
    """Whether it corrects an error, so that clauses follow the amendment; else it only adds, warns or rewords."""


AMENDMENTS: tuple[Amendment, ...] = (
    Amendment(
        ("module-multiprocessing/2-3",),
        "Android is among the platforms without the package, as WASI and iOS are.",
        correction=False,
    ),
    Amendment(
        ("introduction/11",),
        "Names what threading has no equivalent of: terminate, kill, and interrupt, which this edition does not have.",
        correction=False,
    ),
    Amendment(
        ("the-process-class/8-9", "multiprocessing.Process/16-24"),
        "Says with Process itself that its arguments are pickled, and shows a function typed into a REPL failing in "
        "the child; the guidelines for spawn and forkserver say the first from the beginning.",
        correction=False,
    ),
    Amendment(
        ("multiprocessing.Process/15",),
        "The base constructor that a subclass calls first is written with super().",
        correction=False,
    ),
    Amendment(
        ("contexts-and-start-methods/19-21",),
        "A library lets its users choose the context and says which start method it needs; at first a library that "
        "needs one was only told to use get_context().",
        correction=False,
    ),
    Amendment(
        ("global-start-method/1-5",),
        "A section of its own on the global start method: what uses it may set it to the default, and it is set once.",
        correction=False,
    ),
    Amendment(
        (
            "multiprocessing.Queue/4-5",
            "multiprocessing.SimpleQueue/3-4",
            "multiprocessing.JoinableQueue/3-4",
            "multiprocessing.get_context/4",
            "multiprocessing.get_start_method/4",
            "multiprocessing.Barrier/3-4",
            "multiprocessing.BoundedSemaphore/3-4",
            "multiprocessing.Condition/4-5",
            "multiprocessing.Event/3-4",
            "multiprocessing.Lock/6-7",
            "multiprocessing.RLock/6-7",
            "multiprocessing.Semaphore/3-4",
            "multiprocessing.sharedctypes.Array/7-8",
            "multiprocessing.sharedctypes.Value/7-8",
            "multiprocessing.sharedctypes.synchronized/5-6",
            "multiprocessing.managers.BaseManager/11-12",
            "multiprocessing.pool.Pool/12",
        ),
        "Each says that using it may set the global start method; at first only get_start_method() said so.",
        correction=False,
    ),
    Amendment(
        ("multiprocessing.get_start_method/3",),
        "No longer says that None is returned where no method is set and allow_none is true; that None can be returned "
        "still stands.",
        correction=False,
    ),
    Amendment(
        ("multiprocessing.Queue/7",),
        "shutdown() is among the methods of queue.Queue that Queue does not have.",
        correction=True,
    ),
    Amendment(
        ("multiprocessing.Queue.close/2-4",),
        "After close() the queue is not used at all, get() and empty() included; at first close() only said that this "
        "process puts nothing more.",
        correction=False,
    ),
    Amendment(
        ("multiprocessing.cpu_count/6",),
        "Sends the reader to the two functions of os.",
        correction=False,
    ),
    Amendment(
        ("multiprocessing.freeze_support/2,8-9",),
        "It serves frozen programs of any platform and has no effect where the start method is not spawn; at first it "
        "had none outside Windows.",
        correction=True,
    ),
    Amendment(
        (
            "multiprocessing.connection.Connection.send_bytes/1,3-4",
            "multiprocessing.connection.Connection.recv_bytes_into/1-2,5,7",
        ),
        "The parameter is called buf; at first it was called buffer.",
        correction=True,
    ),
    Amendment(
        ("multiprocessing.Array/4-5",),
        "Of the typecodes of the array module 'w' is not supported, and 'c', which that module has not, is c_char.",
        correction=True,
    ),
    Amendment(
        ("multiprocessing.Array/12-13",),
        "value and raw of an array of c_char hold byte strings, not strings; raw has the full size and value ends at "
        "the first null byte.",
        correction=True,
    ),
    Amendment(
        (
            "multiprocessing.sharedctypes.Array/1,6,9",
            "multiprocessing.sharedctypes.Value/1,6,9",
            "multiprocessing.sharedctypes.synchronized/1,4",
        ),
        "They have the parameter ctx, the context to use.",
        correction=False,
    ),
    Amendment(
        ("multiprocessing.pool.Pool.imap/2",),
        "imap() is map() with an iterator for its result, and no longer said to be lazier.",
        correction=True,
    ),
    Amendment(
        ("authentication-keys/10-13",),
        "Keys protect what has an address, not pipes and queues; processes of the same user trust each other.",
        correction=False,
    ),
)
