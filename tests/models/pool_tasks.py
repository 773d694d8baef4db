"""What the workers of a pool do for its model, under any interpreter: they tell of each call, and wait at a gate.

They tell by appending a line to a file: what a killed worker has told stays, and telling never waits.
"""

import json
import os
import threading
import time

from mpspec.observation.mailbox import wait_at


class Failure(Exception):
    """What a call raises that is to fail: the number of its job, and its own."""


def tell(log, *what):
    """Append a line of JSON, whole, whoever else does so."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND)
    try:
        os.write(file, json.dumps(what).encode() + b"\n")
    finally:
        os.close(file)


def initialize(log):
    """Be the initializer of a worker."""
    tell(log, "start", os.getpid(), threading.get_native_id(), time.monotonic())


def task(log, job, index, gate, fails):
    """Be one task: wait at the gate, if there is one, and give back who this is, or raise that."""
    began = time.monotonic()
    tell(log, "began", os.getpid(), threading.get_native_id(), job, index, began)
    if gate is not None:
        wait_at(gate)
    tell(log, "ended", os.getpid(), threading.get_native_id(), job, index, began, time.monotonic())
    if fails:
        raise Failure(job, index)
    return [job, index]


def task_of_one(item):
    """Be one task, all of which is in one argument."""
    return task(*item)
