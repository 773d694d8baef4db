"""The matrix as data: clauses by chapter, runs, and what each clause came to in each run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict

from mpspec.clause import Chapter, Clause

from mpconform.outcomes import Outcome
from mpconform.reports.site.runs import Run
from mpconform.reports.site.states import LETTERS, NOT_RUN
from mpconform.reports.site.unjudged import Column


class ChapterData(TypedDict):
    """One chapter; its clauses are those from `first` on, `count` of them."""

    name: str
    section: str
    first: int
    count: int


class RunData(TypedDict):
    """One column."""

    slug: str
    implementation: str
    version: str
    python: str
    heading: str
    label: str
    edition: str
    """ "" for what was not judged."""
    page: str
    mark: str
    marks: list[str]


class Matrix(TypedDict):
    """What the scripts of the pages know of every clause."""

    outcomes: dict[str, str]
    """Letter -> outcome."""
    chapters: list[ChapterData]
    runs: list[RunData]
    """Those that were judged first, as evidence numbers them."""
    order: list[int]
    """Their numbers, in the order of the columns."""
    ids: list[str]
    levels: list[str]
    sentences: list[str]
    anchors: list[str]
    """Where each has its place in the table of contents."""
    codes: list[str]
    """What a clause can come to, as `State.code` has it."""
    states: list[list[int]]
    """For each run, for each clause: its place in `codes`."""


def matrix(
    chapters: Iterable[Chapter],
    runs: Sequence[Run],
    columns: Sequence[Column],
    pages: Mapping[str, str],
    anchors: Mapping[str, str],
) -> Matrix:
    """The data. columns: the runs among what was not judged, in the order of a table.

    pages: implementation -> the file of its page; anchors: clause -> its place on the documentation's page.
    """
    numbered: list[Column] = [*runs, *(column for column in columns if not isinstance(column, Run))]
    listed: list[ChapterData] = []
    clauses: list[Clause] = []
    for chapter in chapters:
        listed.append(
            {"name": chapter.name, "section": chapter.section, "first": len(clauses), "count": len(chapter.clauses)}
        )
        clauses += chapter.clauses.values()
    codes: dict[str, int] = {}
    states = [[codes.setdefault(run.state(clause.id).code, len(codes)) for clause in clauses] for run in numbered]
    return {
        "outcomes": {**{letter: outcome.value for outcome, letter in LETTERS.items()}, NOT_RUN: "not run"},
        "chapters": listed,
        "runs": [
            {
                "slug": run.slug,
                "implementation": run.implementation,
                "version": run.version,
                "python": run.python,
                "heading": run.heading,
                "label": run.label,
                "edition": run.document["documentation"] if isinstance(run, Run) else "",
                "page": pages[run.implementation],
                "mark": run.mark,
                "marks": list(run.marks),
            }
            for run in numbered
        ],
        "order": [numbered.index(column) for column in columns],
        "ids": [clause.id for clause in clauses],
        "levels": [clause.level.value for clause in clauses],
        "sentences": [clause.sentence for clause in clauses],
        "anchors": [anchors[clause.id] for clause in clauses],
        "codes": list(codes),
        "states": states,
    }


LEGEND: tuple[tuple[str, str, str], ...] = (
    (LETTERS[Outcome.KEPT], "kept", "what was promised was observed"),
    (LETTERS[Outcome.BROKEN], "broken", "an observation failed"),
    (LETTERS[Outcome.MISSING], "missing", "a documented name is not there"),
    (LETTERS[Outcome.HUNG], "hung", "not over at the deadline"),
    (LETTERS[Outcome.CRASHED], "crashed", "the process that ran the check died"),
    (LETTERS[Outcome.LEAKED], "leaked", "kept, but something was left behind"),
    (LETTERS[Outcome.BLOCKED], "blocked", "a clause that it builds on is not kept"),
    (LETTERS[Outcome.NOT_OFFERED], "not offered", "a documented name is not there, as the adapter declares"),
    (LETTERS[Outcome.UNSPECIFIED], "unspecified", "the page leaves it open: recorded, not judged"),
    (LETTERS[Outcome.NOT_APPLICABLE], "not applicable", "promises nothing here: another edition, platform, method"),
    (LETTERS[Outcome.HARNESS], "harness", "the check itself failed: no fault of the implementation"),
    (NOT_RUN, "not run", "the run says nothing of it"),
)
"""Letter, outcome, and what it means."""
