"""What can come of a check, each told apart from the others in every report."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field

from mpspec.observation import noise

from mpconform.hosts.protocol import Answer


class Outcome(enum.StrEnum):
    """The outcome of one check; KEPT alone is green."""

    KEPT = "kept"
    """The promise was observed."""
    BROKEN = "broken"
    """An observation failed."""
    MISSING = "missing"
    """A documented name is not there."""
    NOT_OFFERED = "not offered"
    """A documented name is not there, as the adapter declares; the reason is the adapter's."""
    HUNG = "hung"
    """Not over at the deadline."""
    CRASHED = "crashed"
    """The host died."""
    LEAKED = "leaked"
    """Kept, but something was left behind."""
    BLOCKED = "blocked"
    """A clause that it builds on is not kept."""
    NOT_APPLICABLE = "not applicable"
    """The clause promises nothing here; the reason says why."""
    UNSPECIFIED = "unspecified"
    """The page leaves it open: recorded, not judged."""
    HARNESS = "harness"
    """Our fault, never the implementation's."""


DEVIATIONS = frozenset({Outcome.BROKEN, Outcome.MISSING, Outcome.HUNG, Outcome.CRASHED, Outcome.LEAKED})
"""Outcomes that say something against the implementation."""

SEVERITY = (
    Outcome.NOT_APPLICABLE,
    Outcome.UNSPECIFIED,
    Outcome.KEPT,
    Outcome.NOT_OFFERED,
    Outcome.BLOCKED,
    Outcome.LEAKED,
    Outcome.MISSING,
    Outcome.BROKEN,
    Outcome.HUNG,
    Outcome.CRASHED,
    Outcome.HARNESS,
)
"""Every outcome, from what says least against a clause to what says most: a clause counts by its worst check."""


@dataclass(frozen=True)
class Verdict:
    """What came of one check, and the evidence."""

    outcome: Outcome
    promised: str = ""
    """What was promised, in words, where it was not kept; or the reason of a check that did not run."""
    seen: str = ""
    line: str = ""
    """file:number: source of the observation that failed."""
    traceback: str = ""
    out: str = ""
    err: str = ""
    post_mortem: str = ""
    """Process tree and Python stacks of a check that hung."""
    absent: tuple[str, ...] = ()
    """Names under which the documentation may know what is missing: "Queue.close"."""
    recorded: dict[str, str] = field(default_factory=dict)
    """Behaviour seen where the page allows or leaves open several."""
    unjudged: str = ""
    """Of what the page leaves open: the outcome, if it were judged."""
    seconds: float = 0.0

    @property
    def remark(self) -> str:
        """Of a check that is kept: what its processes have written that no clause expects, in words; or nothing."""
        if (self.unjudged if self.outcome is Outcome.UNSPECIFIED else self.outcome) != Outcome.KEPT:
            return ""  # what is written then is a part of the evidence
        texts = (("standard output", self.out), ("standard error", noise.but_logged(self.err)))
        return "; ".join(f"on {stream}: {text.strip()}" for stream, text in texts if text.strip())

    @classmethod
    def from_answer(cls, answer: Answer) -> Verdict:
        """The verdict in a zygote's answer."""
        fields = {key: value for key, value in answer.items() if key in cls.__dataclass_fields__}
        return cls(**{**fields, "outcome": Outcome(answer["outcome"])})  # type: ignore[arg-type]  # the fields agree
