"""Sizes, counts and timeouts of whatever class: those that say what they are are taken, others refused by name."""

from __future__ import annotations

import math
import signal
import threading
import time
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from queue import Empty, Full
from typing import Any

import mpref
import pytest
from mpref.connection import wait

CONTEXT = mpref.get_context("fork")


class Whole:
    """A number by __index__ alone, as those of many libraries are."""

    def __init__(self, value: int) -> None:
        self._value = value

    def __index__(self) -> int:
        return self._value

    def __repr__(self) -> str:
        return f"Whole({self._value})"


class Real:
    """A number by __float__ alone."""

    def __init__(self, value: float) -> None:
        self._value = value

    def __float__(self) -> float:
        return self._value

    def __repr__(self) -> str:
        return f"Real({self._value})"


def test_whole_numbers_of_any_class_are_sizes_and_counts() -> None:
    near, far = CONTEXT.Pipe()
    near.send_bytes(b"abcdef", Whole(1), Whole(3))
    assert far.recv_bytes(Whole(10)) == b"bcd"
    near.send_bytes(b"abc")
    buffer = bytearray(5)
    assert far.recv_bytes_into(buffer, Whole(2)) == 3
    queue = CONTEXT.Queue(Whole(1))
    queue.put(1)
    assert queue.full()
    assert CONTEXT.Semaphore(Whole(2)).get_value() == CONTEXT.BoundedSemaphore(Whole(2)).get_value() == 2
    assert CONTEXT.Barrier(Whole(3)).parties == 3
    assert len(CONTEXT.Array("i", Whole(3))) == len(CONTEXT.RawArray("i", Whole(3))) == 3
    assert CONTEXT.Value("i", Whole(4)).value == 4
    assert CONTEXT.RawArray("i", [Whole(1), Whole(2)])[:] == [1, 2]
    condition = CONTEXT.Condition()
    with condition:
        condition.notify(Whole(1))
    assert queue.get() == 1


def test_a_queue_for_more_than_can_be_counted_holds_any_number() -> None:
    queue = CONTEXT.Queue(1 << 80)
    queue.put(1)
    assert (queue.full(), queue.get()) == (False, 1)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: CONTEXT.Semaphore("2"), "value"),
        (lambda: CONTEXT.Queue("2"), "maxsize"),
        (lambda: CONTEXT.Queue(2.5), "maxsize"),
        (lambda: CONTEXT.Barrier(2.5), "parties"),
        (lambda: CONTEXT.Array("i", 2.5), "size"),
        (lambda: CONTEXT.Array("i", iter("ab")), "size"),
        (lambda: CONTEXT.Pipe()[0].send_bytes(b"x", "1"), "offset"),
        (lambda: CONTEXT.Pipe()[0].recv_bytes(1.5), "maxlength"),
    ],
)
def test_what_is_no_whole_number_is_refused_by_name(call: Callable[[], object], name: str) -> None:
    with pytest.raises(TypeError, match=f"{name}.*must be an int"):
        call()


def waits(soon: bool) -> dict[str, Callable[[Any], Any]]:
    """Calls with a timeout. soon: whether what they wait for comes while they wait."""
    near, far = CONTEXT.Pipe()
    queue, full = CONTEXT.Queue(1), CONTEXT.Queue(1)
    full.put(0)
    event, condition, barrier = CONTEXT.Event(), CONTEXT.Condition(), CONTEXT.Barrier(2)

    def meanwhile(call: Callable[..., Any], *args: Any) -> None:
        if soon:
            threading.Timer(0.02, call, args).start()

    def notify() -> None:
        with condition:
            condition.notify_all()

    def fulfil() -> None:
        event.set()
        notify()

    def poll(timeout: Any) -> Any:
        meanwhile(far.send, 1)
        return near.poll(timeout)

    def listen(timeout: Any) -> Any:
        meanwhile(far.send, 1)
        return bool(wait([near], timeout))

    def get(timeout: Any) -> Any:
        meanwhile(queue.put, True)
        return queue.get(True, timeout)

    def put(timeout: Any) -> Any:
        meanwhile(full.get)
        full.put(1, True, timeout)
        return True

    def await_event(timeout: Any) -> Any:
        meanwhile(event.set)
        return event.wait(timeout)

    def await_notice(timeout: Any) -> Any:
        with condition:
            meanwhile(notify)
            return condition.wait(timeout)

    def await_predicate(timeout: Any) -> Any:
        with condition:
            meanwhile(fulfil)
            return condition.wait_for(event.is_set, timeout)

    def meet(timeout: Any) -> Any:
        meanwhile(barrier.wait)
        return barrier.wait(timeout) in (0, 1)

    def meet_by_default(timeout: Any) -> Any:
        impatient = CONTEXT.Barrier(2, timeout=timeout)
        meanwhile(impatient.wait)
        return impatient.wait() in (0, 1)

    def join(timeout: Any) -> Any:
        child = CONTEXT.Process(target=time.sleep, args=(0.02 if soon else 60,))
        child.start()
        try:
            child.join(timeout)
            return child.exitcode == 0
        finally:
            child.kill()
            child.join()

    calls = poll, listen, get, put, await_event, await_notice, await_predicate, meet, meet_by_default, join
    return {call.__name__: call for call in calls}


NAMES = sorted(waits(False))


@pytest.fixture(autouse=True)
def limit() -> Any:
    """What does not come back is interrupted."""

    def interrupt(number: int, frame: object) -> None:
        raise AssertionError("it does not come back")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "timeout",
    [Fraction(1, 100), Decimal("0.01"), Real(0.01), Whole(0), False, -1, -math.inf, Decimal("-0.5")],
    ids=repr,
)
def test_a_short_timeout_of_any_class_is_over_soon(name: str, timeout: Any) -> None:
    try:
        assert not waits(False)[name](timeout)
    except (Empty, Full, threading.BrokenBarrierError):
        return


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "timeout",
    [
        math.inf,
        threading.TIMEOUT_MAX,
        10**30,
        10**400,
        1e300,
        Fraction(10**30),
        Decimal("1e40"),
        Real(1e6),
        Whole(10**6),
    ],
    ids=lambda timeout: repr(timeout)[:20],
)
def test_a_timeout_without_end_waits_for_what_comes(name: str, timeout: Any) -> None:
    assert waits(True)[name](timeout) is True


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("timeout", [math.nan, Decimal("nan"), "1", b"1", [], 1j], ids=repr)
def test_what_is_no_number_of_seconds_is_refused(name: str, timeout: Any) -> None:
    with pytest.raises((TypeError, ValueError), match="timeout must be a number of seconds"):
        waits(False)[name](timeout)
