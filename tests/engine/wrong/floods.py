"""Wrong: writes without end to standard output."""

import os
from multiprocessing import *  # noqa: F403


class Process:
    """A process that has a lot to say."""

    def __init__(self, **arguments):
        """Take anything."""

    def start(self):
        """Write for ever."""
        while True:
            os.write(1, b"much ado " * 1000)
