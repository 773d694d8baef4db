"""Every Python process below a host shows the stacks of its threads when it is asked by signal.

The handler is C code of `faulthandler`, so that it also answers for a thread that holds the interpreter's lock
or sleeps in the kernel. A new interpreter below a zygote finds this module under the name of `sitecustomize`, and
arms itself as it starts. Each of them pays for all that is imported here, hence `_signal`, which is `signal` without
its enumerations.
"""

import _signal  # type: ignore[import-not-found]  # it has no stub
import faulthandler
import os

FILE = "MPCONFORM_STACKS"
"""Environment variable: path of the file that takes the stacks."""

SIGNAL = getattr(_signal, "SIGRTMAX", 64) - 3
"""A real-time signal, which neither programs nor implementations are known to use."""

_KEPT: list[int] = []


def arm() -> None:
    """Answer SIGNAL with the stacks of all threads, written to the file that the environment names.

    A fork of a process that does so does so as well.
    """
    path = os.environ.get(FILE)
    if path is None or _KEPT:
        return
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    faulthandler.register(SIGNAL, file=file, all_threads=True, chain=False)
    _KEPT[:] = [file]


def forget() -> None:
    """Empty the file that this process has armed itself with."""
    if os.fstat(_KEPT[0]).st_size:
        os.ftruncate(_KEPT[0], 0)


if __name__ == "sitecustomize":
    arm()
