"""Value: a ctypes object in shared memory, its wrapper and its lock."""

from __future__ import annotations

import ctypes
from typing import Any

from mpspec.chapters.sharedctypes.chapter import CODES, TYPECODES, chapter
from mpspec.chapters.sharedctypes.targets import Either, Line, Point, add_often, assign, post_attribute
from mpspec.clause import ANY_METHOD, NO_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See
from mpspec.observation.sharing import Held

SHARING = "sharing-state-between-processes"
SYNCHRONIZED = "multiprocessing.sharedctypes.synchronized"
SHARED_CTYPES_OBJECTS = "shared-ctypes-objects"

VALUE = "multiprocessing.Value"
LOCKS = cases("Lock", "RLock")


@chapter.clause("sharedctypes.value.wrapper", passage=f"{VALUE}/3,4,2,1", methods=NO_METHOD)
def value_is_wrapped(mp: Any, see: See) -> None:
    """Value() returns a wrapper: value is that of the object, get_obj() the object and get_lock() the lock."""
    value = mp.Value("i", 7)
    see.equal(value.value, 7, "value")
    see.true(isinstance(value.get_obj(), ctypes.c_int), "get_obj() is the ctypes object", value.get_obj())
    see.equal(value.get_obj().value, 7, "the value of get_obj()")
    see.true(hasattr(value.get_lock(), "acquire"), "get_lock() is a lock", value.get_lock())


@chapter.clause("sharedctypes.value.typecode", passage=(f"{VALUE}/5", f"{SHARING}/10"), methods=NO_METHOD, cases=CODES)
def a_typecode_names_the_type(mp: Any, see: See, code: str) -> None:
    """A type code of the module array stands for the ctypes type of the same C type."""
    kind, sample = TYPECODES[code]
    value = mp.Value(code, sample)
    see.true(type(value.get_obj()) is kind, f"the type is {kind.__name__}", type(value.get_obj()))
    see.equal(value.value, sample, "the value")


@chapter.clause("sharedctypes.value.typecode-c", source="multiprocessing.Array", level=UNSPECIFIED, methods=NO_METHOD)
def whether_c_is_a_char(mp: Any, see: See) -> None:
    """Whether Value() takes the type code 'c', which the page gives to Array() alone, is left open."""
    try:
        see.records(kind=type(mp.Value("c", b"x").get_obj()).__name__)
    except Exception as error:
        see.records(error=type(error).__name__)


@chapter.clause("sharedctypes.value.typecode-unknown", passage=f"{VALUE}/5", level=SHOULD, methods=NO_METHOD)
def an_unknown_typecode_raises(mp: Any, see: See) -> None:
    """A string that is no type code raises."""
    for code in ("!", "double"):
        with see.raises(Exception):
            mp.Value(code, 1)


@chapter.clause(
    "sharedctypes.value.type",
    passage=f"{VALUE}/5",
    methods=NO_METHOD,
    cases={
        "c_bool": (ctypes.c_bool, True),
        "c_int16": (ctypes.c_int16, -5),
        "c_uint64": (ctypes.c_uint64, 2**63),
        "c_longdouble": (ctypes.c_longdouble, 0.25),
        "c_size_t": (ctypes.c_size_t, 12),
    },
)
def a_ctypes_type_is_taken_as_it_is(mp: Any, see: See, case: Any) -> None:
    """A ctypes type stands for itself."""
    kind, sample = case
    value = mp.Value(kind, sample)
    see.true(type(value.get_obj()) is kind, f"the type is {kind.__name__}", type(value.get_obj()))
    see.equal(value.value, sample, "the value")


@chapter.clause("sharedctypes.value.zero", passage=f"{VALUE}/6", methods=NO_METHOD, cases=CODES)
def without_arguments_it_is_zero(mp: Any, see: See, code: str) -> None:
    """A value made without further arguments is what the constructor of its type gives: zero."""
    kind, _ = TYPECODES[code]
    see.equal(mp.Value(code).value, kind().value, "the value")


@chapter.clause("sharedctypes.value.arguments", passage=f"{VALUE}/6,1", methods=NO_METHOD)
def arguments_go_to_the_constructor(mp: Any, see: See) -> None:
    """The arguments after the type go to its constructor, and too many of them raise TypeError."""
    point = mp.Value(Point, 4, 6)
    see.equal((point.get_obj().x, point.get_obj().y), (4.0, 6.0), "the fields")
    with see.raises(TypeError):
        mp.Value("i", 1, 2)
    with see.raises(TypeError):
        mp.Value("i", "one")


@chapter.clause(
    "sharedctypes.value.names", passage=(f"{VALUE}/1", "multiprocessing.sharedctypes.Value/1"), methods=NO_METHOD
)
def the_type_of_a_value_has_a_name(mp: Any, see: See) -> None:
    """Value() of the package and of the module takes its type by the name typecode_or_type, and lock by its name."""
    for make in (mp.Value, mp.sharedctypes.Value):
        see.equal(make(typecode_or_type="i").value, 0, "the value")
        see.true(type(make(typecode_or_type="i", lock=False)) is ctypes.c_int, "without a lock a c_int")


@chapter.clause("sharedctypes.value.lock.endless", passage=(f"{VALUE}/7", f"{SHARING}/11"), methods=NO_METHOD)
def access_does_not_give_up(mp: Any, see: See) -> None:
    """Reading and assigning go on waiting for a lock that another thread has for seconds."""
    value, array = mp.Value("i", 5), mp.Array("i", [6])
    with Held(value.get_lock()) as a, Held(array.get_lock()) as b:
        calls = [see.blocks(setattr, value, "value", 7), see.blocks(lambda: array[0])]
        calls[0].goes_on()
        calls[1].still()
        a.release()
        b.release()
        see.equal([call.ends() for call in calls], [None, 6], "what the calls return")
    see.equal(value.value, 7, "value")


@chapter.clause("sharedctypes.value.set", passage=f"{VALUE}/4,3", methods=NO_METHOD)
def value_can_be_assigned(mp: Any, see: See) -> None:
    """What is assigned to value is there in the object, and what is assigned in the object is there in value."""
    value = mp.Value("d", 1.5)
    value.value = 2.5
    see.equal(value.get_obj().value, 2.5, "the value of the object")
    value.get_obj().value = 3.5
    see.equal(value.value, 3.5, "value")


@chapter.clause("sharedctypes.value.as-ctypes", passage=f"{VALUE}/2", level=SHOULD, methods=NO_METHOD)
def it_behaves_as_ctypes(mp: Any, see: See) -> None:
    """An integer too large wraps around as in ctypes; a value of a wrong type raises TypeError and changes nothing."""
    value = mp.Value("B", 300)
    see.equal(value.value, 44, "300 in an unsigned byte")
    with see.raises(TypeError):
        value.value = "many"
    see.equal((value.value, see.comes_back(value.get_lock().acquire, False)), (44, True), "the value, and its lock")


@chapter.clause(
    "sharedctypes.value.structure", passage=(f"{VALUE}/2,3", f"{SYNCHRONIZED}/7"), level=SHOULD, methods=NO_METHOD
)
def a_structure_shows_its_fields(mp: Any, see: See) -> None:
    """The wrapper of a structure has its fields as attributes, to be read and assigned."""
    line = mp.Value(Line, Point(1, 2), Point(3, 4), b"short")
    see.equal((line.begin.x, line.end.y, line.name), (1.0, 4.0, b"short"), "the fields")
    line.name = b"longer"
    line.end = Point(5, 6)
    see.equal((line.get_obj().name, line.get_obj().end.x), (b"longer", 5.0), "the fields of the object")


@chapter.clause(
    "sharedctypes.value.union", passage=(f"{VALUE}/2,3", f"{SYNCHRONIZED}/7"), level=SHOULD, methods=NO_METHOD
)
def a_union_shows_its_fields(mp: Any, see: See) -> None:
    """The wrapper of a union has its members as attributes."""
    either = mp.Value(Either, 0x01010101)
    see.equal(list(either.octets), [1, 1, 1, 1], "the bytes")
    either.number = 0
    see.equal(list(either.get_obj().octets), [0, 0, 0, 0], "the bytes after an assignment")


# lock


@chapter.clause(
    "sharedctypes.value.lock.default", passage=f"{VALUE}/7,1", methods=NO_METHOD, cases={"": {}, "True": {"lock": True}}
)
def a_recursive_lock_is_made(mp: Any, see: See, kwargs: Any) -> None:
    """With lock=True, the default, each value gets a recursive lock of its own."""
    first, second = mp.Value("i", **kwargs), mp.Value("i", **kwargs)
    lock = first.get_lock()
    twice = see.comes_back(lambda: [lock.acquire(), lock.acquire(False), lock.release(), lock.release()][:2])
    see.equal(twice, [True, True], "what two acquire() of one thread return")
    with Held(first.get_lock()):
        see.equal(second.get_lock().acquire(False), True, "acquire(False) of the lock of the other")


@chapter.clause("sharedctypes.value.lock.given", passage=f"{VALUE}/8", methods=NO_METHOD, cases=LOCKS)
def a_lock_that_is_given_is_used(mp: Any, see: See, name: str) -> None:
    """A Lock or RLock given as lock is the lock of the value."""
    lock = getattr(mp, name)()
    value = mp.Value("i", 5, lock=lock)
    see.true(value.get_lock() is lock, "get_lock() is the lock that was given", value.get_lock())
    with Held(lock) as holder:
        reader = see.blocks(lambda: value.value)
        holder.release()
        see.equal(reader.ends(), 5, "what is read")


@chapter.clause(
    "sharedctypes.value.lock.false",
    passage=(f"{VALUE}/9,2,3", "multiprocessing.sharedctypes.Value/2"),
    methods=NO_METHOD,
)
def without_a_lock_there_is_no_wrapper(mp: Any, see: See) -> None:
    """With lock=False the ctypes object itself is returned."""
    value = mp.Value("i", 5, lock=False)
    see.true(type(value) is ctypes.c_int, "a c_int", type(value))
    see.equal((value.value, hasattr(value, "get_lock")), (5, False), "value, and whether there is a lock")


@chapter.clause("sharedctypes.value.lock.keyword-only", passage=f"{VALUE}/15,1,6", methods=NO_METHOD)
def lock_is_a_keyword_of_value(mp: Any, see: See) -> None:
    """lock is given by name only: by position it is an argument of the constructor of the type."""
    with see.raises(TypeError):
        mp.Value("i", 1, mp.Lock())
    with see.raises(TypeError):
        mp.Value("i", 1, name="unknown")


@chapter.clause(
    "sharedctypes.value.lock.wrong",
    passage=(f"{VALUE}/7-9", "multiprocessing.Array/8-10"),
    level=SHOULD,
    methods=NO_METHOD,
    cases={"Value": 1, "Array": 0},
)
def a_lock_is_a_lock(mp: Any, see: See, is_value: int) -> None:
    """Something that is not a lock raises when it is given as lock."""
    with see.raises(Exception):
        (mp.Value if is_value else mp.Array)("i", 1, lock="a lock")


@chapter.clause("sharedctypes.value.lock.guards-reading", passage=(f"{VALUE}/7", f"{SHARING}/11"), methods=NO_METHOD)
def reading_waits_for_the_lock(mp: Any, see: See) -> None:
    """Reading value blocks while another thread has the lock."""
    value = mp.Value("i", 5)
    with Held(value.get_lock()) as holder:
        reader = see.blocks(lambda: value.value)
        holder.release()
        see.equal(reader.ends(), 5, "what is read")


@chapter.clause("sharedctypes.value.lock.guards-writing", passage=f"{VALUE}/7", methods=NO_METHOD)
def writing_waits_for_the_lock(mp: Any, see: See) -> None:
    """Assigning to value blocks while another thread has the lock, and changes nothing before."""
    value = mp.Value("i", 5)
    with Held(value.get_lock()) as holder:
        writer = see.blocks(setattr, value, "value", 6)
        see.equal(value.get_obj().value, 5, "the value of the object")
        holder.release()
        writer.ends()
    see.equal(value.value, 6, "value")


@chapter.clause("sharedctypes.value.lock.guards-fields", passage=f"{SYNCHRONIZED}/2", methods=NO_METHOD)
def fields_wait_for_the_lock(mp: Any, see: See) -> None:
    """Reading and assigning a field of a wrapped structure block while another thread has the lock."""
    point = mp.Value(Point, 1, 2)
    with Held(point.get_lock()) as holder:
        calls = [see.blocks(lambda: point.x), see.blocks(setattr, point, "y", 5)]
        see.equal(point.get_obj().y, 2.0, "the field of the object")
        holder.release()
        see.equal([call.ends() for call in calls], [1.0, None], "what the calls return")


@chapter.clause("sharedctypes.value.lock.raw-unguarded", passage=f"{SYNCHRONIZED}/7", methods=NO_METHOD)
def the_object_itself_does_not_wait(mp: Any, see: See) -> None:
    """The object that get_obj() returns is read and assigned without the lock."""
    value = mp.Value("i", 5)

    def increment() -> int:
        value.get_obj().value += 1
        return int(value.get_obj().value)

    with Held(value.get_lock()):
        see.equal(see.comes_back(increment), 6, "the value of the object")


@chapter.clause("sharedctypes.value.lock.recursive", passage=f"{VALUE}/13,7,14", methods=NO_METHOD)
def its_owner_reads_and_writes(mp: Any, see: See) -> None:
    """The owner of the recursive lock of a value reads and assigns the value without blocking."""
    value = mp.Value("i", 5)

    def increment() -> int:
        with value.get_lock():
            value.value += 1
            return int(value.value)

    see.equal(see.comes_back(increment), 6, "value")


@chapter.clause("sharedctypes.value.lock.not-recursive", passage=f"{VALUE}/8,13", methods=NO_METHOD)
def with_a_plain_lock_its_owner_blocks(mp: Any, see: See) -> None:
    """The owner of a value's lock, if that is not recursive, blocks on reading the value until the lock is released."""
    lock = mp.Lock()
    value = mp.Value("i", 5, lock=lock)

    def read() -> int:
        lock.acquire()
        return int(value.value)

    reader = see.blocks(read)
    lock.release()
    see.equal(reader.ends(), 5, "what is read")


@chapter.clause("sharedctypes.value.with", passage=f"{SYNCHRONIZED}/9", methods=NO_METHOD, since="3.5")
def a_wrapper_is_a_context_manager(mp: Any, see: See) -> None:
    """In a with statement of the wrapper its lock is held, and released afterwards, also after an exception."""
    value = mp.Value("i", 5)
    with see.raises(LookupError), value:
        see.equal(see.comes_back(value.get_lock().acquire, False), False, "acquire(False) of another thread")
        raise LookupError("from the block")
    see.equal(see.comes_back(value.get_lock().acquire, False), True, "acquire(False) of another thread afterwards")


# +=


@chapter.clause("sharedctypes.value.increment.two-steps", passage=f"{VALUE}/10", methods=NO_METHOD)
def an_increment_is_a_read_and_a_write(mp: Any, see: See) -> None:
    """value += n reads first and writes later: what another thread has added in between is lost."""
    value = mp.Value("i", 0)

    def one_after_another_thread_has_added() -> int:
        see.comes_back(lambda: setattr(value, "value", value.value + 10))
        return 1

    value.value += one_after_another_thread_has_added()
    see.equal(value.value, 1, "value")


@chapter.clause("sharedctypes.value.increment.with-lock", passage=f"{VALUE}/13,14,7", methods=NO_METHOD)
def an_increment_with_the_lock_is_whole(mp: Any, see: See) -> None:
    """With the lock held around value += n another thread waits, and nothing is lost."""
    value, others = mp.Value("i", 0), []

    def add_ten() -> None:
        with value.get_lock():
            value.value += 10

    def one_while_another_thread_waits() -> int:
        others.append(see.blocks(add_ten))
        return 1

    with value.get_lock():
        value.value += one_while_another_thread_waits()
    others[0].ends()
    see.equal(value.value, 11, "value")


@chapter.clause("sharedctypes.value.increment.processes", passage=f"{VALUE}/13,14", methods=ANY_METHOD, patience=2)
def processes_count_exactly(mp: Any, see: See) -> None:
    """Processes that add one with the lock held lose nothing."""
    value = mp.Value("i", 0)
    children = [mp.Process(target=add_often, args=(value, 500)) for _ in range(4)]
    for child in children:
        child.start()
    for child in children:
        see.exits(child, 0)
    see.equal(value.value, 2000, "value")


# Between processes


@chapter.clause(
    "sharedctypes.value.shared.child-writes",
    passage=(f"{SHARED_CTYPES_OBJECTS}/1", f"{SHARING}/5"),
    cases={"wrapped": True, "raw": False},
)
def a_child_changes_it(mp: Any, see: See, lock: bool) -> None:
    """What a child assigns is there in the parent, with a wrapper and without."""
    value = mp.Value("d", 1.5, lock=lock)
    child = mp.Process(target=assign, args=(value, "value", 2.5))
    child.start()
    see.exits(child, 0)
    see.equal(value.value, 2.5, "value")


@chapter.clause("sharedctypes.value.shared.parent-writes", passage=f"{SHARED_CTYPES_OBJECTS}/1")
def a_child_sees_changes(mp: Any, see: See) -> None:
    """What the parent assigns after the start of the child is there in the child."""
    box, gate, value = see.mailbox(), see.gate(), mp.Value("d", 1)
    child = mp.Process(target=post_attribute, args=(box, gate, value, "value"))
    child.start()
    value.value = 2**40
    gate.open()
    see.equal(box.take(), 2**40, "value in the child")
    see.exits(child, 0)


@chapter.clause("sharedctypes.value.shared.structure", passage=f"{SHARED_CTYPES_OBJECTS}/1")
def a_child_changes_a_field(mp: Any, see: See) -> None:
    """What a child assigns to a field of a structure is there in the parent."""
    line = mp.Value(Line, Point(1, 2), Point(3, 4), b"name")
    child = mp.Process(target=assign, args=(line, "name", b"changed"))
    child.start()
    see.exits(child, 0)
    see.equal((line.name, line.begin.x), (b"changed", 1.0), "the field that was assigned and another")
