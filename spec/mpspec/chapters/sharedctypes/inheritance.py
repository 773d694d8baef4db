"""How shared objects come to children, and what is left of them."""

from __future__ import annotations

import gc
import pickle
from typing import Any

from mpspec.chapters.sharedctypes.chapter import chapter
from mpspec.chapters.sharedctypes.targets import assign, hand_on, hold_both, post_items, post_then_write, write_within
from mpspec.clause import EVERY_METHOD, NO_METHOD, SHOULD, cases
from mpspec.observation.leftovers import ENDS, SIGNALS, given_back, killed, no_file_is_left, sharing_program
from mpspec.observation.see import See
from mpspec.observation.sharing import NOT_PICKLED

ALL_START_METHODS = "all-start-methods"
START_METHODS = "contexts-and-start-methods"


@chapter.clause("sharedctypes.inheritance.nested", passage="shared-ctypes-objects/1")
def they_are_given_within_containers(mp: Any, see: See) -> None:
    """Shared objects within containers that are arguments of a Process are shared, too."""
    value, array = mp.Value("i", 1), mp.RawArray("i", 2)
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
    "sharedctypes.inheritance.not-overlaid", passage=f"{ALL_START_METHODS}/34,35", cases=cases("Array", "RawArray")
)
def what_a_child_was_given_is_its_own(mp: Any, see: See, name: str) -> None:
    """Memory that a child was given is used for nothing else while the child lives, although the parent dropped it."""
    box, gate, array = see.mailbox(), see.gate(), getattr(mp, name)("i", [1, 2, 3])
    child = mp.Process(target=post_then_write, args=(box, gate, array))
    child.start()
    see.equal(box.take(), "ready", "the first message")
    del array
    gc.collect()
    others = [mp.RawArray("i", [7, 7, 7]) for _ in range(50)]
    gate.open()
    see.equal(box.take(), [1, 2, 3], "the items in the child")
    see.exits(child, 0)
    see.equal({item for other in others for item in other}, {7}, "the items of what was made since")


@chapter.clause(
    "sharedctypes.pickle.refused",
    source=ALL_START_METHODS,
    methods=NO_METHOD,
    cases={"Value": ("Value", 1), "Array": ("Array", 2), "text": ("Array", 3)},
)
def a_wrapper_is_not_pickled_otherwise(mp: Any, see: See, case: Any) -> None:
    """Pickling a synchronized object while no child is being started raises, and the object works on."""
    name, number = case
    made = getattr(mp, name)("c" if number == 3 else "i", 1)
    with see.raises(*NOT_PICKLED):
        pickle.dumps(made)
    see.equal(see.comes_back(made.get_lock().acquire, False), True, "acquire(False) of its lock")


@chapter.clause(
    "sharedctypes.pickle.not-sent",
    source=ALL_START_METHODS,
    methods=NO_METHOD,
    needs="Pipe",
    cases=cases("RawValue", "Value"),
)
def shared_memory_is_not_sent(mp: Any, see: See, name: str) -> None:
    """Sending an object in shared memory through a connection raises."""
    reader, writer = mp.Pipe(duplex=False)
    with reader, writer, see.raises(*NOT_PICKLED):
        writer.send(getattr(mp, name)("i", 1))


@chapter.clause(
    "sharedctypes.context.fork-to-other",
    passage=f"{START_METHODS}/18,17",
    methods=NO_METHOD,
    level=SHOULD,
    cases=cases("spawn", "forkserver"),
    uses={method: ("fork", method) for method in ("spawn", "forkserver")},
)
def a_value_of_fork_goes_to_no_other_child(mp: Any, see: See, method: str) -> None:
    """A synchronized value of the fork context given to a child of another start method makes start() raise."""
    value = mp.get_context("fork").Value("i", 1)
    child = mp.get_context(method).Process(target=assign, args=(value, "value", 2))
    with see.output(), see.raises(RuntimeError):
        child.start()


# What is left of them


@chapter.clause(
    "sharedctypes.leftovers.given-back", source=ALL_START_METHODS, methods=EVERY_METHOD, platforms=("linux",)
)
def memory_is_given_back(mp: Any, see: See) -> None:
    """Memory of objects that were dropped is given back: making many after one another needs no more than a few."""
    mp.RawArray("B", 1 << 22)
    with given_back(see, mappings=20):
        for _ in range(50):
            mp.RawArray("B", 1 << 22)[-1] = 1
            mp.Value("d", 1)
            gc.collect()


PROGRAM = sharing_program(
    'mp.RawArray("B", 10), mp.RawArray("B", 5000000), mp.Value("i", 1), mp.Array("d", 10)', "things[0][0] = 1"
)


@chapter.clause(
    "sharedctypes.leftovers.ended",
    passage=f"{START_METHODS}/6,5",
    methods=EVERY_METHOD,
    fresh=True,
    platforms=("linux",),
    cases=ENDS,
    patience=2,
)
def nothing_is_left_of_an_ended_program(mp: Any, see: See, end: str) -> None:
    """When a program has ended, by itself, an exception or os._exit(), no file of its shared memory is left."""
    program = see.program(PROGRAM, mp.get_start_method(), end)
    see.true("child" in program.out, "the child has run", program)
    see.eventually(lambda: no_file_is_left(program.out), "no file is left")


@chapter.clause(
    "sharedctypes.leftovers.killed",
    passage=f"{START_METHODS}/6,5",
    methods=EVERY_METHOD,
    fresh=True,
    platforms=("linux",),
    cases=SIGNALS,
    patience=2,
)
def nothing_is_left_of_a_killed_program(mp: Any, see: See, number: int) -> None:
    """When all processes of a program have ended by signals, no file of its shared memory is left."""
    told = killed(see, see.start_program(PROGRAM, mp.get_start_method(), "wait"), number)
    see.eventually(lambda: no_file_is_left(told), "no file is left")
