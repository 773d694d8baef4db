"""A badge of a run: how many MUST clauses are kept, of how many; as a picture, or for the endpoint of shields.io."""

from __future__ import annotations

import json
from dataclasses import dataclass
from xml.etree import ElementTree

from mpspec.loader import CHAPTERS

from mpconform.outcomes import Outcome
from mpconform.reports.document import Document
from mpconform.reports.text import must_counts

COLOURS = {"brightgreen": "#37750f", "yellow": "#856400", "red": "#b3261e", "lightgrey": "#5f5f5f"}
"""The names that shields.io knows, and what white text on them is read well on: 4.5 to 1 or more."""
LABEL = "#3b3b3b"
HEIGHT, SIZE, PAD = 20, 11, 6
"""Pixels: of the badge, of its letters, and around a text."""
_NARROW, _WIDE = "fijlrtI.,:;()[]|'1 -", "mwMW@%"


@dataclass(frozen=True)
class Badge:
    """What it says. colour: a key of COLOURS."""

    label: str
    message: str
    colour: str


def badge(told: Document) -> Badge:
    """The badge of a run: green where every MUST clause is kept, red where one is not as it is known."""
    rows = told["checks"]
    counts = must_counts(rows)
    counts.pop(Outcome.NOT_APPLICABLE, None)
    kept, every = counts[Outcome.KEPT], sum(counts.values())
    must = [row for row in rows if row["level"] == "MUST"]
    unexpected = any(row["standing"] == "new" or row["outcome"] == Outcome.HARNESS for row in must)
    colour = "lightgrey" if not every else "red" if unexpected else "brightgreen" if kept == every else "yellow"
    return Badge(_label(told), f"{kept} of {every} MUST kept" if every else "no MUST has run", colour)


def endpoint(of: Badge) -> str:
    """The JSON that shields.io asks an endpoint for."""
    told = {"schemaVersion": 1, "label": of.label, "message": of.message, "color": of.colour}
    return json.dumps(told, indent=1) + "\n"


def svg(of: Badge) -> str:
    """The picture, which needs nothing from elsewhere: fonts are those of the reader."""
    left, right = _width(of.label), _width(of.message)
    title = f"{of.label}: {of.message}"
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": str(left + right),
            "height": str(HEIGHT),
            "viewBox": f"0 0 {left + right} {HEIGHT}",
            "role": "img",
            "aria-label": title,
        },
    )
    ElementTree.SubElement(root, "title").text = title
    for x, width, colour in ((0, left, LABEL), (left, right, COLOURS[of.colour])):
        box = {"x": str(x), "width": str(width), "height": str(HEIGHT), "fill": colour}
        ElementTree.SubElement(root, "rect", box)
    font = {
        "fill": "#fff",
        "font-family": "Verdana,DejaVu Sans,Geneva,sans-serif",
        "font-size": str(SIZE),
        "aria-hidden": "true",
    }
    group = ElementTree.SubElement(root, "g", font)
    for x, width, text in ((0, left, of.label), (left, right, of.message)):
        place = {"x": str(x + PAD), "y": "14", "textLength": str(width - 2 * PAD), "lengthAdjust": "spacingAndGlyphs"}
        ElementTree.SubElement(group, "text", place).text = text
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _label(told: Document) -> str:
    """What was judged: a run that was confined says so, for its number is not that of the whole."""
    selection = told["selection"]
    version, running = told["version"], told["interpreter"]
    number = "" if version["told_by"] == "interpreter" else f" {version['number']}"
    chapters = selection["chapters"]
    words = list(chapters) if chapters is not None and {*chapters} != {*CHAPTERS} else []
    words += ["a selection"] if selection["clauses"] or selection["parts"] else []
    confined = f" ({', '.join(words)})" if words else ""
    return _drawable(f"{told['implementation']}{number} on {running['name']}{confined}")


def _drawable(text: str) -> str:
    """Without what no XML may have."""
    return "".join(c if c.isprintable() else "?" for c in text)


def _width(text: str) -> int:
    """About the pixels that the text takes, with what is around it; the picture stretches it to just these."""
    letters = sum(4.2 if c in _NARROW else 10.5 if c in _WIDE else 7.2 for c in text)
    return round(letters) + 2 * PAD
