"""interrupt(), which editions since 3.14 have."""

from __future__ import annotations

import signal
from typing import Any

from mpspec.chapters.process.chapter import chapter
from mpspec.chapters.process.end_targets import discard_an_interrupt, leave_at_an_interrupt, post_a_handled_interrupt
from mpspec.chapters.process.targets import post_pid_and_wait
from mpspec.clause import ANY_METHOD, NO_METHOD
from mpspec.observation.see import See

INTERRUPT = "multiprocessing.Process.interrupt"


@chapter.clause("process.interrupt.signature", passage=f"{INTERRUPT}/1", since="3.14", methods=NO_METHOD)
def interrupt_takes_no_argument(mp: Any, see: See) -> None:
    """interrupt() takes no argument."""
    see.signature(mp.Process.interrupt, "()")


@chapter.clause("process.interrupt.ends", passage=f"{INTERRUPT}/2-3,5,8", since="3.14", hanging=True)
def interrupt_ends_the_process_by_an_exception(mp: Any, see: See) -> None:
    """interrupt() ends a child that does nothing about it, by a KeyboardInterrupt, which gives the exitcode 1."""
    box, gate = see.mailbox(), see.gate()
    with see.output():
        child = mp.Process(target=post_pid_and_wait, args=(box, gate))
        child.start()
        box.take()
        see.settles(child.pid)
        child.interrupt()
        see.exits(child, 1)


@chapter.clause("process.interrupt.sigint", passage=f"{INTERRUPT}/3,6", since="3.14")
def interrupt_can_be_handled(mp: Any, see: See) -> None:
    """What interrupt() sends is SIGINT: a handler of the child for it is called, and the child goes on."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=post_a_handled_interrupt, args=(box, gate))
    child.start()
    see.equal(box.take(), "ready", "the message")
    child.interrupt()
    see.equal(box.take(), int(signal.SIGINT), "the signal")
    gate.open()
    see.exits(child, 0)


@chapter.clause("process.interrupt.discarded", passage=f"{INTERRUPT}/7", since="3.14", methods=ANY_METHOD)
def an_interrupt_can_be_discarded(mp: Any, see: See) -> None:
    """A child that catches the KeyboardInterrupt and discards it goes on."""
    box, gate, later = see.mailbox(), see.gate(), see.gate()
    child = mp.Process(target=discard_an_interrupt, args=(box, gate, later))
    child.start()
    see.equal(box.take(), "ready", "the message")
    see.settles(child.pid)
    child.interrupt()
    see.equal(box.take(), "discarded", "the message")
    see.equal((child.is_alive(), child.exitcode), (True, None), "is_alive() and exitcode")
    later.open()
    see.exits(child, 0)


@chapter.clause("process.interrupt.exit-code", passage=f"{INTERRUPT}/9", since="3.14", methods=ANY_METHOD)
def a_child_can_choose_its_exitcode(mp: Any, see: See) -> None:
    """A child that catches the KeyboardInterrupt and calls exit(N) ends with the exitcode N."""
    box, gate = see.mailbox(), see.gate()
    child = mp.Process(target=leave_at_an_interrupt, args=(box, gate, 5))
    child.start()
    see.equal(box.take(), "ready", "the message")
    see.settles(child.pid)
    child.interrupt()
    see.exits(child, 5)
