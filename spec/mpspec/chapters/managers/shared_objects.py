"""What a user shares, and raises in a server. Server processes and children import it, hence next to no imports."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from mpspec.observation.mailbox import Gate, Mailbox


class Tells:
    """An action of a barrier: post the id of the process that it runs in."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    def __call__(self) -> None:
        self.box.post(os.getpid())


class Uncommon(Exception):
    """An exception of the user's."""


class Dumb(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("an exception that refuses to be pickled")


class Slow:
    """A value that arrives as itself, and is long on its way: whoever sends it posts 'sending' and waits at a gate."""

    def __init__(self, box: Mailbox, gate: Gate, value: Any) -> None:
        self.box, self.gate, self.value = box, gate, value

    def __reduce__(self) -> Any:
        self.box.post("sending")
        self.gate.wait()
        return type(self.value), (self.value,)


class Note:
    """A value of the user's, equal to another of the same text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Note) and other.text == self.text

    __hash__ = None  # type: ignore[assignment]


class Bench:
    """A shared object whose methods tell how they were called, and raise and return what they are told."""

    def __init__(self, *tools: str) -> None:
        self.tools = list(tools)

    def __repr__(self) -> str:
        return f"Bench{tuple(self.tools)}"

    def pid(self) -> int:
        return os.getpid()

    def echo(self, *args: Any, **kwds: Any) -> tuple[Any, ...]:
        return args, kwds

    def all_tools(self) -> list[str]:
        return self.tools

    def add_tool(self, tool: str) -> int:
        self.tools.append(tool)
        return len(self.tools)

    def fail(self, error: BaseException) -> None:
        raise error

    def fail_without_words(self) -> None:
        raise Dumb("which nobody hears")

    def stream(self) -> Any:
        return Rooted()

    def _hidden(self) -> str:
        return "hidden"


class Rooted:
    """A shared object that cannot be pickled."""

    def __init__(self) -> None:
        self.count = 0

    def __reduce__(self) -> Any:
        raise TypeError("an object that refuses to be pickled")

    def up(self) -> int:
        self.count += 1
        return self.count


LIVING: list[Callable[[], object]] = []
"""References to the precious objects of this process."""


class Precious:
    """A shared object of which its process knows whether it is still there."""

    def __init__(self) -> None:
        from _weakref import ref

        LIVING.append(ref(self))

    def touch(self) -> str:
        return "touched"


class Source:
    """A shared object that makes precious ones."""

    def precious(self) -> Precious:
        return Precious()


class Ledger:
    """A shared object that knows how many precious ones live in its process."""

    def living(self) -> int:
        import gc

        gc.collect()
        return sum(reference() is not None for reference in LIVING)
