"""The synchronization primitives as sequential models, and the judge of what several users saw of one.

A model is a value: what the primitive holds and who is inside a call. call() begins a call; outcomes() are those
with which a user can come back now, none while he has to wait; returned() is the model after he has come back.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

BROKEN = "BrokenBarrierError"
"""The outcome of a call that raises is the name of its exception."""


class Impossible(Exception):
    """A user came back with what he cannot have got, or did what he cannot do."""


class Inside(NamedTuple):
    """A user inside a call. decided: the call has its outcome; timed: he does not wait for ever."""

    user: int
    what: str
    decided: bool = True
    outcome: Any = None
    timed: bool = False
    held: int = 0


@dataclass(frozen=True)
class Model:
    """What all models have in common."""

    inside: tuple[Inside, ...] = ()

    def call(self, user: int, what: str, *arguments: Any) -> Any:
        """The model after the user has begun the call `what`, a method or property of the primitive."""
        if self.find(user) is not None:
            raise Impossible(f"user {user} calls {what}() while he is in another call")
        return getattr(self, f"on_{what}")(user, *arguments)

    def outcomes(self, user: int) -> Set[Any]:
        """With what the user can come back now; nothing while he has to wait."""
        one = self.find(user)
        if one is None:
            return frozenset()
        return frozenset([one.outcome]) if one.decided else self.open_outcomes(one)

    def returned(self, user: int, outcome: Any) -> Any:
        """The model after the user has come back. Impossible: not with this, not now."""
        possible = self.outcomes(user)
        if not any(outcome == one and type(outcome) is type(one) for one in possible):
            who = self.find(user)
            where = f"from {who.what}()" if who else "without a call"
            promised = " or ".join(map(repr, sorted(possible, key=repr))) or "nobody"
            raise Impossible(f"user {user} came back {where} with {outcome!r}, where {promised} could")
        one = self.find(user)
        assert one is not None
        after = replace(self, inside=tuple(other for other in self.inside if other is not one))
        return after if one.decided else after.closed(one, outcome)

    def due(self) -> list[int]:
        """Those who can come back now. At least one of them has to, without anybody calling anything."""
        return [one.user for one in self.inside if self.outcomes(one.user)]

    def find(self, user: int) -> Inside | None:
        """What the user is in."""
        return next((one for one in self.inside if one.user == user), None)

    def open_outcomes(self, one: Inside) -> Set[Any]:
        """With what one can come back whose outcome was not decided when he called."""
        raise NotImplementedError

    def closed(self, one: Inside, outcome: Any) -> Any:
        """What his coming back does to the model."""
        raise NotImplementedError

    def decide(self, user: int, what: str, outcome: Any = None, **changes: Any) -> Any:
        """The model where the user's call has its outcome and effect at once."""
        return replace(self, inside=(*self.inside, Inside(user, what, True, outcome)), **changes)

    def wait(self, user: int, what: str, timed: bool, held: int = 0, **changes: Any) -> Any:
        """The model where the user waits."""
        return replace(self, inside=(*self.inside, Inside(user, what, False, None, timed, held)), **changes)


@dataclass(frozen=True)
class SemaphoreModel(Model):
    """Lock (free=1, bound=1), Semaphore, and BoundedSemaphore (bound=free)."""

    free: int = 1
    bound: int | None = None

    def on_acquire(self, user: int, block: bool = True, timeout: float | None = None) -> Any:
        """Take one, wait for one, or go without."""
        if self.free:
            return self.decide(user, "acquire", True, free=self.free - 1)
        if not block or (timeout is not None and timeout <= 0):
            return self.decide(user, "acquire", False)
        return self.wait(user, "acquire", timed=timeout is not None)

    def on_release(self, user: int) -> Any:
        """Give one, whoever has it."""
        if self.free == self.bound:
            return self.decide(user, "release", "ValueError")
        return self.decide(user, "release", free=self.free + 1)

    def on_get_value(self, user: int) -> Any:
        """How many are free."""
        return self.decide(user, "get_value", self.free)

    def open_outcomes(self, one: Inside) -> Set[Any]:
        """One who waits gets what is free; one whose time runs out may have missed it."""
        return ({True} if self.free else set()) | ({False} if one.timed else set())

    def closed(self, one: Inside, outcome: Any) -> Any:
        """He has taken one."""
        return replace(self, free=self.free - 1) if outcome else self


@dataclass(frozen=True)
class RLockModel(Model):
    """RLock: one owner, as often as he likes. recursive: False for a Lock that its owner alone releases."""

    owner: int | None = None
    depth: int = 0
    recursive: bool = True

    def on_acquire(self, user: int, block: bool = True, timeout: float | None = None) -> Any:
        """Take it, once more or for the first time."""
        if self.owner is None or (self.recursive and self.owner == user):
            return self.decide(user, "acquire", True, owner=user, depth=self.depth + 1)
        if not block or (timeout is not None and timeout <= 0):
            return self.decide(user, "acquire", False)
        return self.wait(user, "acquire", timed=timeout is not None)

    def on_release(self, user: int) -> Any:
        """Give it back: the owner alone may."""
        if self.owner != user:
            return self.decide(user, "release", "AssertionError")
        depth = self.depth - 1
        return self.decide(user, "release", owner=user if depth else None, depth=depth)

    def open_outcomes(self, one: Inside) -> Set[Any]:
        """The lock, as soon as nobody has it."""
        return ({True} if self.owner is None else set()) | ({False} if one.timed else set())

    def closed(self, one: Inside, outcome: Any) -> Any:
        """He owns it now."""
        return replace(self, owner=one.user, depth=1) if outcome else self


@dataclass(frozen=True)
class ConditionModel(RLockModel):
    """Condition. calls: notifications that were given and not yet received; who gets which is open."""

    calls: int = 0
    unowned: str = "RuntimeError"

    def on_wait(self, user: int, timeout: float | None = None) -> Any:
        """Give the lock away, and begin to wait."""
        if self.owner != user:
            return self.decide(user, "wait", self.unowned)
        return self.wait(user, "wait", timeout is not None, self.depth, owner=None, depth=0)

    def on_notify(self, user: int, n: int = 1) -> Any:
        """Call n of those who wait and have not been called."""
        if self.owner != user:
            return self.decide(user, "notify", self.unowned)
        waiting = sum(one.what == "wait" and not one.decided for one in self.inside)
        return self.decide(user, "notify", calls=self.calls + min(n, waiting - self.calls))

    def on_notify_all(self, user: int) -> Any:
        """Call all of them."""
        after = self.on_notify(user, len(self.inside))
        return replace(after, inside=(*self.inside, after.inside[-1]._replace(what="notify_all")))

    def open_outcomes(self, one: Inside) -> Set[Any]:
        """Who waits needs a call and the lock; whose time has run out needs the lock."""
        if one.what != "wait":
            return super().open_outcomes(one)
        if self.owner is not None:
            return frozenset()
        return ({True} if self.calls else set()) | ({False} if one.timed else set())

    def closed(self, one: Inside, outcome: Any) -> Any:
        """He has the lock again, as often as before."""
        if one.what != "wait":
            return super().closed(one, outcome)
        return replace(self, owner=one.user, depth=one.held, calls=self.calls - (1 if outcome else 0))


@dataclass(frozen=True)
class EventModel(Model):
    """Event. strict: one who was there when it was set gets True, though it was cleared before he came to run."""

    flag: bool = False
    strict: bool = True

    def on_is_set(self, user: int) -> Any:
        """The flag."""
        return self.decide(user, "is_set", self.flag)

    def on_set(self, user: int) -> Any:
        """Make it true: everybody who waits has his outcome."""
        told = tuple(
            one if one.decided else one._replace(decided=self.strict, outcome=True, timed=True) for one in self.inside
        )
        return replace(self, inside=told).decide(user, "set", flag=True)

    def on_clear(self, user: int) -> Any:
        """Make it false."""
        return self.decide(user, "clear", flag=False)

    def on_pulse(self, user: int) -> Any:
        """set() and clear() in one go."""
        after = self.on_set(user)
        return replace(after, flag=False, inside=(*after.inside[:-1], Inside(user, "pulse")))

    def on_wait(self, user: int, timeout: float | None = None) -> Any:
        """Wait where the flag is false."""
        if self.flag:
            return self.decide(user, "wait", True)
        return self.wait(user, "wait", timed=timeout is not None)

    def open_outcomes(self, one: Inside) -> Set[Any]:
        """False where the time runs out; without strictness, whatever the flag was in the meantime."""
        return ({True} if self.flag or one.outcome else set()) | ({False} if one.timed else set())

    def closed(self, one: Inside, outcome: Any) -> Any:
        """Nothing: waiting changes no flag."""
        return self


@dataclass(frozen=True)
class BarrierModel(Model):
    """Barrier. actions: how often its action was called. numbers: of each round, those not yet handed out."""

    parties: int = 2
    broken: bool = False
    actions: int = 0
    numbers: tuple[frozenset[int], ...] = ()

    def on_wait(self, user: int, timeout: float | None = None) -> Any:
        """Come: the last one lets everybody go."""
        if self.broken:
            return self.decide(user, "wait", BROKEN)
        arrived = self.wait(user, "wait", timed=timeout is not None)
        if len(self._waiting()) + 1 < self.parties:
            return arrived
        passed = len(self.numbers) + 1  # `held` is the number of the round, from 1
        gone = tuple(one._replace(held=passed, timed=False) if _waits(one) else one for one in arrived.inside)
        numbers = (*self.numbers, frozenset(range(self.parties)))
        return replace(self, inside=gone, numbers=numbers, actions=self.actions + 1)

    def on_abort(self, user: int) -> Any:
        """Break it."""
        return self._sent_away().decide(user, "abort", broken=True)

    def on_reset(self, user: int) -> Any:
        """Mend it, at the cost of those who wait."""
        return self._sent_away().decide(user, "reset", broken=False)

    def on_broken(self, user: int) -> Any:
        """Whether it is broken."""
        return self.decide(user, "broken", self.broken)

    def on_n_waiting(self, user: int) -> Any:
        """How many wait."""
        return self.decide(user, "n_waiting", len(self._waiting()))

    def on_actions(self, user: int) -> Any:
        """How often the action was called."""
        return self.decide(user, "actions", self.actions)

    def open_outcomes(self, one: Inside) -> Set[Any]:
        """A number that no other one of the round has; or he, or one beside him, has run out of time."""
        if one.held:
            return self.numbers[one.held - 1]
        return frozenset([BROKEN]) if any(each.timed for each in self._waiting()) else frozenset()

    def closed(self, one: Inside, outcome: Any) -> Any:
        """The number is given away; who runs out of time breaks the barrier."""
        if not one.held:
            return replace(self._sent_away(), broken=True)
        numbers = list(self.numbers)
        numbers[one.held - 1] -= {outcome}
        return replace(self, numbers=tuple(numbers))

    def _waiting(self) -> list[Inside]:
        return [one for one in self.inside if _waits(one)]

    def _sent_away(self) -> BarrierModel:
        away = tuple(one._replace(decided=True, outcome=BROKEN) if _waits(one) else one for one in self.inside)
        return replace(self, inside=away)


def _waits(one: Inside) -> bool:
    """Whether one waits at a barrier, and is not on his way out."""
    return not one.decided and not one.held


@dataclass(frozen=True)
class Call:
    """One call of a user, with the clock of the machine before and after it."""

    what: str
    arguments: tuple[Any, ...]
    outcome: Any
    began: float
    ended: float


def explains(model: Model, calls: Sequence[Sequence[Call]]) -> bool:
    """Whether the model can have been seen so. calls: those of each user, in their order.

    A call happens at some moment between the two clocks, and its end is between the two as well. What one user saw
    to be over before another began was over.
    """
    users = range(len(calls))
    seen: set[tuple[Any, ...]] = set()
    rest: list[tuple[Any, tuple[int, ...]]] = [(model, (0,) * len(calls))]
    ends = tuple(2 * len(one) for one in calls)
    while rest:
        state, done = rest.pop()
        if done == ends:
            return True
        # Until all who have ended before a call have come back, it cannot begin.
        bound = min((calls[u][done[u] // 2].ended for u in users if done[u] < ends[u]), default=0.0)
        for user in users:
            if done[user] == ends[user]:
                continue
            call = calls[user][done[user] // 2]
            after = (*done[:user], done[user] + 1, *done[user + 1 :])
            try:
                if done[user] % 2:
                    new = state.returned(user, call.outcome)
                elif call.began <= bound:
                    new = state.call(user, call.what, *call.arguments)
                else:
                    continue
            except Impossible:
                continue
            if (new, after) not in seen:
                seen.add((new, after))
                rest.append((new, after))
    return False
