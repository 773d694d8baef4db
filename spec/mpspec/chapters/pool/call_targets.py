"""What pools are asked to call. Imported by every spawned worker, hence next to no imports."""

from __future__ import annotations

import os

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

    from mpspec.observation.mailbox import Gate, Mailbox


class Refused(Exception):
    """An exception of the user."""


class Stubborn(Exception):
    """An exception that cannot be unpickled: its arguments are not those that it was made with."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)


class Unsendable(Exception):
    """An exception that cannot be pickled."""

    def __reduce__(self) -> Any:
        raise TypeError("not to be pickled")


class Method:
    """An object whose method is called, and which can be called itself."""

    def __init__(self, factor: int) -> None:
        self.factor = factor

    def times(self, number: int) -> int:
        """The number, times the factor."""
        return number * self.factor

    __call__ = times


@target
def same(value: Any) -> Any:
    """The value."""
    return value


@target
def tell(box: Mailbox, value: Any = None) -> Any:
    """Post the id of the process and the value, and give the value back."""
    box.post((os.getpid(), value))
    return value


@target
def tell_and_wait_at(box: Mailbox, gate: Gate, held: int, number: int) -> int:
    """Post the id of the process and the number; if it is the one that is held, wait at the gate. The number again."""
    box.post((os.getpid(), number))
    if number == held:
        gate.wait()
    return number


@target
def wait(gate: Gate, value: Any = None) -> Any:
    """Wait at the gate, and give back the value."""
    gate.wait()
    return value


@target
def pid_and(value: Any) -> tuple[int, Any]:
    """The id of the process, and the value."""
    return os.getpid(), value


@target
def raise_it(error: BaseException) -> None:
    """Raise the exception."""
    raise error


@target
def refuse(number: int) -> None:
    """Raise Refused."""
    raise Refused("refused", number)


@target
def refuse_when_open(gate: Gate, number: int) -> None:
    """Wait at the gate, and raise Refused."""
    gate.wait()
    raise Refused("refused", number)


@target
def refuse_one(which: int, number: int) -> int:
    """Raise Refused for one number, and give the others back."""
    if number == which:
        raise Refused("refused", number)
    return number


@target
def raise_stubborn() -> None:
    """Raise what cannot be unpickled."""
    raise Stubborn(1, "because")


@target
def raise_unsendable() -> None:
    """Raise what cannot be pickled."""
    raise Unsendable("because")


@target
def unsendable(*_: Any) -> Any:
    """Give back what cannot be pickled."""
    return lambda: None


class Changing(Exception):
    """Becomes another exception on its way to another process."""

    def __reduce__(self) -> tuple[type[Exception], tuple[str]]:
        return ValueError, ("changed",)


class Wordy:
    """Has much to say of itself, and cannot be pickled."""

    def __repr__(self) -> str:
        return "word " * 1000

    def __reduce__(self) -> NoReturn:
        raise TypeError("this cannot be pickled")


def wordy() -> Wordy:
    """Something that cannot be sent, and says so at length."""
    return Wordy()
