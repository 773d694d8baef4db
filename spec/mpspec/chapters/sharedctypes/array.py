"""Array: ctypes arrays in shared memory, their items, slices and characters."""

from __future__ import annotations

import ctypes
from typing import Any

from mpspec.chapters.sharedctypes.chapter import CODES, TYPECODES, chapter
from mpspec.chapters.sharedctypes.targets import Point, fill, post_items, shout, square
from mpspec.clause import NO_METHOD, SHOULD, cases
from mpspec.observation.see import See
from mpspec.observation.sharing import Held

SHARED_CTYPES_OBJECTS = "shared-ctypes-objects"

ARRAY = "multiprocessing.Array"
LOCKS = cases("Lock", "RLock")
MAKERS = {"Array": lambda mp: mp.Array, "RawArray": lambda mp: mp.sharedctypes.RawArray}


@chapter.clause("sharedctypes.array.wrapper", passage=f"{ARRAY}/3,2", methods=NO_METHOD)
def array_is_wrapped(mp: Any, see: See) -> None:
    """Array() returns a wrapper that has a length and items; get_obj() is the ctypes array, get_lock() the lock."""
    array = mp.Array("i", 3)
    see.equal((len(array), array[0]), (3, 0), "the length and the first item")
    see.true(isinstance(array.get_obj(), ctypes.c_int * 3), "get_obj() is a ctypes array", array.get_obj())
    see.true(hasattr(array.get_lock(), "acquire"), "get_lock() is a lock", array.get_lock())


@chapter.clause("sharedctypes.array.typecode", passage=f"{ARRAY}/4", methods=NO_METHOD, cases=CODES)
def a_typecode_names_the_type_of_the_items(mp: Any, see: See, code: str) -> None:
    """A type code, and the ctypes type that it stands for, make an array of the same type."""
    kind, sample = TYPECODES[code]
    for first in (code, kind):
        array = mp.Array(first, [sample, sample])
        see.true(array.get_obj()._type_ is kind, f"items of type {kind.__name__}", array.get_obj()._type_)
        see.equal(list(array), [sample, sample], "the items")


@chapter.clause("sharedctypes.array.typecode-c", passage=f"{ARRAY}/5", methods=NO_METHOD)
def c_is_a_char(mp: Any, see: See) -> None:
    """The type code 'c' stands for c_char."""
    array = mp.Array("c", b"text")
    see.true(array.get_obj()._type_ is ctypes.c_char, "items of type c_char", array.get_obj()._type_)
    see.equal(array.value, b"text", "value")


@chapter.clause("sharedctypes.array.typecode-w", passage=f"{ARRAY}/4", level=SHOULD, methods=NO_METHOD, since="3.13")
def w_is_not_supported(mp: Any, see: See) -> None:
    """The type code 'w', which the module array has, is not supported: it raises."""
    with see.raises(Exception):
        mp.Array("w", "text")


@chapter.clause(
    "sharedctypes.array.names",
    passage=(f"{ARRAY}/1", "multiprocessing.sharedctypes.Array/1", "multiprocessing.sharedctypes.RawArray/1"),
    methods=NO_METHOD,
    cases={
        "Array": lambda mp: mp.Array,
        "sharedctypes.Array": lambda mp: mp.sharedctypes.Array,
        "RawArray": lambda mp: mp.sharedctypes.RawArray,
    },
)
def the_arguments_of_an_array_have_names(mp: Any, see: See, named: Any) -> None:
    """An array is made by the names typecode_or_type and size_or_initializer."""
    see.equal(list(named(mp)(typecode_or_type="i", size_or_initializer=[1, 2])), [1, 2], "the items")


@chapter.clause("sharedctypes.array.size-zeroed", passage=f"{ARRAY}/6,1", methods=NO_METHOD, cases=CODES)
def a_size_makes_zeroes(mp: Any, see: See, code: str) -> None:
    """An integer as second argument is the number of items, which are zero."""
    zero = TYPECODES[code][0]().value
    see.equal(list(mp.Array(code, 5)), [zero] * 5, "the items")


@chapter.clause(
    "sharedctypes.array.sequence",
    passage=f"{ARRAY}/7,1",
    methods=NO_METHOD,
    cases={"list": [9, 2, 8], "tuple": (9, 2, 8), "range": range(3), "bytes": b"\x01\x02", "empty": []},
)
def a_sequence_makes_the_items(mp: Any, see: See, sequence: Any) -> None:
    """A sequence as second argument gives number and values of the items."""
    array = mp.Array("i", sequence)
    see.equal((len(array), list(array)), (len(sequence), list(sequence)), "the length and the items")


@chapter.clause("sharedctypes.array.negative-size", passage=f"{ARRAY}/6", level=SHOULD, methods=NO_METHOD)
def a_negative_size_raises(mp: Any, see: See) -> None:
    """A negative size raises."""
    with see.raises(Exception):
        mp.Array("i", -1)


@chapter.clause("sharedctypes.array.second-argument", passage=f"{ARRAY}/1", methods=NO_METHOD)
def it_needs_a_size_or_a_sequence(mp: Any, see: See) -> None:
    """Without a second argument an array cannot be made: TypeError."""
    with see.raises(TypeError):
        mp.Array("i")


@chapter.clause("sharedctypes.array.second-argument-wrong", passage=f"{ARRAY}/6,7", level=SHOULD, methods=NO_METHOD)
def what_is_neither_size_nor_sequence_raises(mp: Any, see: See) -> None:
    """A second argument that is neither an integer nor a sequence raises."""
    for wrong in (1.5, None):
        with see.raises(Exception):
            mp.Array("i", wrong)


@chapter.clause("sharedctypes.array.item", passage=f"{ARRAY}/2,3", methods=NO_METHOD)
def items_are_read_and_assigned(mp: Any, see: See) -> None:
    """Items are read and assigned by index."""
    array = mp.Array("i", [1, 2, 3])
    array[0] = 10
    array[2] = 30
    see.equal([array[0], array[1], array[2], array.get_obj()[2]], [10, 2, 30, 30], "the items")


@chapter.clause("sharedctypes.array.index-error", passage=f"{ARRAY}/2", level=SHOULD, methods=NO_METHOD)
def an_index_beyond_raises(mp: Any, see: See) -> None:
    """A negative index counts from the end; one beyond the array raises IndexError, and the lock is free afterwards."""
    array = mp.Array("i", 3)
    array[-1] = 30
    see.equal((array[-1], array[2]), (30, 30), "the last item")
    for index in (3, -4):
        with see.raises(IndexError):
            array[index]
        with see.raises(IndexError):
            array[index] = 1
    see.equal(see.comes_back(array.get_lock().acquire, False), True, "acquire(False) of another thread")


@chapter.clause(
    "sharedctypes.array.slice", passage=(f"{ARRAY}/2", "sharing-state-between-processes/9"), methods=NO_METHOD
)
def slices_are_lists(mp: Any, see: See) -> None:
    """A slice is read as a list."""
    array = mp.Array("i", range(6))
    see.equal((array[1:3], array[:]), ([1, 2], [0, 1, 2, 3, 4, 5]), "two slices")


@chapter.clause("sharedctypes.array.slice-assigned", passage=f"{ARRAY}/2", level=SHOULD, methods=NO_METHOD)
def slices_are_those_of_ctypes(mp: Any, see: See) -> None:
    """A slice may have a step, and is assigned from a sequence of the same length."""
    array = mp.Array("i", range(6))
    see.equal(array[::-2], [5, 3, 1], "a slice with a step")
    array[1:3] = [10, 20]
    array[:] = [value + 1 for value in array]
    see.equal(list(array), [1, 11, 21, 4, 5, 6], "the items")


@chapter.clause("sharedctypes.array.slice-length", passage=f"{ARRAY}/2", level=SHOULD, methods=NO_METHOD)
def a_slice_keeps_its_length(mp: Any, see: See) -> None:
    """Assigning a sequence of another length to a slice raises and changes nothing."""
    array = mp.Array("i", [1, 2, 3])
    with see.raises(Exception):
        array[0:2] = [7, 8, 9]
    see.equal((list(array), len(array)), ([1, 2, 3], 3), "the items")


@chapter.clause(
    "sharedctypes.array.iteration", passage=("module-multiprocessing.sharedctypes/12", f"{ARRAY}/2"), methods=NO_METHOD
)
def it_can_be_iterated(mp: Any, see: See) -> None:
    """Iterating over an array gives its items in order."""
    array = mp.Array("d", [0.5, 1.5, 2.5])
    see.equal([item for item in array], [0.5, 1.5, 2.5], "what is seen")  # noqa: C416 - as users write it


@chapter.clause("sharedctypes.array.structures", passage=f"{ARRAY}/4,7,2", methods=NO_METHOD)
def structures_are_items(mp: Any, see: See) -> None:
    """An array of structures is made from a sequence of tuples; an item is no copy but part of the array."""
    points = mp.Array(Point, [(1, 2), (3, 4)])
    points[1].x = 9
    for point in points:
        point.y += 1
    see.equal([(point.x, point.y) for point in points.get_obj()], [(1.0, 3.0), (9.0, 5.0)], "the fields")


# lock


@chapter.clause(
    "sharedctypes.array.lock.default", passage=f"{ARRAY}/8,1", methods=NO_METHOD, cases={"": {}, "True": {"lock": True}}
)
def a_lock_is_made(mp: Any, see: See, kwargs: Any) -> None:
    """With lock=True, the default, each array gets a lock of its own that guards its items."""
    first, second = mp.Array("i", 2, **kwargs), mp.Array("i", 2, **kwargs)
    with Held(first.get_lock()) as holder:
        see.equal(see.comes_back(lambda: second[0]), 0, "an item of the other array")
        reader = see.blocks(lambda: first[0])
        holder.release()
        see.equal(reader.ends(), 0, "what is read")


@chapter.clause("sharedctypes.array.lock.given", passage=f"{ARRAY}/9", methods=NO_METHOD, cases=LOCKS)
def an_array_uses_the_lock_that_is_given(mp: Any, see: See, name: str) -> None:
    """A Lock or RLock given as lock is the lock of the array."""
    lock = getattr(mp, name)()
    array = mp.Array("i", 2, lock=lock)
    see.true(array.get_lock() is lock, "get_lock() is the lock that was given")
    with Held(lock) as holder:
        calls = [see.blocks(lambda: array[0]), see.blocks(lambda: array[:])]
        holder.release()
        see.equal([call.ends() for call in calls], [0, [0, 0]], "what is read")


@chapter.clause(
    "sharedctypes.array.lock.false",
    passage=(f"{ARRAY}/10,2,3", "multiprocessing.sharedctypes.Array/2"),
    methods=NO_METHOD,
)
def without_a_lock_it_is_a_plain_array(mp: Any, see: See) -> None:
    """With lock=False the ctypes array itself is returned."""
    array = mp.Array("i", [1, 2], lock=False)
    see.true(isinstance(array, ctypes.c_int * 2), "a ctypes array", type(array))
    see.equal((array[:], hasattr(array, "get_lock")), ([1, 2], False), "the items, and whether there is a lock")


@chapter.clause("sharedctypes.array.lock.keyword-only", passage=f"{ARRAY}/11,1", methods=NO_METHOD)
def lock_is_a_keyword_of_array(mp: Any, see: See) -> None:
    """lock is given by name only."""
    with see.raises(TypeError):
        mp.Array("i", 2, False)


@chapter.clause(
    "sharedctypes.array.lock.guards",
    passage=f"{ARRAY}/8,12",
    methods=NO_METHOD,
    cases={
        "item": lambda array: array[0],
        "slice": lambda array: array[:],
        "assign": lambda array: array.__setitem__(0, b"x"),
        "assign slice": lambda array: array.__setitem__(slice(None), b"four"),
        "value": lambda array: array.value,
        "raw": lambda array: array.raw,
        "assign value": lambda array: setattr(array, "value", b"x"),
        "assign raw": lambda array: setattr(array, "raw", b"x"),
    },
)
def every_access_waits_for_the_lock(mp: Any, see: See, access: Any) -> None:
    """Items, slices, value and raw are read and assigned only while no other thread has the lock."""
    array = mp.Array("c", 4)
    with Held(array.get_lock()) as holder:
        call = see.blocks(access, array)
        see.equal(array.get_obj().raw, bytes(4), "the characters meanwhile")
        holder.release()
        call.ends()
    see.equal(see.comes_back(array.get_lock().acquire, False), True, "acquire(False) of another thread afterwards")


@chapter.clause(
    "sharedctypes.array.with", passage="multiprocessing.sharedctypes.synchronized/9", methods=NO_METHOD, since="3.5"
)
def an_array_is_a_context_manager(mp: Any, see: See) -> None:
    """In a with statement of the array its lock is held: items are changed as one."""
    array = mp.Array("i", [1, 2])
    with array:
        array[0], array[1] = array[1], array[0]
        see.equal(see.comes_back(array.get_lock().acquire, False), False, "acquire(False) of another thread")
    see.equal((see.comes_back(array.get_lock().acquire, False), array.get_obj()[:]), (True, [2, 1]), "afterwards")


# Characters


@chapter.clause(
    "sharedctypes.array.characters.value",
    passage=(f"{ARRAY}/13,12,5", "multiprocessing.sharedctypes.RawValue/6", "multiprocessing.sharedctypes.Array/2"),
    methods=NO_METHOD,
    cases=MAKERS,
)
def value_ends_at_the_first_nul(mp: Any, see: See, maker: Any) -> None:
    """value of an array of c_char is its characters up to the first NUL, or all of them where there is none."""
    for kind in ("c", ctypes.c_char):
        see.equal(maker(mp)(kind, b"he\0lo").value, b"he", "value with a NUL")
        see.equal(maker(mp)(kind, b"hello").value, b"hello", "value without")


@chapter.clause(
    "sharedctypes.array.characters.raw",
    passage=(f"{ARRAY}/13,12", "multiprocessing.sharedctypes.RawValue/6"),
    methods=NO_METHOD,
    cases=MAKERS,
)
def raw_is_everything(mp: Any, see: See, maker: Any) -> None:
    """raw of an array of c_char is all of its characters."""
    see.equal(maker(mp)("c", b"he\0lo").raw, b"he\0lo", "raw")
    see.equal(maker(mp)("c", 3).raw, bytes(3), "raw of zeroes")


@chapter.clause(
    "sharedctypes.array.characters.assign",
    passage=(f"{ARRAY}/12,13", "multiprocessing.sharedctypes.RawValue/6"),
    methods=NO_METHOD,
    cases=MAKERS,
)
def value_and_raw_are_assigned(mp: Any, see: See, maker: Any) -> None:
    """What is assigned to value is there in value, and what is assigned to raw in raw."""
    text = maker(mp)("c", b"hello")
    text.value = b"by"
    see.equal(text.value, b"by", "value")
    text.raw = b"HE\0LO"
    see.equal((text.raw, text.value), (b"HE\0LO", b"HE"), "raw and value")


@chapter.clause(
    "sharedctypes.array.characters.rest", passage=f"{ARRAY}/12,2", level=SHOULD, methods=NO_METHOD, cases=MAKERS
)
def what_is_not_assigned_stays(mp: Any, see: See, maker: Any) -> None:
    """Assigning value writes the characters and a NUL where there is room; assigning raw writes them alone."""
    text = maker(mp)("c", b"hello")
    text.value = b"by"
    see.equal(text.raw, b"by\0lo", "raw after value")
    text.raw = b"HE"
    see.equal(text.raw, b"HE\0lo", "raw after raw")


@chapter.clause(
    "sharedctypes.array.characters.too-long",
    passage=f"{ARRAY}/12,2",
    level=SHOULD,
    methods=NO_METHOD,
    cases=cases("value", "raw"),
)
def too_many_characters_raise(mp: Any, see: See, name: str) -> None:
    """Assigning more characters than the array has raises and changes nothing."""
    text = mp.Array("c", b"hello")
    with see.raises(Exception):
        setattr(text, name, b"goodbye")
    see.equal(text.raw, b"hello", "raw")


@chapter.clause("sharedctypes.array.characters.slice", passage=f"{ARRAY}/2,12", level=SHOULD, methods=NO_METHOD)
def slices_of_characters_are_bytes(mp: Any, see: See) -> None:
    """A slice of an array of c_char is bytes."""
    text = mp.Array("c", b"hello")
    text[1:3] = b"EL"
    see.equal((text[0], text[1:4], text[:]), (b"h", b"ELl", b"hELlo"), "an item and slices")


@chapter.clause("sharedctypes.array.characters.wide", passage=f"{ARRAY}/4,7", level=SHOULD, methods=NO_METHOD)
def wide_characters_are_text(mp: Any, see: See) -> None:
    """An array of the type code 'u' is made from text, and its slices are text."""
    text = mp.Array("u", "grüße")
    text[0] = "G"
    see.equal((len(text), text[:], text[2:4]), (5, "Grüße", "üß"), "the length and slices")


# Between processes


@chapter.clause(
    "sharedctypes.array.shared.child-writes",
    passage=f"{SHARED_CTYPES_OBJECTS}/1",
    cases={"wrapped": True, "raw": False},
)
def a_child_changes_items(mp: Any, see: See, lock: bool) -> None:
    """What a child assigns to items is there in the parent, with a wrapper and without."""
    array = mp.Array("h", [1, 2, 3], lock=lock)
    child = mp.Process(target=fill, args=(array, [-1, -2, -3]))
    child.start()
    see.exits(child, 0)
    see.equal(array[:], [-1, -2, -3], "the items")


@chapter.clause("sharedctypes.array.shared.parent-writes", passage=f"{SHARED_CTYPES_OBJECTS}/1")
def a_child_sees_items_change(mp: Any, see: See) -> None:
    """What the parent assigns to items after the start of the child is there in the child."""
    box, gate, array = see.mailbox(), see.gate(), mp.Array("d", 3)
    child = mp.Process(target=post_items, args=(box, gate, array))
    child.start()
    array[:] = [0.5, 1.5, 2.5]
    gate.open()
    see.equal(box.take_all(2), ["reading", [0.5, 1.5, 2.5]], "the message of the child, and the items there")
    see.exits(child, 0)


@chapter.clause("sharedctypes.array.shared.structures", passage=f"{SHARED_CTYPES_OBJECTS}/1")
def a_child_changes_structures(mp: Any, see: See) -> None:
    """What a child assigns to fields of the items is there in the parent."""
    points = mp.Array(Point, [(1.5, -2), (3, 0.5)])
    child = mp.Process(target=square, args=(points,))
    child.start()
    see.exits(child, 0)
    see.equal([(point.x, point.y) for point in points], [(2.25, 4.0), (9.0, 0.25)], "the fields")


@chapter.clause("sharedctypes.array.shared.characters", passage=(f"{SHARED_CTYPES_OBJECTS}/1", f"{ARRAY}/2,12"))
def a_child_changes_characters(mp: Any, see: See) -> None:
    """What a child assigns to the value of an array of characters is there in the parent."""
    text = mp.Array("c", b"hello")
    child = mp.Process(target=shout, args=(text,))
    child.start()
    see.exits(child, 0)
    see.equal(text.value, b"HELLO", "value")
