"""A host as its zygote has it: forked ahead of its request, with its streams on pipes."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

from mpconform.hosts import host, wire

if TYPE_CHECKING:
    from mpconform.hosts.protocol import Surroundings, Task


class Forked:
    """A host, from its fork on. foreign: descriptors of the zygote that no host may see.

    pid: its process; answer, out, err: descriptors from which to read what it says.
    """

    def __init__(self, surroundings: Surroundings, foreign: tuple[int, ...]) -> None:
        request_read, self._request = os.pipe()
        self.answer, answer_write = os.pipe()
        self.out, out_write = os.pipe()
        self.err, err_write = os.pipe()
        ours = (self._request, self.answer, self.out, self.err)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.dup2(out_write, 1)
                os.dup2(err_write, 2)
                for closed in (out_write, err_write, *ours, *foreign):
                    if closed > 2:
                        os.close(closed)
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                host.settle(surroundings)
                host.rehearse(surroundings)
                _serve(request_read, answer_write)
            except BaseException:
                from traceback import print_exc

                print_exc()
            finally:
                os._exit(122)
        for descriptor in (request_read, answer_write, out_write, err_write):
            os.close(descriptor)

    def ask(self, task: Task) -> None:
        """Hand it its request, the only one."""
        with contextlib.suppress(OSError):
            wire.put(self._request, task)
        os.close(self._request)

    def dismiss(self) -> None:
        """Let a host end that was not asked."""
        for descriptor in (self._request, self.answer, self.out, self.err):
            os.close(descriptor)


def _serve(request: int, answer: int) -> None:
    """In the host: read the request and do what it asks."""
    task: Task | None = wire.get(request)
    os.close(request)
    if task is None:
        os._exit(0)  # the zygote has no more checks
    if task["fresh"]:
        _become_fresh(task, answer)
    else:
        host.run(task, answer)
        host.leave()


def _become_fresh(task: Task, answer: int) -> None:
    request_read, request_write = os.pipe()
    wire.put(request_write, task)
    os.close(request_write)
    for descriptor in (request_read, answer):
        os.set_inheritable(descriptor, True)
    os.environ[host.REQUEST] = f"{request_read},{answer}"
    code = f"import {host.__name__} as host; host.fresh()"
    os.execv(sys.executable, [sys.executable, *task["flags"], "-c", code])
