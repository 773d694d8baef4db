"""RawValue and RawArray: ctypes objects in shared memory, without a lock."""

from __future__ import annotations

import ctypes
import gc
from typing import Any

from mpspec.chapters.sharedctypes.chapter import CODES, TYPECODES, bytes_of, chapter
from mpspec.chapters.sharedctypes.targets import Line, Point, assign, fill_arrays_and_post_the_changed, post_ends
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

MODULE = "module-multiprocessing.sharedctypes"
RAW_ARRAY = "multiprocessing.sharedctypes.RawArray"
RAW_VALUE = "multiprocessing.sharedctypes.RawValue"


@chapter.clause(
    "sharedctypes.raw.names",
    passage=(
        f"{RAW_VALUE}/1",
        f"{RAW_ARRAY}/1",
        "multiprocessing.Value/1",
        "multiprocessing.Array/1",
        "contexts-and-start-methods/15",
    ),
    methods=NO_METHOD,
)
def the_names_are_where_the_page_has_them(mp: Any, see: See) -> None:
    """Value and Array are names of the package, its contexts and the module, RawValue and RawArray of the module."""
    context = mp.get_context(mp.get_all_start_methods()[-1])
    for place in (mp, context, mp.sharedctypes):
        see.equal((place.Value("i", 2).value, len(place.Array("i", 2))), (2, 2), "what Value and Array make")
    see.equal(mp.sharedctypes.RawValue("i", 2).value, 2, "what RawValue makes")
    see.equal(len(mp.sharedctypes.RawArray("i", 2)), 2, "what RawArray makes")


@chapter.clause("sharedctypes.raw.names-elsewhere", source=RAW_VALUE, level=UNSPECIFIED, methods=NO_METHOD)
def whether_the_raw_ones_are_names_of_the_package(mp: Any, see: See) -> None:
    """Whether RawValue and RawArray are names of the package and its contexts, too, is left open."""
    context = mp.get_context(mp.get_all_start_methods()[-1])
    for name in ("RawValue", "RawArray"):
        see.records(**{f"{name}_of_the_package": hasattr(mp, name), f"{name}_of_a_context": hasattr(context, name)})


@chapter.clause(
    "sharedctypes.raw.typecode-w",
    source=RAW_VALUE,
    level=UNSPECIFIED,
    methods=NO_METHOD,
    since="3.13",
    cases={
        "Value": lambda mp: mp.Value("w", "x"),
        "RawValue": lambda mp: mp.sharedctypes.RawValue("w", "x"),
        "RawArray": lambda mp: mp.sharedctypes.RawArray("w", "x"),
    },
)
def whether_w_is_taken(mp: Any, see: See, make: Any) -> None:
    """Whether others than Array(), which does not take the type code 'w', take it is left open."""
    try:
        see.records(kind=type(make(mp)).__name__)
    except Exception as error:
        see.records(error=type(error).__name__)


@chapter.clause("sharedctypes.raw.value-name", passage=f"{RAW_VALUE}/1", methods=NO_METHOD)
def the_type_of_a_raw_value_has_a_name(mp: Any, see: See) -> None:
    """RawValue() takes its type by the name typecode_or_type."""
    see.equal(mp.sharedctypes.RawValue(typecode_or_type="i").value, 0, "the value")


@chapter.clause("sharedctypes.raw.value-type", passage=f"{RAW_VALUE}/3,2", methods=NO_METHOD, cases=CODES)
def a_raw_value_is_a_ctypes_object(mp: Any, see: See, code: str) -> None:
    """RawValue() returns an object of the ctypes type, without a wrapper."""
    kind, sample = TYPECODES[code]
    for first in (code, kind):
        value = mp.sharedctypes.RawValue(first, sample)
        see.true(type(value) is kind, f"the type is {kind.__name__}", type(value))
        see.equal((value.value, hasattr(value, "get_lock")), (sample, False), "value, and whether there is a lock")


@chapter.clause("sharedctypes.raw.array-type", passage=f"{RAW_ARRAY}/3,2,5", methods=NO_METHOD, cases=CODES)
def a_raw_array_is_a_ctypes_array(mp: Any, see: See, code: str) -> None:
    """RawArray() returns a ctypes array of items of the type, without a wrapper."""
    kind, sample = TYPECODES[code]
    for first in (code, kind):
        array = mp.sharedctypes.RawArray(first, [sample] * 3)
        see.true(isinstance(array, kind * 3), f"an array of {kind.__name__}", type(array))
        see.equal((list(array), hasattr(array, "get_lock")), ([sample] * 3, False), "the items, and a lock")


@chapter.clause(
    "sharedctypes.raw.equivalences",
    passage=f"{MODULE}/7-10",
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


@chapter.clause("sharedctypes.raw.zeroed", passage=f"{RAW_ARRAY}/4", methods=NO_METHOD)
def memory_is_zeroed(mp: Any, see: See) -> None:
    """A RawArray made with a size is all zero, also where its memory was used and given back before."""
    for size in (1, 7, 64, 1000):
        for _ in range(3):
            array = mp.sharedctypes.RawArray("B", size)
            see.equal(bytes(array).count(0), size, "the number of zeroes")
            ctypes.memset(array, 255, size)
            del array
            gc.collect()


@chapter.clause("sharedctypes.raw.value-zeroed", passage=f"{RAW_VALUE}/4,2", methods=NO_METHOD)
def a_raw_value_is_zeroed(mp: Any, see: See) -> None:
    """A RawValue made without arguments is all zero, also where its memory was used and given back before."""
    for _ in range(3):
        line = mp.sharedctypes.RawValue(Line)
        see.equal(bytes_of(line), bytes(ctypes.sizeof(Line)), "the bytes")
        ctypes.memset(ctypes.addressof(line), 255, ctypes.sizeof(Line))
        del line
        gc.collect()


@chapter.clause("sharedctypes.raw.partly-initialised", passage=f"{RAW_VALUE}/4", methods=NO_METHOD)
def what_is_not_initialised_is_zero(mp: Any, see: See) -> None:
    """Fields for which the constructor gets no argument are zero."""
    dirty = mp.sharedctypes.RawValue(Point, 1, 1)
    del dirty
    see.equal((mp.sharedctypes.RawValue(Point, 4).x, mp.sharedctypes.RawValue(Point, 4).y), (4.0, 0.0), "the fields")


@chapter.clause("sharedctypes.raw.apart", passage=f"{RAW_ARRAY}/2", methods=NO_METHOD)
def objects_do_not_overlap(mp: Any, see: See) -> None:
    """Objects that exist at the same time do not share memory."""
    arrays = [mp.sharedctypes.RawArray("B", [number % 256] * (number * 37 % 80 + 1)) for number in range(30)]
    for number in range(0, 30, 3):
        arrays[number] = mp.sharedctypes.RawArray("B", [number] * 11)
    for number, array in enumerate(arrays):
        see.equal(set(array), {number % 256}, f"the items of array {number}")


@chapter.clause("sharedctypes.raw.structures", passage="sharing-state-between-processes/12", methods=NO_METHOD)
def structures_and_arrays_nest(mp: Any, see: See) -> None:
    """Items may be structures or arrays, and their parts lie in the same memory."""
    lines = mp.sharedctypes.RawArray(Line, 2)
    lines[1].end.y = 2.5
    grid = mp.sharedctypes.RawArray(ctypes.c_int * 3, 2)
    grid[1][2] = 7
    see.equal(
        (lines[1].end.y, lines[0].end.y, [list(row) for row in grid]), (2.5, 0.0, [[0] * 3, [0, 0, 7]]), "the parts"
    )


@chapter.clause("sharedctypes.raw.large", passage=f"{MODULE}/1")
def a_large_array_is_shared(mp: Any, see: See) -> None:
    """An array of many megabytes is shared like a small one, from the first item to the last."""
    box, array = see.mailbox(), mp.sharedctypes.RawArray("d", 1 << 20)
    array[0], array[-1] = 1, 2
    child = mp.Process(target=post_ends, args=(box, array))
    child.start()
    see.equal(box.take(), [1, 2], "the first and the last item in the child")
    see.exits(child, 0)
    see.equal((array[1], array[-2]), (3, 4), "what the child has assigned")


@chapter.clause("sharedctypes.raw.many", passage=f"{MODULE}/1", methods=ANY_METHOD)
def many_arrays_lie_apart(mp: Any, see: See) -> None:
    """Arrays of 20 megabytes in all have memory of their own each: what is assigned to one is in no other."""
    box = see.mailbox()
    child = mp.Process(target=fill_arrays_and_post_the_changed, args=(box, mp, 40, 500_000))
    child.start()
    see.equal(box.take(), [], "the arrays that have not kept what was assigned")
    see.exits(child, 0)


@chapter.clause("sharedctypes.raw.shared", passage=f"{MODULE}/1")
def a_raw_value_is_shared(mp: Any, see: See) -> None:
    """What a child assigns to a field of a RawValue is there in the parent."""
    point = mp.sharedctypes.RawValue(Point, 1, 2)
    child = mp.Process(target=assign, args=(point, "y", 8.5))
    child.start()
    see.exits(child, 0)
    see.equal((point.x, point.y), (1.0, 8.5), "the fields")


@chapter.clause("sharedctypes.raw.part-keeps-whole", passage=f"{RAW_ARRAY}/2", level=SHOULD, methods=NO_METHOD)
def a_part_keeps_the_memory(mp: Any, see: See) -> None:
    """An item of an array of structures, and a view of the array, stay valid when the array itself was dropped."""
    points = mp.sharedctypes.RawArray(Point, [(1, 2), (3, 4)])
    item, view = points[1], memoryview(points).cast("B")
    del points
    gc.collect()
    others = [mp.sharedctypes.RawArray("B", b"\xff" * 32) for _ in range(20)]
    see.equal((item.x, item.y, view[0]), (3.0, 4.0, 0), "the fields of the item, and a byte of the view")
    del others
