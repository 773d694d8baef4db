"""A site as files: pages that can be read without scripts, data, and the scripts that make them comfortable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mpspec.clause import Chapter
from mpspec.registers import passages
from mpspec.registers.passages import page as public_page

from mpconform import __version__
from mpconform.outcomes import Outcome
from mpconform.reports.cells import Cell
from mpconform.reports.document import Document
from mpconform.reports.site.deviations import Deviation, deviations, errata
from mpconform.reports.site.documentation import contents, tables
from mpconform.reports.site.evidence import Adapters, Link
from mpconform.reports.site.explained import explained
from mpconform.reports.site.matrix import LEGEND, matrix
from mpconform.reports.site.packing import packed
from mpconform.reports.site.runs import Run, runs, unique
from mpconform.reports.site.spans import among, listed, merged, told_alike
from mpconform.reports.site.states import LETTERS, NOT_RUN, tally
from mpconform.reports.site.unjudged import Unjudged, columns, unjudged

HERE = Path(__file__).parent
ASSETS = HERE / "assets"
SHARED = ("index", "implementations", "contents", "passages", "errata", "clause")
"""The pages that there is one of."""


def built(
    chapters: Sequence[Chapter],
    documents: Iterable[Document],
    evidence: Link,
    adapters: Adapters,
    without: Iterable[Cell] = (),
) -> dict[str, bytes]:
    """Path -> content of each file of the site.

    chapters: the spec; documents: runs that fit it and each other; evidence: the address behind a known deviation;
    adapters: those of which stand-alone scripts can be shown; without: cells of a matrix that have no document.
    """
    clauses = {clause.id: clause for chapter in chapters for clause in chapter.clauses.values()}
    judged, others = runs(documents, clauses), unjudged(without)
    every = columns(judged, others)
    of: dict[str, list[Run]] = {column.implementation: [] for column in every}
    for run in judged:
        of[run.implementation].append(run)
    absent: dict[str, list[Unjudged]] = {name: [one for one in others if one.implementation == name] for name in of}
    taken: set[str] = set()
    pages = {name: f"implementation-{unique(name, taken)}.html" for name in of}
    edition = passages.editions()[-1]
    told = _Told(pages, {"chapters": chapters, "clauses": clauses, "runs": judged, "columns": every})
    places = contents(edition, clauses, judged)
    anchors = {clause.id: place.anchor for place in places for clause in place.clauses}
    files = {
        "data/matrix.js": packed("matrix", matrix(chapters, judged, every, pages, anchors)),
        "data/passages.js": packed("passages", tables(clauses.values())),
    }
    for chapter in chapters:
        own = chapter.clauses.values()
        files[f"data/{chapter.name}.js"] = packed(chapter.name, explained(own, judged, evidence, adapters))
        shown = [run for run in judged if run.concerns(chapter.clauses)]
        files[f"chapter-{chapter.name}.html"] = told.page(
            "chapter", chapter=chapter, shown=shown, others=[run for run in judged if run not in shown]
        )
    for name, found in of.items():
        files[pages[name]] = told.page(
            "implementation",
            name=name,
            own=found,
            absent=absent[name],
            deviations=deviations(found, clauses, evidence),
        )
    more: dict[str, dict[str, Any]] = {
        "implementations": {"names": [*of], "every": every},
        "contents": {"edition": edition, "places": places},
        "errata": {"entries": errata(judged, clauses)},
    }
    for name in SHARED:
        files[f"{name}.html"] = told.page(name, **more.get(name, {}))
    return {
        **files,
        **{f"assets/{path.name}": path.read_bytes() for path in sorted(ASSETS.iterdir()) if path.is_file()},
    }


class _Told:
    """The templates, with what all of them know."""

    def __init__(self, pages: Mapping[str, str], known: Mapping[str, Any]) -> None:
        import jinja2  # of the extra `site`

        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters |= {
            "address": lambda text: quote(text, safe="."),
            "alike": _alike,
            "class": lambda letter: "n" if letter == NOT_RUN else letter,
            "among": among,
            "listed": listed,
            "letter": lambda outcome: LETTERS[Outcome(outcome)],
            "ordered": lambda groups, of: sorted(groups, key=lambda group: [one.name for one in of].index(group[0])),
            "state_in": lambda id, run: run.state(id),
            "states_in": lambda id, of: [run.state(id) for run in of],
        }
        self._templates.tests |= {"address": lambda text: text.startswith(("https://", "http://"))}
        self._templates.globals |= {
            **known,
            "pages": pages,
            "shared": {name: _shared(run for run in known["runs"] if run.implementation == name) for name in pages},
            "attribute": attrgetter,
            "merged": merged,
            "told_alike": told_alike,
            "legend": LEGEND,
            "tally": tally,
            "public_page": public_page,
            "version": __version__,
            "made": datetime.now(UTC).strftime("%-d %B %Y"),
        }

    def page(self, name: str, /, **told: Any) -> bytes:
        """One page. A lone surrogate out of a document, which no file can hold, becomes a reference to it."""
        text = self._templates.get_template(f"{name}.html").render(here=name, **told)
        return text.encode("utf-8", errors="xmlcharrefreplace")


def _shared(own: Iterable[Run]) -> str:
    """The version of an implementation where all of its runs have that."""
    versions = {run.version for run in own}
    return versions.pop() if len(versions) == 1 else ""


def _alike(found: Sequence[Deviation], first: int) -> int:
    """How many deviations from that one on have its reason and its evidence."""
    own = [(one.reason, one.link) for one in found[first:]]
    return next((number for number, other in enumerate(own) if other != own[0]), len(own))
