"""The work of the children of the chapter process. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

import os
import sys

from mpspec.observation.waits import LONG, SMALL
from mpspec.observation.witness import target, testify

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from mpspec.observation.mailbox import Gate, Mailbox

MISUSE = (AssertionError, RuntimeError, TypeError, ValueError)
"""The errors that tell of a misuse, where the page says that there is one and not which."""


@target
def nothing() -> None:
    """Return at once."""


@target
def post(box: Mailbox, letter: Any) -> None:
    """Post the letter."""
    box.post(letter)


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


@target
def leave(status: Any) -> None:
    """End by sys.exit(status)."""
    sys.exit(status)


@target
def leave_at_once(status: int) -> None:
    """End by os._exit(status), past everything that Python does at an end."""
    os._exit(status)


@target
def fall(error: BaseException) -> None:
    """Raise the error."""
    raise error


@target
def die_of(number: int) -> None:
    """Send the signal to itself, with its default disposition."""
    import signal

    if number not in (signal.SIGKILL, signal.SIGSTOP):
        signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
    signal.pause()


@target
def ignore_terminate_and_wait(box: Mailbox, gate: Gate) -> None:
    """Ignore SIGTERM, post the process id, then wait at the gate."""
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    box.post(os.getpid())
    gate.wait()


@target
def start_one_and_wait(mp: Any, box: Mailbox, gate: Gate, gate_below: Gate) -> None:
    """Start a child that posts its process id and waits at gate_below; wait at the gate, then end past everything."""
    child = mp.Process(target=post_pid_and_wait, args=(box, gate_below))
    child.start()
    gate.wait()
    os._exit(0)


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


@target
def post_name_and_descend(mp: Any, box: Mailbox, generations: int) -> None:
    """Post the name of this process and start a child that does the same, generations deep."""
    box.post(mp.current_process().name)
    if generations:
        child = mp.Process(target=post_name_and_descend, args=(mp, box, generations - 1))
        child.start()
        child.join()


@target
def post_names_below(mp: Any, box: Mailbox) -> None:
    """Post the default names of two new process objects."""
    box.post([mp.Process().name, mp.Process().name])


@target
def hand_the_key_down(mp: Any, box: Mailbox) -> None:
    """Start a child that posts its key."""
    child = mp.Process(target=post_own, args=(mp, box, "authkey"))
    child.start()
    child.join()


class Precious:
    """An object that can be watched through a weak reference."""


@target
def wait_with(gate: Gate, thing: Any) -> None:
    """Wait at the gate and hold the thing."""
    gate.wait()
    del thing


@target
def join_oneself(mp: Any, box: Mailbox) -> None:
    """Join the current process and post what came of it."""
    try:
        mp.current_process().join()
    except MISUSE:
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


SIBLING: list[Any] = []
"""The process object that children inherit by fork."""


@target
def return_something(value: Any) -> Any:
    """Return the value."""
    return value


class Withdrawal(BaseException):
    """An exception that is no Exception."""


@target
def interrupt_oneself(box: Mailbox) -> None:
    """Send SIGINT to itself as the kernel does for Ctrl-C."""
    import signal

    try:
        os.kill(os.getpid(), signal.SIGINT)
        signal.pause()
    except KeyboardInterrupt:
        box.post("interrupted")
        raise


@target
def print_and_end(how: str) -> None:
    """Write to both outputs without a line's end or a flush, then end in this way."""
    sys.stdout.write("left in the buffer")
    sys.stderr.write("of either stream")
    if how == "exit":
        sys.exit(0)
    if how == "raise":
        raise KeyboardInterrupt


@target
def start_a_thread(box: Mailbox, gate: Gate, daemon: bool) -> None:
    """Start a thread that waits at the gate, then posts; return at once."""
    import threading

    def work() -> None:
        box.post("thread")
        gate.wait()
        box.post("over")

    threading.Thread(target=work, daemon=daemon).start()


@target
def register_and_end(box: Mailbox) -> None:
    """Register an exit handler that posts."""
    import atexit

    atexit.register(box.post, "handler")


@target
def post_the_signal(box: Mailbox, gate: Gate) -> None:
    """Post the number of a SIGTERM that arrives, then end with the status 4."""
    import signal

    def arrived(number: int, frame: Any) -> None:
        box.post(number)
        sys.exit(4)

    signal.signal(signal.SIGTERM, arrived)
    box.post("ready")
    gate.wait()


@target
def post_at_the_end(box: Mailbox, gate: Gate) -> None:
    """Leave letters for an exit handler and a finally clause to post; wait at the gate."""
    import atexit

    atexit.register(box.post, "exit handler")
    try:
        box.post("ready")
        gate.wait()
    finally:
        box.post("finally")


@target
def start_a_child_and_wait(mp: Any, box: Mailbox, gate: Gate, daemon: bool) -> None:
    """Start a child that posts its process id and waits at the gate; wait there too."""
    child = mp.Process(target=post_pid_and_wait, args=(box, gate), daemon=daemon)
    child.start()
    gate.wait()
    child.join()


@target
def post_flags_below(mp: Any, box: Mailbox) -> None:
    """Post the flags of new process objects: by default, with None, with the contrary of this process's own."""
    own = mp.current_process().daemon
    box.post([mp.Process().daemon, mp.Process(daemon=None).daemon, mp.Process(daemon=not own).daemon])


@target
def try_to_start_a_child(mp: Any, box: Mailbox, below: Mailbox) -> None:
    """Start a child that is no daemon and post what came of it."""
    child = mp.Process(target=post, args=(below, "ran"), daemon=False)
    try:
        child.start()
    except MISUSE:
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
def post_children(mp: Any, box: Mailbox, gate: Gate) -> None:
    """Post how many children there are, before and after one is started."""
    before = len(mp.active_children())
    child = mp.Process(target=wait, args=(gate,))
    child.start()
    box.post([before, [each is child for each in mp.active_children()]])
    child.join()


@target
def post_current(mp: Any, box: Mailbox) -> None:
    """Post what current_process() says of itself."""
    own = mp.current_process()
    box.post([own.name, own.pid == os.getpid(), own.daemon, own is mp.current_process(), isinstance(own, mp.Process)])


@target
def post_current_in_a_thread(mp: Any, box: Mailbox) -> None:
    """Post from a thread whether current_process() is what it is in the main thread."""
    import threading

    own = mp.current_process()
    thread = threading.Thread(target=lambda: box.post(mp.current_process() is own))
    thread.start()
    thread.join()


@target
def post_parent(mp: Any, box: Mailbox) -> None:
    """Post what parent_process() says."""
    parent = mp.parent_process()
    box.post([parent.pid, parent.name, parent.is_alive(), parent is mp.parent_process()])


@target
def post_parent_below(mp: Any, box: Mailbox) -> None:
    """Post the own process id and start a child that posts what it knows of its parent."""
    box.post(os.getpid())
    child = mp.Process(target=post_parent, args=(mp, box))
    child.start()
    child.join()


@target
def post_kernel_parent(box: Mailbox) -> None:
    """Post the parent that the kernel knows."""
    box.post(os.getppid())


@target
def join_parent_for_a_moment(mp: Any, box: Mailbox) -> None:
    """Join the living parent with a timeout and post what came of it, and whether it took that long."""
    import time

    parent = mp.parent_process()
    began = time.monotonic()
    returned = parent.join(SMALL)
    spent = time.monotonic() - began
    box.post([returned, spent > SMALL * 0.9, parent.join(timeout=0), parent.is_alive()])


@target
def outlive_parent(mp: Any, box: Mailbox, how: str) -> None:
    """Wait for the end of the parent in this way, then post whether it is alive."""
    import select

    parent = mp.parent_process()
    box.post([os.getpid(), parent.is_alive()])
    if how == "join":
        parent.join()
    elif how == "sentinel":
        select.select([parent.sentinel], [], [], LONG)
    else:
        parent.join(100 * LONG)
    box.post(parent.is_alive())


@target
def start_outliver(mp: Any, box: Mailbox, gate: Gate, how: str, siblings: int) -> None:
    """Start a child that outlives this process, and siblings of it that post and wait at the gate; wait there too."""
    mp.Process(target=outlive_parent, args=(mp, box, how)).start()
    for _ in range(siblings):
        mp.Process(target=post_pid_and_wait, args=(box, gate)).start()
    gate.wait()


@target
def post_parent_life(mp: Any, box: Mailbox, gate: Gate) -> None:
    """Wait at the gate, then post whether the parent is alive."""
    gate.wait()
    box.post(["alive", mp.parent_process().is_alive()])


@target
def post_interpreter(box: Mailbox) -> None:
    """Post whether this is the other interpreter."""
    box.post(os.environ.get("OTHER"))


@target
def post_executable(box: Mailbox) -> None:
    """Post the interpreter's path."""
    box.post(sys.executable)
