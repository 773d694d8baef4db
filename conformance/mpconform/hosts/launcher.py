"""Turns a new process into the ground on which a zygote stands, then becomes the zygote.

Own session, subreaper of all that its hosts leave, and, where the kernel lets us, a /dev/shm of its own, so
that named semaphores of other runs on the machine are not taken for a check's.
Usage: launcher.py PROGRAM ARGUMENT...
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000


def ground() -> None:
    """Session, subreaper, end with the driver, private /dev/shm."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    if os.geteuid() == 0 and libc.unshare(CLONE_NEWNS) == 0:
        libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None)
        libc.mount(b"tmpfs", b"/dev/shm", b"tmpfs", 0, b"mode=1777")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the driver's to act on


if __name__ == "__main__":
    if sys.platform.startswith("linux"):
        ground()
    os.execv(sys.argv[1], sys.argv[1:])
