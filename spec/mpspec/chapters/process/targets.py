"""The work of the children of the chapter process. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

import os
import sys

from mpspec.observation.witness import target, testify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from mpspec.observation.mailbox import Gate, Mailbox


MISUSE = (AssertionError, RuntimeError, TypeError, ValueError)
"""The errors of a misuse about which the page is silent."""

SIBLING: list[Any] = []
"""The process object that children inherit by fork."""


@target
def nothing() -> None:
    """Return at once."""


@target
def post(box: Mailbox, message: Any) -> None:
    """Post the message."""
    box.post(message)


@target
def post_arguments(box: Mailbox, *args: Any, **kwargs: Any) -> None:
    """Post what else came as arguments."""
    box.post([list(args), kwargs])


@target
def post_pid(box: Mailbox) -> None:
    """Post the process id as the kernel tells it."""
    box.post(os.getpid())


@target
def wait(gate: Gate) -> None:
    """Wait at the gate."""
    gate.wait()


@target
def post_pid_and_wait(box: Mailbox, gate: Gate) -> None:
    """Post the process id, then wait at the gate."""
    box.post(os.getpid())
    gate.wait()


@target
def post_own(mp: Any, box: Mailbox, *names: str) -> None:
    """Post these attributes of current_process(); bytes of any kind as plain bytes."""
    own = [getattr(mp.current_process(), name) for name in names]
    box.post([bytes(value) if isinstance(value, bytes) else value for value in own])


class Worker:
    """Callable in several ways; posts how it was called."""

    def __init__(self, box: Mailbox, how: str = "instance") -> None:
        self.box = box
        self.how = how

    def __call__(self) -> None:
        testify()
        self.box.post(self.how)

    def method(self) -> None:
        """Post "method"."""
        testify()
        self.box.post("method")


class Deed:
    """A class whose construction is the work."""

    def __init__(self, box: Mailbox) -> None:
        testify()
        box.post("class")


class Precious:
    """An object that can be watched through a weak reference."""


@target
def wait_with(gate: Gate, thing: Any, other: Any) -> None:
    """Wait at the gate and hold the things."""
    gate.wait()
    del thing, other


@target
def join_oneself(mp: Any, box: Mailbox) -> None:
    """Join the current process and post what came of it."""
    try:
        mp.current_process().join()
    except Exception:
        box.post("refused")
    else:
        box.post("joined")


@target
def post_own_life(mp: Any, box: Mailbox) -> None:
    """Post whether the current process finds itself alive, and its exitcode."""
    own = mp.current_process()
    box.post([own.is_alive(), own.exitcode])


@target
def misuse(mp: Any, box: Mailbox, use: Callable[[Any], Any]) -> None:
    """Use the process object that this child has inherited as SIBLING; post what came of it."""
    try:
        use(SIBLING[0])
    except Exception as error:
        box.post(["raised", type(error).__name__])
    else:
        box.post(["passed"])


@target
def start_one_and_wait(mp: Any, box: Mailbox, gate: Gate, gate_below: Gate) -> None:
    """Start a child that posts its process id and waits at gate_below; wait at the gate, then end by os._exit()."""
    child = mp.Process(target=post_pid_and_wait, args=(box, gate_below))
    child.start()
    gate.wait()
    os._exit(0)


@target
def hand_the_key_down(mp: Any, box: Mailbox) -> None:
    """Start a child that posts its key."""
    child = mp.Process(target=post_own, args=(mp, box, "authkey"))
    child.start()
    child.join()


@target
def send_number(box: Mailbox, connections: list[Any]) -> None:
    """Send over each of the connections its number in the list, and post how many there were."""
    for number, connection in enumerate(connections):
        connection.send(number)
    box.post(len(connections))


@target
def send_and_put(connection: Any, queue: Any, simple: Any, item: Any) -> None:
    """Send the item over the connection and put it into both queues."""
    connection.send(item)
    queue.put(item)
    simple.put(item)


@target
def call_with_the_own_key(mp: Any, box: Mailbox, address: Any) -> None:
    """Connect to the listener at the address by the key of this process, and send a message."""
    with mp.connection.Client(address, authkey=mp.current_process().authkey) as connection:
        connection.send("let in")


@target
def start_a_child_and_wait(mp: Any, box: Mailbox, gate: Gate, daemon: bool) -> None:
    """Start a child that posts its process id and waits at the gate; wait there too."""
    child = mp.Process(target=post_pid_and_wait, args=(box, gate), daemon=daemon)
    child.start()
    gate.wait()
    child.join()


@target
def try_to_start_a_child(mp: Any, box: Mailbox, below: Mailbox) -> None:
    """Start a child that is no daemon, one that is, and one by default, and post what came of each."""
    for daemon in (False, True, None):
        try:
            child = mp.Process(target=post, args=(below, "ran"), daemon=daemon)
            child.start()
        except Exception:
            box.post("refused")
        else:
            child.join()
            box.post("started")


@target
def start_a_child_and_return(mp: Any, box: Mailbox, gate: Gate, daemon: bool) -> None:
    """Start a child that waits at the gate, post its process id, and return."""
    child = mp.Process(target=wait, args=(gate,), daemon=daemon)
    child.start()
    box.post(child.pid)


@target
def start_several_and_end(mp: Any, box: Mailbox, gates: list[Gate], daemon: bool, how: str) -> None:
    """Start a child for each of the gates, which waits there, post their process ids, and end in this way."""
    children = [mp.Process(target=wait, args=(gate,), daemon=daemon) for gate in gates]
    for child in children:
        child.start()
    box.post([child.pid for child in children])
    if how == "exits":
        sys.exit(3)
    if how == "raises":
        raise ValueError("on purpose")


@target
def post_children(mp: Any, box: Mailbox, gate: Gate) -> None:
    """Post how many children there are, before and after one is started."""
    before = len(mp.active_children())
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    box.post([before, [each is child for each in mp.active_children()]])
    child.join()


@target
def post_interpreter(box: Mailbox) -> None:
    """Post whether this is the other interpreter."""
    box.post(os.environ.get("OTHER"))


@target
def post_executable(box: Mailbox) -> None:
    """Post the interpreter's path."""
    box.post(sys.executable)


@target
def post_own_text(mp: Any, box: Mailbox) -> None:
    """Post the text of this process."""
    box.post(repr(mp.current_process()))
