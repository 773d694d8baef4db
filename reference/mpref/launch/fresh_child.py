"""What a child does that does not share its parent's memory, until it is like any other child.

It is on the way of every spawned process, so it imports what it needs and no more.
"""

from __future__ import annotations

import os
import sys

from .. import log, start_method
from .. import process as processes
from . import child, lifeline, main_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

    from .orders import Orders, SpawnOrders


def main(head: SpawnOrders, orders: BinaryIO) -> None:
    """Be the child that `orders` describe. The first function that a spawned interpreter calls."""
    body = orders.read(head["size"])
    orders.close()
    if len(body) < head["size"]:  # the parent died over it
        sys.exit(1)
    keep_only(head["descriptors"])
    sys.exit(run_process(head, body, head["descriptors"]))


def run_process(head: Orders, body: bytes | bytearray, descriptors: list[int]) -> int:
    """Take over what the parent has told, run the process object, and return the exit status."""
    places = len(descriptors) - len(head["named"])
    named = dict(zip(head["named"], descriptors[places:], strict=True))
    line = named.pop("lifeline")
    if "vital" in named:
        lifeline.vital.add(named.pop("vital"))
    lifeline.inherited.clear()
    lifeline.inherited.update(named)
    if places:
        from ..transfer import handover

        handover.receive(descriptors[:places])

    waiting = processes.MainProcess(head["name"], head["identity"], head["daemon"], head["authkey"])
    child.begin(waiting, head["parent"], line)
    _settle(head)
    main = head["main"]
    try:
        if main is not None:
            main_module.load(main, head["path"])
    except BaseException:
        child.report(head["name"], f"the main module could not be imported: {main and main[1]}\n")
        return 1
    try:
        from _pickle import loads

        process = loads(body)
        if places:
            handover.close_untaken()
    except BaseException:
        child.report(head["name"], "its process object could not be unpickled\n")
        return 1
    processes.stand_in(process)
    return child.run(process)


def keep_only(descriptors: list[int]) -> None:
    """Close every descriptor that was inherited, but the standard streams and these."""
    for descriptor in descriptors:
        os.set_inheritable(descriptor, False)
    for name in os.listdir("/dev/fd" if sys.platform != "linux" else "/proc/self/fd"):
        descriptor = int(name)
        try:  # what is inherited has survived an exec; what this interpreter has opened would not
            if descriptor > 2 and os.get_inheritable(descriptor):
                os.close(descriptor)
        except OSError:
            pass


def _settle(head: Orders) -> None:
    log.apply(head["log"])
    sys.path[:] = head["path"]
    sys.argv[:] = head["argv"]
    if head["folder"] is not None:
        try:  # noqa: SIM105
            os.chdir(head["folder"])
        except OSError:  # removed, or not to be entered: stay where the child was started
            pass
    start_method.fix(head["method"])
