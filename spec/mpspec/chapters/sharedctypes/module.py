"""The module sharedctypes: raw objects, copies, wrappers; how all of it comes to children and goes away."""

from __future__ import annotations

import ctypes
import gc
import pickle
from typing import Any

from mpspec.chapters.sharedctypes.chapter import CODES, TYPECODES, bytes_of, chapter
from mpspec.chapters.sharedctypes.targets import (
    Line,
    Point,
    assign,
    fill,
    hand_on,
    hold_both,
    post_ends,
    post_items,
    post_then_write,
    write_within,
)
from mpspec.chapters.synchronize.chapter import Held, cases
from mpspec.chapters.synchronize.inheritance import REFUSED
from mpspec.clause import EVERY_METHOD, NO_METHOD, SHOULD
from mpspec.observation.leftovers import ENDS, SIGNALS, files_and_mappings, killed, no_file_is_left, sharing
from mpspec.observation.see import See

MODULE = "module-multiprocessing.sharedctypes"
RAW_ARRAY = "multiprocessing.sharedctypes.RawArray"
RAW_VALUE = "multiprocessing.sharedctypes.RawValue"
COPY = "multiprocessing.sharedctypes.copy"
SYNCHRONIZED = "multiprocessing.sharedctypes.synchronized"
GUIDELINES = "multiprocessing-programming"


# RawValue and RawArray


@chapter.clause("sharedctypes.raw.names", source=MODULE, methods=NO_METHOD)
def the_names_are_in_both_places(mp: Any, see: See) -> None:
    """RawValue, RawArray, Value and Array are names of the module sharedctypes, the package and its contexts."""
    for name in ("RawValue", "RawArray", "Value", "Array"):
        for place in (mp, mp.sharedctypes, mp.get_context("spawn")):
            made = getattr(place, name)("i", 2)
            see.equal(len(made) if "Array" in name else made.value, 2, f"what {name} makes")


@chapter.clause("sharedctypes.raw.value-type", source=RAW_VALUE, methods=NO_METHOD, cases=CODES)
def a_raw_value_is_a_ctypes_object(mp: Any, see: See, code: str) -> None:
    """RawValue() returns an object of the ctypes type, without a wrapper."""
    kind, sample = TYPECODES[code]
    for first in (code, kind):
        value = mp.sharedctypes.RawValue(first, sample)
        see.true(type(value) is kind, f"the type is {kind.__name__}", type(value))
        see.equal((value.value, hasattr(value, "get_lock")), (sample, False), "value, and whether there is a lock")


@chapter.clause("sharedctypes.raw.array-type", source=RAW_ARRAY, methods=NO_METHOD, cases=CODES)
def a_raw_array_is_a_ctypes_array(mp: Any, see: See, code: str) -> None:
    """RawArray() returns a ctypes array of items of the type, without a wrapper."""
    kind, sample = TYPECODES[code]
    for first in (code, kind):
        array = mp.sharedctypes.RawArray(first, [sample] * 3)
        see.true(isinstance(array, kind * 3), f"an array of {kind.__name__}", type(array))
        see.equal((list(array), hasattr(array, "get_lock")), ([sample] * 3, False), "the items, and a lock")


@chapter.clause(
    "sharedctypes.raw.equivalences",
    source=MODULE,
    methods=NO_METHOD,
    cases={
        "c_double(2.4)": (ctypes.c_double(2.4), "RawValue", (ctypes.c_double, 2.4), ("d", 2.4)),
        "Point(4, 6)": (Point(4, 6), "RawValue", (Point, 4, 6)),
        "(c_short * 7)()": ((ctypes.c_short * 7)(), "RawArray", (ctypes.c_short, 7), ("h", 7)),
        "(c_int * 3)(9, 2, 8)": ((ctypes.c_int * 3)(9, 2, 8), "RawArray", (ctypes.c_int, (9, 2, 8)), ("i", (9, 2, 8))),
    },
)
def each_has_its_ctypes_twin(mp: Any, see: See, case: Any) -> None:
    """What is made in shared memory equals what ctypes makes of the same type and arguments, byte by byte."""
    twin, name, *spellings = case
    for arguments in spellings:
        made = getattr(mp.sharedctypes, name)(*arguments)
        see.true(isinstance(made, type(twin)), f"an instance of {type(twin).__name__}", type(made))
        see.equal(bytes_of(made), bytes_of(twin), "the bytes")


@chapter.clause("sharedctypes.raw.zeroed", source=RAW_ARRAY, methods=NO_METHOD)
def memory_is_zeroed(mp: Any, see: See) -> None:
    """A RawArray made with a size is all zero, also where its memory was used and given back before."""
    for size in (1, 7, 64, 1000):
        for _ in range(3):
            array = mp.RawArray("B", size)
            see.equal(bytes(array).count(0), size, "the number of zeroes")
            ctypes.memset(array, 255, size)
            del array
            gc.collect()


@chapter.clause("sharedctypes.raw.value-zeroed", source=RAW_VALUE, methods=NO_METHOD)
def a_raw_value_is_zeroed(mp: Any, see: See) -> None:
    """A RawValue made without arguments is all zero, also where its memory was used and given back before."""
    for _ in range(3):
        line = mp.RawValue(Line)
        see.equal(bytes_of(line), bytes(ctypes.sizeof(Line)), "the bytes")
        ctypes.memset(ctypes.addressof(line), 255, ctypes.sizeof(Line))
        del line
        gc.collect()


@chapter.clause("sharedctypes.raw.partly-initialised", source=RAW_VALUE, methods=NO_METHOD)
def what_is_not_initialised_is_zero(mp: Any, see: See) -> None:
    """Fields for which the constructor gets no argument are zero."""
    dirty = mp.RawValue(Point, 1, 1)
    del dirty
    see.equal((mp.RawValue(Point, 4).x, mp.RawValue(Point, 4).y), (4.0, 0.0), "the fields")


@chapter.clause("sharedctypes.raw.apart", source=RAW_ARRAY, methods=NO_METHOD)
def objects_do_not_overlap(mp: Any, see: See) -> None:
    """Objects that exist at the same time do not share memory."""
    arrays = [mp.RawArray("B", [number % 256] * (number * 37 % 80 + 1)) for number in range(30)]
    for number in range(0, 30, 3):
        arrays[number] = mp.RawArray("B", [number] * 11)
    for number, array in enumerate(arrays):
        see.equal(set(array), {number % 256}, f"the items of array {number}")


@chapter.clause("sharedctypes.raw.structures", source=RAW_ARRAY, methods=NO_METHOD)
def structures_and_arrays_nest(mp: Any, see: See) -> None:
    """Items may be structures or arrays, and their parts lie in the same memory."""
    lines = mp.RawArray(Line, 2)
    lines[1].end.y = 2.5
    grid = mp.RawArray(ctypes.c_int * 3, 2)
    grid[1][2] = 7
    see.equal(
        (lines[1].end.y, lines[0].end.y, [list(row) for row in grid]), (2.5, 0.0, [[0] * 3, [0, 0, 7]]), "the parts"
    )


@chapter.clause("sharedctypes.raw.large", source=RAW_ARRAY)
def a_large_array_is_shared(mp: Any, see: See) -> None:
    """An array of many megabytes is shared like a small one, from the first item to the last."""
    box, array = see.mailbox(), mp.RawArray("Q", 1 << 20)
    array[0], array[-1] = 1, 2
    child = mp.Process(target=post_ends, args=(box, array))
    child.start()
    see.equal(box.take(), [1, 2], "the first and the last item in the child")
    see.exits(child, 0)
    see.equal((array[1], array[-2]), (3, 4), "what the child has assigned")


@chapter.clause("sharedctypes.raw.shared", source=RAW_VALUE)
def a_raw_value_is_shared(mp: Any, see: See) -> None:
    """What a child assigns to a field of a RawValue is there in the parent."""
    point = mp.RawValue(Point, 1, 2)
    child = mp.Process(target=assign, args=(point, "y", 8.5))
    child.start()
    see.exits(child, 0)
    see.equal((point.x, point.y), (1.0, 8.5), "the fields")


@chapter.clause("sharedctypes.raw.part-keeps-whole", source=RAW_ARRAY, methods=NO_METHOD)
def a_part_keeps_the_memory(mp: Any, see: See) -> None:
    """An item of an array of structures, and a view of the array, stay valid when the array itself was dropped."""
    points = mp.RawArray(Point, [(1, 2), (3, 4)])
    item, view = points[1], memoryview(points).cast("B")
    del points
    gc.collect()
    others = [mp.RawArray("B", b"\xff" * 32) for _ in range(20)]
    see.equal((item.x, item.y, view[0]), (3.0, 4.0, 0), "the fields of the item, and a byte of the view")
    del others


# copy


@chapter.clause("sharedctypes.copy.equal", source=COPY, methods=NO_METHOD)
def a_copy_has_type_and_content(mp: Any, see: See) -> None:
    """copy() returns an object of the same type with the same content."""
    for original in (mp.RawValue("i", 7), mp.RawValue(Line, Point(1, 2)), mp.RawArray("h", [1, 2, 3]), ctypes.c_int(5)):
        copied = mp.sharedctypes.copy(original)
        see.true(isinstance(copied, type(original)), f"an instance of {type(original).__name__}", type(copied))
        see.equal(bytes_of(copied), bytes_of(original), "the bytes")


@chapter.clause("sharedctypes.copy.apart", source=COPY, methods=NO_METHOD)
def a_copy_is_another_object(mp: Any, see: See) -> None:
    """A copy and its original do not share memory."""
    original = mp.RawArray("i", [1, 2, 3])
    copied = mp.sharedctypes.copy(original)
    copied[0], original[1] = 10, 20
    see.equal((original[:], copied[:]), ([1, 20, 3], [10, 2, 3]), "the items of both")


@chapter.clause("sharedctypes.copy.shared", source=COPY)
def a_copy_is_in_shared_memory(mp: Any, see: See) -> None:
    """A copy lies in shared memory, also that of a plain object: what a child assigns is there in the parent."""
    copied = mp.sharedctypes.copy((ctypes.c_int * 3)(1, 2, 3))
    child = mp.Process(target=fill, args=(copied, [4, 5, 6]))
    child.start()
    see.exits(child, 0)
    see.equal(copied[:], [4, 5, 6], "the items")


# synchronized


@chapter.clause("sharedctypes.synchronized.wraps", source=SYNCHRONIZED, methods=NO_METHOD)
def synchronized_wraps_an_object(mp: Any, see: See) -> None:
    """synchronized(obj) returns a wrapper of that very object: get_obj() is obj."""
    raw = mp.RawValue("i", 5)
    wrapped = mp.sharedctypes.synchronized(raw)
    see.true(wrapped.get_obj() is raw, "get_obj() is the object", wrapped.get_obj())
    wrapped.value += 1
    see.equal((raw.value, wrapped.value), (6, 6), "the value of the object, and of the wrapper")


@chapter.clause(
    "sharedctypes.synchronized.new-lock", source=SYNCHRONIZED, methods=NO_METHOD, cases={"": (), "None": (None,)}
)
def synchronized_makes_a_recursive_lock(mp: Any, see: See, arguments: Any) -> None:
    """synchronized(obj) and synchronized(obj, None) make an RLock, which guards the wrapper."""
    wrapped = mp.sharedctypes.synchronized(mp.RawValue("i", 5), *arguments)
    see.true(isinstance(wrapped.get_lock(), mp.synchronize.RLock), "an RLock", type(wrapped.get_lock()))
    with Held(wrapped.get_lock()) as holder:
        reader = see.blocks(lambda: wrapped.value)
        holder.let_go()
        see.equal(reader.ends(), 5, "what is read")


@chapter.clause("sharedctypes.synchronized.lock", source=SYNCHRONIZED, methods=NO_METHOD, cases=cases("Lock", "RLock"))
def synchronized_uses_a_lock(mp: Any, see: See, name: str) -> None:
    """synchronized(obj, lock), also by name, uses the lock."""
    lock = getattr(mp, name)()
    for wrapped in (
        mp.sharedctypes.synchronized(mp.RawValue("i", 5), lock),
        mp.sharedctypes.synchronized(obj=mp.RawValue("i", 5), lock=lock),
    ):
        see.true(wrapped.get_lock() is lock, "get_lock() is the lock that was given", wrapped.get_lock())


@chapter.clause("sharedctypes.synchronized.kinds", source=SYNCHRONIZED, methods=NO_METHOD)
def synchronized_wraps_every_kind(mp: Any, see: See) -> None:
    """Arrays, arrays of characters and structures get wrappers with their items, value and raw, and fields."""
    synchronized = mp.sharedctypes.synchronized
    array = synchronized(mp.RawArray("i", [1, 2]))
    text = synchronized(mp.RawArray("c", b"ab\0"))
    point = synchronized(mp.RawValue(Point, 3, 4))
    see.equal((array[1], len(array), text.value, text.raw, point.y), (2, 2, b"ab", b"ab\0", 4.0), "what they show")


@chapter.clause(
    "sharedctypes.synchronized.module-value", source="multiprocessing.sharedctypes.Value", methods=NO_METHOD
)
def value_of_the_module_is_the_same(mp: Any, see: See) -> None:
    """Value() of the module takes a type, arguments and lock by name; it returns a wrapper, with False the object."""
    lock = mp.Lock()
    value = mp.sharedctypes.Value(ctypes.c_int, 5, lock=lock)
    see.true(value.get_lock() is lock and value.value == 5, "a wrapper with the lock that was given")
    see.true(type(mp.sharedctypes.Value("i", 5, lock=False)) is ctypes.c_int, "with lock=False a c_int")
    with see.raises(TypeError):
        mp.sharedctypes.Value("i", 5, lock)


@chapter.clause(
    "sharedctypes.synchronized.module-array", source="multiprocessing.sharedctypes.Array", methods=NO_METHOD
)
def array_of_the_module_is_the_same(mp: Any, see: See) -> None:
    """Array() of the module takes a type, a size or sequence and lock by name, and returns a wrapper or the array."""
    lock = mp.Lock()
    array = mp.sharedctypes.Array("i", [1, 2], lock=lock)
    see.true(array.get_lock() is lock and array[:] == [1, 2], "a wrapper with the lock that was given")
    see.true(isinstance(mp.sharedctypes.Array("i", 2, lock=False), ctypes.c_int * 2), "with lock=False a ctypes array")
    with see.raises(TypeError):
        mp.sharedctypes.Array("i", 2, lock)


# How they come to children


@chapter.clause("sharedctypes.inheritance.nested", source=GUIDELINES)
def they_are_given_within_containers(mp: Any, see: See) -> None:
    """Shared objects within containers that are arguments of a Process are shared, too."""
    value, array = mp.Value("i", 1), mp.RawArray("i", 2)
    child = mp.Process(target=write_within, kwargs={"things": {"values": [value, array]}})
    child.start()
    see.exits(child, 0)
    see.equal((value.value, array[:]), (5, [0, 6]), "the values")


@chapter.clause("sharedctypes.inheritance.one-lock", source=GUIDELINES)
def a_common_lock_stays_common(mp: Any, see: See) -> None:
    """Two objects with the same lock have the same lock in a child."""
    box, lock = see.mailbox(), mp.RLock()
    first, second = mp.Value("i", 1, lock=lock), mp.Array("i", 2, lock=lock)
    child = mp.Process(target=hold_both, args=(box, first, second))
    child.start()
    see.equal(box.take(), False, "acquire(False) of the lock of the second, in another thread")
    see.exits(child, 0)


@chapter.clause("sharedctypes.inheritance.grandchild", source=GUIDELINES)
def a_child_hands_it_on(mp: Any, see: See) -> None:
    """A child can give a shared array that it was given to a child of its own."""
    array = mp.Array("i", 3)
    child = mp.Process(target=hand_on, args=(mp, array))
    child.start()
    see.exits(child, 0)
    see.equal(array[:], [5, 5, 5], "the items")


@chapter.clause("sharedctypes.inheritance.lock-excludes", source="multiprocessing.Value")
def the_lock_excludes_across_processes(mp: Any, see: See) -> None:
    """While the parent has the lock of a value, a child that reads it blocks."""
    box, gate, array = see.mailbox(), see.gate(), mp.Array("i", [1, 2])
    child = mp.Process(target=post_items, args=(box, gate, array))
    child.start()
    with array.get_lock():
        gate.open()
        see.sleeps(child.pid)
        see.true(box.empty(), "no letter while the parent has the lock")
        array[:] = [3, 4]
    see.equal(box.take(), [3, 4], "the items in the child")
    see.exits(child, 0)


@chapter.clause("sharedctypes.inheritance.not-overlaid", source=GUIDELINES, cases=cases("Array", "RawArray"))
def what_a_child_was_given_is_its_own(mp: Any, see: See, name: str) -> None:
    """Memory that a child was given is used for nothing else while the child lives, although the parent dropped it."""
    box, gate, array = see.mailbox(), see.gate(), getattr(mp, name)("i", [1, 2, 3])
    child = mp.Process(target=post_then_write, args=(box, gate, array))
    child.start()
    see.equal(box.take(), "ready", "the first letter")
    del array
    gc.collect()
    others = [mp.RawArray("i", [7, 7, 7]) for _ in range(50)]
    gate.open()
    see.equal(box.take(), [1, 2, 3], "the items in the child")
    see.exits(child, 0)
    see.equal({item for other in others for item in other}, {7}, "the items of what was made since")


@chapter.clause(
    "sharedctypes.pickle.refused",
    source=GUIDELINES,
    methods=NO_METHOD,
    cases={"Value": ("Value", 1), "Array": ("Array", 2), "text": ("Array", 3)},
)
def a_wrapper_is_not_pickled_otherwise(mp: Any, see: See, case: Any) -> None:
    """Pickling a synchronized object while no child is being started raises, and the object works on."""
    name, number = case
    made = getattr(mp, name)("c" if number == 3 else "i", 1)
    with see.raises(*REFUSED):
        pickle.dumps(made)
    see.equal(see.comes_back(made.get_lock().acquire, False), True, "acquire(False) of its lock")


@chapter.clause(
    "sharedctypes.pickle.not-sent", source=GUIDELINES, methods=NO_METHOD, needs="Pipe", cases=cases("RawValue", "Value")
)
def shared_memory_is_not_sent(mp: Any, see: See, name: str) -> None:
    """Sending an object in shared memory through a connection raises."""
    reader, writer = mp.Pipe(duplex=False)
    with reader, writer, see.raises(*REFUSED):
        writer.send(getattr(mp, name)("i", 1))


@chapter.clause(
    "sharedctypes.context.fork-to-other",
    source="multiprocessing-start-methods",
    methods=NO_METHOD,
    level=SHOULD,
    cases=cases("spawn", "forkserver"),
)
def a_value_of_fork_goes_to_no_other_child(mp: Any, see: See, method: str) -> None:
    """A synchronized value of the fork context given to a child of another start method makes start() raise."""
    value = mp.get_context("fork").Value("i", 1)
    child = mp.get_context(method).Process(target=assign, args=(value, "value", 2))
    with see.output(), see.raises(RuntimeError):
        child.start()


# What is left of them


@chapter.clause("sharedctypes.leftovers.given-back", source=MODULE, methods=EVERY_METHOD, platforms=("linux",))
def memory_is_given_back(mp: Any, see: See) -> None:
    """Memory of objects that were dropped is given back: making many after one another needs no more than a few."""
    mp.RawArray("B", 1 << 22)
    before = files_and_mappings()
    for _ in range(50):
        mp.RawArray("B", 1 << 22)[-1] = 1
        mp.Value("d", 1)
        gc.collect()
    after = files_and_mappings()
    see.true(after[0] - before[0] < 6 and after[1] - before[1] < 20, "few files and mappings more", (before, after))


PROGRAM = sharing(
    'mp.RawArray("B", 10), mp.RawArray("B", 5000000), mp.Value("i", 1), mp.Array("d", 10)', "things[0][0] = 1"
)


@chapter.clause(
    "sharedctypes.leftovers.ended",
    source=MODULE,
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
    source=MODULE,
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
