"""Every outcome is told apart, and wrong implementations are caught by name with nothing left of them."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mpconform.checks import Check
from mpconform.driver.zygotes import WORTH_TWO, Zygote, Zygotes
from mpconform.outcomes import Outcome
from mpspec.observation import procfs
from mpspec.observation.waits import LONG

sys.path.insert(0, str(Path(__file__).parent))
from samples.plain.chapter import chapter

Make = Callable[..., Zygote]


def check(id: str, method: str | None = None, case: str | None = None) -> Check:
    """A check of the sample chapter."""
    return Check(chapter.clauses[f"plain.{id}"], method, case)


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the kernel tells of a process; a failure where it does not come."""
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.mark.parametrize("id", ["empty", "surroundings", "surroundings-fresh"])
def test_a_promise_that_is_observed_is_kept(zygote: Make, id: str) -> None:
    answer = zygote().host(check(id))
    assert answer["outcome"] == Outcome.KEPT, answer


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_both_kinds_of_host_give_the_same_outcome_and_witnesses(zygote: Make, method: str) -> None:
    warm = zygote()
    for id in ("child", "child-fresh"):
        answer = warm.host(check(id, method))
        assert answer["outcome"] == Outcome.KEPT, answer
        assert [witness["start"] for witness in answer["witnesses"]] == [method]


def test_a_failed_observation_says_what_was_promised_seen_and_where(zygote: Make) -> None:
    answer = zygote().host(check("broken"))
    assert answer["outcome"] == Outcome.BROKEN
    assert (answer["promised"], answer["seen"]) == ("one is 2", "1")


def test_a_failed_observation_does_not_wait_long_for_the_exit(zygote: Make) -> None:
    stuck = zygote()
    stuck.exit_deadline = 20
    answer = stuck.host(check("broken-and-stuck"))
    assert (answer["outcome"], answer["seen"]) == (Outcome.BROKEN, "1")
    assert "_shutdown" in answer["post_mortem"]
    assert answer["seconds"] < stuck.exit_deadline


def test_a_mistake_in_a_clause_is_not_held_against_the_implementation(zygote: Make) -> None:
    assert zygote().host(check("name-error"))["outcome"] == Outcome.HARNESS


def test_a_missing_name_is_missing(zygote: Make) -> None:
    answer = zygote("offers_nothing").host(check("child", "fork"))
    assert answer["outcome"] == Outcome.MISSING
    assert "set_start_method" in answer["promised"]


def test_a_missing_attribute_of_an_object_is_missing(zygote: Make) -> None:
    answer = zygote().host(check("attribute"))
    assert answer["outcome"] == Outcome.MISSING
    assert "Process.no_such_name" in answer["promised"]


def test_an_implementation_that_answers_wrongly_is_broken(zygote: Make) -> None:
    answer = zygote("always_wrong").host(check("child", "fork"))
    assert answer["outcome"] == Outcome.BROKEN
    assert answer["seen"] == "42"


def test_an_implementation_that_hangs_is_hung_and_shows_every_stack(zygote: Make) -> None:
    answer = zygote("hangs", deadline=0.5).host(check("child", "fork"))
    assert answer["outcome"] == Outcome.HUNG
    assert "in wait_for_ever" in answer["post_mortem"]


def test_an_implementation_that_crashes_is_crashed_with_its_signal(zygote: Make) -> None:
    answer = zygote("crashes").host(check("child", "fork"))
    assert answer["outcome"] == Outcome.CRASHED
    assert "SIGABRT" in answer["seen"]
    assert "os.abort" in answer["err"] or "in start" in answer["err"]


@pytest.mark.parametrize("what", ["process", "descriptor", "thread", "file", "semaphore"])
def test_an_implementation_that_leaks_is_leaked_by_what_it_left(
    zygote: Make, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setenv("LEAK", what)
    leaky = zygote("leaks")
    leaky.exit_deadline = 0.5
    answer = leaky.host(check("child", "fork"))
    assert answer["outcome"] == Outcome.LEAKED
    assert what in answer["seen"]


@pytest.mark.parametrize("id", ["keeps-a-library", "reads-meanwhile", "told-to-close"])
def test_a_descriptor_is_not_left_behind_that_is_a_loaded_librarys_or_open_for_a_moment(zygote: Make, id: str) -> None:
    answer = zygote().host(check(id))
    assert answer["outcome"] == Outcome.KEPT, answer


def test_a_descriptor_of_a_file_is_left_behind_though_another_thread_is_there(zygote: Make) -> None:
    answer = zygote().host(check("keeps-a-file"))
    file = os.path.realpath(chapter.clauses["plain.keeps-a-file"].body.__code__.co_filename)
    assert answer["outcome"] == Outcome.LEAKED
    assert answer["seen"].startswith(f"descriptor of {file}")


@pytest.mark.parametrize(("case", "outcome"), [("ends", Outcome.KEPT), ("stays", Outcome.LEAKED)])
def test_a_thread_that_the_interpreter_has_not_started_is_left_behind_if_it_stays(
    zygote: Make, case: str, outcome: Outcome
) -> None:
    answer = zygote().host(check("foreign-thread", case=case))
    assert answer["outcome"] == outcome, answer


def test_many_threads_are_left_behind_and_do_not_make_the_check_hang(zygote: Make) -> None:
    answer = zygote(deadline=LONG).host(check("many-threads"))
    assert answer["outcome"] == Outcome.LEAKED, answer
    assert all(f"thread 'idle-{number}'" in answer["seen"] for number in range(12))


def test_an_implementation_that_forks_without_end_is_ended_whole(zygote: Make) -> None:
    answer = zygote("forks_without_end", deadline=0.5).host(check("child", "fork"))
    assert answer["outcome"] == Outcome.HUNG


def test_an_implementation_that_floods_its_output_is_cut_off(zygote: Make) -> None:
    answer = zygote("floods").host(check("child", "fork"))
    assert answer["outcome"] == Outcome.BROKEN
    assert "bytes of output" in answer["seen"]
    assert len(answer["out"]) < 100_000


def test_an_implementation_that_lies_about_its_start_method_is_found_out(zygote: Make) -> None:
    answer = zygote("lies").host(check("child", "spawn"))
    assert [witness["start"] for witness in answer["witnesses"]] == ["fork"]


def test_a_folder_serves_again_only_as_it_was_made(zygote: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    one = zygote()
    first, again, changed, after = (
        one.host(check(id))["recorded"]["folder"] for id in ("where", "where", "changes-its-folder", "where")
    )
    assert first == again == changed != after
    monkeypatch.setenv("LEAK", "file")
    leaky = zygote("leaks")
    assert leaky.host(check("child", "fork"))["outcome"] == Outcome.LEAKED
    assert leaky.host(check("where"))["outcome"] == Outcome.KEPT


def test_a_host_that_dies_before_its_check_costs_nothing(zygote: Make) -> None:
    one = zygote()
    supervisor = int(one.host(check("where"))["recorded"]["zygote"])
    until(lambda: procfs.children(supervisor) != [])  # it forks the next host after its answer
    (ahead,) = procfs.children(supervisor)
    os.kill(ahead, signal.SIGKILL)
    until(lambda: procfs.state(ahead) == "Z")
    assert one.host(check("where"))["outcome"] == Outcome.KEPT


def test_two_zygotes_take_turns_once_that_is_worth_it(zygote: Make) -> None:
    with Zygotes(zygote) as zygotes:
        who = [zygotes.host(check("where"))["recorded"]["zygote"] for _ in range(WORTH_TWO + 4)]
    assert len(set(who[:WORTH_TWO])) == 1
    assert who[-4] == who[-2] != who[-3] == who[-1]


@pytest.mark.parametrize("id", ["harms-supervisor", "harms-launcher"])
def test_a_host_that_kills_what_is_above_it_costs_only_its_own_check(zygote: Make, id: str) -> None:
    harmed = zygote(deadline=2)
    assert harmed.host(check(id))["outcome"] == Outcome.CRASHED
    assert harmed.host(check("empty"))["outcome"] == Outcome.KEPT
