"""How shared objects come to children, and what is left of them."""

from __future__ import annotations

import gc
import pickle
from typing import Any

from mpspec.chapters.sharedctypes.chapter import chapter
from mpspec.chapters.sharedctypes.targets import assign, hand_on, hold_both, post_items, post_then_write, write_within
from mpspec.clause import EVERY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.leftovers import ENDS, SIGNALS, given_back, killed, no_file_is_left, sharing_program
from mpspec.observation.see import See
from mpspec.observation.waits import LONG

ALL_START_METHODS = "all-start-methods"
START_METHODS = "contexts-and-start-methods"


@chapter.clause("sharedctypes.inheritance.nested", passage=("shared-ctypes-objects/1", f"{ALL_START_METHODS}/16,33"))
def they_are_given_within_containers(mp: Any, see: See) -> None:
    """Shared objects within containers that are arguments of a Process are shared, too."""
    value, array = mp.Value("i", 1), mp.Array("i", 2, lock=False)
    child = mp.Process(target=write_within, kwargs={"things": {"values": [value, array]}})
    child.start()
    see.exits(child, 0)
    see.equal((value.value, array[:]), (5, [0, 6]), "the values")


@chapter.clause("sharedctypes.inheritance.one-lock", passage="multiprocessing.Value/8")
def a_common_lock_stays_common(mp: Any, see: See) -> None:
    """Two objects with the same lock have the same lock in a child."""
    box, lock = see.mailbox(), mp.RLock()
    first, second = mp.Value("i", 1, lock=lock), mp.Array("i", 2, lock=lock)
    child = mp.Process(target=hold_both, args=(box, first, second))
    child.start()
    see.equal(box.take(), False, "acquire(False) of the lock of the second, in another thread")
    see.exits(child, 0)


@chapter.clause("sharedctypes.inheritance.grandchild", passage=f"{ALL_START_METHODS}/18")
def a_child_hands_it_on(mp: Any, see: See) -> None:
    """A child can give a shared array that it was given to a child of its own."""
    array = mp.Array("i", 3)
    child = mp.Process(target=hand_on, args=(mp, array))
    child.start()
    see.exits(child, 0)
    see.equal(array[:], [5, 5, 5], "the items")


@chapter.clause("sharedctypes.inheritance.lock-excludes", passage="multiprocessing.Array/8")
def the_lock_excludes_across_processes(mp: Any, see: See) -> None:
    """While the parent has the lock of an array, a child that reads it blocks."""
    box, gate, array = see.mailbox(), see.gate(), mp.Array("i", [1, 2])
    child = mp.Process(target=post_items, args=(box, gate, array))
    child.start()
    with array.get_lock():
        gate.open()
        see.equal(box.take(), "reading", "the first message")
        see.settles(child.pid)
        see.true(box.empty(), "no message while the parent has the lock")
        array[:] = [3, 4]
    see.equal(box.take(), [3, 4], "the items in the child")
    see.exits(child, 0)


@chapter.clause(
    "sharedctypes.inheritance.not-overlaid",
    passage=f"{ALL_START_METHODS}/34,35",
    cases={"Array": True, "RawArray": False},
)
def what_a_child_was_given_is_its_own(mp: Any, see: See, lock: bool) -> None:
    """Memory that a child was given is used for nothing else while the child lives, although the parent dropped it."""
    box, gate, array = see.mailbox(), see.gate(), mp.Array("i", [1, 2, 3], lock=lock)
    child = mp.Process(target=post_then_write, args=(box, gate, array))
    child.start()
    see.equal(box.take(), "ready", "the first message")
    del array
    gc.collect()
    others = [mp.Array("i", [7, 7, 7], lock=False) for _ in range(50)]
    gate.open()
    see.equal(box.take(), [1, 2, 3], "the items in the child")
    see.exits(child, 0)
    see.equal({item for other in others for item in other}, {7}, "the items of what was made since")


@chapter.clause(
    "sharedctypes.pickle.refused",
    source=ALL_START_METHODS,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    cases={"Value": ("Value", "i"), "Array": ("Array", "i"), "text": ("Array", "c")},
)
def whether_a_wrapper_is_pickled_otherwise(mp: Any, see: See, case: Any) -> None:
    """Whether a synchronized object can be pickled while no child is being started is left open; it works on."""
    name, code = case
    made = getattr(mp, name)(code, 1)
    try:
        pickle.dumps(made)
    except Exception as error:
        see.records(error=type(error).__name__)
    else:
        see.records(pickled=True)
    see.equal(see.comes_back(made.get_lock().acquire, False), True, "acquire(False) of its lock")


@chapter.clause(
    "sharedctypes.pickle.not-sent",
    source=ALL_START_METHODS,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    needs="Pipe",
    cases={"wrapped": True, "raw": False},
)
def whether_shared_memory_is_sent(mp: Any, see: See, lock: bool) -> None:
    """Whether an object in shared memory can be sent through a connection is left open."""
    reader, writer = mp.Pipe(duplex=False)
    with reader, writer:
        try:
            writer.send(mp.Value("i", 1, lock=lock))
        except Exception as error:
            see.records(error=type(error).__name__)
        else:
            see.records(received=type(reader.recv()).__name__)


@chapter.clause(
    "sharedctypes.context.fork-to-other",
    passage=f"{START_METHODS}/18,17",
    methods=NO_METHOD,
    level=SHOULD,
    cases=cases("spawn", "forkserver"),
    uses={method: ("fork", method) for method in ("spawn", "forkserver")},
)
def a_value_of_fork_goes_to_no_other_child(mp: Any, see: See, method: str) -> None:
    """A synchronized value of the fork context goes to no child of another method: start() raises, or that fails."""
    value = mp.get_context("fork").Value("i", 1)
    child = mp.get_context(method).Process(target=assign, args=(value, "value", 2))
    with see.output():
        try:
            child.start()
        except Exception:
            return
        child.join(LONG)
    see.true(child.exitcode not in (0, None), "the child fails", f"exitcode {child.exitcode}")


# What is left of them


@chapter.clause(
    "sharedctypes.leftovers.given-back",
    passage=f"{ALL_START_METHODS}/35",
    level=SHOULD,
    methods=EVERY_METHOD,
    platforms=("linux",),
)
def memory_is_given_back(mp: Any, see: See) -> None:
    """Memory of objects that were dropped is given back: making many after one another needs no more than a few."""
    mp.Array("B", 1 << 22, lock=False)
    with given_back(see, mappings=20):
        for _ in range(50):
            mp.Array("B", 1 << 22, lock=False)[-1] = 1
            mp.Value("d", 1)
            gc.collect()


PROGRAM = sharing_program(
    'mp.Array("B", 10, lock=False), mp.Array("B", 5000000, lock=False), mp.Value("i", 1), mp.Array("d", 10)',
    "things[0][0] = 1",
)


@chapter.clause(
    "sharedctypes.leftovers.ended",
    passage=f"{START_METHODS}/6,5",
    methods=("spawn", "forkserver"),
    fresh=True,
    platforms=("linux",),
    cases=ENDS,
    patience=2,
)
def nothing_is_left_of_an_ended_program(mp: Any, see: See, end: str) -> None:
    """When a program has ended, by itself, an exception or os._exit(), no file of its shared memory is left."""
    program = see.program(PROGRAM, mp.get_start_method(), end)
    see.true("child" in program.out, "the child has run", program)
    no_file_is_left(see, program.out, end)


@chapter.clause(
    "sharedctypes.leftovers.killed",
    passage=f"{START_METHODS}/6,5",
    methods=("spawn", "forkserver"),
    fresh=True,
    platforms=("linux",),
    cases=SIGNALS,
    patience=2,
)
def nothing_is_left_of_a_killed_program(mp: Any, see: See, number: int) -> None:
    """When all processes of a program have ended by signals, no file of its shared memory is left."""
    told = killed(see, see.start_program(PROGRAM, mp.get_start_method(), "wait"), number)
    no_file_is_left(see, told, number)


@chapter.clause(
    "sharedctypes.leftovers.under-fork",
    passage=f"{START_METHODS}/7",
    level=SHOULD,
    methods=("fork",),
    fresh=True,
    platforms=("linux",),
    cases={**ENDS, **SIGNALS},
    patience=2,
)
def nothing_is_left_of_a_program_that_forks(mp: Any, see: See, end: str | int) -> None:
    """When a program that forks has ended, in whatever way, no file of its shared memory is left, though untracked."""
    if isinstance(end, str):
        told = see.program(PROGRAM, mp.get_start_method(), end).out
    else:
        told = killed(see, see.start_program(PROGRAM, mp.get_start_method(), "wait"), end)
    see.true("child" in told, "the child has run", told)
    no_file_is_left(see, told, end)
