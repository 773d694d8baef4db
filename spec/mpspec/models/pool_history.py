"""What is recorded of a pool: submissions, calls in workers, questions for results, callbacks, and its end.

Every moment is one of the machine's monotonic clock, which all processes share. What has `ended` None did not come
back before the record was closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

APPLY, MAP, STARMAP, IMAP, UNORDERED = "apply_async", "map_async", "starmap_async", "imap", "imap_unordered"
ITERATORS = (IMAP, UNORDERED)
"""The methods whose results come one by one."""

NEVER = float("inf")


@dataclass(frozen=True)
class Job:
    """What was submitted, under a number of its own; its item `index` is called once, and gives [number, index].

    count: of the items, 1 for apply_async. chunksize: None where none was given. fails: the items whose call raises a
    Failure of the same two instead. began, ended: the clock around the submission. refused: the name of what that
    raised. callbacks: whether a callback and an error_callback were given.
    """

    number: int
    method: str
    count: int
    began: float
    ended: float
    chunksize: int | None = None
    fails: frozenset[int] = frozenset()
    refused: str | None = None
    callbacks: bool = False

    @property
    def iterates(self) -> bool:
        """Whether its results come one by one."""
        return self.method in ITERATORS

    @property
    def value(self) -> Any:
        """The result of all of it, where nothing fails."""
        values = [[self.number, index] for index in range(self.count)]
        return values[0] if self.method == APPLY else values

    def __str__(self) -> str:
        return f"job {self.number} ({self.method} of {self.count})"


@dataclass(frozen=True)
class Run:
    """One call of a task's function. worker: the process that made it, or the thread."""

    job: int
    index: int
    worker: str
    began: float
    ended: float | None = None


@dataclass(frozen=True)
class Asked:
    """A call of get, wait, ready, successful or next. timeout: its seconds, None for ever.

    came: ("returned", VALUE); ("failed", [NUMBER, INDEX]), where it raised the Failure of an item; ("raised", NAME)
    for any other exception.
    """

    job: int
    what: str
    began: float
    ended: float | None = None
    came: Any = None
    timeout: float | None = None


@dataclass(frozen=True)
class Notice:
    """A call of a callback (success) or an error_callback. given: what with, as in Asked.came."""

    job: int
    success: bool
    given: Any
    at: float


@dataclass(frozen=True)
class Step:
    """A call of close, terminate (as `with` does at its end) or join; or kill, of the worker that it names."""

    what: str
    began: float
    ended: float | None = None
    worker: str | None = None


@dataclass(frozen=True)
class Start:
    """A call of the initializer."""

    worker: str
    at: float


@dataclass
class History:
    """The record of one pool.

    processes, most: those arguments, most that of maxtasksperchild. initialized: whether there was an initializer.
    threads: it is a pool of threads. jobs: each by its number. remaining: the workers that were found alive after
    join() had come back. settled: in the end nothing kept a task from being done, and it was waited for what was
    under way.
    """

    processes: int
    most: int | None = None
    initialized: bool = False
    threads: bool = False
    settled: bool = True
    jobs: dict[int, Job] = field(default_factory=dict)
    runs: list[Run] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    starts: list[Start] = field(default_factory=list)
    remaining: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """The record in the order of time, a line for each event, in milliseconds since the first."""
        lines: list[tuple[float, float | None, str]] = []
        for job in self.jobs.values():
            named = f"fails {sorted(job.fails)}" if job.fails else ""
            refused = f"refused: {job.refused}" if job.refused else ""
            lines.append((job.began, job.ended, f"{job}, chunks of {job.chunksize} {named} {refused}".rstrip()))
        lines += [(run.began, run.ended, f"item {run.index} of job {run.job} in {run.worker}") for run in self.runs]
        for asked in self.asked:
            lines.append((asked.began, asked.ended, f"{asked.what}({asked.timeout}) of job {asked.job}: {asked.came}"))
        lines += [(one.at, one.at, f"callback of job {one.job}: {one.given}") for one in self.notices]
        lines += [(step.began, step.ended, f"{step.what} {step.worker or ''}".rstrip()) for step in self.steps]
        lines += [(start.at, start.at, f"initializer in {start.worker}") for start in self.starts]
        lines.sort(key=lambda line: line[0])
        zero = lines[0][0] if lines else 0.0
        told = [f"{1e3 * (a - zero):9.3f} {1e3 * (over(b) - zero):9.3f}  {what}" for a, b, what in lines]
        kind = f"{self.processes} {'threads' if self.threads else 'processes'}, maxtasksperchild={self.most}"
        return "\n".join([kind, *told, *(f"still alive: {worker}" for worker in self.remaining)])

    def first(self, what: str) -> Step | None:
        """The first step of a kind."""
        return min((step for step in self.steps if step.what == what), key=lambda step: step.began, default=None)

    def began(self, *kinds: str) -> float:
        """When the first step of these kinds began; NEVER where there is none."""
        return min((step.began for step in self.steps if step.what in kinds), default=NEVER)

    def came_back(self, *kinds: str) -> float:
        """When the first step of these kinds had come back."""
        return min((over(step.ended) for step in self.steps if step.what in kinds), default=NEVER)

    @property
    def disturbed(self) -> float:
        """From when on tasks may remain undone: a worker was killed, or the pool terminated."""
        return self.began("kill", "terminate")

    def runs_of(self, job: Job) -> dict[int, list[Run]]:
        """The calls of each item, from the first to the last."""
        found: dict[int, list[Run]] = {}
        for run in sorted(self.runs, key=lambda run: run.began):
            if run.job == job.number:
                found.setdefault(run.index, []).append(run)
        return found

    def asked_of(self, job: Job, *what: str) -> Iterator[Asked]:
        """The questions for a job's results, in the order in which they began."""
        for asked in sorted(self.asked, key=lambda asked: asked.began):
            if asked.job == job.number and asked.what in what:
                yield asked


def over(moment: float | None) -> float:
    """When something had ended; NEVER where it had not."""
    return NEVER if moment is None else moment
