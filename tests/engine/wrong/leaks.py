"""Wrong: leaves behind what the environment variable LEAK names: a process, descriptor, thread, file, or a name.

A name is left in each of the ways in which one can know whose it is: the host still has it open or mapped at its end,
or a process that it started has. FOREIGN is a name that a process of somebody else makes, at the same moment.
"""

import mmap
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
        if "FOREIGN" in os.environ:
            make_a_name_by_a_process_that_is_not_seen()
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


def leak_a_nothing():
    """Nothing."""


def _made():
    from _posixshmem import shm_open

    return shm_open(f"/left-{os.getpid()}", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)


def leak_a_block_kept_open():
    """A name of a block, whose descriptor stays open, as that of a library would."""
    KEPT.append(_made())


def leak_a_block_kept_mapped():
    """A name of a block that stays mapped."""
    descriptor = _made()
    os.ftruncate(descriptor, 100)
    KEPT.append(mmap.mmap(descriptor, 100))
    os.close(descriptor)


def leak_a_semaphore_kept():
    """A name of a semaphore that is still used."""
    import _multiprocessing

    KEPT.append(_multiprocessing.SemLock(0, 1, 1, f"/left-{os.getpid()}", False))


def leak_a_block_of_a_child():
    """A name of a block that a process has, which ends with this one."""
    here, there = os.pipe(), os.pipe()
    if os.fork() == 0:
        os.close(here[1])
        _made()
        os.write(there[1], b".")
        os.read(here[0], 1)
        os._exit(0)
    os.read(there[0], 1)
    for descriptor in (here[0], *there):
        os.close(descriptor)
    KEPT.append(here[1])


def make_a_name_by_a_process_that_is_not_seen():
    """What another program does: here one that nobody sees have it, since it only makes it, by a link."""
    name = os.environ["FOREIGN"]
    if not os.path.exists(f"/dev/shm/{name}"):
        os.symlink("nowhere", f"/dev/shm/{name}")


KEPT = []
