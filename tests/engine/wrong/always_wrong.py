"""Wrong: answers every question about a process with something else than the truth."""

import multiprocessing
from multiprocessing import *  # noqa: F403


class Process(multiprocessing.Process):
    """Ends with a status that nobody asked for."""

    @property
    def exitcode(self):
        """Always 42."""
        return 42
