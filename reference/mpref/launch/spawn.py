"""Start method 'spawn': the child is a fresh interpreter. Section "Contexts and start methods"."""

from __future__ import annotations

import os

from .. import process as processes
from ..transfer import handover
from . import interpreter, lifeline, orders, tracker
from .handle import Handle, sentinel_before, take_charge

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .orders import SpawnOrders


def start(process: processes.BaseProcess) -> Handle:
    """Start an interpreter that imports the main module and runs `process`, which is pickled.

    Raises what pickling raises, and OSError where the interpreter cannot be started; nothing is left then.
    """
    with handover.Delivery("spawn") as delivery:
        body = orders.pickled(process, delivery)
        ends = sentinel_before()
        try:
            with lifeline.lock:  # until the delivery has copies: another thread may replace tracker or server
                named = {"lifeline": lifeline.for_children(), "tracker": tracker.descriptor()}
                if lifeline.holds("server"):
                    named["server"] = lifeline.inherited["server"]
                if ends is not None:
                    named["vital"] = ends[1]
                told = orders.orders(process, len(body), delivery, named)
            head: SpawnOrders = {**told, "descriptors": delivery.descriptors}
            pid = interpreter.start("fresh_child", "main", head, body, delivery.descriptors)
        except BaseException:
            tracker.withdraw()
            for end in ends or ():
                os.close(end)
            raise
    handle = take_charge(pid, ends)
    tracker.ensure_if_possible()
    return handle
