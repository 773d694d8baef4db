"""Hypothesis drives proxies of containers, nested in each other, and plain objects with the same operations."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from hypothesis import strategies as some
from hypothesis.stateful import initialize, precondition, rule
from mpspec.models.containers import Raised, Referent, inside, pairs

from .container_operations import (
    dict_operations,
    dicts,
    items,
    keys,
    list_operations,
    lists,
    many,
    namespace_operations,
    set_operations,
    set_proxies,
    shared,
    some_scalars,
    spaces,
    workers,
)
from .driver import PROCESSES, THREADS, Implementation, process_of
from .holders import decode, encode
from .machine import Machine, run

DEEPEST = 4
"""How many containers lie in each other at most."""
LONGEST = 10
"""Items of a container beyond which it does not grow."""
HELD = 2
"""Proxies of one referent that a process holds; older ones are dropped."""


@dataclass(frozen=True)
class Held:
    """A proxy that a process has got, by its number there."""

    number: int


def come(told: Any) -> Any:
    """What a worker has told, as the model has it; Held where it has a proxy."""
    return decode(told, Held, lambda given: SimpleNamespace(**given))


class Containers(Machine):
    """Containers of a manager beside plain objects."""

    offers_sets = False
    answered = True

    @property
    def iterates_all(self) -> bool:
        """Whether a dict's proxy that came by a message can be iterated over: not in the standard library."""
        return self.strict

    def new(self, kind: str, *content: Any) -> Referent:
        """Another referent."""
        self.referents.append(Referent(len(self.referents), kind, *content))
        return self.referents[-1]

    @initialize(targets=(shared, lists))
    def begin(self) -> Any:
        """Have a manager and a first list, of which every process has a proxy."""
        self.referents: list[Referent] = []
        first = self.new("list")
        self.held: list[dict[Referent, list[int]]] = [{first: [0]} for _ in range(PROCESSES)]
        if self.workers.are_at_work:
            for process in range(PROCESSES):
                self.order(process * THREADS, "forget")
            self.order(0, "operate", "del []", 0, encode(slice(None), lambda value: None))
        else:
            self.workers.begin("Holders", PROCESSES)
        self.number = 100
        self.made: set[tuple[int, int]] = set()
        self.offers_sets = self.order(0, "offers", "set")
        return first

    def ask(self, worker: int, *operation: Any) -> Any:
        """What comes of an operation."""
        self.answered = False
        came = super().ask(worker, *operation)
        self.answered = True
        return came

    def teardown(self) -> None:
        """Go on with the same manager, which spares most of the time, as long as every operation came back."""
        if not self.answered:
            super().teardown()

    def order(self, worker: int, *order: Any) -> Any:
        """What comes of something that always succeeds."""
        kind, *came = self.ask(worker, *order)
        assert kind == "returned", f"{order} raises {': '.join(came)}"
        return came[0]

    def proxy(self, worker: int, referent: Referent) -> int | None:
        """The number of a proxy that the worker's process has or gets; None where nobody has any to reach it by."""
        process = process_of(worker)
        mine = self.held[process]
        if referent not in mine:
            giver = next((other for other in range(PROCESSES) if referent in self.held[other]), None)
            if giver is not None:
                self.order(giver * THREADS, "give", self.held[giver][referent][-1], process)
                mine[referent] = [self.order(worker, "take", process)]
            elif not self.fetch(worker, referent):
                return None
        return mine[referent][-1 - worker % len(mine[referent])]

    def fetch(self, worker: int, referent: Referent) -> bool:
        """Whether a proxy of the referent can be had from what it lies in, which is done then."""
        known = [one for held in self.held for one in held]
        for container in {one: None for each in known for one in each.reachable()}:
            if referent in inside(container.value):
                self.operate(worker, container, *where(container, referent))
                return True
        return False

    def operate(self, worker: int, referent: Referent, what: str, *arguments: Any) -> None:
        """Do an operation to both, and compare what comes of it."""
        number = self.proxy(worker, referent)
        numbers = {one: self.proxy(worker, one) for one in inside(arguments)}
        if number is None or None in numbers.values():
            return
        iterates = what in ("list", "set") and referent.kind in ("dict", "set")
        if iterates and not self.iterates_all and (process_of(worker), number) not in self.made:
            what = "len"

        def number_of(value: Any) -> int | None:
            return numbers[value] if isinstance(value, Referent) else None

        expected = None if (referent.kind, what) == ("set", "pop") else referent.operate(what, *arguments)
        kind, came, *text = self.ask(worker, "operate", what, number, *(encode(one, number_of) for one in arguments))
        done = f"{what} {arguments} of {referent!r}"
        if (referent.kind, what) == ("set", "pop"):
            expected = self.popped(referent, kind, came)
        if isinstance(expected, Raised):
            assert kind == "raised", f"{done} gives {come(came)!r}, where {expected.name} is due"
            assert came == expected.name, f"{done} raises {came} {text}, where {expected.name} is due"
            return
        assert kind == "returned", f"{done} raises {came} {text}, where {expected!r} is due"
        if what == "str":
            compare_texts(referent, came, expected)
            return
        try:
            got = list(pairs(expected, come(came)))
        except ValueError as error:
            raise AssertionError(f"{done} gives {come(came)!r}, where {expected!r} is due: {error}") from None
        for one, proxy in got:
            assert isinstance(proxy, Held), f"{done} gives {proxy!r}, where a proxy of {one!r} is due"
            self.keep(worker, one, proxy.number)

    def popped(self, referent: Referent, kind: str, came: Any) -> Any:
        """What pop() of a set has to give: any item, which is gone then."""
        if not referent.value:
            return Raised("KeyError")
        assert kind == "returned", f"pop() of {referent.value} raises {came}"
        item = come(came)
        assert item in referent.value, f"pop() of {referent.value} gives {item!r}"
        referent.value.remove(item)
        return item

    def keep(self, worker: int, referent: Referent, number: int) -> None:
        """Have the process hold one more proxy of the referent, and not too many."""
        numbers = self.held[process_of(worker)].setdefault(referent, [])
        numbers.append(number)
        if len(numbers) > HELD:
            self.order(worker, "drop", numbers.pop(0))

    def look(self, worker: int, referent: Referent) -> None:
        """Compare all that the referent holds, and its text where that can be told."""
        self.operate(worker, referent, "_getvalue")
        if not list(inside(referent.value)):
            self.operate(worker, referent, "str")
        for inner in list(inside(referent.value)):
            self.operate(worker, referent, *where(referent, inner))

    def fits(self, referent: Referent, what: str, arguments: tuple[Any, ...]) -> bool:
        """Whether nothing would grow too large or lie in itself, and the page tells what comes of it."""
        value = referent.value
        if any(referent in one.reachable() for one in inside(arguments)):
            return False
        above = self.level(referent)
        if any(above + one.depth() > DEEPEST for one in inside(arguments)):
            return False
        if what == "reassign":
            at = arguments[0]
            has = at in value if referent.kind == "dict" else -len(value) <= at < len(value)
            return not (has and isinstance(value[at], Referent))
        return (
            referent.kind != "list" or len(value) <= LONGEST or what not in ("append", "extend", "+=", "*=", "insert")
        )

    def level(self, referent: Referent) -> int:
        """In how many others it lies, itself included."""
        return 1 + max((self.level(one) for one in self.referents if referent in inside(one.value)), default=0)

    def use(self, worker: int, seer: int, referent: Referent, *operations: tuple[Any, ...]) -> None:
        """Do operations, and have somebody look after each what has become of the referent."""
        for what, *arguments in operations:
            if self.fits(referent, what, tuple(arguments)):
                if what == "sort":
                    self.operate(worker, referent, "[]=", slice(None), [2, 3, 1])  # what can be sorted
                self.operate(worker, referent, what, *arguments)
                self.look(seer, referent)

    def make(self, worker: int, seer: int, kind: str, *content: Any) -> Referent:
        """Have a new one made; without what nobody can reach any more, or what would lie too deep."""
        numbers = {one: self.proxy(worker, one) for one in inside(content)}
        if None in numbers.values() or any(one.depth() >= DEEPEST for one in numbers):
            content = ()
        told = [encode(one, lambda value: numbers[value] if isinstance(value, Referent) else None) for one in content]
        number = self.order(worker, "make", kind, *told)
        made = self.new(kind, *content)
        self.held[process_of(worker)][made] = [number]
        self.made.add((process_of(worker), number))
        self.look(seer, made)
        return made

    @rule(targets=(shared, lists), worker=workers, seer=workers, content=many)
    def make_list(self, worker: int, seer: int, content: list[Any]) -> Referent:
        """A list holds what it is made of."""
        return self.make(worker, seer, "list", content)

    @rule(targets=(shared, dicts), worker=workers, seer=workers, content=some.dictionaries(keys, items, max_size=2))
    def make_dict(self, worker: int, seer: int, content: dict[Any, Any]) -> Referent:
        """A dict likewise."""
        return self.make(worker, seer, "dict", content)

    @precondition(lambda self: self.offers_sets)
    @rule(targets=(shared, set_proxies), worker=workers, seer=workers, content=some_scalars)
    def make_set(self, worker: int, seer: int, content: list[Any]) -> Referent:
        """A set likewise."""
        return self.make(worker, seer, "set", content)

    @rule(targets=(shared, spaces), worker=workers, seer=workers)
    def make_namespace(self, worker: int, seer: int) -> Referent:
        """A namespace begins empty."""
        return self.make(worker, seer, "Namespace")

    @rule(worker=workers, seer=workers, one=lists, operations=list_operations)
    def use_list(self, worker: int, seer: int, one: Referent, operations: list[Any]) -> None:
        """A proxy of a list is used as a list."""
        self.use(worker, seer, one, *operations)

    @rule(worker=workers, seer=workers, one=dicts, operations=dict_operations)
    def use_dict(self, worker: int, seer: int, one: Referent, operations: list[Any]) -> None:
        """A proxy of a dict is used as a dict."""
        self.use(worker, seer, one, *operations)

    @rule(worker=workers, seer=workers, one=set_proxies, operations=set_operations)
    def use_set(self, worker: int, seer: int, one: Referent, operations: list[Any]) -> None:
        """A proxy of a set is used as a set."""
        self.use(worker, seer, one, *operations)

    @rule(worker=workers, seer=workers, one=spaces, operations=namespace_operations)
    def use_namespace(self, worker: int, seer: int, one: Referent, operations: list[Any]) -> None:
        """Attributes of a namespace are shared, those with an underscore are the proxy's own."""
        self.use(worker, seer, one, *operations)

    @rule(worker=workers, seer=workers, one=lists, inner=shared)
    def nest_in_list(self, worker: int, seer: int, one: Referent, inner: Referent) -> None:
        """What lies in a list is a proxy."""
        self.use(worker, seer, one, ("append", inner))

    @rule(worker=workers, seer=workers, one=dicts, inner=shared)
    def nest_in_dict(self, worker: int, seer: int, one: Referent, inner: Referent) -> None:
        """And in a dict."""
        self.use(worker, seer, one, ("[]=", "a", inner))

    @rule(process=some.integers(0, PROCESSES - 1), one=shared)
    def drop(self, process: int, one: Referent) -> None:
        """A process forgets all its proxies of a referent, which lives on as long as there is another."""
        numbers = self.held[process].pop(one, [])
        self.order(process * THREADS, "drop", *numbers)

    @rule(worker=workers, other=workers, one=shared)
    def fetch_again(self, worker: int, other: int, one: Referent) -> None:
        """What lies in a container can be had from there, and is the same for all."""
        if self.fetch(worker, one) and one.kind in ("list", "dict"):
            key = "mark" if one.kind == "dict" else len(one.value)
            self.number += 1
            self.operate(other, one, *(("[]=", key) if one.kind == "dict" else ("append",)), self.number)
            self.operate(worker, one, "[]", key)
            self.operate(other, one, "pop", key)


def where(container: Referent, inner: Referent) -> tuple[Any, ...]:
    """The operation that gives what lies in the container; it is in the item itself or in a plain one."""
    if container.kind == "Namespace":
        return next(("getattr", name) for name, item in vars(container.value).items() if inner in inside(item))
    items = container.value.items() if container.kind == "dict" else enumerate(container.value)
    return next(("[]", place) for place, item in items if inner in inside(item))


def compare_texts(referent: Referent, came: str, expected: str) -> None:
    """The text of a proxy is the representation of its referent, whose form is known of some."""
    if referent.kind == "set":
        assert ast.literal_eval(came) == referent.value, f"str of {referent!r} is {came!r}, not {expected!r}"
    elif referent.kind == "Namespace":
        for name, value in vars(referent.value).items():
            assert f"{name}={value!r}" in came, f"{name}={value!r} is not in {came!r}"
    else:
        assert came == expected, f"str of {referent!r} is {came!r}, not {expected!r}"


def test_proxies_of_containers_do_as_plain_objects(implementation: Implementation) -> None:
    run(Containers, implementation, examples=30, steps=30)
