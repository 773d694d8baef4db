"""What children tell of themselves and of their parent. Imported by those children, hence next to no imports."""

from __future__ import annotations

import os

from mpspec.observation.waits import LONG, SMALL
from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Gate, Mailbox


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
    """Start two children, one after the other, that post their default names."""
    from mpspec.chapters.process.targets import post_own  # no other child of this module needs it

    for _ in range(2):
        child = mp.Process(target=post_own, args=(mp, box, "name"))
        child.start()
        child.join()


@target
def post_flags_below(mp: Any, box: Mailbox) -> None:
    """Post the flags of new process objects: by default, with None, with the contrary of this process's own."""
    own = mp.current_process().daemon
    box.post([mp.Process().daemon, mp.Process(daemon=None).daemon, mp.Process(daemon=not own).daemon])


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
    box.post([parent.pid, parent.name])


@target
def post_living_parent(mp: Any, box: Mailbox) -> None:
    """Post whether the parent is alive, and whether parent_process() is one object."""
    parent = mp.parent_process()
    box.post([parent.is_alive(), parent is mp.parent_process()])


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
    from mpspec.chapters.process.targets import post_pid_and_wait  # no other child of this module needs it

    mp.Process(target=outlive_parent, args=(mp, box, how)).start()
    for _ in range(siblings):
        mp.Process(target=post_pid_and_wait, args=(box, gate)).start()
    gate.wait()


@target
def post_parent_after_its_end(mp: Any, box: Mailbox, gate: Gate) -> None:
    """Post the own process id, wait at the gate, then post what parent_process() says, and whether it is alive."""
    box.post(os.getpid())
    gate.wait()
    parent = mp.parent_process()
    box.post([parent.pid, parent.name, parent.is_alive()])


@target
def start_one_that_looks_back(mp: Any, box: Mailbox, gate: Gate, never: Gate) -> None:
    """Start a child that looks at its parent once the gate is open, and wait for ever."""
    mp.Process(target=post_parent_after_its_end, args=(mp, box, gate)).start()
    never.wait()


@target
def post_parent_life(mp: Any, box: Mailbox, gate: Gate) -> None:
    """Wait at the gate, then post whether the parent is alive."""
    gate.wait()
    box.post(["alive", mp.parent_process().is_alive()])
