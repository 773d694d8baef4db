"""Wrong: join() never comes back, whatever the timeout."""

import threading
from multiprocessing import *  # noqa: F403


class Process:
    """A process that is never over."""

    def __init__(self, **arguments):
        self.exitcode = None

    def start(self):
        """Start nothing."""

    def join(self, timeout=None):
        """Wait for ever."""
        wait_for_ever()


def wait_for_ever():
    """Sleep on an event that never comes."""
    threading.Event().wait()
