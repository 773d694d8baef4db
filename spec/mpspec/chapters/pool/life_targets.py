"""What workers call where their own life is observed. Imported by every spawned worker, hence next to no imports."""

from __future__ import annotations

import os
import sys

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox

MEMORY: dict[str, Any] = {"changed": False, "calls": 0, "given": "nothing"}
"""What a process remembers. changed: set by a clause, so that a fork of its process has it."""


@target
def parent_and_memory(*_: Any) -> tuple[int, bool]:
    """The id of the parent, and whether the memory is that of a process that has changed it."""
    return os.getppid(), MEMORY["changed"]


@target
def count_calls(*_: Any) -> int:
    """How many calls of this function this process has seen, with this one."""
    MEMORY["calls"] += 1
    calls: int = MEMORY["calls"]
    return calls


@target
def count_and_fail(*_: Any) -> None:
    """Count as count_calls(), and raise LookupError with the count."""
    MEMORY["calls"] += 1
    raise LookupError(MEMORY["calls"])


@target
def remember(*args: Any) -> None:
    """Keep the arguments, for recall()."""
    MEMORY["given"] = args


@target
def recall(*_: Any) -> Any:
    """What remember() was called with."""
    return MEMORY["given"]


@target
def announce(box: Mailbox, what: str) -> None:
    """Post what this is, and by which process."""
    box.post((what, os.getpid()))


@target
def announce_and_wait(given: tuple[Mailbox, Gate, Any]) -> Any:
    """Post the value and the id of the process, wait at the gate, and give back the value."""
    box, gate, value = given
    box.post((value, os.getpid()))
    gate.wait()
    return value


@target
def wait_and_announce(given: tuple[Mailbox, Gate, Any]) -> Any:
    """As announce_and_wait(), and post at last that it is done."""
    box, gate, value = given
    box.post((value, os.getpid()))
    gate.wait()
    box.post("done")
    return value


@target
def ignore_terminate_and_wait(box: Mailbox, gate: Gate) -> None:
    """Ignore SIGTERM, post the id of the process, and wait at the gate."""
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    box.post(os.getpid())
    gate.wait()


@target
def post(given: tuple[Mailbox, Any]) -> Any:
    """Post the value, and give it back."""
    box, value = given
    box.post(value)
    return value


@target
def lock_and_unlock(*_: Any) -> str:
    """Use the lock that remember() was given."""
    (lock,) = MEMORY["given"]
    with lock:
        return "locked"


@target
def add_one(*_: Any) -> Any:
    """Add one to the shared value that remember() was given."""
    (value,) = MEMORY["given"]
    with value.get_lock():
        value.value += 1
        return value.value


@target
def put_one(*_: Any) -> str:
    """Put something into the queue that remember() was given."""
    MEMORY["given"][0].put("item")
    return "put"


@target
def start_a_child(*_: Any) -> int | None:
    """Start a child of this worker: its exitcode."""
    from mpspec.implementation import under_test

    child = under_test().Process(target=parent_and_memory)
    child.start()
    child.join()
    status: int | None = child.exitcode
    return status


@target
def work_with_a_pool(box: Mailbox) -> None:
    """Make a pool, have it work, and post its worker's id and that of this process."""
    from mpspec.implementation import under_test

    pool = under_test().Pool(1)
    box.post((pool.apply(os.getpid), os.getpid()))
    pool.close()
    pool.join()


@target
def end_by(how: str) -> None:
    """End this process: by a signal, or by an exit."""
    import signal

    if how == "os._exit":
        os._exit(3)
    if how == "sys.exit":
        sys.exit(4)
    if how == "KeyboardInterrupt":
        raise KeyboardInterrupt
    os.kill(os.getpid(), getattr(signal, how))
    signal.pause()


@target
def end_if(number: int) -> int:
    """End this process for the number zero, give back any other."""
    if not number:
        os._exit(3)
    return number


@target
def refuse(*_: Any) -> None:
    """Raise LookupError: an initializer that fails."""
    raise LookupError("refused")
