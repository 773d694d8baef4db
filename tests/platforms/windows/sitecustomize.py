"""An interpreter in which the spec and programs find what they find on Windows; everybody else finds what there is.

Python imports it as it starts, in the process of a clause, in its children and in its programs. It stands in for
Windows as far as names go: what is missing there is missing, and the little that only Windows has is imitated.
"""

import builtins
import os
import re
import sys
from types import ModuleType, SimpleNamespace

MODULES = {
    *("fcntl", "resource", "pwd", "grp", "termios", "tty", "pty", "posix", "syslog", "readline", "curses", "spwd"),
    *("_posixsubprocess", "_posixshmem", "crypt", "nis"),
}
"""Modules that Windows lacks."""
NAMES = {
    "os": r"fork|forkpty|register_at_fork|killpg|set[sug]id|[gs]etpgid|get(pgrp|sid|uid|euid|gid|egid|groups)"
    r"|wait(id|3|4)?|W[A-Z]+|P_P.*|pipe2|O_CLOEXEC|O_NONBLOCK|mkfifo|mknod|uname|sysconf.*|confstr.*|sched_.*"
    r"|pidfd_open|eventfd.*|memfd_create|l?chown|fch(own|mod)|nice|(read|write|pread|pwrite)v?v|sendfile|posix_.*"
    r"|openpty|ttyname|statvfs",
    "signal": r"SIG(?!ABRT$|FPE$|ILL$|INT$|SEGV$|TERM$|_DFL$|_IGN$)[A-Z0-9_]+|ITIMER_.*|[gs]etitimer|pthread_.*|pause"
    r"|alarm|sig(wait|pending|timedwait|waitinfo|interrupt).*",
    "socket": r"AF_(?!INET6?$|UNSPEC$).*|SO_REUSEPORT|MSG_DONTWAIT|MSG_NOSIGNAL|SCM_.*|send_fds|recv_fds|CMSG_.*",
    "select": r"poll|epoll|kqueue|POLL.*|EPOLL.*|KQ_.*",
}
"""Module -> the names in it that Windows lacks."""
NAMES["_socket"], NAMES["_signal"] = NAMES["socket"], NAMES["signal"]


def wait_for_single_object(handle: int, milliseconds: int) -> int:
    """What kernel32 has: 0 once the handle is signalled, WAIT_TIMEOUT otherwise."""
    import select

    return 0 if select.select([handle], [], [], milliseconds / 1000)[0] else 0x102


def wait_for_multiple_objects(count: int, handles: list[int], wait_all: bool, milliseconds: int) -> int:
    """The same for an array of one handle."""
    assert count == len(handles) == 1
    assert not wait_all
    return wait_for_single_object(handles[0], milliseconds)


KERNEL32 = SimpleNamespace(WaitForSingleObject=wait_for_single_object, WaitForMultipleObjects=wait_for_multiple_objects)

WINDOWS = {
    "os": {"set_handle_inheritable": os.set_inheritable},
    "sys": {"platform": "win32", "exec_prefix": os.environ.get("WINDOWS_PREFIX", sys.exec_prefix)},
    "ctypes": {"windll": SimpleNamespace(kernel32=KERNEL32)},
    "msvcrt": {"get_osfhandle": lambda number: number, "open_osfhandle": lambda handle, flags: os.dup(handle)},
}
"""Module -> what Windows has in it and this platform has not, or another."""


class AsOnWindows(ModuleType):
    """A module with the names that Windows has."""

    def __init__(self, name: str, module: object) -> None:
        super().__init__(name)
        self._module = module

    def __getattr__(self, name: str) -> object:
        own = self.__name__
        if name in WINDOWS.get(own, {}):
            return WINDOWS[own][name]
        if re.fullmatch(NAMES.get(own, "(?!)"), name):
            raise AttributeError(f"module {own!r} has no attribute {name!r} on Windows")
        return getattr(self._module, name)


def importing(name, globals=None, locals=None, fromlist=(), level=0, *, real=builtins.__import__):
    """The import statement, which shows the spec and programs what Windows has."""
    importer = (globals or {}).get("__name__", "")
    if not (importer.startswith("mpspec") or importer in ("__main__", "__mp_main__")):
        return real(name, globals, locals, fromlist, level)
    root = name.partition(".")[0]
    if root in MODULES:
        raise ModuleNotFoundError(f"No module named {name!r} on Windows", name=name)
    module = None if root == "msvcrt" else real(name, globals, locals, fromlist, level)
    return AsOnWindows(root, module) if root in NAMES or root in WINDOWS else module


builtins.__import__ = importing
