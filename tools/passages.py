"""The register of passages, written from the HTML of an edition of the page: `python tools/passages.py 3.13 PAGE.html`.

`--text` prints id and text for a person at work, and writes nothing; `--compare OLD NEW` tells what one edition has and
another has not, and which clauses rest on it. An id that was given once stays: a passage is known again by its
fingerprint, first under its anchor, then anywhere on the page; a new one gets the next ordinal that its anchor never
had.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "spec"))

from mpspec.loader import CHAPTERS, load
from mpspec.registers.passages import FOLDER, Passage, editions, path, read, read_table

WORDS = 4
"""The most words of a passage that the register keeps from either end of it."""
RETIRED = FOLDER / "retired.tsv"
"""Passages that an edition had and has no longer, so that nothing else ever gets their ids."""

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_MARKED = {"code", "em"}
"""Elements whose text is a name or a term: no sentence ends inside, and one may begin with it in lower case."""
_ABBREVIATIONS = ("e.g.", "i.e.", "cf.", "vs.", "viz.")
_END = re.compile(r"[.!?][)\]\"'\u201d\u2019]*\s+")
_BEGINNING = re.compile(r"[(\[\"'\u201c\u2018]*[A-Z0-9]")
_TYPESET = str.maketrans("\u201c\u201d\u2018\u2019\u2013\u2014\xa0", "\"\"''-- ")


@dataclass
class Block:
    """A piece of the page that has no block inside: a paragraph, a signature, a row, an example, a heading."""

    kind: str
    anchor: str
    section: str
    text: str = ""
    marked: str = ""
    """For each character of `text`: "m" in a name or a term, "m" in capitals where that begins, " " elsewhere."""


@dataclass
class Element:
    """An element that is open while the page is read."""

    tag: str
    classes: frozenset[str]
    anchor: str = ""
    opens: Block | None = None


class Page(HTMLParser):
    """The blocks of the page's own text, in its order; contents, navigation and footer are not part of it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._open: list[Element] = []
        self._block: Block | None = None
        self.feed(html)
        self.close()
        if not self.blocks:
            raise SystemExit("no text found: the page is expected in an element with role=main")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in _VOID:
            self.handle_data(" ")
            return
        if not self._open and values.get("role") != "main":
            return
        element = Element(tag, frozenset((values.get("class") or "").split()))
        if tag in ("section", "dl"):
            element.anchor = values.get("id") or ""
        elif tag == "dt" and values.get("id"):
            self._open[-1].anchor = values["id"] or ""
        self._open.append(element)
        kind = _kind(element)
        if kind and self._block is None:
            self._block = element.opens = Block(kind, self._anchor(), self._anchor(only="section"))
        if tag in _MARKED and self._block is not None:
            self._block.text += "\x01"
            self._block.marked += "M"

    def handle_endtag(self, tag: str) -> None:
        if not self._open or tag in _VOID:
            return
        element = self._open.pop()
        if element.tag != tag:
            line, _ = self.getpos()
            raise SystemExit(f"line {line}: </{tag}> closes <{element.tag}>")
        if element.opens is not None:
            self.blocks.append(_tidied(element.opens))
            self._block = None

    def handle_data(self, data: str) -> None:
        if not self._open or any("headerlink" in element.classes for element in self._open):
            return
        if self._block is not None:
            inside = any(element.tag in _MARKED for element in self._open)
            self._block.text += data
            self._block.marked += ("m" if inside else " ") * len(data)
        elif data.strip():
            line, _ = self.getpos()
            raise SystemExit(f"line {line}: text outside of any paragraph: {data.strip()!r}")

    def _anchor(self, only: str = "") -> str:
        for element in reversed(self._open):
            if element.anchor and only in ("", element.tag):
                return element.anchor
        return ""


def _kind(element: Element) -> str:
    """What kind of block an element opens, or "" where it opens none."""
    if element.tag in _HEADINGS or "admonition-title" in element.classes:
        return "heading"
    if element.tag == "dt":
        return "signature" if "sig" in element.classes else "heading"
    if element.classes & {"versionadded", "versionchanged", "deprecated", "versionremoved"}:
        return "version"
    return {"p": "paragraph", "tr": "row", "pre": "example"}.get(element.tag, "")


def _tidied(block: Block) -> Block:
    """The block as a reader sees it: one space for any whitespace, but in an example, whose lines stay."""
    text, marked, begins = "", "", False
    for character, mark in zip(block.text, block.marked, strict=True):
        if character == "\x01":
            begins = True
            continue
        space = character.isspace() and block.kind != "example"
        if space and (not text or text[-1] == " "):
            continue
        text += " " if space else character
        marked += "M" if begins else mark
        begins = False
    if block.kind == "example":
        return Block(block.kind, block.anchor, block.section, text.strip("\n"))
    return Block(block.kind, block.anchor, block.section, text.rstrip(), marked)


def sentences(block: Block) -> list[tuple[int, int]]:
    """Where the passages of a block begin and end: the sentences of a paragraph, anything else as a whole."""
    if block.kind != "paragraph":
        return [(0, len(block.text))]
    spans, start = [], 0
    for match in _END.finditer(block.text):
        before, after = block.text[start : match.end()].rstrip(), match.end()
        if block.marked[match.start()] != " " or before.lower().endswith(_ABBREVIATIONS):
            continue
        if block.marked[after : after + 1] == "M" or _BEGINNING.match(block.text, after):
            spans.append((start, start + len(before)))
            start = after
    return [*spans, (start, len(block.text))]


def normalised(text: str) -> str:
    """The text as its fingerprint is taken: what typesetting and editions write in different ways is the same here."""
    text = " ".join(text.translate(_TYPESET).casefold().split())
    return re.sub(r"^new in version", "added in version", text)


def fingerprint(text: str) -> str:
    return hashlib.sha256(normalised(text).encode()).hexdigest()[:10]


@dataclass
class Found:
    """A passage as it was found on the page, before it has an id."""

    anchor: str
    section: str
    text: str
    first: str
    last: str
    fingerprint: str = field(init=False)

    def __post_init__(self) -> None:
        self.fingerprint = fingerprint(self.text)


def passages(html: str) -> list[Found]:
    """Every passage of the page, in its order."""
    blocks = [block for block in Page(html).blocks if block.text]
    page = "\n\n".join(block.text for block in blocks)
    found, offset = [], 0
    for block in blocks:
        if block.kind != "heading":
            for start, end in sentences(block):
                first, last = highlight(page, offset + start, offset + end)
                found.append(Found(block.anchor, block.section, block.text[start:end], first, last))
        offset += len(block.text) + 2
    return found


def highlight(page: str, start: int, end: int) -> tuple[str, str]:
    """The few first and last words by which a browser finds page[start:end], a line break being no space to it.

    It takes the first place on the page where the first words stand, and from there the next of the last ones. So the
    last are empty where none of them end the passage there, the first where they all stand earlier on the page too (the
    last are then found by themselves), and both where nothing so short leads to the passage.
    """
    lines = page[start:end].splitlines()
    opening, closing = re.findall(r"\S+", lines[0]), re.findall(r"\S+", lines[-1])
    beginnings = [" ".join(opening[:count]) for count in range(1, min(WORDS, len(opening)) + 1)]
    endings = [" ".join(closing[-count:]) for count in range(1, min(WORDS, len(closing)) + 1)]
    lead = start + len(lines[0]) - len(lines[0].lstrip())
    first = next((words for words in beginnings if _position(page, words, 0) == lead), "")
    after = lead + len(first) if first else 0
    last = next((words for words in endings if _position(page, words, after) == end - len(words) >= lead), "")
    return first, last


def _position(page: str, words: str, start: int) -> int:
    left = r"(?<!\w)" if words[0].isalnum() else ""
    right = r"(?!\w)" if words[-1].isalnum() else ""
    match = re.compile(left + re.escape(words) + right, re.IGNORECASE).search(page, start)
    return match.start() if match else -1


def identified(found: Sequence[Found], known: Iterable[Passage]) -> list[Passage]:
    """The passages found, each with its id: that of a known one which it is again, else a new one.

    known: every passage that has an id, those of the same edition first.
    """
    known = list(known)
    given: dict[int, str] = {}
    taken: set[str] = set()
    for same in (lambda one: (one.anchor, one.fingerprint), lambda one: one.fingerprint):
        free: dict[object, list[str]] = defaultdict(list)
        for passage in known:
            if passage.id not in taken and passage.id not in free[same(passage)]:
                free[same(passage)].append(passage.id)
        for index, one in enumerate(found):
            if index not in given:
                candidates = [id for id in free[same(one)] if id not in taken]
                if candidates:
                    given[index] = candidates[0]
                    taken.add(candidates[0])
    ordinals: Counter[str] = Counter()
    for passage in known:
        anchor, _, ordinal = passage.id.rpartition("/")
        ordinals[anchor] = max(ordinals[anchor], int(ordinal))
    result = []
    for index, one in enumerate(found):
        if index not in given:
            ordinals[one.anchor] += 1
            given[index] = f"{one.anchor}/{ordinals[one.anchor]}"
        result.append(Passage(given[index], one.anchor, one.section, one.fingerprint, one.first, one.last))
    return result


def compared(old: Sequence[Passage], new: Sequence[Passage]) -> list[str]:
    """A line for each passage that is new, gone or changed: gone and new at the same place under the same anchor."""
    before, after = ({passage.id for passage in passages} for passages in (old, new))
    gone = {_place(old, index, after): passage.id for index, passage in enumerate(old) if passage.id not in after}
    lines = []
    for index, passage in enumerate(new):
        if passage.id not in before:
            place = _place(new, index, before)
            changed = gone.pop(place, None)
            lines.append(f"changed  {changed} -> {passage.id}" if changed else f"new      {passage.id}")
    return lines + [f"gone     {id}" for id in gone.values()]


def _place(passages: Sequence[Passage], index: int, common: set[str]) -> tuple[str, str, int]:
    """Where a passage that the other edition has not stands: anchor, the last common one before it, the nth since."""
    anchor, distance = passages[index].anchor, 0
    for earlier in reversed(passages[:index]):
        if earlier.anchor == anchor:
            if earlier.id in common:
                return anchor, earlier.id, distance
            distance += 1
    return anchor, "", distance


def resting(lines: Iterable[str]) -> Iterator[str]:
    """The lines of a comparison, each with the clauses that rest on one of its passages."""
    clauses = [clause for name in CHAPTERS for clause in load(name).clauses.values()]
    for line in lines:
        ids = set(line.split()[1:])
        rests = [clause.id for clause in clauses if ids.intersection(clause.passages)]
        yield f"{line}  {', '.join(rests) or '(no clause)'}"


def write(table: Path, passages: Iterable[Passage]) -> None:
    lines = ["\t".join(row) for row in [Passage._fields, *passages]]
    table.write_text("\n".join(lines) + "\n", encoding="utf-8")


def known(edition: str) -> list[Passage]:
    """Every passage that has an id, those of the edition itself first."""
    others = [other for other in editions() if other != edition]
    tables = [path(each) for each in [edition, *others]] + [RETIRED]
    return [passage for table in tables if table.exists() for passage in read_table(table)]


def update(edition: str, new: list[Passage]) -> list[str]:
    """Write the table of an edition, keep what it lost among the retired, and tell what is different."""
    old = read(edition) if path(edition).exists() else []
    kept = {passage.id for passage in new}
    retired = read_table(RETIRED) if RETIRED.exists() else []
    lost = [passage for passage in retired + old if passage.id not in kept]
    if lost or retired:
        write(RETIRED, {passage.id: passage for passage in lost}.values())
    write(path(edition), new)
    return compared(old, new)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("edition", nargs="?", help="the edition of the page, as in 3.13")
    parser.add_argument("page", nargs="?", type=Path, help="its HTML")
    parser.add_argument("--text", action="store_true", help="print id and text instead of writing the table")
    parser.add_argument(
        "--compare", nargs=2, metavar=("OLD", "NEW"), help="what two editions that have tables differ in"
    )
    options = parser.parse_args()
    if options.compare:
        for line in resting(compared(*map(read, options.compare))):
            print(line)
        return
    if options.page is None:
        parser.error("an edition and the path of its page, or --compare OLD NEW")
    found = passages(options.page.read_text(encoding="utf-8"))
    new = identified(found, known(options.edition))
    if options.text:
        for passage, one in zip(new, found, strict=True):
            print(passage.id, " ".join(one.text.split()), sep="\t")
        return
    for line in update(options.edition, new):
        print(line)
    print(f"{len(new)} passages of edition {options.edition}")


if __name__ == "__main__":
    main()
