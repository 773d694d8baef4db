"""copy and synchronized: shared copies of ctypes objects, and wrappers with a lock."""

from __future__ import annotations

import ctypes
from typing import Any

from mpspec.chapters.sharedctypes.chapter import bytes_of, chapter
from mpspec.chapters.sharedctypes.targets import Line, Point, assign, fill, post_items
from mpspec.clause import MAY, NO_METHOD, cases
from mpspec.observation.see import See
from mpspec.observation.sharing import Held

COPY = "multiprocessing.sharedctypes.copy"
SYNCHRONIZED = "multiprocessing.sharedctypes.synchronized"


class Cell(ctypes.c_int):
    """An int that can be increased."""

    def increase(self, by: int, *, times: int = 1) -> Any:
        """Add to the value, and return it."""
        self.value += by * times
        return self.value


class Row(ctypes.c_int * 2):  # type: ignore[misc]
    """Two ints, of which the first can be increased."""

    def increase(self, by: int, *, times: int = 1) -> Any:
        """Add to the first item, and return it."""
        self[0] += by * times
        return self[0]


class Step(Point):
    """A point that can be moved: its own class adds no field, only a method."""

    def increase(self, by: int, *, times: int = 1) -> Any:
        """Add to x, and return it."""
        self.x += by * times
        return self.x


class Longer(Step):
    """A point that inherits the method."""


# copy


@chapter.clause("sharedctypes.copy.equal", passage=f"{COPY}/2,1", methods=NO_METHOD)
def a_copy_has_type_and_content(mp: Any, see: See) -> None:
    """copy() returns an object of the same type with the same content."""
    for original in (
        mp.sharedctypes.RawValue("i", 7),
        mp.sharedctypes.RawValue(Line, Point(1, 2)),
        mp.sharedctypes.RawArray("h", [1, 2, 3]),
        ctypes.c_int(5),
    ):
        copied = mp.sharedctypes.copy(original)
        see.true(isinstance(copied, type(original)), f"an instance of {type(original).__name__}", type(copied))
        see.equal(bytes_of(copied), bytes_of(original), "the bytes")


@chapter.clause("sharedctypes.copy.apart", passage=f"{COPY}/2", methods=NO_METHOD)
def a_copy_is_another_object(mp: Any, see: See) -> None:
    """A copy and its original do not share memory."""
    original = mp.sharedctypes.RawArray("i", [1, 2, 3])
    copied = mp.sharedctypes.copy(original)
    copied[0], original[1] = 10, 20
    see.equal((original[:], copied[:]), ([1, 20, 3], [10, 2, 3]), "the items of both")


@chapter.clause("sharedctypes.copy.name", passage=f"{COPY}/1", methods=NO_METHOD)
def the_object_to_copy_has_a_name(mp: Any, see: See) -> None:
    """copy() takes its object by the name obj."""
    see.equal(mp.sharedctypes.copy(obj=ctypes.c_int(5)).value, 5, "the value")


@chapter.clause("sharedctypes.copy.shared", passage=f"{COPY}/2")
def a_copy_is_in_shared_memory(mp: Any, see: See) -> None:
    """A copy lies in shared memory, also that of a plain object: what a child assigns is there in the parent."""
    copied = mp.sharedctypes.copy((ctypes.c_int * 3)(1, 2, 3))
    child = mp.Process(target=fill, args=(copied, [4, 5, 6]))
    child.start()
    see.exits(child, 0)
    see.equal(copied[:], [4, 5, 6], "the items")


# synchronized


@chapter.clause("sharedctypes.synchronized.wraps", passage=f"{SYNCHRONIZED}/7,2,1", methods=NO_METHOD)
def synchronized_wraps_an_object(mp: Any, see: See) -> None:
    """synchronized(obj) returns a wrapper of that very object: get_obj() is obj."""
    raw = mp.sharedctypes.RawValue("i", 5)
    wrapped = mp.sharedctypes.synchronized(raw)
    see.true(wrapped.get_obj() is raw, "get_obj() is the object", wrapped.get_obj())
    wrapped.value += 1
    see.equal((raw.value, wrapped.value), (6, 6), "the value of the object, and of the wrapper")


@chapter.clause(
    "sharedctypes.synchronized.new-lock",
    passage=f"{SYNCHRONIZED}/3,2,1",
    methods=NO_METHOD,
    cases={"": (), "None": (None,)},
)
def synchronized_makes_a_recursive_lock(mp: Any, see: See, arguments: Any) -> None:
    """synchronized(obj) and synchronized(obj, None) make an RLock, which guards the wrapper."""
    wrapped = mp.sharedctypes.synchronized(mp.sharedctypes.RawValue("i", 5), *arguments)
    see.true(isinstance(wrapped.get_lock(), mp.synchronize.RLock), "an RLock", type(wrapped.get_lock()))
    with Held(wrapped.get_lock()) as holder:
        reader = see.blocks(lambda: wrapped.value)
        holder.release()
        see.equal(reader.ends(), 5, "what is read")


@chapter.clause(
    "sharedctypes.synchronized.lock", passage=f"{SYNCHRONIZED}/7,2,1", methods=NO_METHOD, cases=cases("Lock", "RLock")
)
def synchronized_uses_a_lock(mp: Any, see: See, name: str) -> None:
    """synchronized(obj, lock), also by name, uses the lock: the object is read once nobody else has it."""
    lock = getattr(mp, name)()
    for wrapped in (
        mp.sharedctypes.synchronized(mp.sharedctypes.RawValue("i", 5), lock),
        mp.sharedctypes.synchronized(obj=mp.sharedctypes.RawValue("i", 5), lock=lock),
    ):
        see.true(wrapped.get_lock() is lock, "get_lock() is the lock that was given", wrapped.get_lock())
        with Held(lock) as holder:
            reader = see.blocks(getattr, wrapped, "value")
            holder.release()
            see.equal(reader.ends(), 5, "what is read")


@chapter.clause("sharedctypes.synchronized.kinds", passage=f"{SYNCHRONIZED}/7", methods=NO_METHOD)
def synchronized_wraps_every_kind(mp: Any, see: See) -> None:
    """Arrays, arrays of characters and structures get wrappers with their items, value and raw, and fields."""
    synchronized = mp.sharedctypes.synchronized
    array = synchronized(mp.sharedctypes.RawArray("i", [1, 2]))
    text = synchronized(mp.sharedctypes.RawArray("c", b"ab\0"))
    point = synchronized(mp.sharedctypes.RawValue(Point, 3, 4))
    see.equal((array[1], len(array), text.value, text.raw, point.y), (2, 2, b"ab", b"ab\0", 4.0), "what they show")


@chapter.clause("sharedctypes.synchronized.process-safe", passage=f"{SYNCHRONIZED}/2,3")
def a_wrapper_is_process_safe(mp: Any, see: See) -> None:
    """While this process has the lock of a wrapper, a child that was given the wrapper and reads it blocks."""
    box, gate = see.mailbox(), see.gate()
    array = mp.sharedctypes.synchronized(mp.sharedctypes.RawArray("i", [1, 2]))
    child = mp.Process(target=post_items, args=(box, gate, array))
    child.start()
    with array.get_lock():
        gate.open()
        see.equal(box.take(), "reading", "the first message")
        see.settles(child.pid)
        see.true(box.empty(), "no message while this process has the lock")
        array[:] = [3, 4]
    see.equal(box.take(), [3, 4], "the items in the child")
    see.exits(child, 0)


@chapter.clause(
    "sharedctypes.synchronized.methods",
    passage=f"{SYNCHRONIZED}/7,2",
    methods=NO_METHOD,
    cases={"simple": Cell, "array": Row, "structure": Step, "inherited": Longer},
)
def a_wrapper_has_the_methods_of_its_object(mp: Any, see: See, kind: Any) -> None:
    """A wrapper has the methods of the object that it wraps: they change the object, and wait for the lock."""
    raw = mp.sharedctypes.RawValue(kind, 3)
    wrapped = mp.sharedctypes.synchronized(raw)
    see.returns(7, wrapped.increase, 2, times=2)
    see.returns(8, raw.increase, 1)
    with Held(wrapped.get_lock()) as holder:
        increasing = see.blocks(wrapped.increase, 1)
        see.returns(9, raw.increase, 1)
        holder.release()
        see.equal(increasing.ends(), 10, "what increase() returns once the lock is free")


def reads_under(see: See, lock: Any, read: Any, promised: Any) -> None:
    """The read waits for the lock."""
    with Held(lock) as holder:
        reader = see.blocks(read)
        holder.release()
        see.equal(reader.ends(), promised, "what is read")


@chapter.clause(
    "sharedctypes.synchronized.module-value",
    passage="multiprocessing.sharedctypes.Value/2,4,5,9,1",
    methods=NO_METHOD,
    cases=cases("Lock", "RLock"),
)
def value_of_the_module_is_the_same(mp: Any, see: See, name: str) -> None:
    """Value() of the module takes a type, arguments and a lock, which it uses; with lock=False it gives the object."""
    lock = getattr(mp, name)()
    value = mp.sharedctypes.Value(ctypes.c_int, 5, lock=lock)
    see.true(value.get_lock() is lock, "a wrapper with the lock that was given")
    reads_under(see, lock, lambda: value.value, 5)
    see.true(type(mp.sharedctypes.Value("i", 5, lock=False)) is ctypes.c_int, "with lock=False a c_int")
    with see.raises(TypeError):
        mp.sharedctypes.Value("i", 5, lock)


@chapter.clause(
    "sharedctypes.synchronized.module-array",
    passage="multiprocessing.sharedctypes.Array/2,4,5,9,1",
    methods=NO_METHOD,
    cases=cases("Lock", "RLock"),
)
def array_of_the_module_is_the_same(mp: Any, see: See, name: str) -> None:
    """Array() of the module takes a type, a size or sequence and a lock, which it uses; with lock=False an array."""
    lock = getattr(mp, name)()
    array = mp.sharedctypes.Array("i", [1, 2], lock=lock)
    see.true(array.get_lock() is lock, "a wrapper with the lock that was given")
    reads_under(see, lock, lambda: array[:], [1, 2])
    see.true(isinstance(mp.sharedctypes.Array("i", 2, lock=False), ctypes.c_int * 2), "with lock=False a ctypes array")
    with see.raises(TypeError):
        mp.sharedctypes.Array("i", 2, lock)


@chapter.clause(
    "sharedctypes.synchronized.module-default",
    passage=("multiprocessing.sharedctypes.Value/3", "multiprocessing.sharedctypes.Array/3"),
    methods=NO_METHOD,
    cases={
        "Value-default": ("Value", {}),
        "Value-true": ("Value", {"lock": True}),
        "Array-default": ("Array", {}),
        "Array-true": ("Array", {"lock": True}),
    },
)
def the_module_makes_a_lock_by_default(mp: Any, see: See, case: tuple[str, dict[str, bool]]) -> None:
    """With lock=True, the default, Value() and Array() of the module make a lock for each, which guards the access."""
    name, options = case
    first, second = (getattr(mp.sharedctypes, name)("i", 1, **options) for _ in range(2))

    def look(shared: Any) -> Any:
        return shared[0] if name == "Array" else shared.value

    with Held(first.get_lock()) as holder:
        see.comes_back(look, second)
        looking = see.blocks(look, first)
        holder.release()
        see.equal(looking.ends(), 0 if name == "Array" else 1, "what is read")


# ctx

MADE = {
    "Value": lambda module, **ctx: module.Value(Point, 1, 2, **ctx),
    "Array": lambda module, **ctx: module.Array("i", [1], **ctx),
    "synchronized": lambda module, **ctx: module.synchronized(module.RawArray("i", [1]), **ctx),
}
IN_CONTEXTS = [(name, method) for name in MADE for method in ("spawn", "forkserver", "")]


@chapter.clause(
    "sharedctypes.synchronized.ctx",
    passage=(
        "multiprocessing.sharedctypes.Value/6,1",
        "multiprocessing.sharedctypes.Array/6,1",
        f"{SYNCHRONIZED}/4,1",
    ),
    methods=NO_METHOD,
    since="3.14",
    fresh=True,
    cases={f"{name} {method or 'None'}": (name, method) for name, method in IN_CONTEXTS},
    uses={f"{name} {method or 'None'}": ("fork", method or "fork") for name, method in IN_CONTEXTS},
)
def the_context_is_that_of_the_lock(mp: Any, see: See, case: Any) -> None:
    """What Value(), Array() and synchronized() make with a context as ctx, or None, goes to processes of it."""
    name, method = case
    mp.set_start_method("fork")  # whose locks go to no process of another method
    context = mp.get_context(method) if method else None
    made = MADE[name](mp.sharedctypes, ctx=context)
    child = (context or mp).Process(target=fill, args=(made, [2]))
    if name == "Value":
        child = (context or mp).Process(target=assign, args=(made, "x", 2))
    child.start()
    see.exits(child, 0)
    see.equal(made.x if name == "Value" else made[0], 2, "what the child has assigned")


@chapter.clause(
    "sharedctypes.context.may-fix",
    passage=(
        "multiprocessing.sharedctypes.Value/7",
        "multiprocessing.sharedctypes.Array/7",
        f"{SYNCHRONIZED}/5",
    ),
    level=MAY,
    methods=NO_METHOD,
    fresh=True,
    cases=MADE,
)
def making_one_may_set_the_start_method(mp: Any, see: See, make: Any) -> None:
    """Making a synchronized object may set an open start method to the default, and to no other."""
    make(mp.sharedctypes)
    chosen = mp.get_start_method(allow_none=True)
    see.true(chosen in (None, mp.get_all_start_methods()[0]), "it is open, or the default", chosen)
    see.records(sets=chosen is not None)
