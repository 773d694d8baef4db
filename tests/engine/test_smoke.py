"""The smoke stage: what cannot be judged is told by what was done and seen; what is kept for life is found out."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import interpreter
from mpconform.checks import Check, clause
from mpconform.driver import smoke
from mpconform.driver.judge import Judge
from mpconform.driver.zygotes import DEADLINE
from mpconform.errors import BrokenAdapter
from mpconform.hosts import stacks
from mpconform.hosts.kinds import beyond
from mpconform.outcomes import Outcome, Verdict
from mpspec.loader import CHAPTERS

Reach = Callable[..., Adapter]
WRAPPER = "import multiprocessing, os, threading\nfrom multiprocessing import *\n"
SHARES = "sharedctypes.value.zero"
"""A clause that uses the heap, whose file a process of the standard library keeps open for life."""


@pytest.fixture
def reach(tmp_path: Path) -> Reach:
    """An adapter of a module that wraps the standard library and then does this."""

    def reached(text: str, **keys: Any) -> Adapter:
        (tmp_path / "mine.py").write_text(WRAPPER + text)
        return Adapter("mine", "mine", expose=(str(tmp_path / "mine.py"),), **keys)

    return reached


def refused(adapter: Adapter, method: str = "fork", patience: float = 1.0) -> str:
    """What the smoke stage says against the adapter."""
    with pytest.raises(BrokenAdapter) as raised:
        smoke.test(adapter, interpreter(None), (method,), patience, CHAPTERS)
    return str(raised.value)


def judged(adapter: Adapter, id: str, method: str) -> Verdict:
    """What comes of a clause once the smoke stage has passed."""
    ready = smoke.test(adapter, interpreter(None), (method,), 1.0, CHAPTERS)
    judge = Judge(ready.adapter, interpreter(None))
    try:
        each = clause(id)
        return judge.verdict(Check(each, method if each.methods else None, next(iter(each.cases), None)))
    finally:
        judge.close()


def test_names_that_are_not_there_are_told_together(reach: Reach) -> None:
    told = refused(reach("del Process, get_context"))
    assert "mine.py lacks, or cannot call, Process, get_context" in told
    assert "Traceback" not in told  # there is no line of the implementation's own in it


def test_what_a_start_raises_is_told_with_its_traceback(reach: Reach, tmp_path: Path) -> None:
    told = refused(reach("class Process(multiprocessing.Process):\n    def start(self):\n        1 / 0\n"))
    assert "an unexpected ZeroDivisionError" in told
    assert f'{tmp_path}/mine.py", line 5, in start' in told


@pytest.mark.parametrize("name", ["start", "join"])
def test_a_hang_is_told_with_the_stacks_of_its_processes_before_ten_seconds_are_over(
    reach: Reach, tmp_path: Path, name: str
) -> None:
    hangs = reach(
        "class Process(multiprocessing.Process):\n"
        f"    def {name}(self, *arguments):\n"
        "        threading.Event().wait()\n"
    )
    began = time.monotonic()
    told = refused(hangs, patience=0.2)
    assert time.monotonic() - began < 0.2 * 10 + 5  # its deadline, and what a busy machine takes to start and stop it
    assert f'{tmp_path}/mine.py", line 5 in {name}' in told
    assert "By fork this fails" in told


class Busy:
    """A judge, and the zygote of its checks, that come to an end only where they have the time that all checks have."""

    deadline, exit_deadline = smoke.DEADLINE, smoke.DEADLINE

    def __init__(self, state: str) -> None:
        self._state = state

    def verdict(self, check: Check) -> Verdict:
        """Hung in this state, or kept."""
        if self.deadline < DEADLINE:
            return Verdict(Outcome.HUNG, post_mortem=f"process 7 (parent 6, state {self._state}): python")
        return Verdict(Outcome.KEPT)

    def forget(self) -> None:
        """It remembers nothing."""


@pytest.mark.parametrize(("state", "outcome"), [("R", Outcome.KEPT), ("D", Outcome.KEPT), ("S", Outcome.HUNG)])
def test_what_is_still_at_work_at_the_short_deadline_has_that_of_every_check(state: str, outcome: Outcome) -> None:
    busy: Any = Busy(state)
    assert smoke.First(busy, busy).verdict(Check(clause(SHARES), None, None)).outcome is outcome


@pytest.mark.parametrize("what", ["while True: pass", "threading.Thread(target=spin).start()", "signal.pause()"])
def test_a_process_is_at_work_while_one_of_its_threads_is(tmp_path: Path, what: str) -> None:
    program = f"import signal, threading\ndef spin():\n    while True: pass\nprint(flush=True)\n{what}"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        asleep = what.startswith("signal")
        deadline = time.monotonic() + 30
        while stacks.working(stacks.post_mortem([process.pid], str(tmp_path / "none"))) == asleep:
            assert time.monotonic() < deadline
        process.kill()


def test_a_child_that_fails_is_told_with_what_it_wrote(reach: Reach, tmp_path: Path) -> None:
    told = refused(
        reach("if current_process().name != 'MainProcess': raise ValueError('not in a child')"), "spawn", 0.5
    )
    assert "A process was started" in told
    assert "By spawn this fails" in told
    assert "ValueError: not in a child" in told
    assert f"{tmp_path}/mine.py" in told


def test_what_a_process_keeps_for_life_is_found_out_where_the_adapter_does_not_say_it(reach: Reach) -> None:
    ready = smoke.test(reach(""), interpreter(None), ("fork", "spawn"), 1.0, CHAPTERS)
    assert ready.adapter.measured == {"fork": {"file pym": 2}, "spawn": {"file pym": 2}}
    assert "keeps descriptors for life" in "".join(ready.notes)
    assert judged(reach(""), SHARES, "fork").outcome is Outcome.KEPT
    ready = smoke.test(reach(""), interpreter(None), (), 1.0, CHAPTERS)
    assert ready.adapter.kept_for_life(None) == {"file pym": 2}


def test_a_method_that_was_not_measured_keeps_what_the_others_do(reach: Reach) -> None:
    measured = reach("", measured={"spawn": {"pipe": 2}, "forkserver": {"pipe": 1, "socket": 1}})
    assert measured.kept_for_life("spawn") == {"pipe": 2}
    assert measured.kept_for_life("fork") == measured.kept_for_life(None) == {"pipe": 2, "socket": 1}


def test_what_an_adapter_declares_to_keep_is_honoured_and_not_measured(reach: Reach) -> None:
    declared = reach("", keeps={"fork": 0})
    assert smoke.test(declared, interpreter(None), ("fork",), 1.0, CHAPTERS).adapter == declared
    assert judged(declared, SHARES, "fork").outcome is Outcome.LEAKED
    assert judged(reach("", keeps={"fork": 2}), SHARES, "fork").outcome is Outcome.KEPT


@pytest.mark.parametrize("left", ["os.pipe()", "os.open('/dev/zero', 0)", "os.open(__file__, 0)"])
def test_what_grows_with_each_use_is_a_leak_and_its_message_says_what_to_declare(reach: Reach, left: str) -> None:
    leaks = reach(
        f"class Process(multiprocessing.Process):\n    def start(self):\n        {left}\n        super().start()\n"
    )
    verdict = judged(leaks, "process.join.again", "fork")
    assert verdict.outcome is Outcome.LEAKED
    assert "its adapter says so by keeps = { fork = " in verdict.seen


def test_a_measurement_that_fails_stops_nothing_and_is_said(reach: Reach) -> None:
    ready = smoke.test(reach("def Lock():\n    os._exit(3)\n"), interpreter(None), ("fork", "spawn"), 1.0, CHAPTERS)
    assert ready.adapter.measured == {}
    assert "could not be measured" in "".join(ready.notes)


def test_only_as_many_of_a_kind_are_kept_as_were_measured() -> None:
    pipes, file = [(0, 1, "pipe:[1]"), (0, 2, "pipe:[2]")], (1, 3, "/dev/shm/pym-1-x (deleted)")
    assert beyond([*pipes, file], {"pipe": 1, "file pym": 2}) == [pipes[1]]
    assert beyond([*pipes, file], {"pipe": 2, "file pym": 1}) == []
    assert beyond([*pipes, file], 3) == []
    assert beyond([*pipes, file], 2) == [*pipes, file]
