"""Hypothesis drives pools, and the model of their histories judges what has come of it."""

from __future__ import annotations

from dataclasses import replace

import difference
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from mpconform.adapters.adapter import adapter
from mpspec.models.pool import first_impossible
from mpspec.models.pool_history import APPLY, IMAP, MAP, STARMAP, UNORDERED, Job

from .driver import PATIENCE, Implementation
from .pool_driver import PoolUser, new_job

MOST = 6
"""Items of a job, and jobs at a time to choose from."""

methods = some.sampled_from([APPLY, APPLY, MAP, STARMAP, IMAP, UNORDERED])
indexes = some.integers(0, MOST - 1)
gated_ones = some.sampled_from([(), (), (0,), (0,), (1,), (0, 2)])
timeouts = some.sampled_from([0, 0.001, 0.03])
jobs = some.integers(0, 2)


class Pools(RuleBasedStateMachine):
    """A pool and its record. user: the process that uses it; a subclass that runs has it. verdicts: on what was wrong.

    kinds: of pools.
    """

    user: PoolUser
    verdicts: list[str]
    kinds: tuple[str, ...] = ("Pool",)

    @initialize(
        kind=some.integers(0, 1),
        processes=some.integers(1, 3),
        most=some.sampled_from([None, None, 1, 2]),
        initialized=some.booleans(),
        entered=some.booleans(),
        fetched_first=some.booleans(),
        least=some.integers(0, 8),
    )
    def begin(
        self,
        kind: int,
        processes: int,
        most: int | None,
        initialized: bool,
        entered: bool,
        fetched_first: bool,
        least: int,
    ) -> None:
        """Make a pool. fetched_first: in the end all results are fetched before it is closed. least: jobs before."""
        self.entered, self.fetched_first, self.least = entered, fetched_first, least
        self.closed = self.stopped = self.killed = self.joined = self.failed = False
        self.user.begin(self.kinds[kind % len(self.kinds)], processes, most, initialized=initialized, entered=entered)

    # What was submitted

    def taken(self, which: int, *, iterates: bool) -> Job | None:
        """One of the latest jobs of this sort, if there is one that nobody asks at the moment."""
        found = [
            job
            for job in self.user.history.jobs.values()
            if job.refused is None and job.iterates == iterates and not self.user.asks(job.number)
        ]
        return found[-1 - which % len(found)] if found else None

    @property
    def all_goes_on(self) -> bool:
        """Whether everything that was submitted has to be done without further ado."""
        return not (self.user.gates or self.killed or self.stopped)

    @rule(
        method=methods,
        count=some.integers(0, MOST),
        chunksize=some.sampled_from([None, 1, 1, 2, 4]),
        gated=gated_ones,
        fails=some.just(frozenset()) | some.frozensets(indexes, max_size=2),
        callbacks=some.booleans(),
        lazily=some.booleans(),
    )
    def submit(
        self,
        method: str,
        count: int,
        chunksize: int | None,
        gated: tuple[int, ...],
        fails: frozenset[int],
        callbacks: bool,
        lazily: bool,
    ) -> None:
        """Submit a job; a pool that takes none says so, at the latest to whoever asks for the result."""
        late = self.closed or self.stopped
        job = new_job(
            len(self.user.history.jobs),
            method,
            count,
            chunksize=None if method == APPLY else chunksize,
            fails=frozenset(index for index in fails if index < (1 if method == APPLY else count)),
            callbacks=callbacks and method not in (IMAP, UNORDERED) and (count > 0 or self.is_strict),
        )
        # Of a chunk in which a call fails the others need not be called: nobody could wait for them at the gate.
        waiting = [] if late or job.fails else [index for index in gated if index < job.count]
        job = self.user.submit(job, waiting, lazily)
        if late and job.refused is None and job.count:
            self.user.answer(self.user.ask(job.number, "next" if job.iterates else "get", PATIENCE / 4))

    @property
    def is_strict(self) -> bool:
        """Whether the implementation claims to keep the page where the standard library does not."""
        return self.user.implementation.strict

    @rule(which=jobs)
    def open(self, which: int) -> None:
        """Let one of the jobs go on."""
        closed = sorted(self.user.gates)
        if closed:
            self.user.open(closed[which % len(closed)])

    @rule()
    def open_all(self) -> None:
        """Let all jobs go on: what was asked for comes."""
        self.user.open_all()
        self.collect()

    def collect(self) -> None:
        """Take in the answers, and wait for them where nothing keeps them away."""
        if self.all_goes_on:
            for number in self.user.pending():
                self.user.answer(number)
        else:
            self.user.look()

    # What is asked

    @rule(which=jobs, what=some.sampled_from(["ready", "successful", "get", "get", "wait"]), timeout=timeouts)
    def ask(self, which: int, what: str, timeout: float) -> None:
        """Ask something that comes back at once, or soon."""
        job = self.taken(which, iterates=False)
        if job is not None:
            self.user.answer(self.user.ask(job.number, what, timeout if what in ("get", "wait") else None))

    @rule(which=jobs, timeout=timeouts)
    def next_within(self, which: int, timeout: float) -> None:
        """Ask for the next result of a job in chunks of one, within a time."""
        job = self.taken(which, iterates=True)
        if job is not None and job.chunksize in (None, 1):
            self.user.answer(self.user.ask(job.number, "next", timeout))

    @precondition(lambda self: not self.stopped)
    @rule(which=jobs, iterates=some.booleans(), waits=some.booleans())
    def wait_for(self, which: int, iterates: bool, waits: bool) -> None:
        """Ask for a result that may take any time."""
        job = self.taken(which, iterates=iterates)
        if job is not None:
            self.user.ask(job.number, "next" if iterates else "wait" if waits else "get")
            self.collect()

    # What happens to the pool

    @precondition(lambda self: not self.stopped and len(self.user.history.jobs) >= self.least)
    @rule()
    def close(self) -> None:
        """Close the pool."""
        self.user.step("close")
        self.closed = True

    @precondition(lambda self: len(self.user.history.jobs) >= self.least)
    @rule(twice=some.booleans())
    def terminate(self, twice: bool) -> None:
        """Terminate the pool, or come to the end of `with`. Threads are not ended: they come to an end first."""
        if self.user.history.threads:
            self.user.open_all()
        self.user.step("exit" if self.entered else "terminate")
        self.stopped = True
        if twice:
            self.user.step("terminate")

    @precondition(lambda self: not self.killed and not self.stopped)
    @rule()
    def kill(self) -> None:
        """Kill a worker in the middle of a call."""
        if self.user.gates and not self.user.history.threads:
            self.user.kill()
            self.killed = True

    @precondition(lambda self: self.stopped or self.closed)
    @rule()
    def join(self) -> None:
        """Wait for the workers to exit."""
        if self.stopped or self.all_goes_on:
            self.user.step("join")
            self.joined = True

    # The end

    def fetch(self) -> None:
        """Fetch all results that have to come."""
        self.collect()
        for job in self.user.history.jobs.values():
            if job.refused is not None or job.began > self.user.history.came_back("close"):
                continue
            if not job.iterates:
                self.user.answer(self.user.ask(job.number, "get"))
                self.user.answer(self.user.ask(job.number, "ready"))
                continue
            for _ in range(job.count + 2):  # once more than the end needs, and not for ever
                self.user.answer(self.user.ask(job.number, "next"))
        self.user.until(self.callbacks_are_called, "each callback is called")

    def callbacks_are_called(self) -> bool:
        """Whether no callback is owed any more."""
        self.user.take_in()
        called = {notice.job for notice in self.user.history.notices}
        taken = [job for job in self.user.history.jobs.values() if job.refused is None]
        return all(job.number in called for job in taken if job.callbacks and job.count)

    def finish(self) -> None:
        """Bring the pool to its end."""
        if self.killed and not self.stopped:
            self.terminate(False)
        if not self.stopped:
            self.user.open_all()
            if self.fetched_first:
                self.fetch()
            if not self.closed:
                self.close()
            self.join()
            if not self.fetched_first:
                self.fetch()
        else:
            self.join()

    def teardown(self) -> None:
        """Bring the pool to its end, and judge its record."""
        over = False
        try:
            stuck = ""
            try:
                self.finish()
            except AssertionError as error:
                stuck = str(error)
            self.user.close_record()
            found = first_impossible(self.user.history)
            if found is not None or stuck:
                self.verdicts.append(stuck if found is None else str(found))
                self.user.patience = PATIENCE / 10  # to shrink it, each try need not take so long
            assert found is None, f"{found}, in\n{self.user.history}"
            assert not stuck, f"{stuck}, in\n{self.user.history}"
            over = True
        finally:
            self.user.end(all_is_over=over)


def drive(
    user: PoolUser, *kinds: str, examples: int, steps: int, shrinks: bool = True, verdicts: list[str] | None = None
) -> None:
    """Run so many examples of so many steps, and shrink one that fails, or else run always the same ones.

    verdicts: takes what was wrong.
    """
    own = {"user": user, "kinds": kinds, "verdicts": [] if verdicts is None else verdicts}
    try:
        run_state_machine_as_test(
            type("Pools", (Pools,), own),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                phases=list(Phase) if shrinks else [Phase.generate],
                derandomize=settings.default.derandomize or not shrinks,
                deadline=None,
                report_multiple_bugs=False,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        user.close()


@pytest.mark.parametrize(("method", "examples"), [("fork", 25), ("spawn", 3), ("forkserver", 5)])
def test_what_comes_of_a_pool_has_an_explanation(implementation: Implementation, method: str, examples: int) -> None:
    if method not in adapter(implementation.name).methods:
        pytest.skip(f"{implementation.name} does not have {method}")
    drive(PoolUser(implementation, method), "Pool", examples=examples, steps=20)


def test_what_comes_of_a_pool_of_threads_has_an_explanation(implementation: Implementation) -> None:
    drive(PoolUser(implementation, "fork"), "ThreadPool", examples=20, steps=20)


@pytest.mark.parametrize("name", ["pools", "rebuilt_pools"])
def test_a_correct_pool_is_not_called_wrong_however_it_is_built(name: str) -> None:
    with difference.reached(difference.read(difference.FOLDER / f"{name}.toml")) as other:
        path = tuple(str(package.parent) for package in other.exposed().values())
        built = replace(Implementation.of_adapter("reference"), name=name, path=path)
        drive(PoolUser(built, "fork"), "Pool", "ThreadPool", examples=10, steps=20)
