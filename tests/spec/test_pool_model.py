"""The model of pools accepts what a pool can do, and names what none can.

By hand-written histories, and by those of a simulated pool, which are right until something in them is changed.
"""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from mpspec.models.pool import first_impossible
from mpspec.models.pool_history import (
    APPLY,
    IMAP,
    MAP,
    NEVER,
    UNORDERED,
    Asked,
    History,
    Job,
    Notice,
    Run,
    Start,
    Step,
    over,
)

DONE = ("returned", None)


def history(
    job: Job, *runs: Run, asked: tuple[Asked, ...] = (), steps: tuple[Step, ...] = (), **names: object
) -> History:
    """The history of one job. A moment of the submission is 0."""
    kept = {"processes": 2, **names}
    return History(jobs={0: job}, runs=[*runs], asked=[*asked], steps=[*steps], **kept)  # type: ignore[arg-type]


def submitted(method: str, count: int = 1, **names: object) -> Job:
    return Job(0, method, count, 0.0, 0.1, **names)  # type: ignore[arg-type]


def ran(index: int, began: float, worker: str = "w", lasting: float | None = 0.5) -> Run:
    return Run(0, index, worker, began, None if lasting is None else began + lasting)


def asked(what: str, began: float, came: object, *, timeout: float | None = None, lasting: float = 0.1) -> Asked:
    return Asked(0, what, began, None if came is None else began + lasting, came, timeout)


def got(began: float, value: object) -> Asked:
    return asked("get", began, ("returned", value))


def came(began: float, index: int) -> Asked:
    return asked("next", began, ("returned", [0, index]))


def step(what: str, began: float, ended: float | None = None, worker: str | None = None) -> Step:
    return Step(what, began, began + 0.1 if ended is None else ended, worker)


APPLIED, MAPPED = submitted(APPLY), submitted(MAP, 2)
TIMEOUT, END = ("raised", "TimeoutError"), ("raised", "StopIteration")
BROKEN = ("raised", "BrokenPool")
FAILING = submitted(MAP, 2, fails=frozenset({1}))
CLOSED_AND_JOINED = (step("close", 2), step("join", 3))

RIGHT = {
    "a call": history(APPLIED, ran(0, 1), asked=(got(2, [0, 0]),)),
    "calls in any order": history(MAPPED, ran(1, 1), ran(0, 2), asked=(got(3, [[0, 0], [0, 1]]),)),
    "a call fails and the others are left": history(FAILING, ran(1, 1), asked=(asked("get", 2, ("failed", [0, 1])),)),
    "a result that comes while it is asked for": history(
        APPLIED, ran(0, 1), asked=(asked("get", 0.5, ("returned", [0, 0]), lasting=1.1),)
    ),
    "a timeout": history(APPLIED, asked=(asked("get", 1, TIMEOUT, timeout=0.1),)),
    "nothing is submitted of nothing, whatever becomes of it": history(
        replace(submitted(MAP, 0), began=3.0, ended=3.1), steps=(step("close", 1),)
    ),
    "a closed pool refuses": history(replace(APPLIED, began=3.0, ended=3.1, refused="X"), steps=(step("close", 1),)),
    "a closed pool refuses when it is asked for the result": history(
        replace(APPLIED, began=3.0, ended=3.1), asked=(asked("get", 4, BROKEN),), steps=(step("close", 1),)
    ),
    "results without order": history(
        submitted(UNORDERED, 2), ran(0, 1), ran(1, 1, "v"), asked=(came(3, 1), came(4, 0), asked("next", 5, END))
    ),
    "what a killed worker was at may be called again": history(
        APPLIED, ran(0, 1, lasting=None), ran(0, 3, "v"), asked=(got(4, [0, 0]),), steps=(step("kill", 2, worker="w"),)
    ),
    "what a killed worker was at may be lost": history(
        APPLIED, ran(0, 1, lasting=None), asked=(asked("get", 4, None),), steps=(step("kill", 2, worker="w"),)
    ),
    "nothing comes of what was terminated": history(
        APPLIED, ran(0, 1, lasting=None), asked=(asked("get", 4, None),), steps=(step("terminate", 2), step("join", 3))
    ),
    "or an error": history(MAPPED, ran(0, 1), asked=(asked("get", 4, BROKEN),), steps=(step("terminate", 2),)),
    "a thread begins what it has taken, though the pool is terminated": history(
        MAPPED, ran(0, 3), steps=(step("terminate", 1),), threads=True
    ),
    "a closed pool is joined": history(APPLIED, ran(0, 1), steps=CLOSED_AND_JOINED),
    "the place of a killed worker is taken": history(
        MAPPED, ran(0, 1, lasting=None), ran(1, 3, "v", None), steps=(step("kill", 2, worker="w"),), processes=1
    ),
}

WRONG = {
    "it gave [0, 1]": history(APPLIED, ran(0, 1), asked=(got(2, [0, 1]),)),
    "it gave [[0, 1], [0, 0]]": history(MAPPED, ran(1, 1), ran(0, 2), asked=(got(3, [[0, 1], [0, 0]]),)),
    "the call of item 1 had not come to its end": history(MAPPED, ran(0, 2), asked=(got(3, [[0, 0], [0, 1]]),)),
    "called a second time; w had called it before": history(APPLIED, ran(0, 1), ran(0, 2, "v")),
    "there is no such item": history(APPLIED, ran(1, 1)),
    "before it was submitted": history(APPLIED, ran(0, -1)),
    "nobody has submitted that": history(APPLIED, ran(0, 1), Run(7, 0, "w", 1, 2)),
    "it has a result, and a call has failed": history(
        FAILING, ran(0, 1), ran(1, 1, "v"), asked=(got(3, [[0, 0], None]),)
    ),
    "it raised what another call did, that of item 0 of job 0": history(
        FAILING, ran(0, 1), ran(1, 1, "v"), asked=(asked("get", 3, ("failed", [0, 0])),)
    ),
    "it raised KeyError": history(APPLIED, ran(0, 1), asked=(asked("get", 3, ("raised", "KeyError")),)),
    "a timeout of 5 s was over too early": history(APPLIED, asked=(asked("get", 1, TIMEOUT, timeout=5),)),
    "it gave up, although the result was there": history(
        APPLIED, ran(0, 1), asked=(got(2, [0, 0]), asked("get", 3, TIMEOUT, timeout=0))
    ),
    "it said that it was not ready, although": history(
        APPLIED, ran(0, 1), asked=(asked("wait", 0.5, DONE, lasting=2), asked("ready", 3, ("returned", False)))
    ),
    "it said that nobody knew, although": history(
        APPLIED,
        ran(0, 1),
        asked=(asked("ready", 2, ("returned", True)), asked("successful", 3, ("raised", "ValueError"))),
    ),
    "ready() of job 0 (apply_async of 1): the call of item 0 had not": history(
        APPLIED, ran(0, 1), asked=(asked("ready", 1.1, ("returned", True)),)
    ),
    "it returned True": history(FAILING, ran(1, 1), asked=(asked("successful", 2, ("returned", True)),)),
    "no call had failed yet": history(FAILING, ran(0, 1), asked=(asked("ready", 2, ("returned", True)),)),
    "taken by a pool that takes no more tasks": history(
        replace(APPLIED, began=3.0, ended=3.1),
        asked=(asked("get", 4, TIMEOUT, timeout=0.1),),
        steps=(step("close", 1),),
    ),
    "it was submitted to a pool that takes no more tasks": history(
        replace(APPLIED, began=3.0, ended=3.1, refused="X"), ran(0, 5), steps=(step("close", 1),)
    ),
    "refused by an open pool": history(replace(APPLIED, refused="OSError")),
    "begun after terminate() had come back": history(APPLIED, ran(0, 3), steps=(step("terminate", 1),)),
    "the call of item 1 of job 0 (map_async of 2): begun after terminate() had come back": history(
        MAPPED, ran(0, 3), ran(1, 4), steps=(step("terminate", 1),), threads=True
    ),
    "after join() had come back": history(APPLIED, ran(0, 1, lasting=9), steps=CLOSED_AND_JOINED),
    "had not come to its end, and join() has come back": history(APPLIED, steps=CLOSED_AND_JOINED),
    "it has not ended, and join() has come back": history(APPLIED, ran(0, 1), steps=CLOSED_AND_JOINED, remaining=["w"]),
    "join(): it does not come back": history(APPLIED, ran(0, 1), steps=(step("close", 2), Step("join", 3))),
    "terminate(): it does not come back": history(APPLIED, ran(0, 1), steps=(Step("terminate", 2),)),
    "get() of job 0 (apply_async of 1): it does not come back": history(
        APPLIED, ran(0, 1), asked=(asked("get", 2, None),)
    ),
    "next() of job 0 (imap of 2): it does not come back": history(
        submitted(IMAP, 2),
        ran(0, 1),
        ran(1, 1, "v"),
        asked=(asked("next", 2, TIMEOUT, timeout=0.1), came(3, 0), came(4, 1), asked("next", 5, None)),
    ),
    "it gave item 1 in the place of item 0": history(
        submitted(IMAP, 2), ran(0, 1), ran(1, 1, "v"), asked=(came(3, 1),)
    ),
    "it gave item 0 after item 1": history(
        submitted(IMAP, 2, fails=frozenset({0})),
        ran(0, 1),
        ran(1, 1, "v"),
        asked=(came(3, 1), asked("next", 4, ("failed", [0, 0]))),
    ),
    "it gave item 1 in the place of item 0, ": history(
        submitted(UNORDERED, 2), ran(0, 1), ran(1, 2), asked=(came(3, 1),), processes=1
    ),
    "it gave item 0 a second time": history(submitted(UNORDERED, 2), ran(0, 1), asked=(came(3, 0), came(4, 0))),
    "it gave item 0 before the call": history(submitted(UNORDERED, 2), ran(0, 3), asked=(came(3, 0),)),
    "it ended after 1 of 2": history(
        submitted(IMAP, 2), ran(0, 1), ran(1, 1, "v"), asked=(came(3, 0), asked("next", 4, END))
    ),
    "it had ended before": history(
        submitted(IMAP, 0), asked=(asked("next", 2, END), asked("next", 3, TIMEOUT, timeout=0.1))
    ),
    "which is none of its results": history(submitted(IMAP, 2), ran(0, 1), asked=(asked("next", 3, DONE),)),
    "the callback of job 0 (apply_async of 1): called a second time": history(
        submitted(APPLY, callbacks=True),
        ran(0, 1),
        notices=[Notice(0, True, ("returned", [0, 0]), at) for at in (2, 3)],
    ),
    "it is not called, although the result is there": history(
        submitted(APPLY, callbacks=True), ran(0, 1), asked=(got(2, [0, 0]),)
    ),
    "nobody has asked for it": history(APPLIED, ran(0, 1), notices=[Notice(0, True, ("returned", [0, 0]), 2)]),
    "the wrong one of the two": history(
        submitted(APPLY, callbacks=True), ran(0, 1), notices=[Notice(0, False, ("returned", [0, 0]), 2)]
    ),
    "3 are at work, of 2": history(submitted(MAP, 3), *(ran(n, 1 + n / 10, f"w{n}") for n in range(3))),
    "it has done more than 0 tasks": history(APPLIED, ran(0, 1), most=0),
    "it works before its initializer was called": history(APPLIED, ran(0, 1), initialized=True),
    "worker w: called once more": history(
        APPLIED, ran(0, 1), initialized=True, starts=[Start("w", 0.5), Start("w", 0.6)]
    ),
}


@pytest.mark.parametrize("what", RIGHT)
def test_what_can_be_is_accepted(what: str) -> None:
    assert first_impossible(RIGHT[what]) is None


@pytest.mark.parametrize("why", WRONG)
def test_what_cannot_be_is_named(why: str) -> None:
    assert why.rstrip(", ") in str(first_impossible(WRONG[why]))


class Simulation:
    """A pool that takes jobs, does them with its workers and is closed, one moment after the other."""

    def __init__(self, chance: random.Random, processes: int, jobs: int) -> None:
        self.chance, self.now = chance, 0.0
        self.history = History(processes)
        free = {f"w{number}": 0.0 for number in range(processes)}
        for number in range(jobs):
            self.submit(number)
            for index in range(self.history.jobs[number].count):
                worker = min(free, key=lambda one: (free[one], chance.random()))
                began = max(self.now, free[worker]) + chance.random()
                free[worker] = began + chance.random() + 0.01
                self.history.runs.append(Run(number, index, worker, began, free[worker]))
        self.history.steps.append(Step("close", self.moment(), self.moment()))
        for job in self.history.jobs.values():
            self.fetch(job)
        self.now = max([self.now, *free.values()])
        self.history.steps.append(Step("join", self.history.steps[0].began + 0.001, self.moment()))

    def moment(self) -> float:
        """A later moment."""
        self.now += self.chance.random() + 0.001
        return self.now

    def submit(self, number: int) -> None:
        """Submit a job."""
        method = self.chance.choice([APPLY, MAP, IMAP, UNORDERED])
        count = 1 if method == APPLY else self.chance.randrange(5)
        fails = frozenset(index for index in range(count) if self.chance.random() < 0.2)
        callbacks = method in (APPLY, MAP)
        self.history.jobs[number] = Job(number, method, count, self.moment(), self.moment(), 1, fails, None, callbacks)

    def fetch(self, job: Job) -> None:
        """Get the results of a job, as soon as they are there."""
        ends = {index: over(runs[0].ended) for index, runs in self.history.runs_of(job).items()}
        if not job.iterates:
            ready = max([job.ended, *ends.values()]) + 0.001
            came = ("failed", [job.number, min(job.fails)]) if job.fails else ("returned", job.value)
            self.history.notices.append(Notice(job.number, not job.fails, came, ready))
            self.history.asked.append(Asked(job.number, "get", job.ended, ready, came))
            self.history.asked.append(Asked(job.number, "ready", ready, ready + 0.001, ("returned", True)))
            return
        ordered = job.method == IMAP or self.history.processes == 1
        at = job.ended
        for index in sorted(ends, key=None if ordered else ends.__getitem__):
            began, at = at, max(at, ends[index]) + 0.001
            kind = "failed" if index in job.fails else "returned"
            self.history.asked.append(Asked(job.number, "next", began, at, (kind, [job.number, index])))
        self.history.asked.append(Asked(job.number, "next", at, at + 0.001, END))


simulated = some.builds(Simulation, some.randoms(use_true_random=False), some.integers(1, 3), some.integers(1, 6)).map(
    lambda simulation: simulation.history
)
quickly = settings(max_examples=60, deadline=None)


@quickly
@given(simulated)
def test_what_a_simulated_pool_does_is_accepted(made: History) -> None:
    assert first_impossible(made) is None, str(made)


@quickly
@given(simulated, some.integers(0, 99))
def test_a_call_that_is_left_out_of_it_is_missed(made: History, which: int) -> None:
    whole = [run for run in made.runs if not made.jobs[run.job].fails]
    if whole:
        made.runs.remove(whole[which % len(whole)])
        assert first_impossible(made) is not None, str(made)


@quickly
@given(simulated, some.integers(0, 99))
def test_a_call_that_is_doubled_is_found(made: History, which: int) -> None:
    if made.runs:
        run = made.runs[which % len(made.runs)]
        made.runs.append(replace(run, began=over(run.ended), ended=over(run.ended) + 0.001))
        assert "a second time" in str(first_impossible(made))


@quickly
@given(simulated, some.integers(0, 99))
def test_an_answer_that_is_left_out_of_an_iterator_is_missed(made: History, which: int) -> None:
    given_out = [one for one in made.asked if one.what == "next" and one.came != END and not made.jobs[one.job].fails]
    if given_out:
        made.asked.remove(given_out[which % len(given_out)])
        assert first_impossible(made) is not None, str(made)


@quickly
@given(simulated, some.integers(0, 99))
def test_an_answer_of_another_job_is_found(made: History, which: int) -> None:
    job = made.jobs[which % len(made.jobs)]
    found = [one for one in made.asked if one.job == job.number and one.came != END and one.what != "ready"]
    if found and job.count:
        other = ("returned", [99, 0])
        made.asked[made.asked.index(found[0])] = replace(found[0], came=other)
        assert first_impossible(made) is not None, str(made)


@quickly
@given(simulated)
def test_a_join_that_comes_back_with_the_last_call_under_way_is_found(made: History) -> None:
    whole = [over(run.ended) for run in made.runs]
    join = made.first("join")
    if whole and join is not None and max(whole) - 0.001 > join.began:
        made.steps[made.steps.index(join)] = replace(join, ended=max(whole) - 0.001)
        assert first_impossible(made) is not None, str(made)
        assert made.came_back("join") < NEVER
