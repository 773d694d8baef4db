"""Wrong: takes the whole interpreter down when a process is started."""

import os
from multiprocessing import *  # noqa: F403


class Process:
    """A process that cannot be started alive."""

    def __init__(self, **arguments):
        """Take anything."""

    def start(self):
        """Die."""
        os.abort()
