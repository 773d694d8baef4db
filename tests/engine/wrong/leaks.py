"""Wrong: leaves behind what the environment variable LEAK names: a process, descriptor, thread, file or semaphore."""

import multiprocessing
import os
import signal
import tempfile
import threading
from multiprocessing import *  # noqa: F403


class Process(multiprocessing.Process):
    """A process that costs something for ever."""

    def start(self):
        """Start, and leave something behind."""
        super().start()
        globals()[f"leak_a_{os.environ['LEAK']}"]()


def leak_a_process():
    """A process that outlives its parent, in a session of its own."""
    if os.fork() == 0:
        os.setsid()
        signal.pause()


def leak_a_descriptor():
    """Both ends of a pipe."""
    os.pipe()


def leak_a_thread():
    """A thread that waits for ever."""
    threading.Thread(target=threading.Event().wait, daemon=True, name="left").start()


def leak_a_file():
    """A temporary file."""
    os.close(tempfile.mkstemp()[0])


def leak_a_semaphore():
    """A named semaphore."""
    import _multiprocessing

    _multiprocessing.SemLock(0, 1, 1, f"/left-{os.getpid()}", False)
