"""The register of passages: every sentence, signature, version note and example of an edition, without its text.

One table for each edition, written by `tools/passages.py` and read here. No host imports it.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

FOLDER = Path(__file__).parent
"""Where the tables are."""


class Passage(NamedTuple):
    """One sentence, signature, version note or example of the page."""

    id: str
    """Anchor and ordinal where the passage was first seen, as in "multiprocessing.Process.join/2"; given once."""
    anchor: str
    """The nearest definition or section around it, in this edition."""
    section: str
    """The nearest section around it."""
    fingerprint: str
    """A short hash of its text, whitespace, quotation marks and case aside."""
    first: str
    """The few words with which it begins, enough to find it on the page; empty where no few words are."""
    last: str
    """The few words with which it ends; empty where `first` is all of it."""

    def link(self, edition: str) -> str:
        """The public page of an edition ("3.13") at this passage, which a browser then highlights."""
        place = f"{page(edition)}#{self.anchor}"
        words = ",".join(_quoted(part) for part in (self.first, self.last) if part)
        return f"{place}:~:text={words}" if words else place


def page(edition: str) -> str:
    """The public page of an edition ("3.13")."""
    return f"https://docs.python.org/{edition}/library/multiprocessing.html"


def path(edition: str) -> Path:
    """The table of an edition ("3.13")."""
    return FOLDER / f"{edition}.tsv"


def editions() -> list[str]:
    """The editions that have a table, oldest first."""
    return sorted((file.stem for file in FOLDER.glob("3.*.tsv")), key=lambda edition: int(edition.partition(".")[2]))


def read(edition: str) -> list[Passage]:
    """The passages of an edition, in the order of the page."""
    return read_table(path(edition))


def read_table(table: Path) -> list[Passage]:
    """The passages in a table. Raises ValueError where a line has not the columns of the first."""
    heading, *lines = table.read_text(encoding="utf-8").splitlines()
    if heading.split("\t") != list(Passage._fields):
        raise ValueError(f"{table}: the first line names the columns {', '.join(Passage._fields)}")
    passages = []
    for number, line in enumerate(lines, start=2):
        columns = line.split("\t")
        if len(columns) != len(Passage._fields):
            raise ValueError(f"{table}:{number}: {len(columns)} columns, expected {len(Passage._fields)}")
        passages.append(Passage(*columns))
    return passages


def _quoted(words: str) -> str:
    return quote(words, safe="").replace("-", "%2D")
