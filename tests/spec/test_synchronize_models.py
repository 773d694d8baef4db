"""The models of the primitives accept what a primitive can do and name the caller that came back with anything else."""

from __future__ import annotations

from typing import Any

import pytest
from mpspec.models.primitives import (
    BROKEN,
    BarrierModel,
    Call,
    ConditionModel,
    EventModel,
    Impossible,
    Model,
    RLockModel,
    SemaphoreModel,
    explains,
)


def after(model: Model, *steps: tuple[Any, ...]) -> Model:
    """The model after steps: (caller, "what", arguments) begins a call, (caller, outcome) comes back from one."""
    for caller, what, *rest in ((step[0], step[1], *step[2:]) for step in steps):
        begins = isinstance(what, str) and hasattr(model, f"on_{what}")
        model = model.call(caller, what, *rest) if begins else model.returned(caller, what)
    return model


def whole(caller: int, what: str, outcome: Any = None, *arguments: Any) -> list[tuple[Any, ...]]:
    """A call that comes back before anything else happens."""
    return [(caller, what, *arguments), (caller, outcome)]


TAKEN = after(SemaphoreModel(bound=1), *whole(0, "acquire", True))
WAITED_FOR = after(TAKEN, (1, "acquire"), (2, "acquire"))
OWNED = after(RLockModel(), *whole(0, "acquire", True), *whole(0, "acquire", True))
ASLEEP = after(
    ConditionModel(),
    *[step for caller in (0, 1) for step in (*whole(caller, "acquire", True), (caller, "wait"))],
    *whole(2, "acquire", True),
)
MEETING = after(BarrierModel(parties=3), (0, "wait"), (1, "wait"))


def test_a_lock_goes_to_one_of_those_that_wait() -> None:
    released = after(WAITED_FOR, *whole(0, "release"))
    assert released.due() == [1, 2]
    assert after(released, (2, True)).due() == []


def test_who_waits_for_what_is_taken_does_not_come_back() -> None:
    assert WAITED_FOR.due() == []


def test_what_is_free_goes_to_the_one_that_asks() -> None:
    assert SemaphoreModel(free=0).call(0, "acquire", False).outcomes(0) == {False}
    assert SemaphoreModel(free=1).call(0, "acquire", True, -1).outcomes(0) == {True}


def test_the_counts_of_an_rlock_are_its_owners() -> None:
    once = after(OWNED, *whole(0, "release"), (1, "acquire"))
    assert once.due() == []
    assert after(once, *whole(0, "release")).due() == [1]


def test_a_notification_is_received_once_its_giver_lets_go() -> None:
    notified = after(ASLEEP, *whole(2, "notify"))
    assert notified.due() == []
    released = after(notified, *whole(2, "release"))
    assert released.due() == [0, 1]
    assert after(released, (1, True), *whole(1, "release")).due() == []


def test_a_condition_gives_an_rlock_back_as_it_was_held() -> None:
    deep = after(ConditionModel(), *whole(0, "acquire", True), *whole(0, "acquire", True), (0, "wait"))
    woken = after(deep, *whole(1, "acquire", True), *whole(1, "notify"), *whole(1, "release"), (0, True))
    assert after(woken, *whole(0, "release"), (1, "acquire")).due() == []


def test_all_that_wait_are_told_that_an_event_is_set() -> None:
    waiting = after(EventModel(), (0, "wait"), (1, "wait", 5.0))
    assert after(waiting, *whole(2, "pulse")).due() == [0, 1]
    assert after(waiting, *whole(2, "pulse"), (1, True), (0, True)).due() == []


def test_a_barrier_numbers_those_who_pass() -> None:
    assert after(MEETING, (2, "wait"), (2, 0), (0, 2), (1, 1), *whole(0, "actions", 1)).due() == []


def test_who_comes_again_belongs_to_the_next_round() -> None:
    again = after(MEETING, (2, "wait"), (2, 0), (2, "wait"))
    assert again.due() == [0, 1]
    assert after(again, (0, 1), (1, 2)).due() == []


WRONG = {
    "two have one lock": (TAKEN, whole(1, "acquire", True, False)),
    "a free lock is refused": (SemaphoreModel(), whole(0, "acquire", False, False)),
    "two are woken by one release": (WAITED_FOR, [*whole(0, "release"), (1, True), (2, True)]),
    "a waiter comes back for nothing": (WAITED_FOR, [(1, True)]),
    "a waiter without a timeout gives up": (WAITED_FOR, [(1, False)]),
    "a lock is released twice": (TAKEN, whole(0, "release") + whole(0, "release")),
    "a bounded semaphore grows": (SemaphoreModel(free=2, bound=2), whole(0, "release")),
    "a count is off by one": (TAKEN, whole(0, "get_value", 1)),
    "a true count is said by a bool": (TAKEN, whole(0, "get_value", False)),
    "another one enters an rlock": (OWNED, [(1, "acquire"), *whole(0, "release"), (1, True)]),
    "another one releases an rlock": (OWNED, whole(1, "release")),
    "one notification wakes two": (ASLEEP, [*whole(2, "notify"), *whole(2, "release"), (0, True), *whole(0, "release"),
                                            (1, True)]),
    "a notified one comes back without the lock": (ASLEEP, [*whole(2, "notify"), (0, True)]),
    "a waiter is woken without a notification": (ASLEEP, [*whole(2, "release"), (0, True)]),
    "a waiter is told of a timeout that it did not give": (ASLEEP, [*whole(2, "release"), (0, False)]),
    "a notification waits for one to come": (ConditionModel(), [*whole(0, "acquire", True), *whole(0, "notify"),
                                                                (0, "wait"), (0, True)]),
    "one notifies without the lock": (ConditionModel(), whole(0, "notify")),
    "a wait misses the flag": (EventModel(flag=True), whole(0, "wait", False, 0)),
    "a wait sees no flag": (EventModel(), whole(0, "wait", True, 0)),
    "one that was told says that its time was over": (EventModel(), [(0, "wait", 5.0), *whole(1, "pulse"), (0, False)]),
    "a barrier lets one go alone": (MEETING, [(0, 0)]),
    "two get one number": (MEETING, [(2, "wait"), (2, 0), (0, 0)]),
    "a number is too large": (MEETING, [(2, "wait"), (2, 3)]),
    "a broken barrier lets pass": (MEETING, [*whole(2, "abort"), (0, 0)]),
    "a reset barrier is still broken": (MEETING, [*whole(2, "abort"), (0, BROKEN), (1, BROKEN), *whole(2, "reset"),
                                                  *whole(2, "broken", True)]),
    "one breaks off without a timeout": (MEETING, [(0, BROKEN)]),
    "a timeout does not break the barrier": (BarrierModel(parties=3), [(0, "wait"), (1, "wait", 0), (1, BROKEN),
                                                                       *whole(2, "broken", False)]),
    "an action is called twice": (MEETING, [(2, "wait"), (0, 0), (1, 1), (2, 2), *whole(0, "actions", 2)]),
    "a caller is in two calls": (MEETING, [(0, "wait")]),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_history_is_refused_at_its_last_step(what: str) -> None:
    model, steps = WRONG[what]
    before = after(model, *steps[:-1])
    with pytest.raises(Impossible):
        after(before, steps[-1])


def test_an_impossible_outcome_is_named() -> None:
    with pytest.raises(Impossible, match=r"caller 1 came back from acquire\(\) with True, where False could"):
        after(TAKEN, *whole(1, "acquire", True, False))


def call(what: str, outcome: Any, began: float, ended: float, *arguments: Any) -> Call:
    return Call(what, arguments, outcome, began, ended)


def test_calls_at_the_same_time_can_have_happened_in_either_order() -> None:
    mine = [call("acquire", True, 0, 9, False), call("release", None, 10, 11)]
    assert explains(SemaphoreModel(bound=1), [mine, [call("acquire", False, 1, 10.5, False)]])
    assert explains(SemaphoreModel(bound=1), [mine, [call("acquire", True, 1, 12, True, 30)]])


def test_a_lock_that_two_had_at_the_same_time_has_no_explanation() -> None:
    mine = [call("acquire", True, 0, 1, False), call("release", None, 10, 11)]
    assert not explains(SemaphoreModel(bound=1), [mine, [call("acquire", True, 2, 9, False)]])


def test_a_lock_that_is_refused_after_it_was_released_has_no_explanation() -> None:
    mine = [call("acquire", True, 0, 1, False), call("release", None, 2, 3)]
    assert explains(SemaphoreModel(bound=1), [mine, [call("acquire", False, 2.5, 4, False)]])
    assert not explains(SemaphoreModel(bound=1), [mine, [call("acquire", False, 3.5, 4, False)]])


def test_a_wake_up_that_is_lost_has_no_explanation() -> None:
    setting = [call("set", None, 1, 2), call("clear", None, 5, 6)]
    assert explains(EventModel(), [setting, [call("wait", False, 0, 0.5, 0.1)]])
    assert explains(EventModel(), [setting, [call("wait", True, 0, 8, 5)]])
    assert not explains(EventModel(), [setting, [call("wait", False, 3, 4, 5)]])


def test_a_round_of_a_barrier_that_was_over_before_the_last_one_came_has_no_explanation() -> None:
    first, last = call("wait", 0, 0, 2), call("wait", 1, 1, 3)
    assert explains(BarrierModel(), [[first], [last]])
    assert not explains(BarrierModel(), [[first], [call("wait", 1, 2.5, 3)]])
