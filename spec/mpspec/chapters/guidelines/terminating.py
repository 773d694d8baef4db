"""Avoid terminating processes: what becomes of the resources that they share, and of those that they do not."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.guidelines.chapter import ALL, chapter
from mpspec.chapters.guidelines.targets import hold, use, wait
from mpspec.clause import MAY, SHOULD
from mpspec.observation.see import NotKept, See
from mpspec.observation.waits import SMALL


@chapter.clause("guidelines.terminating.holder", passage=f"{ALL}/20", level=MAY, hanging=True)
def the_lock_of_a_terminated_process(mp: Any, see: See) -> None:
    """A lock whose holder was terminated may stay locked, be broken or be free; its timeout holds in any case."""
    box, gate, lock = see.mailbox(), see.gate(), mp.Lock()
    child = mp.Process(target=hold, args=(box, gate, lock))
    child.start()
    box.take()
    child.terminate()
    child.join()
    try:
        free = see.comes_back(lock.acquire, timeout=SMALL)
    except NotKept:
        raise
    except Exception as broken:
        free = type(broken).__name__
    see.records(free=free)


@chapter.clause("guidelines.terminating.apart", passage=f"{ALL}/21,20", level=SHOULD)
def the_resources_that_a_terminated_process_does_not_use(mp: Any, see: See) -> None:
    """A process that uses nothing shared is terminated without harm to what other processes share."""
    box, gate, lock, queue = see.mailbox(), see.gate(), mp.Lock(), mp.Queue()
    worker, alone = mp.Process(target=use, args=(gate, lock, queue)), mp.Process(target=wait, args=(box, gate))
    worker.start()
    alone.start()
    box.take()
    see.equal(see.comes_back(queue.get), "before", "what is put before the other process is terminated")
    alone.terminate()
    alone.join()
    gate.open()
    see.equal(see.comes_back(queue.get), "after", "what is put afterwards")
    see.exits(worker, 0)
    see.equal(lock.acquire(timeout=SMALL), True, "what acquire() returns")
    lock.release()
