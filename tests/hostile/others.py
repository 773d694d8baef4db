"""Another user of the machine, for as long as a test: a forked process that has nothing of this one's rights."""

from __future__ import annotations

import os
import pwd
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

needs_others = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root of a Linux can be another user for a while"
)


def user() -> int:
    """The id of the other user."""
    return pwd.getpwnam("nobody").pw_uid


@contextmanager
def another_user(act: Callable[[Callable[[], None]], object]) -> Iterator[int]:
    """Have another user act while the body runs; its process id. It has to be done in the end, and not to fail.

    act: is given what to call once the body may begin; it may go on until it is killed then.
    """
    told, telling = os.pipe()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.close(told)
            os.setgroups([])
            os.setresgid(user(), user(), user())
            os.setresuid(user(), user(), user())
            act(lambda: (os.write(telling, b"."), None)[1])
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(telling)
    try:
        assert os.read(told, 1) == b".", "the other user was ready"
        yield pid
    finally:
        os.close(told)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def as_another_user(act: Callable[[], object]) -> bool:
    """Have another user act, and tell whether that went without an exception."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            os.setgroups([])
            os.setresgid(user(), user(), user())
            os.setresuid(user(), user(), user())
            act()
            status = 0
        except BaseException as error:
            os.write(2, f"{error!r}\n".encode())
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0
