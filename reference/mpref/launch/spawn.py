"""Start method 'spawn': the child is a fresh interpreter. Section "Contexts and start methods"."""

from __future__ import annotations

import os

from .. import handover, launch
from .. import process as processes
from . import inherited, interpreter, lifeline, preparation, tracker
from .handle import Handle, sentinel_before, take_charge


def start(process: processes.BaseProcess) -> Handle:
    """Start an interpreter that imports the main module and runs `process`, which is pickled.

    Raises what pickling raises, and OSError where the interpreter cannot be started; nothing is left then.
    """
    with handover.Delivery("spawn") as delivery:
        body = preparation.pickled(process, delivery)
        ends = sentinel_before()
        try:
            with launch.once:  # until the delivery has copies: another thread may replace tracker or server
                named = {"lifeline": lifeline.for_children(), "tracker": tracker.descriptor()}
                if "server" in inherited:
                    named["server"] = inherited["server"]
                if ends is not None:
                    named["vital"] = ends[1]
                head = preparation.orders(process, len(body), delivery, named)
            head["descriptors"] = delivery.descriptors
            pid = interpreter.start("child", "main", head, body, delivery.descriptors)
        except BaseException:
            tracker.withdraw()
            for end in ends or ():
                os.close(end)
            raise
    handle = take_charge(pid, ends)
    tracker.ensure_if_possible()
    return handle
