"""A /dev/shm that nobody else on the machine sees: by a mount for root, by a user namespace for others.

Ids stay what they were, and so does what root may do. Where neither is to be had, /dev/shm is shared with other
programs.
"""

from __future__ import annotations

import ctypes
import os

from mpspec.observation import shared_memory

REFUSED = "MPCONFORM_PRIVATE"
"""Environment variable: "no" where /dev/shm is to stay the one that all programs share."""

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_NOSUID, MS_NODEV, MS_REC, MS_PRIVATE = 0x2, 0x4, 0x4000, 0x40000
PR_CAPBSET_READ, PR_CAPBSET_DROP = 23, 24
LAST_CAPABILITY = 63


def enter(libc: ctypes.CDLL) -> bool:
    """Give this process, single-threaded, and all that it starts a private /dev/shm: whether that was to be had.

    A fork tries it first: who is refused half way, after a namespace but before its mount, cannot go back.
    """
    if os.environ.get(REFUSED) == "no":
        return False
    trial = os.fork()
    if trial == 0:
        status = 1
        try:
            status = 0 if _enter(libc) else 1
        finally:
            os._exit(status)
    return os.waitpid(trial, 0)[1] == 0 and _enter(libc)


def _enter(libc: ctypes.CDLL) -> bool:
    where = shared_memory.FOLDER.encode()
    try:
        before = os.stat(where).st_dev
        if libc.unshare(CLONE_NEWNS) != 0 and not _own_user_namespace(libc):
            return False
        if libc.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None) != 0:
            return False
        if libc.mount(b"mpconform", where, b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=1777") != 0:
            return False
        return os.stat(where).st_dev != before and os.access(where, os.W_OK)
    except OSError:
        return False


def _own_user_namespace(libc: ctypes.CDLL) -> bool:
    """Enter a user namespace, and a mount namespace with it, in which ids are what they were."""
    owned = [libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1 for number in range(LAST_CAPABILITY + 1)]
    mapped = _map_all(libc) if os.geteuid() == 0 else _map_own(libc)
    if not mapped:
        return False
    # Root is given every capability in a namespace of its own; what it did not have, it does not get by an exec.
    for number, had in enumerate(owned):
        if not had:
            libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    return True


def _map_own(libc: ctypes.CDLL) -> bool:
    """The user and the group of this process: what anybody may map."""
    user, group = os.geteuid(), os.getegid()
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        return False
    _write("self", "setgroups", "deny")
    _write("self", "uid_map", f"{user} {user} 1")
    _write("self", "gid_map", f"{group} {group} 1")
    return (os.geteuid(), os.getegid()) == (user, group)


def _map_all(libc: ctypes.CDLL) -> bool:
    """All ids that root has here, or it could not read any more what belongs to others: mapped from outside."""
    entered_read, entered_write = os.pipe()
    pid = os.getpid()
    outside = os.fork()
    if outside == 0:
        status = 1
        try:
            os.close(entered_write)
            if os.read(entered_read, 1):
                for name in ("uid_map", "gid_map"):
                    _write(str(pid), name, _same(f"/proc/self/{name}"))
                status = 0
        finally:
            os._exit(status)
    os.close(entered_read)
    entered = libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0
    if entered:
        os.write(entered_write, b".")
    os.close(entered_write)
    return os.waitpid(outside, 0)[1] == 0 and entered


def _same(path: str) -> str:
    """The map of a namespace below that changes no id."""
    with open(path, encoding="ascii") as file:
        ranges = [line.split() for line in file]
    return "".join(f"{inside} {inside} {count}\n" for inside, _, count in ranges)


def _write(pid: str, name: str, text: str) -> None:
    descriptor = os.open(f"/proc/{pid}/{name}", os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
