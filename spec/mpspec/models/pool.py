"""Histories of a pool and the model that judges them: what no pool does that keeps what the page promises.

While nobody terminates the pool and no worker dies, each task is done once, and results, exceptions and callbacks are
those of the calls. What becomes of tasks after that the page leaves open; but what comes of one is right all the same.
The model objects only to what no choice of moments within the calls explains.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Callable

from mpspec.models.pool_history import NEVER, UNORDERED, Asked, History, Job, Run, over

EARLY = 0.01
"""Seconds by which a timeout may be over before it is: what a clock and its rounding differ by."""

TIMEOUT = ("raised", "TimeoutError")
NOT_READY = ("raised", "ValueError")
EXHAUSTED = ("raised", "StopIteration")


@dataclass(frozen=True)
class Impossible:
    """What cannot be: when it was seen, of what, and why."""

    at: float
    what: str
    why: str

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


def first_impossible(history: History) -> Impossible | None:
    """The earliest thing that no pool allows, or None where the history can be that of a pool."""
    found = [impossible for rule in RULES for impossible in rule(history)]
    return min(found, key=lambda impossible: impossible.at, default=None)


def _submissions(history: History) -> Iterator[Impossible]:
    """An open pool takes jobs, and no other does: at the latest whoever asks for the result is told so."""
    shut = history.came_back("close", "terminate")
    troubled = history.began("close", "terminate", "kill")
    for job in history.jobs.values():
        if job.began > shut:
            if job.refused is None and job.count and not _told_to_be_refused(history, job):
                yield Impossible(job.ended, str(job), "taken by a pool that takes no more tasks")
        elif job.refused is not None and job.ended < troubled:
            yield Impossible(job.ended, str(job), f"refused by an open pool: {job.refused}")


def _told_to_be_refused(history: History, job: Job) -> bool:
    asked = [asked for asked in history.asked_of(job, "get", "next") if asked.ended is not None]
    return any(one.came[0] == "raised" and one.came not in (TIMEOUT, EXHAUSTED) for one in asked)


def _calls(history: History) -> Iterator[Impossible]:
    """Each item of a job that was taken is called once, while the pool may do so."""
    closed, stopped = history.came_back("close", "terminate"), history.came_back("terminate")
    for job in history.jobs.values():
        for index, runs in history.runs_of(job).items():
            what, first = f"the call of item {index} of {job}", runs[0]
            if index >= job.count:
                yield Impossible(first.began, what, "there is no such item")
            if job.refused is not None or job.began > closed:
                yield Impossible(first.began, what, "it was submitted to a pool that takes no more tasks")
            if first.began < job.began:
                yield Impossible(first.began, what, "before it was submitted")
            for before, after in zip(runs, runs[1:]):
                kills = (step.began for step in history.steps if step.what == "kill")
                if not any(before.began <= kill <= after.began for kill in kills):
                    yield Impossible(after.began, what, f"called a second time; {before.worker} had called it before")
            for run in runs:
                if run.began > stopped and not (history.threads and _was_taken(history, run, stopped)):
                    yield Impossible(run.began, what, "begun after terminate() had come back")
    for run in history.runs:
        if run.job not in history.jobs:
            yield Impossible(run.began, f"a call for job {run.job}", "nobody has submitted that")


def _was_taken(history: History, run: Run, stopped: float) -> bool:
    """Whether a thread may have taken it before the pool was terminated: nobody can end a thread, it is its last."""
    return not any(one.worker == run.worker and stopped < one.began < run.began for one in history.runs)


def _results(history: History) -> Iterator[Impossible]:
    """What get() gives is what the calls gave, not before they did; ready, successful and get agree."""
    finished = _join_of_closed(history)
    for job in history.jobs.values():
        if job.iterates or job.refused is not None:
            continue
        ready = finished
        for asked in history.asked_of(job, "get", "wait", "ready", "successful"):
            if asked.ended is None:
                continue
            what = f"{asked.what}() of {job}"
            if asked.began > ready:
                late = _says_not_ready(asked)
                if late:
                    yield Impossible(asked.ended, what, f"{late}, although the result was there")
            if _given_up_early(asked):
                yield Impossible(asked.ended, what, f"a timeout of {asked.timeout} s was over too early")
            yield from (Impossible(asked.ended, what, why) for why in _wrong_answer(history, job, asked))
            if _tells_ready(history, asked):
                ready = min(ready, asked.ended)


def _says_not_ready(asked: Asked) -> str:
    if (asked.what, asked.came) == ("ready", ("returned", False)):
        return "it said that it was not ready"
    if asked.what == "get" and asked.came == TIMEOUT:
        return "it gave up"
    if asked.what == "successful" and asked.came == NOT_READY:
        return "it said that nobody knew"
    return ""


def _tells_ready(history: History, asked: Asked) -> bool:
    """Whether the result is there beyond doubt once this has come back."""
    if asked.what == "wait":
        return asked.timeout is None and over(asked.ended) < history.disturbed
    if asked.what == "ready":
        return bool(asked.came == ("returned", True))
    return bool(asked.came[0] in ("returned", "failed"))


def _given_up_early(asked: Asked) -> bool:
    return (
        asked.timeout is not None
        and asked.what in ("get", "next")
        and asked.came == TIMEOUT
        and over(asked.ended) - asked.began < asked.timeout - EARLY
    )


def _wrong_answer(history: History, job: Job, asked: Asked) -> Iterator[str]:
    kind, value = asked.came
    ended = over(asked.ended)
    if kind == "raised":
        expected = {"get": TIMEOUT, "successful": NOT_READY}.get(asked.what)
        if asked.what == "get" and asked.timeout is None:
            expected = None
        if asked.came != expected and ended < history.disturbed and job.began < history.began("close"):
            yield f"it raised {value}"
    elif asked.what == "get":
        yield from _wrong_result(history, job, asked.came, ended)
    elif asked.what == "successful":
        if value is not (not job.fails) and (value or ended < history.disturbed):
            yield f"it returned {value}"
        yield from _too_early(history, job, ended)
    elif asked.what == "ready" and value is not False:
        if value is not True:
            yield f"it returned {value!r}"
        yield from _too_early(history, job, ended)
    elif asked.what == "wait" and asked.timeout is None:
        yield from _too_early(history, job, ended)


def _wrong_result(history: History, job: Job, came: Any, at: float) -> Iterator[str]:
    """What is wrong with a result, or with the Failure that stands for it, where it has come at this moment."""
    kind, value = came
    if kind == "failed":
        number, index = value
        if number != job.number or index not in job.fails:
            yield f"it raised what another call did, that of item {index} of job {number}"
        elif not _ended_by(history, job, index, at):
            yield f"it raised what item {index} had not raised yet"
    elif job.fails:
        yield "it has a result, and a call has failed"
    elif value != job.value:
        yield f"it gave {value}"
    else:
        yield from _not_called(history, job, at)


def _too_early(history: History, job: Job, at: float) -> Iterator[str]:
    """Why a job cannot be complete at this moment."""
    if at >= history.disturbed:
        return
    if not job.fails:
        yield from _not_called(history, job, at)
    elif not any(_ended_by(history, job, index, at) for index in job.fails):
        yield "no call had failed yet, nor all of them succeeded"


def _not_called(history: History, job: Job, at: float) -> Iterator[str]:
    missing = [index for index in range(job.count) if not _ended_by(history, job, index, at)]
    if missing:
        yield f"the call of item {missing[0]} had not come to its end"


def _ended_by(history: History, job: Job, index: int, at: float) -> bool:
    return any(over(run.ended) <= at for run in history.runs_of(job).get(index, ()))


def _iterations(history: History) -> Iterator[Impossible]:
    """The iterators give each result once, those of imap() in the order of the items, and then end."""
    finished = _join_of_closed(history)
    for job in history.jobs.values():
        if not job.iterates or job.refused is not None:
            continue
        ordered = job.method != UNORDERED or (history.processes == 1 and history.began("kill") == NEVER)
        given: list[int] = []
        failed = exhausted = False
        for asked in history.asked_of(job, "next"):
            if asked.ended is None:
                continue
            kind, value = asked.came
            whole = asked.ended < history.disturbed
            for why in _wrong_next(history, job, asked, given, ordered=ordered, whole=whole, failed=failed):
                yield Impossible(asked.ended, f"next() of {job}", why)
            if exhausted and asked.came != EXHAUSTED and whole:
                yield Impossible(asked.ended, f"next() of {job}", "it had ended before")
            if asked.came == TIMEOUT and asked.began > finished:
                yield Impossible(asked.ended, f"next() of {job}", "it gave up, although the result was there")
            failed = failed or kind == "failed"
            exhausted = exhausted or asked.came == EXHAUSTED
            if kind in ("returned", "failed") and _is_item(value):
                given.append(value[1])


def _is_item(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[1], int)


def _wrong_next(
    history: History, job: Job, asked: Asked, given: list[int], *, ordered: bool, whole: bool, failed: bool
) -> Iterator[str]:
    """What is wrong with what next() has given. whole: before the pool was disturbed. failed: so did a call before."""
    kind, value = asked.came
    ended = over(asked.ended)
    if asked.came == TIMEOUT and asked.timeout is not None:
        if _given_up_early(asked):
            yield f"a timeout of {asked.timeout} s was over too early"
    elif asked.came == EXHAUSTED:
        # A chunk in which a call fails may come to one exception, and an exception may be the last that comes.
        if whole and not failed and (job.fails or len(given) < job.count):
            yield f"it ended after {len(given)} of {job.count}"
    elif kind == "raised":
        if whole and job.began < history.began("close"):
            yield f"it raised {value}"
    elif not _is_item(value) or value[0] != job.number or not 0 <= value[1] < job.count:
        yield f"it gave {value}, which is none of its results"
    else:
        index = value[1]
        if (kind == "failed") is not (index in job.fails):
            yield f"the call of item {index} has {'succeeded' if kind == 'failed' else 'failed'}"
        if index in given:
            yield f"it gave item {index} a second time"
        if not _ended_by(history, job, index, ended):
            yield f"it gave item {index} before the call had come to its end"
        if ordered and given and index < max(given):
            yield f"it gave item {index} after item {max(given)}"
        if ordered and whole and not job.fails and index > len(given):
            yield f"it gave item {index} in the place of item {len(given)}"


def _callbacks(history: History) -> Iterator[Impossible]:
    """One callback for a result, with that; one error_callback for an exception."""
    for job in history.jobs.values():
        notices = sorted((one for one in history.notices if one.job == job.number), key=lambda one: one.at)
        what = f"the callback of {job}"
        for count, notice in enumerate(notices):
            if count:
                yield Impossible(notice.at, what, "called a second time")
            if not job.callbacks or job.refused is not None:
                yield Impossible(notice.at, what, "nobody has asked for it")
            kind = notice.given[0]
            if notice.success is not (kind == "returned"):
                yield Impossible(notice.at, what, f"the wrong one of the two was given {notice.given}")
            elif kind != "raised":
                whys = _wrong_result(history, job, notice.given, notice.at)
                yield from (Impossible(notice.at, what, why) for why in whys)
            elif notice.at < history.disturbed:
                yield Impossible(notice.at, what, f"given {notice.given[1]}")
        ready = [one.ended for one in history.asked_of(job, "get", "ready") if _tells_ready_at_all(history, one)]
        due = job.callbacks and history.settled and history.disturbed == NEVER and not notices
        if due and ready:
            yield Impossible(min(map(over, ready)), what, "it is not called, although the result is there")


def _tells_ready_at_all(history: History, asked: Asked) -> bool:
    return asked.ended is not None and _tells_ready(history, asked)


def _end(history: History) -> Iterator[Impossible]:
    """join() comes back when all tasks are done, after close(), and when the workers have ended, however they do."""
    join = history.first("join")
    if join is None or join.ended is None:
        return
    for worker in history.remaining:
        yield Impossible(join.ended, f"worker {worker}", "it has not ended, and join() has come back")
    for run in history.runs:
        if run.began > join.ended or join.ended < over(run.ended) < NEVER:
            yield Impossible(run.began, f"the call of item {run.index} of job {run.job}", "after join() had come back")
    if _join_of_closed(history) == NEVER:
        return
    for job in history.jobs.values():
        if job.iterates or job.fails or job.refused is not None or job.began > history.came_back("close"):
            continue  # what is not fetched of an iterator may not be wanted; an exception may end a job
        for why in _not_called(history, job, join.ended):
            yield Impossible(join.ended, str(job), f"{why}, and join() has come back")


def _join_of_closed(history: History) -> float:
    """When join() of a closed pool had come back, whose tasks are all done by then; NEVER if it is otherwise."""
    join = history.first("join")
    if join is None or over(join.ended) > history.disturbed or history.came_back("close") > join.began:
        return NEVER
    return over(join.ended)


def _workers(history: History) -> Iterator[Impossible]:
    """So many workers as were asked for; each is initialized first, and does no more tasks than it may."""
    yield from _crowd(history)
    starts: dict[str, float] = {}
    for start in sorted(history.starts, key=lambda start: start.at):
        if start.worker in starts or not history.initialized:
            yield Impossible(start.at, f"the initializer in worker {start.worker}", "called once more")
        starts.setdefault(start.worker, start.at)
    done: dict[str, int] = {}
    for run in sorted(history.runs, key=lambda run: over(run.ended)):
        if history.initialized and starts.get(run.worker, NEVER) > run.began:
            yield Impossible(run.began, f"worker {run.worker}", "it works before its initializer was called")
        job = history.jobs.get(run.job)
        if run.ended is not None and job is not None and job.method == "apply_async":
            done[run.worker] = done.get(run.worker, 0) + 1
            if history.most is not None and done[run.worker] > history.most:
                yield Impossible(run.ended, f"worker {run.worker}", f"it has done more than {history.most} tasks")


def _crowd(history: History) -> Iterator[Impossible]:
    """Workers at work at the same time beyond doubt, if they are more than there are."""
    killed = {step.worker: step.began for step in history.steps if step.what == "kill"}
    stopped = history.began("terminate")
    moments: list[tuple[float, int, Run]] = []
    for run in history.runs:
        end = min(over(run.ended), max(run.began, min(killed.get(run.worker, NEVER), stopped)))
        moments += [(run.began, 1, run), (end, -1, run)]
    at_work: dict[str, int] = {}
    for at, change, run in sorted(moments, key=lambda moment: moment[:2]):
        at_work[run.worker] = at_work.get(run.worker, 0) + change
        busy = sum(count > 0 for count in at_work.values())
        if change > 0 and busy > history.processes:
            yield Impossible(at, f"worker {run.worker}", f"{busy} are at work, of {history.processes}")


def _never_back(history: History) -> Iterator[Impossible]:
    """Calls that have not come back, although nothing keeps them from it."""
    killed, stopped = history.began("kill"), history.began("terminate")
    for step in history.steps:
        if step.what == "kill" or step.ended is not None:
            continue
        due = step.what != "join" or killed == stopped == NEVER
        if step.what == "join" and stopped < NEVER:
            due = not history.threads or history.settled
        if due and (step.what != "join" or stopped < NEVER or history.settled):
            yield Impossible(step.began, f"{step.what}()", "it does not come back")
    for job in history.jobs.values():
        ready = min(
            (
                over(one.ended)
                for one in history.asked
                if one.job == job.number and one.came and one.what != "next" and _tells_ready(history, one)
            ),
            default=NEVER,
        )
        for asked in history.asked_of(job, "get", "wait", "ready", "successful", "next"):
            if asked.ended is not None:
                continue
            waits = asked.what in ("get", "wait", "next") and asked.timeout is None
            open_end = history.disturbed < NEVER and asked.began < ready
            if not waits or (history.settled and not open_end and job.began < history.came_back("close")):
                yield Impossible(asked.began, f"{asked.what}() of {job}", "it does not come back")


Rule = Callable[[History], Iterable[Impossible]]
RULES: tuple[Rule, ...] = (_submissions, _calls, _results, _iterations, _callbacks, _end, _workers, _never_back)
