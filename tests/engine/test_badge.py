"""A badge says how many MUST clauses are kept, of how many; a picture that needs nothing from elsewhere, or JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from documents import made, row, selection, shard, written
from mpconform import cli
from mpconform.baselines.baseline import Deviation
from mpconform.outcomes import Outcome
from mpconform.reports.badge import COLOURS, LABEL, Badge, badge, svg
from mpconform.reports.document import Document

ONE, TWO, THREE = "log.logger.type", "log.logger.one", "log.children.name[fork]"
KNOWN = Deviation("any", Outcome.BROKEN, "reason", "link")


@pytest.mark.parametrize(
    ("told", "message", "colour"),
    [
        (made(row(ONE), row(TWO), row(THREE)), "3 of 3 MUST kept", "brightgreen"),
        (made(row(ONE), row(TWO, Outcome.NOT_APPLICABLE)), "1 of 1 MUST kept", "brightgreen"),
        (made(row(ONE), row(TWO, Outcome.BROKEN, known=KNOWN)), "1 of 2 MUST kept", "yellow"),
        (made(row(ONE), row(TWO, Outcome.NOT_OFFERED)), "1 of 2 MUST kept", "yellow"),
        (made(row(ONE), row(TWO, Outcome.BROKEN)), "1 of 2 MUST kept", "red"),
        (made(row(ONE), row(TWO, Outcome.HARNESS)), "1 of 2 MUST kept", "red"),
        (made(row(THREE), row("log.children.name[spawn]", Outcome.HUNG)), "0 of 1 MUST kept", "red"),
        (made(row("log.logger.name", Outcome.UNSPECIFIED)), "no MUST has run", "lightgrey"),
    ],
)
def test_it_counts_clauses_and_no_percentage(told: Document, message: str, colour: str) -> None:
    made_ = badge(told)
    assert (made_.message, made_.colour) == (message, colour)
    assert made_.label == "mine 1.2 on 3.13"


@pytest.mark.parametrize(
    ("selected", "label"),
    [
        (selection(chapters=["log", "pool"]), "mine 1.2 on 3.13 (log, pool)"),
        (selection(chapters=["log"], clauses=[ONE]), "mine 1.2 on 3.13 (log, a selection)"),
        (selection(parts=["-k=x"]), "mine 1.2 on 3.13 (a selection)"),
    ],
)
def test_a_run_that_was_confined_says_so(selected: object, label: str) -> None:
    assert badge(made(row(ONE), selected=selected)).label == label  # type: ignore[arg-type]


def test_the_picture_is_well_formed_has_a_title_and_asks_for_nothing() -> None:
    text = svg(Badge('<mine> & "yours" \u2192', "1 of 2 MUST kept", "red"))
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    assert (root.tag, root.get("role")) == (f"{space}svg", "img")
    title = '<mine> & "yours" \u2192: 1 of 2 MUST kept'
    assert (root.findtext(f"{space}title"), root.get("aria-label")) == (title, title)
    assert [each.text for each in root.iter(f"{space}text")] == ['<mine> & "yours" \u2192', "1 of 2 MUST kept"]
    assert re.findall(r"https?://[^\"]+", text) == ["http://www.w3.org/2000/svg"]
    assert not re.search(r"href|@import|url\(|<script|<image", text)


def test_white_letters_are_read_well_on_every_colour() -> None:
    for colour in (*COLOURS.values(), LABEL):
        channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
        assert 1.05 / (luminance + 0.05) >= 4.5, colour


def test_letters_lie_within_the_picture() -> None:
    root = ElementTree.fromstring(svg(Badge("a label of some words", "1254 of 1254 MUST kept", "brightgreen")))
    width = int(root.get("width", "0"))
    texts = [(int(t.get("x", "0")), int(t.get("textLength", "0"))) for t in root.iter() if t.tag.endswith("}text")]
    assert texts[0][0] + texts[0][1] < texts[1][0]
    assert texts[1][0] + texts[1][1] < width


def test_the_command_writes_by_the_endings_and_else_prints(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = written(tmp_path, "run.json", made(row(ONE)))
    picture, told = tmp_path / "badge.svg", tmp_path / "badge.json"
    assert cli.main(["badge", run, "-o", str(picture), f"--output={told}"]) == 0
    assert capsys.readouterr().out == ""
    assert json.loads(told.read_text()) == {
        "schemaVersion": 1,
        "label": "mine 1.2 on 3.13",
        "message": "1 of 1 MUST kept",
        "color": "brightgreen",
    }
    assert cli.main(["badge", run]) == 0
    assert capsys.readouterr().out == picture.read_text()
    ElementTree.parse(picture)


def test_what_makes_no_badge_is_told_in_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = written(tmp_path, "run.json", made(row(ONE)))
    for words, sentence in (
        ([whole, "-o", str(tmp_path / "badge.png")], "badge.png: its ending is .svg or .json"),
        ([whole, whole], "badge takes one document, not 2"),
        ([], "badge takes one document, not 0"),
        ([written(tmp_path, "part.json", shard(1, 2, row(ONE)))], "shard 1 of 2 alone"),
        ([written(tmp_path, "cut.json", made(row(ONE), complete=False))], "the run is not complete"),
    ):
        assert cli.main(["badge", *words]) == 2
        told = capsys.readouterr()
        assert (told.out, told.err.count("\n")) == ("", 1)
        assert sentence in told.err
    assert cli.main(["badge", whole, "-o", str(tmp_path / "no" / "badge.svg")]) == 3
    assert "cannot be written (No such file or directory)" in capsys.readouterr().err
