"""The workers of a pool, and the thread that gives them tasks and handles their results. Section "Process Pools".

Whatever ends a worker, the task that it was at fails, and those that it had not begun go to the others.
"""

from __future__ import annotations

import os
from _pickle import loads
from _thread import get_ident
from collections import deque
from contextlib import suppress
from functools import partial
from select import POLLIN, POLLOUT, poll
from time import monotonic

from .. import log
from .. import process as processes
from ..descriptors import pipe
from ..joinable_thread import JoinableThread
from ..launch import lifeline
from ..process import SIGKILL, SIGTERM
from ..tracebacks import text_of
from .distribution import Distribution
from .failures import WorkerEnded, broken, caused, in_words, told
from .jobs import CLOSED, ENDED, OPEN
from .member import LEAST, MOST, Member
from .packets import LEAVING, READY, UNFIT
from .staff import Staff

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from ..process import BaseProcess
    from .jobs import Job

GRACE = 1.0
"""Seconds between SIGTERM and SIGKILL for workers that are terminated."""

RETRY = 0.1
"""Seconds after which a worker that could not be started is tried again."""

LENGTHY = 1 << 12
"""Bytes of a result which takes so long to unpickle that its worker is given something to do before."""

UNLUCKY = 100
UNLUCKY_FOR = 30.0
"""Workers in a row, and seconds, that are killed before they work: the pool is broken, by other ends at once."""


class Crew(Staff):
    """Workers, and a thread. process: makes a process that is not started, of the arguments of `work`.

    count: of the workers. initializer, initargs: what each calls first. most: tasks of each, None: any number.
    """

    KIND = "workers"

    def __init__(
        self,
        process: Callable[[Any], BaseProcess],
        count: int,
        initializer: Callable[..., object] | None,
        initargs: tuple[Any, ...],
        most: int | None,
    ) -> None:
        super().__init__(count)
        self._process = process
        self._work_with = initializer, initargs
        self._most = most
        self._unfinished: set[Job] = set()
        self._feeding: set[Any] = set()
        self._posted: deque[tuple[Job, int, BaseException | None]] = deque()
        self._members: list[Member] = []
        self._tasks = Distribution(self._members, self.settle, self._watch_outgoing, self._has_ended)
        self._poll = poll()
        self._handlers: dict[int, Callable[[], object]] = {}
        self._hungry = self._short = False
        self._unlucky, self._unlucky_since = 0, 0.0
        self._kill_at: float | None = None
        self._thread = 0
        ends = self._wake_reading, self._wake_writing = pipe()
        for end in ends:
            os.set_blocking(end, False)
        lifeline.vital.update(ends)
        self._watch(self._wake_reading, self._woken)
        thread = JoinableThread(self._run)
        self.join = thread.join
        """Wait until the workers have ended, and the thread."""
        try:
            for _ in range(count):
                self._enlist()
            thread.start()
        except BaseException:
            if thread.take_back():
                for member in self._members:
                    member.give_up()
                self._close_wake()
            else:
                self.terminate()
                self.join()
            raise

    # What the pool asks for

    def handler(self) -> int:
        """Return the ident of the thread that handles results."""
        return self._thread

    def begin(self, job: Job) -> None:
        """Take a job. ValueError: the pool is closed. BrokenPool: it is broken."""
        self.require_open()
        self._unfinished.add(job)
        if self.stage is not OPEN:  # since
            self._unfinished.discard(job)
            self.require_open()

    def forget(self, job: Job) -> None:
        """Do nothing more of a job."""
        job.over = job.complete = True
        self._unfinished.discard(job)
        job.stop()
        self._feeding.discard(job)

    def call(self, job: Job) -> None:
        """Have one call done, at once where a worker has nothing to do."""
        if self._tasks.give_at_once(job) and self._hungry:
            self.wake()

    def submit(self, job: Job) -> None:
        """Have a job done, or more of one."""
        self._tasks.waiting.append(job)
        if self._hungry:
            self.wake()

    def feed(self, job: Any) -> None:
        """Have a job done whose items a thread of its own reads."""
        self._feeding.add(job)
        job.feed()

    def settle(self, job: Job, index: int, error: BaseException) -> None:
        """Have a task fail, by the thread that handles results."""
        self._posted.append((job, index, error))
        self.wake()

    def fed(self, job: Job) -> None:
        """Take note that an iterator is read to its end."""
        self._feeding.discard(job)
        self._posted.append((job, 0, None))
        self.wake()

    def close(self) -> None:
        """Take no more jobs; the workers leave when all is done."""
        if self.stage is OPEN:
            self.stage = CLOSED
            self.wake()

    def terminate(self) -> None:
        """End the workers; what is not done yet fails. It does not wait."""
        if self.stage is not ENDED:
            self.stage = ENDED
            self.wake()

    def wake(self) -> None:
        """Have the thread look for what there is to do."""
        try:
            self._hungry = False
            if self._wake_writing >= 0:  # it has not ended
                os.write(self._wake_writing, b"w")
        except OSError:  # it is awake
            pass
        except BaseException:  # of a signal handler: perhaps nothing was written
            self._hungry = True
            raise

    # The thread

    def _run(self) -> None:
        self._thread = get_ident()
        processes.own_threads.add(self._thread)
        try:
            while self._members or self.stage is OPEN or self._unfinished:
                self._look()
        except BaseException as error:  # such as MemoryError, or what signal handlers of other threads do
            log.info("the thread of a pool has failed:\n%s", text_of(error))
            self._break(error)
            for member in self._members:
                member.process.kill()
        finally:
            self.stage = ENDED
            self._abort()
            for member in self._members:
                member.close()
            self._close_wake()
            processes.own_threads.discard(self._thread)
            self._thread = 0  # the next thread may have its ident

    def _look(self) -> None:
        for descriptor, _ in self._poll.poll(self._patience()):
            handler = self._handlers.get(descriptor)
            if handler is not None:
                handler()
        while self._posted:
            job, index, error = self._posted.popleft()
            if error is None:
                job.take_note()
                if job.complete:
                    self._unfinished.discard(job)
            elif self.stage is not ENDED:
                self._put(job, index, False, error)
        if self.stage is ENDED:
            self._end_members()
            return
        if self._tasks.waiting:
            self._tasks.give_out()
        self._tasks.rebalance()
        self._see_to_members()
        self._hungry = True
        if self._tasks.waiting:  # somebody has seen that this was awake
            self._tasks.give_out()

    def _patience(self) -> float | None:
        if self._kill_at is not None:
            return max(0.0, self._kill_at - monotonic()) * 1000
        stuck = self._tasks.waiting and not any(member.assigned for member in self._members)
        return RETRY * 1000 if self._short or stuck else None  # the kernel may have had no memory for a task

    def _woken(self) -> None:
        with suppress(BlockingIOError):
            os.read(self._wake_reading, 4096)

    def _watch(self, descriptor: int, handler: Callable[[], object]) -> None:
        self._handlers[descriptor] = handler
        self._poll.register(descriptor, POLLIN)

    def _watch_outgoing(self, member: Member) -> None:
        """Send what is on its way to a worker as far as that reads it."""
        self._handlers[member.tasks] = partial(self._send_on, member)
        self._poll.register(member.tasks, POLLOUT)

    def _send_on(self, member: Member) -> None:
        member.send_on()
        if not member.outgoing:
            self._watch_no_more(member.tasks)

    def _watch_no_more(self, descriptor: int) -> None:
        if self._handlers.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)

    def _close_wake(self) -> None:
        ends = self._wake_reading, self._wake_writing
        self._wake_writing = -1
        for end in ends:
            lifeline.vital.discard(end)
            os.close(end)

    # Tasks

    def _put(self, job: Job, index: int, success: bool, value: Any) -> None:
        job.put(index, success, value)
        if job.complete:
            self._unfinished.discard(job)

    # Workers

    def _enlist(self) -> None:
        """Start a worker."""
        member = Member(self._process, self._work_with, self._most)
        self._members.append(member)
        self._watch(member.results, partial(self._hear, member))
        self._watch(member.sentinel, partial(self._ended, member))

    def _hear(self, member: Member) -> bool:
        """Handle what a worker tells; return whether there may be more."""
        try:
            messages = member.heard()
        except BlockingIOError:
            return False
        if messages is None:
            self._watch_no_more(member.results)
            return False
        if self.stage is ENDED:
            return True
        member.full = False
        wanted = 2 * len(messages) + 1
        member.depth = min(MOST, wanted) if wanted > member.depth else max(LEAST, member.depth - 1)
        for number, kind, body in messages:
            if kind >= LEAVING:
                self._told(member, kind, body)
            else:
                task = member.assigned.pop(number, None)
                if task is not None:  # whoever submitted it was not interrupted in the middle of that
                    if len(body) > LENGTHY and self._tasks.waiting:
                        self._tasks.give_out()
                    self._put(task.job, task.index, *told(kind, body, task, member))
        return True

    def _told(self, member: Member, kind: int, body: Any) -> None:
        if kind == READY:
            member.ready = True
            self._unlucky = 0
            return
        try:
            member.reason = loads(body)
        except BaseException as error:
            member.reason = repr(error), ""
        if kind == UNFIT and self.stage is not ENDED:
            failure = WorkerEnded(f"the initializer of {member} has failed: {member.reason[0]!r}")
            self._break(caused(failure, member.reason))

    def _ended(self, member: Member) -> None:
        """See to what a worker leaves that has ended."""
        while self._hear(member):
            pass
        self._watch_no_more(member.results)
        self._watch_no_more(member.sentinel)
        leaving = member.leaving
        if not leaving:  # else it is closed, and its number may be that of another worker's
            self._watch_no_more(member.tasks)
        member.process.join()
        held = self._tasks.held()
        try:
            self._members.remove(member)
            self._tasks.return_tasks(member.recover())
        finally:
            if held:
                self._tasks.role.release()
        member.close()
        if self.stage is ENDED:
            return
        how = f"{member} {in_words(code := member.process.exitcode)}"
        for task in member.assigned.values():
            error = caused(WorkerEnded(f"{how} in the middle of {task.name}"), member.reason)
            self._put(task.job, task.index, False, error)
        if not member.ready and not leaving:
            if not self._unlucky:
                self._unlucky_since = monotonic()
            self._unlucky += 1
            too_often = self._unlucky >= UNLUCKY and monotonic() - self._unlucky_since >= UNLUCKY_FOR
            if code not in (-SIGKILL, -SIGTERM) or too_often:
                self._break(caused(WorkerEnded(f"{how} before it could work"), member.reason))

    def _see_to_members(self) -> None:
        """Let workers leave that have done their share, or all when everything is done, and start others for them."""
        if self.stage is CLOSED:
            for job in tuple(self._unfinished):
                job.hurry()
            if not self._unfinished and not self._feeding:
                self._dismiss(self._members)
                return
        self._dismiss([member for member in self._members if member.left == 0 and not member.assigned])
        self._short = False
        while len(self._members) < self.count:
            try:
                self._enlist()
            except BaseException as error:
                if not self._members:
                    self._break(error)
                self._short = True
                return

    def _dismiss(self, members: Iterable[Member]) -> None:
        if self._tasks.held():  # nobody is giving them a task
            try:
                for member in members:
                    member.dismiss()
            finally:
                self._tasks.role.release()

    def _has_ended(self) -> bool:
        return self.stage is ENDED

    def _break(self, cause: BaseException) -> None:
        """End the pool, for it cannot work: whoever waits, or asks for more, is told why."""
        if self._cause is None and self.stage is not ENDED:
            self._cause = cause
        self.stage = ENDED

    def _end_members(self) -> None:
        """Terminate the workers, kill the stubborn; what is not done has failed."""
        if self._kill_at is None:
            self._kill_at = monotonic() + GRACE
            for member in self._members:
                member.process.terminate()
            self._abort()
        elif monotonic() >= self._kill_at:
            self._kill_at = monotonic() + GRACE
            for member in self._members:
                member.process.kill()

    def _abort(self) -> None:
        """Have everything fail that is not done."""
        error = broken(self._cause)
        while self._feeding:
            self._feeding.pop().stop()
        self._tasks.waiting.clear()
        while self._unfinished:
            self._unfinished.pop().receiver._abort(error)
