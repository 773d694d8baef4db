"""Runs a command as somebody else: `someone.py WHO FOLDER COMMAND...`, for a root that may mount.

WHO: "user", an ordinary user that nobody is, or "root", without the capability CAP_SYS_ADMIN. The command finds all
that it has to read where it is, though it lies in a home that is closed to others: in a mount namespace of its own such
a folder is replaced by one that holds nothing else. FOLDER becomes the user's own.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import sys
from collections.abc import Iterator
from pathlib import Path

CLONE_NEWNS, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 0x20000, 0x1000, 0x2000, 0x4000, 0x40000
PR_CAPBSET_DROP, CAP_SYS_ADMIN = 24, 21
READ = (sys.base_prefix, sys.prefix, str(Path(__file__).resolve().parents[2]))
"""The folders that a run reads: the interpreter, its packages, this checkout."""


def nobodys_id() -> int:
    """An id of which no user is known."""
    known = {entry.pw_uid for entry in pwd.getpwall()}
    return next(number for number in range(54_321, 65_000) if number not in known)


def barred(path: str) -> Iterator[Path]:
    """The outermost folder above the path that others may not pass, if there is one."""
    real = Path(os.path.realpath(path))
    yield from [above for above in reversed([real, *real.parents]) if not above.stat().st_mode & 0o001][:1]


def make_passable(libc: ctypes.CDLL, at: str) -> None:
    """Let everybody reach what is to be read. at: a folder for mounts on their way."""

    def mount(source: str, target: str, flags: int, kind: bytes | None = None, data: bytes | None = None) -> None:
        if libc.mount(source.encode(), target.encode(), kind, flags, data) != 0:
            raise OSError(ctypes.get_errno(), f"{source} cannot be mounted on {target}")

    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "no mount namespace")
    mount("none", "/", MS_REC | MS_PRIVATE)
    folders: dict[Path, list[str]] = {}
    for path in {os.path.realpath(path) for path in READ}:
        for closed in barred(path):
            folders.setdefault(closed, []).append(path)
    for closed, paths in folders.items():
        for number, path in enumerate(paths):
            os.mkdir(f"{at}/{number}")
            mount(path, f"{at}/{number}", MS_BIND | MS_REC)
        mount("tmpfs", str(closed), 0, b"tmpfs", b"mode=755")
        for number, path in enumerate(paths):
            os.makedirs(path)
            mount(f"{at}/{number}", path, MS_MOVE)
            os.rmdir(f"{at}/{number}")


def main(who: str, folder: str, *command: str) -> None:
    """Become it, and run the command."""
    libc = ctypes.CDLL(None, use_errno=True)
    if who == "user":
        number = nobodys_id()
        make_passable(libc, folder)
        os.chown(folder, number, number)
        os.setgroups([])
        os.setresgid(number, number, number)
        os.setresuid(number, number, number)
    else:
        libc.prctl(PR_CAPBSET_DROP, CAP_SYS_ADMIN, 0, 0, 0)
    os.chdir(folder)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
