"""Wrong: stuck while it gets the logger, or while it is imported; first it tells so to the file that STUCK names."""

import os
import signal
from multiprocessing import *  # noqa: F403


def tell_and_wait():
    """Say so, and hear no signal but SIGKILL from then on."""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    with open(os.environ["STUCK"], "w") as told:
        told.write("stuck\n")
    while True:
        signal.pause()


def get_logger():
    """Stuck, and a process in a session of its own is as well."""
    if os.fork() == 0:
        os.setsid()
        signal.pause()
    tell_and_wait()


if os.environ.get("STUCK_AT") == "import":
    tell_and_wait()
