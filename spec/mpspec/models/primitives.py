"""The synchronization primitives as sequential models, and the judge of what several callers saw of one.

A model is a value: what the primitive holds and which calls are pending. call() begins a call; outcomes() are those
with which a caller can come back now, none while it has to wait; returned() is the model after it has come back.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

BROKEN = "BrokenBarrierError"
"""The outcome of a call that raises is the name of its exception."""


class Impossible(Exception):
    """A caller came back with what it cannot have got, or did what it cannot do."""


class Pending(NamedTuple):
    """A call that has not come back. decided: it has its outcome; timed: its caller does not wait for ever."""

    caller: int
    what: str
    decided: bool = True
    outcome: Any = None
    timed: bool = False
    held: int = 0


@dataclass(frozen=True)
class Model:
    """What all models have in common."""

    pending: tuple[Pending, ...] = ()

    def call(self, caller: int, what: str, *arguments: Any) -> Any:
        """The model after the caller has begun the call `what`, a method or property of the primitive."""
        if self.find(caller) is not None:
            raise Impossible(f"caller {caller} calls {what}() while it is in another call")
        return getattr(self, f"on_{what}")(caller, *arguments)

    def outcomes(self, caller: int) -> Set[Any]:
        """With what the caller can come back now; nothing while it has to wait."""
        one = self.find(caller)
        if one is None:
            return frozenset()
        return frozenset([one.outcome]) if one.decided else self.open_outcomes(one)

    def returned(self, caller: int, outcome: Any) -> Any:
        """The model after the caller has come back. Impossible: not with this, not now."""
        possible = self.outcomes(caller)
        if not any(outcome == one and type(outcome) is type(one) for one in possible):
            who = self.find(caller)
            where = f"from {who.what}()" if who else "without a call"
            promised = " or ".join(map(repr, sorted(possible, key=repr))) or "nobody"
            raise Impossible(f"caller {caller} came back {where} with {outcome!r}, where {promised} could")
        one = self.find(caller)
        assert one is not None
        after = replace(self, pending=tuple(other for other in self.pending if other is not one))
        return after if one.decided else after.closed(one, outcome)

    def due(self) -> list[int]:
        """The callers that can come back now. At least one of them has to, without any further call."""
        return [one.caller for one in self.pending if self.outcomes(one.caller)]

    def find(self, caller: int) -> Pending | None:
        """The pending call of the caller."""
        return next((one for one in self.pending if one.caller == caller), None)

    def open_outcomes(self, one: Pending) -> Set[Any]:
        """The outcomes of a call whose outcome was not decided when it began."""
        raise NotImplementedError

    def closed(self, one: Pending, outcome: Any) -> Any:
        """What the return of a call does to the model."""
        raise NotImplementedError

    def decide(self, caller: int, what: str, outcome: Any = None, **changes: Any) -> Any:
        """The model where the caller's call has its outcome and effect at once."""
        return replace(self, pending=(*self.pending, Pending(caller, what, True, outcome)), **changes)

    def wait(self, caller: int, what: str, timed: bool, held: int = 0, **changes: Any) -> Any:
        """The model where the caller waits."""
        return replace(self, pending=(*self.pending, Pending(caller, what, False, None, timed, held)), **changes)


@dataclass(frozen=True)
class SemaphoreModel(Model):
    """Lock (free=1, bound=1), Semaphore, and BoundedSemaphore (bound=free)."""

    free: int = 1
    bound: int | None = None

    def on_acquire(self, caller: int, block: bool = True, timeout: float | None = None) -> Any:
        """Take one, wait for one, or go without."""
        if self.free:
            return self.decide(caller, "acquire", True, free=self.free - 1)
        if not block or (timeout is not None and timeout <= 0):
            return self.decide(caller, "acquire", False)
        return self.wait(caller, "acquire", timed=timeout is not None)

    def on_release(self, caller: int) -> Any:
        """Give one, whichever caller has it."""
        if self.free == self.bound:
            return self.decide(caller, "release", "ValueError")
        return self.decide(caller, "release", free=self.free + 1)

    def on_get_value(self, caller: int) -> Any:
        """How many are free."""
        return self.decide(caller, "get_value", self.free)

    def open_outcomes(self, one: Pending) -> Set[Any]:
        """A waiter gets what is free; one whose time runs out may have missed it."""
        return ({True} if self.free else set()) | ({False} if one.timed else set())

    def closed(self, one: Pending, outcome: Any) -> Any:
        """The caller has taken one."""
        return replace(self, free=self.free - 1) if outcome else self


@dataclass(frozen=True)
class RLockModel(Model):
    """RLock: one owner, as often as it likes. recursive: False for a Lock that its owner alone releases."""

    owner: int | None = None
    depth: int = 0
    recursive: bool = True

    def on_acquire(self, caller: int, block: bool = True, timeout: float | None = None) -> Any:
        """Take it, once more or for the first time."""
        if self.owner is None or (self.recursive and self.owner == caller):
            return self.decide(caller, "acquire", True, owner=caller, depth=self.depth + 1)
        if not block or (timeout is not None and timeout <= 0):
            return self.decide(caller, "acquire", False)
        return self.wait(caller, "acquire", timed=timeout is not None)

    def on_release(self, caller: int) -> Any:
        """Give it back: the owner alone may."""
        if self.owner != caller:
            return self.decide(caller, "release", "AssertionError")
        depth = self.depth - 1
        return self.decide(caller, "release", owner=caller if depth else None, depth=depth)

    def open_outcomes(self, one: Pending) -> Set[Any]:
        """The lock, as soon as it is free."""
        return ({True} if self.owner is None else set()) | ({False} if one.timed else set())

    def closed(self, one: Pending, outcome: Any) -> Any:
        """The caller owns it now."""
        return replace(self, owner=one.caller, depth=1) if outcome else self


@dataclass(frozen=True)
class ConditionModel(RLockModel):
    """Condition. calls: notifications that were given and not yet received; which waiter gets which is open."""

    calls: int = 0
    unowned: str = "RuntimeError"

    def on_wait(self, caller: int, timeout: float | None = None) -> Any:
        """Give the lock away, and begin to wait."""
        if self.owner != caller:
            return self.decide(caller, "wait", self.unowned)
        return self.wait(caller, "wait", timeout is not None, self.depth, owner=None, depth=0)

    def on_notify(self, caller: int, n: int = 1) -> Any:
        """Notify n of those that wait and were not notified."""
        if self.owner != caller:
            return self.decide(caller, "notify", self.unowned)
        waiting = sum(one.what == "wait" and not one.decided for one in self.pending)
        return self.decide(caller, "notify", calls=self.calls + min(n, waiting - self.calls))

    def on_notify_all(self, caller: int) -> Any:
        """Notify all of them."""
        after = self.on_notify(caller, len(self.pending))
        return replace(after, pending=(*self.pending, after.pending[-1]._replace(what="notify_all")))

    def open_outcomes(self, one: Pending) -> Set[Any]:
        """A waiter needs a notification and the lock; one whose time has run out needs the lock."""
        if one.what != "wait":
            return super().open_outcomes(one)
        if self.owner is not None:
            return frozenset()
        return ({True} if self.calls else set()) | ({False} if one.timed else set())

    def closed(self, one: Pending, outcome: Any) -> Any:
        """The caller has the lock again, as often as before."""
        if one.what != "wait":
            return super().closed(one, outcome)
        return replace(self, owner=one.caller, depth=one.held, calls=self.calls - (1 if outcome else 0))


@dataclass(frozen=True)
class EventModel(Model):
    """Event. strict: one that waited when it was set gets True, though it was cleared before that one could run."""

    flag: bool = False
    strict: bool = True

    def on_is_set(self, caller: int) -> Any:
        """The flag."""
        return self.decide(caller, "is_set", self.flag)

    def on_set(self, caller: int) -> Any:
        """Make it true: every waiter has its outcome."""
        told = tuple(
            one if one.decided else one._replace(decided=self.strict, outcome=True, timed=True) for one in self.pending
        )
        return replace(self, pending=told).decide(caller, "set", flag=True)

    def on_clear(self, caller: int) -> Any:
        """Make it false."""
        return self.decide(caller, "clear", flag=False)

    def on_pulse(self, caller: int) -> Any:
        """set() and clear() in one go."""
        after = self.on_set(caller)
        return replace(after, flag=False, pending=(*after.pending[:-1], Pending(caller, "pulse")))

    def on_wait(self, caller: int, timeout: float | None = None) -> Any:
        """Wait where the flag is false."""
        if self.flag:
            return self.decide(caller, "wait", True)
        return self.wait(caller, "wait", timed=timeout is not None)

    def open_outcomes(self, one: Pending) -> Set[Any]:
        """False where the time runs out; without strictness, whatever the flag was in the meantime."""
        return ({True} if self.flag or one.outcome else set()) | ({False} if one.timed else set())

    def closed(self, one: Pending, outcome: Any) -> Any:
        """Nothing: waiting changes no flag."""
        return self


@dataclass(frozen=True)
class BarrierModel(Model):
    """Barrier. actions: how often its action was called. numbers: of each round, those not yet handed out."""

    parties: int = 2
    broken: bool = False
    actions: int = 0
    numbers: tuple[frozenset[int], ...] = ()

    def on_wait(self, caller: int, timeout: float | None = None) -> Any:
        """Arrive: the last one lets all of them go."""
        if self.broken:
            return self.decide(caller, "wait", BROKEN)
        arrived = self.wait(caller, "wait", timed=timeout is not None)
        if len(self._waiting()) + 1 < self.parties:
            return arrived
        passed = len(self.numbers) + 1  # `held` is the number of the round, from 1
        gone = tuple(one._replace(held=passed, timed=False) if _waits(one) else one for one in arrived.pending)
        numbers = (*self.numbers, frozenset(range(self.parties)))
        return replace(self, pending=gone, numbers=numbers, actions=self.actions + 1)

    def on_abort(self, caller: int) -> Any:
        """Break it."""
        return self._sent_away().decide(caller, "abort", broken=True)

    def on_reset(self, caller: int) -> Any:
        """Make it whole, at the cost of those that wait."""
        return self._sent_away().decide(caller, "reset", broken=False)

    def on_broken(self, caller: int) -> Any:
        """Whether it is broken."""
        return self.decide(caller, "broken", self.broken)

    def on_n_waiting(self, caller: int) -> Any:
        """How many wait."""
        return self.decide(caller, "n_waiting", len(self._waiting()))

    def on_actions(self, caller: int) -> Any:
        """How often the action was called."""
        return self.decide(caller, "actions", self.actions)

    def open_outcomes(self, one: Pending) -> Set[Any]:
        """A number that no other one of the round has; or the caller, or one beside it, has run out of time."""
        if one.held:
            return self.numbers[one.held - 1]
        return frozenset([BROKEN]) if any(each.timed for each in self._waiting()) else frozenset()

    def closed(self, one: Pending, outcome: Any) -> Any:
        """The number is given away; one that runs out of time breaks the barrier."""
        if not one.held:
            return replace(self._sent_away(), broken=True)
        numbers = list(self.numbers)
        numbers[one.held - 1] -= {outcome}
        return replace(self, numbers=tuple(numbers))

    def _waiting(self) -> list[Pending]:
        return [one for one in self.pending if _waits(one)]

    def _sent_away(self) -> BarrierModel:
        away = tuple(one._replace(decided=True, outcome=BROKEN) if _waits(one) else one for one in self.pending)
        return replace(self, pending=away)


def _waits(one: Pending) -> bool:
    """Whether one waits at a barrier, and is not on its way out."""
    return not one.decided and not one.held


@dataclass(frozen=True)
class Call:
    """One call of a caller, with the clock of the machine before and after it."""

    what: str
    arguments: tuple[Any, ...]
    outcome: Any
    began: float
    ended: float


def explains(model: Model, calls: Sequence[Sequence[Call]]) -> bool:
    """Whether the model can have been seen so. calls: those of each caller, in their order.

    A call happens at some moment between the two clocks, and its end is between the two as well. What one caller saw
    to be over before another began was over.
    """
    callers = range(len(calls))
    seen: set[tuple[Any, ...]] = set()
    rest: list[tuple[Any, tuple[int, ...]]] = [(model, (0,) * len(calls))]
    ends = tuple(2 * len(one) for one in calls)
    while rest:
        state, done = rest.pop()
        if done == ends:
            return True
        # Until all who have ended before a call have come back, it cannot begin.
        bound = min((calls[u][done[u] // 2].ended for u in callers if done[u] < ends[u]), default=0.0)
        for caller in callers:
            if done[caller] == ends[caller]:
                continue
            call = calls[caller][done[caller] // 2]
            after = (*done[:caller], done[caller] + 1, *done[caller + 1 :])
            try:
                if done[caller] % 2:
                    new = state.returned(caller, call.outcome)
                elif call.began <= bound:
                    new = state.call(caller, call.what, *call.arguments)
                else:
                    continue
            except Impossible:
                continue
            if (new, after) not in seen:
                seen.add((new, after))
                rest.append((new, after))
    return False
