"""How the tasks of a pool come to its workers. Section "Process Pools".

Each worker has a socket of its own for its tasks, and gets some in advance. What one has not begun is taken back where
another one has nothing to do: tasks may take any time, and may wait for each other.
"""

from __future__ import annotations

from _pickle import dumps
from _thread import allocate_lock
from collections import deque
from types import BuiltinFunctionType, FunctionType, ModuleType, NoneType

from ..transfer import framing, handover
from .jobs import NOTHING
from .member import LEAST, Member, Task, packed
from .packets import KEPT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from .jobs import Job


PATIENCE = 0.2
"""Seconds in which whoever gives a task to a worker has done so, unless a signal handler has interrupted it."""


class Distribution:
    """Gives tasks to workers.

    members: the workers. fail: has a task fail, of a job, by its index. begun: a large task is on its way to a worker.
    ended: tells whether the pool does nothing any more.
    """

    def __init__(
        self,
        members: list[Member],
        fail: Callable[[Job, int, BaseException], None],
        begun: Callable[[Member], None],
        ended: Callable[[], bool],
    ) -> None:
        self.role = allocate_lock()
        """Whoever has it gives tasks to workers, or takes them back."""
        self.waiting: deque[Job | Task] = deque()
        """What no worker has: tasks, and jobs that have more of them."""
        self._members = members
        self._fail = fail
        self._begun = begun
        self._ended = ended
        self._last: tuple[Any, tuple[bytes, int]] = None, (b"", 0)
        self._numbers = iter(range(1, 1 << 62))

    def give_at_once(self, job: Job) -> bool:
        """Give a task to a worker if one has nothing, or little, to do; tell whether it still waits for one."""
        task = self._packed(Exception, job, *job.take())
        if task is None:
            return False
        if task.pieces is None and not self.waiting and not self.role.locked():
            with self.role:  # unlike acquire(), it leaves nothing behind where a signal handler raises
                for level in range(LEAST):
                    for member in self._members:
                        if member.takes(level) and member.give(task):
                            return False
        self.waiting.append(task)
        return True

    def held(self) -> bool:
        """Have the role, by the thread of the pool. False: somebody else has it, and the pool has ended.

        A signal handler that has interrupted that one may have ended it, and wait for this thread.
        """
        while not self.role.acquire(timeout=PATIENCE):
            if self._ended():
                return False
        return True

    def give_out(self) -> None:
        """Give tasks to the workers, first to those that have the fewest."""
        if self.held():
            try:
                self._give_out()
            finally:
                self.role.release()

    def rebalance(self) -> None:
        """Let workers that have nothing to do have what others have not begun."""
        while not self.waiting and any(member.takes(0) for member in self._members):
            if not self.held():
                return
            try:
                richest = max(self._members, key=lambda member: len(member.assigned))
                back = richest.take_back() if len(richest.assigned) > 1 else []
                if not back:
                    return
                self.return_tasks(back)
                self._give_out()
            finally:
                self.role.release()

    def return_tasks(self, tasks: Iterable[Task]) -> None:
        """Have tasks that were taken back wait in front of all others."""
        self.waiting.extendleft(reversed([*tasks]))

    def _give_out(self) -> None:
        members = self._members
        fewest = min((len(member.assigned) for member in members), default=0)
        for level in range(fewest, max((member.depth for member in members), default=0)):
            for member in members:
                if member.takes(level):
                    task = self._next()
                    if task is None:
                        return
                    if member.give(task):
                        if member.outgoing:
                            self._begun(member)
                        continue
                    self.waiting.appendleft(task)
                    if task.pieces is not None and level:
                        return  # it waits for a worker that has done everything else

    def _next(self) -> Task | None:
        """Return the next task; None: there is none."""
        waiting = self.waiting
        while waiting:
            one = waiting[0]
            if isinstance(one, Task):
                waiting.popleft()
                return one
            given: Any = NOTHING if one.over else one.take()
            if given is NOTHING or one.over:
                waiting.popleft()
            if given is not NOTHING:
                task = self._packed(BaseException, one, *given)
                if task is not None:
                    return task
        return None

    def _packed(self, caught: type[BaseException], job: Job, index: int, given: Any) -> Task | None:
        """Return a task as it is sent; None: it cannot be pickled, and has failed.

        caught: of what it fails. Whatever else there is goes to whoever has submitted it, such as a KeyboardInterrupt.
        """
        try:
            if job.pickled is None:
                job.pickled, job.kept = self._function(job.function)
            if job.bulky:
                pieces = framing.pickled(given)
                size = sum(map(len, pieces))
            else:
                pieces = [_pickled(given)]
                size = len(pieces[0])
            job.bulky = size > framing.BULKY
        except caught as error:
            self._fail(job, index, error)
            return None
        return packed(next(self._numbers), job, index, job.pickled, job.how | job.kept, pieces, size)

    def _function(self, function: Any) -> tuple[bytes, int]:
        """Return a function pickled, and KEPT if that is but its name."""
        kind = type(function)
        if kind is not FunctionType and not (kind is BuiltinFunctionType and _is_of_a_module(function)):
            return _pickled(function), 0
        last, known = self._last
        if function is not last:
            known = _pickled(function), KEPT
            self._last = function, known
        return known


def _is_of_a_module(function: BuiltinFunctionType) -> bool:
    """Tell a function from a method of an object, which is pickled with it."""
    return isinstance(function.__self__, (ModuleType, NoneType))


def _pickled(thing: Any) -> bytes:
    if handover.issued:
        handover.begin_message()
    try:
        return dumps(thing, framing.PROTOCOL)
    except TypeError as error:
        from ..connection.reduction import pickled_with_sockets

        return pickled_with_sockets(thing, error)
