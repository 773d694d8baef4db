"""How the primitives come to other processes, and what becomes of them in the end."""

from __future__ import annotations

import gc
import pickle
from typing import Any

from mpspec.chapters.synchronize.chapter import ALL, chapter, made, posted_by_a_child
from mpspec.chapters.synchronize.targets import (
    INHERITED,
    GateWhileUnpickling,
    both_are_one,
    hand_on,
    outcome,
    use,
    use_and_post,
    use_each,
    use_inherited,
    wait_then_use,
)
from mpspec.clause import EVERY_METHOD, MAY, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.leftovers import ENDS, SIGNALS, given_back, killed, no_file_is_left, sharing_program
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

ALL_START_METHODS = "all-start-methods"

CONTEXTS = "contexts-and-start-methods"

SHOWN = {
    "Lock": "acquired",
    "RLock": "acquired",
    "Semaphore": "acquired",
    "BoundedSemaphore": "acquired",
    "Condition": "notified",
    "Event": "False",
    "Barrier": "0 of 2",
}
"""What use() gives for a new primitive."""


@chapter.clause(
    "synchronize.inheritance.argument",
    passage=(f"{ALL_START_METHODS}/33,16,18", "synchronization-between-processes/1"),
    cases=cases(*ALL),
)
def each_is_given_as_an_argument(mp: Any, see: See, name: str) -> None:
    """Each primitive can be given to a child as an argument of its Process, and is used there."""
    box, thing = see.mailbox(), made(mp, name)
    child = mp.Process(target=use_and_post, args=(box, thing))
    child.start()
    see.equal(box.take(), SHOWN[name], "what comes of its use in the child")
    see.equal(use(thing), SHOWN[name], "what comes of its use in the parent")
    see.exits(child, 0)


@chapter.clause("synchronize.inheritance.nested", passage=f"{ALL_START_METHODS}/16,33")
def they_are_given_within_containers(mp: Any, see: See) -> None:
    """Primitives within containers that are arguments of a Process come to the child, too, all of them in one."""
    box, things = see.mailbox(), [made(mp, name) for name in ALL]
    child = mp.Process(target=use_each, kwargs={"box": box, "things": {"all": things}})
    child.start()
    see.equal(box.take(), [SHOWN[name] for name in ALL], "what comes of their use in the child")
    see.exits(child, 0)


@chapter.clause("synchronize.inheritance.same", passage="multiprocessing.Lock/3")
def twice_the_same_is_one(mp: Any, see: See) -> None:
    """A lock that is given to a child twice is one lock there."""
    lock = mp.Lock()
    taken = posted_by_a_child(mp, see, both_are_one, lock, lock)
    see.equal(taken, False, "acquire(False) of the second while the first is locked")


@chapter.clause(
    "synchronize.inheritance.global", passage=f"{ALL_START_METHODS}/32", methods=("fork",), cases=cases(*ALL)
)
def a_fork_inherits_it(mp: Any, see: See, name: str) -> None:
    """Under the start method fork a child uses a primitive of its parent's that lies in a global variable."""
    box = see.mailbox()
    INHERITED[:] = [made(mp, name)]
    child = mp.Process(target=use_inherited, args=(box,))
    child.start()
    see.equal(box.take(), SHOWN[name], "what comes of its use in the child")
    see.exits(child, 0)
    INHERITED.clear()


@chapter.clause("synchronize.inheritance.grandchild", passage=f"{ALL_START_METHODS}/18")
def a_child_hands_it_on(mp: Any, see: See) -> None:
    """A child can give a lock that it was given to a child of its own: it is the same lock still."""
    box, lock = see.mailbox(), mp.Lock()
    lock.acquire()
    child = mp.Process(target=hand_on, args=(mp, box, lock))
    child.start()
    see.equal(box.take(), False, "acquire(False) in the grandchild")
    see.exits(child, 0)


@chapter.clause(
    "synchronize.inheritance.kept-alive", passage=f"{ALL_START_METHODS}/34,35", cases=cases("Lock", "Event", "Barrier")
)
def what_a_child_was_given_stays(mp: Any, see: See, name: str) -> None:
    """A primitive that a child was given as an argument works there although the parent has dropped it."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=wait_then_use, args=(box, GateWhileUnpickling(gate), made(mp, name)))
    child.start()
    gc.collect()
    others = [made(mp, name) for _ in range(3)]
    gate.open()
    see.exits(child, 0)
    see.equal(box.take_all(2), ["begin", SHOWN[name]], "the message of the child, and what comes of the use there")
    del others


@chapter.clause("synchronize.inheritance.not-overlaid", passage=f"{ALL_START_METHODS}/34,35")
def what_a_child_was_given_is_its_own(mp: Any, see: See) -> None:
    """Locks that are made after the parent has dropped one do not interfere with it in the child that has it still."""
    box, gate = see.mailbox(), see.gate()
    lock = mp.Lock()
    child = mp.Process(target=wait_then_use, args=(box, gate, lock))
    child.start()
    see.equal(box.take(), "begin", "the first message")
    del lock
    gc.collect()
    others = [mp.Lock() for _ in range(20)]
    for other in others:
        other.acquire()
    gate.open()
    see.equal(box.take(), "acquired", "what comes of its use in the child")
    see.exits(child, 0)


# By inheritance only


@chapter.clause(
    "synchronize.pickle.refused", source=ALL_START_METHODS, level=UNSPECIFIED, methods=NO_METHOD, cases=cases(*ALL)
)
def whether_it_is_pickled_otherwise(mp: Any, see: See, name: str) -> None:
    """Whether a primitive can be pickled while no child is being started is left open; it works on afterwards."""
    thing = made(mp, name)
    try:
        pickle.dumps(thing)
    except Exception as error:
        see.records(error=type(error).__name__)
    else:
        see.records(pickled=True)
    see.equal(use(thing), SHOWN[name], "what comes of its use")


@chapter.clause(
    "synchronize.pickle.not-sent",
    source=ALL_START_METHODS,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    needs="Pipe",
    cases=cases("Lock", "Event"),
)
def whether_it_is_sent_through_a_pipe(mp: Any, see: See, name: str) -> None:
    """Whether a primitive can be sent through a connection is left open."""
    reader, writer = mp.Pipe(duplex=False)
    with reader, writer:
        try:
            writer.send(made(mp, name))
        except Exception as error:
            see.records(error=type(error).__name__)
        else:
            see.records(received=type(reader.recv()).__name__)


def given_to_another(mp: Any, see: See, name: str, method: str) -> bool:
    """Give a primitive of the fork context to a child of another method: whether the child has used it."""
    box, thing = see.mailbox(), made(mp.get_context("fork"), name)
    child = mp.get_context(method).Process(target=use_and_post, args=(box, thing))
    with see.output():
        if outcome(child.start).startswith("returned"):
            child.join(LONG)
    see.equal(use(thing), SHOWN[name], "what comes of its use in the parent")
    return not box.empty()


@chapter.clause(
    "synchronize.context.fork-to-other",
    passage=f"{CONTEXTS}/18",
    methods=NO_METHOD,
    cases={f"{name} to {method}": (name, method) for method in ("spawn", "forkserver") for name in ("Lock", "RLock")},
    uses={f"{name} to {method}": ("fork", method) for method in ("spawn", "forkserver") for name in ("Lock", "RLock")},
)
def a_fork_lock_goes_to_no_other_child(mp: Any, see: See, case: Any) -> None:
    """A lock of the fork context cannot be given to a child of spawn or forkserver: the child does not run."""
    see.true(not given_to_another(mp, see, *case), "no message of the child")


@chapter.clause(
    "synchronize.context.fork-to-other-kinds",
    passage=f"{CONTEXTS}/17",
    level=MAY,
    methods=NO_METHOD,
    cases={f"{name} to {method}": (name, method) for method in ("spawn", "forkserver") for name in ALL[2:]},
    uses={f"{name} to {method}": ("fork", method) for method in ("spawn", "forkserver") for name in ALL[2:]},
)
def another_fork_primitive_may_go_to_no_other_child(mp: Any, see: See, case: Any) -> None:
    """A primitive of the fork context that is no lock may be unusable in a child of spawn or forkserver."""
    see.records(used=given_to_another(mp, see, *case))


@chapter.clause(
    "synchronize.context.other-to-fork",
    source=CONTEXTS,
    methods=NO_METHOD,
    level=UNSPECIFIED,
    cases=cases("spawn", "forkserver"),
    uses={method: ("fork", method) for method in ("spawn", "forkserver")},
)
def a_primitive_of_another_context_in_a_fork(mp: Any, see: See, method: str) -> None:
    """A primitive of spawn or forkserver given to a child of fork works there."""
    box, lock = see.mailbox(), mp.get_context(method).Lock()
    child = mp.get_context("fork").Process(target=use_and_post, args=(box, lock))
    child.start()
    see.equal(box.take(), "acquired", "what comes of its use in the child")
    see.exits(child, 0)


# What is left of them

PROGRAM = sharing_program(
    "mp.Lock(), mp.RLock(), mp.Semaphore(), mp.BoundedSemaphore(), mp.Condition(), mp.Event(), mp.Barrier(2)"
)


def left_by_an_ended_program(mp: Any, see: See, end: str) -> None:
    """No file of the primitives of a program is left after its end."""
    program = see.program(PROGRAM, mp.get_start_method(), end)
    see.true("child" in program.out, "the child has run", program)
    no_file_is_left(see, program.out, end)


@chapter.clause(
    "synchronize.leftovers.ended",
    passage=f"{CONTEXTS}/6,5",
    methods=("spawn", "forkserver"),
    fresh=True,
    platforms=("linux",),
    cases=ENDS,
    patience=2,
)
def nothing_is_left_of_an_ended_program(mp: Any, see: See, end: str) -> None:
    """When a program has ended, by itself, an exception or os._exit(), no semaphore file of its primitives is left."""
    left_by_an_ended_program(mp, see, end)


@chapter.clause(
    "synchronize.leftovers.ended-under-fork",
    passage=f"{CONTEXTS}/7",
    level=SHOULD,
    methods=("fork",),
    fresh=True,
    platforms=("linux",),
    cases=ENDS,
    patience=2,
)
def nothing_is_left_of_an_ended_program_that_forks(mp: Any, see: See, end: str) -> None:
    """When a program that forks has ended, no semaphore file of its primitives is left, though nothing tracks them."""
    left_by_an_ended_program(mp, see, end)


@chapter.clause(
    "synchronize.leftovers.killed",
    passage=f"{CONTEXTS}/6,5",
    methods=("spawn", "forkserver"),
    fresh=True,
    platforms=("linux",),
    cases=SIGNALS,
    patience=2,
)
def nothing_is_left_of_a_killed_program(mp: Any, see: See, number: int) -> None:
    """When all processes of a program have ended by signals, no semaphore file of its primitives is left."""
    told = killed(see, see.start_program(PROGRAM, mp.get_start_method(), "wait"), number)
    no_file_is_left(see, told, number)


@chapter.clause(
    "synchronize.leftovers.killed-under-fork",
    passage=f"{CONTEXTS}/7",
    level=SHOULD,
    methods=("fork",),
    fresh=True,
    platforms=("linux",),
    cases=SIGNALS,
    patience=2,
)
def nothing_is_left_of_a_killed_program_that_forks(mp: Any, see: See, number: int) -> None:
    """When all processes of a program that forks were killed, no semaphore file of its primitives is left."""
    told = killed(see, see.start_program(PROGRAM, mp.get_start_method(), "wait"), number)
    no_file_is_left(see, told, number)


@chapter.clause(
    "synchronize.leftovers.collected",
    passage=f"{ALL_START_METHODS}/35",
    level=SHOULD,
    methods=EVERY_METHOD,
    platforms=("linux",),
    cases=cases(*ALL),
)
def a_dropped_primitive_is_given_back(mp: Any, see: See, name: str) -> None:
    """Primitives that are dropped are given back: making many, one after another, opens no more files than a few."""
    keep = made(mp, name)
    with given_back(see, mappings=100):
        for _ in range(300):
            made(mp, name)
        gc.collect()
    see.equal(use(keep), SHOWN[name], "what comes of the use of one that was kept")


# In every context


@chapter.clause("synchronize.platform.in-context", passage=f"{CONTEXTS}/15", methods=NO_METHOD, cases=cases(*ALL))
def every_context_makes_each(mp: Any, see: See, name: str) -> None:
    """Each context object makes each primitive."""
    methods = mp.get_all_start_methods()
    see.true(methods, "there is a start method", methods)
    for method in methods:
        see.equal(use(made(mp.get_context(method), name)), SHOWN[name], f"{method}: what comes of its use")


@chapter.clause(
    "synchronize.context.may-fix",
    passage=(
        *(f"multiprocessing.{name}/3" for name in ("Semaphore", "BoundedSemaphore", "Event", "Barrier")),
        *(f"multiprocessing.{name}/6" for name in ("Lock", "RLock")),
        "multiprocessing.Condition/4",
    ),
    level=MAY,
    methods=NO_METHOD,
    fresh=True,
    cases=cases(*ALL),
)
def making_one_may_set_the_start_method(mp: Any, see: See, name: str) -> None:
    """Making a primitive may set an open start method to the default, and to no other."""
    made(mp, name)
    chosen = mp.get_start_method(allow_none=True)
    see.true(chosen in (None, mp.get_all_start_methods()[0]), "it is open, or the default", chosen)
    see.records(sets=chosen is not None)
