"""What managers of this chapter make and call. Imported by every spawned server, hence next to no imports."""

from __future__ import annotations

import os
import signal
import sys
import threading

from mpspec.observation.witness import testify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox

NOTES: list[Any] = []
"""What was noted in this process."""


def note(*args: Any, **kwargs: Any) -> None:
    """Note the arguments of the call."""
    NOTES.append([list(args), kwargs])


def fail() -> None:
    """An initializer, or what is to make an object, that raises."""
    raise ArithmeticError("it fails on purpose")


class Store:
    """Holds one value, and tells of the process in which it is."""

    def __init__(self, value: Any = 0) -> None:
        self.value = value
        self.noted = list(NOTES)

    def noted_before(self) -> list[Any]:
        """What had been noted when this object was made."""
        return self.noted

    def get(self) -> Any:
        """The value."""
        return self.value

    def set(self, value: Any) -> None:
        """Hold another value."""
        self.value = value

    def add(self, number: int) -> Any:
        """Add to the value and return it."""
        self.value += number
        return self.value

    def pid(self) -> int:
        """The process in which this object is, which testifies of itself."""
        testify()
        return os.getpid()

    def origin(self) -> list[Any]:
        """The parent of that process, as the kernel has it, and what was noted in memory that only fork hands on."""
        return [os.getppid(), bool(NOTES)]

    def notes(self) -> list[Any]:
        """What was noted in the process in which this object is."""
        return NOTES

    def linger(self, gate: Gate) -> None:
        """Have the end of this process wait for the gate, where it waits for threads or flushes standard streams."""
        threading.Thread(target=gate.wait).start()
        sys.stdout = sys.stderr = Stuck(gate)

    def wait(self, box: Mailbox, gate: Gate) -> None:
        """Post a message and wait for the gate."""
        box.post("waiting")
        gate.wait()


class Stuck:
    """A stream that waits for a gate whenever it is flushed."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate

    def write(self, text: str) -> int:
        """Lose the text."""
        return len(text)

    def flush(self) -> None:
        """Wait for the gate."""
        self.gate.wait()


class Maker:
    """An object that can be called, and makes stores."""

    def __call__(self, value: Any = 0) -> Store:
        return Store(value)


def make_store(value: Any = 0) -> Store:
    """A function that makes stores."""
    return Store(value)


def post_terminate(box: Mailbox, gate: Gate | None = None) -> None:
    """Have SIGTERM posted before it ends this process, once the gate is open; where that is not possible, say so."""

    def posted(number: int, _: object) -> None:
        box.post("SIGTERM")
        if gate is not None:
            gate.wait()
            box.post("ends")
        os._exit(1)

    try:
        signal.signal(signal.SIGTERM, posted)
        box.post("handled")
    except ValueError:  # this is not the main thread
        box.post("no handler")


# What is exposed


class Older:
    """Has a method that others inherit."""

    def inherited(self) -> str:
        """Its name."""
        return "inherited"


class Various(Older):
    """Has public methods of each kind, and other attributes."""

    number = 7
    kind = str

    def __init__(self) -> None:
        self.called: list[str] = []
        self.attribute = Answer("attribute")

    def method(self) -> str:
        """Its name."""
        self.called.append("method")
        return "method"

    @classmethod
    def of_class(cls) -> str:
        """Its name."""
        return "of_class"

    @staticmethod
    def static() -> str:
        """Its name."""
        return "static"

    def calls(self) -> list[str]:
        """The methods that were called of those that remember it."""
        return self.called

    def _hidden(self) -> str:
        self.called.append("_hidden")
        return "_hidden"

    def __len__(self) -> int:
        self.called.append("__len__")
        return 7


class Answer:
    """An object that is no function and can be called."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __call__(self) -> str:
        return self.text


def make_either(first: bool) -> Any:
    """Make an object of one of two types that have no method in common."""
    return Store(1) if first else Various()


def the_operators() -> Any:
    """A module."""
    import operator  # no other child needs it

    return operator


# What returns a proxy


class Shelf:
    """Keeps one store and one list, and hands them out."""

    def __init__(self) -> None:
        self.store = Store(1)
        self.items = [1, 2]

    def drawer(self) -> Store:
        """The store."""
        return self.store

    def box(self) -> Store:
        """The store as well."""
        return self.store

    def content(self) -> Any:
        """What is in the store."""
        return self.store.value

    def all(self) -> list[int]:
        """The list."""
        return self.items
