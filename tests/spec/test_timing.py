"""The words of observation that are about time see what is too early and too late, and no busy machine."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from mpspec.observation import blocked, see, settling
from mpspec.observation.see import NotKept, See


@pytest.fixture
def observed(tmp_path: Path) -> See:
    return See(str(tmp_path), None)  # type: ignore[arg-type]  # nothing is under test


def test_what_gives_up_in_time_gives_its_value_or_its_error(observed: See) -> None:
    def raises(timeout: float) -> None:
        time.sleep(timeout)
        raise LookupError

    assert observed.expires(0.1, lambda timeout: [time.sleep(timeout), 7][1], timeout=0.1) == 7
    with pytest.raises(LookupError):
        observed.expires(0.1, raises, 0.1)


def test_what_gives_up_too_early_or_spends_its_timeout_twice_is_seen(observed: See) -> None:
    with pytest.raises(NotKept, match="at least"):
        observed.expires(2, time.sleep, 0)
    with pytest.raises(NotKept, match=r"is over after 0\.1 s"):
        observed.expires(0.1, time.sleep, 0.2)
    assert observed.is_over(0.1, time.sleep, 0.05) is None


def test_one_late_attempt_says_nothing(observed: See) -> None:
    late = [0.5]
    assert observed.expires(0.1, lambda: time.sleep(late.pop() if late else 0.1)) is None
    assert not late


def test_what_never_comes_back_is_seen(observed: See, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(see, "LONG", 0.2)
    with pytest.raises(NotKept, match=r"is over after 0\.1 s"):
        observed.expires(0.1, time.sleep, 1)


def test_a_wait_that_ends_by_itself_does_not_go_on(observed: See, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocked, "HELD", 0.3)
    with pytest.raises(NotKept, match="goes on blocking"):
        observed.in_thread(time.sleep, 0.1).goes_on()
    observed.in_thread(time.sleep, 1).goes_on()


def test_a_wait_that_no_thread_of_the_interpreter_shows_takes_its_time(
    observed: See, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of a greenlet, which is in no list of frames and sleeps in no system call of its own."""
    monkeypatch.setattr(blocked.sys, "_current_frames", dict)
    monkeypatch.setattr(settling.procfs, "thread_sleeps", lambda *_: False)
    gate = threading.Event()
    waiting = observed.blocks(gate.wait)
    gate.set()
    assert waiting.ends() is True
