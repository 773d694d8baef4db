"""The register of passages: how the tool reads a page, that ids stay, and that what is in the repository is sound."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from mpspec.clause import spread
from mpspec.registers.amendments import AMENDMENTS
from mpspec.registers.passages import Passage, editions, read, read_table
from mpspec.registers.promises_nothing import KINDS, MARKS, marks
from mpspec.registers.sections import CHAPTERS, chapter_of

FILE = Path(__file__).parents[2] / "tools" / "passages.py"
PASSAGES = {passage.id: passage for edition in editions() for passage in read(edition)}


def loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tools_passages", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


tool = loaded()


def page(*sections: tuple[str, str]) -> str:
    """A page as the documentation is built, with a section for each anchor and inner HTML."""
    inner = "".join(f'<section id="{anchor}"><h2>{anchor}</h2>{html}</section>' for anchor, html in sections)
    return (
        f'<html><body><p>Contents</p><div role="main">{inner}</div><div class="footer">Made by us.</div></body></html>'
    )


def texts(html: str) -> list[str]:
    """The passages of a page with one section."""
    return [" ".join(found.text.split()) for found in tool.passages(page(("kettles", html)))]


def register(*sections: tuple[str, str], known: list[Passage] | None = None) -> list[Passage]:
    return list(tool.identified(tool.passages(page(*sections)), known or []))


def ids(passages: list[Passage]) -> list[str]:
    return [passage.id for passage in passages]


# the page


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("It boils. Then it whistles.", ["It boils.", "Then it whistles."]),
        ("It boils! Does it? Yes.", ["It boils!", "Does it?", "Yes."]),
        ("Use tea, e.g. Assam, i.e. No coffee.", ["Use tea, e.g. Assam, i.e. No coffee."]),
        ("Cups, spoons, etc. are used. They shine.", ["Cups, spoons, etc. are used.", "They shine."]),
        ("It boils. (That takes a while.) It ends.", ["It boils.", "(That takes a while.)", "It ends."]),
        ("It is “hot.” Take care.", ["It is “hot.”", "Take care."]),
        ("It may fail. (not guaranteed)", ["It may fail. (not guaranteed)"]),
        ("In version 3.4 it boils.", ["In version 3.4 it boils."]),
        ("See <code>a. B</code> there.", ["See a. B there."]),
        ("It boils. <code>pour()</code> empties it.", ["It boils.", "pour() empties it."]),
        ("It boils. <em>lid</em> is closed.", ["It boils.", "lid is closed."]),
        ("Note: it boils.", ["Note: it boils."]),
        ("For example:", ["For example:"]),
        ("Two\n  lines<br>here.", ["Two lines here."]),
    ],
)
def test_a_paragraph_is_split_into_its_sentences(paragraph: str, sentences: list[str]) -> None:
    assert texts(f"<p>{paragraph}</p>") == sentences


def test_headings_links_to_them_and_titles_of_notes_are_no_passages() -> None:
    note = '<div class="admonition note"><p class="admonition-title">Note</p><p>Hot.</p></div>'
    assert texts(f'<h3>Tea<a class="headerlink" href="#tea">¶</a></h3>{note}') == ["Hot."]


def test_what_surrounds_the_page_is_no_part_of_it() -> None:
    assert texts("<p>Hot.</p>") == ["Hot."]


def test_a_signature_a_version_note_a_row_and_an_example_are_one_passage_each() -> None:
    assert texts(
        '<dl><dt class="sig" id="pour">pour(<em>cup</em>)</dt><dd><p>Pours. Spills nothing.</p>'
        '<div class="versionadded"><p>Added in version 3.3. It was slow.</p></div></dd></dl>'
        "<table><tr><td><p>Cup.</p></td> <td><p>Pot.</p></td></tr></table>"
        "<pre>pour(1)\nprint('A. B')</pre><ul><li><p>Tea.</p></li></ul>"
    ) == [
        "pour(cup)",
        "Pours.",
        "Spills nothing.",
        "Added in version 3.3. It was slow.",
        "Cup. Pot.",
        "pour(1) print('A. B')",
        "Tea.",
    ]


def test_an_id_names_the_nearest_definition_or_section() -> None:
    found = register(
        (
            "kettles",
            "<p>One.</p>"
            '<dl><dt class="sig" id="Kettle">Kettle()</dt><dt class="sig">Kettle(x)</dt><dd><p>Holds.</p>'
            '<dl><dt class="sig" id="Kettle.pour">pour()</dt><dd><p>Pours.</p></dd></dl>'
            "<p>After.</p></dd></dl><p>Two.</p>",
        )
    )
    assert ids(found) == [
        "kettles/1",
        "Kettle/1",
        "Kettle/2",
        "Kettle/3",
        "Kettle.pour/1",
        "Kettle.pour/2",
        "Kettle/4",
        "kettles/2",
    ]
    assert {passage.section for passage in found} == {"kettles"}


@pytest.mark.parametrize("html", ["stray words", "<p>unclosed</div>"])
def test_a_page_that_would_lose_text_is_refused(html: str) -> None:
    with pytest.raises(SystemExit, match="line 1"):
        texts(html)


def test_a_page_without_its_main_part_is_refused() -> None:
    with pytest.raises(SystemExit, match="role=main"):
        tool.passages("<p>Hot.</p>")


# fingerprints and words


def test_typesetting_does_not_change_a_fingerprint() -> None:
    plain = tool.fingerprint('the "kettle" isn\'t hot - yet')
    assert tool.fingerprint("The “kettle”  isn\u2019t\nhot \u2013 yet") == plain
    assert tool.fingerprint("New in version 3.3.") == tool.fingerprint("Added in version 3.3.")
    assert tool.fingerprint("x = 1") != tool.fingerprint("x = 2")


def words(*paragraphs: str) -> list[tuple[str, str]]:
    found = register(("kettles", "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)))
    return [(passage.first, passage.last) for passage in found]


def test_the_words_of_a_passage_are_as_few_as_lead_to_it() -> None:
    assert words("Tea is hot.", "Tea is an old drink.") == [("Tea", "hot."), ("Tea is an", "drink.")]


def test_a_short_passage_needs_no_last_words() -> None:
    assert words("Tea steams.", "Tea cools.") == [("Tea", "steams."), ("Tea cools.", "")]


def test_a_passage_that_begins_like_an_earlier_one_is_found_by_its_end() -> None:
    assert words("Once a pot is full of tea.", "Once a pot is full of milk.")[1] == ("", "milk.")


def test_a_passage_that_stands_earlier_too_has_no_words() -> None:
    assert words("See the kettle.", "See the kettle.")[1] == ("", "")


def test_words_are_not_found_inside_of_others() -> None:
    assert words("Teapots shine.", "Tea steams.")[1][0] == "Tea"


def test_a_link_highlights_the_passage() -> None:
    passage = Passage("a.b/2", "a.b", "a", "0", "The well-known cup,", "tea & milk")
    page = "https://docs.python.org/3.13/library/multiprocessing.html#a.b"
    assert passage.link("3.13") == f"{page}:~:text=The%20well%2Dknown%20cup%2C,tea%20%26%20milk"
    assert passage._replace(first="").link("3.13") == f"{page}:~:text=tea%20%26%20milk"
    assert passage._replace(first="", last="").link("3.13") == page


# ids from one edition to the next

OLD = ("kettles", "<p>One. Two. Three.</p>")


def test_a_passage_that_stays_keeps_its_id_and_a_new_one_gets_the_next() -> None:
    assert ids(register(("kettles", "<p>Zero. One. Three.</p>"), known=register(OLD))) == [
        "kettles/4",
        "kettles/1",
        "kettles/3",
    ]


def test_a_passage_that_moves_keeps_its_id() -> None:
    moved = register(("kettles", "<p>One. Three.</p>"), ("pots", "<p>Two.</p>"), known=register(OLD))
    assert [(passage.id, passage.anchor) for passage in moved][-1] == ("kettles/2", "pots")


def test_a_passage_that_stays_is_not_taken_for_one_that_moves() -> None:
    old = register(("kettles", "<p>See below.</p>"), ("pots", "<p>See below.</p>"))
    assert ids(register(("cups", "<p>See below.</p>"), ("pots", "<p>See below.</p>"), known=old)) == [
        "kettles/1",
        "pots/1",
    ]


def test_the_same_words_twice_keep_their_order() -> None:
    old = register(("kettles", "<p>Go. Stop. Go.</p>"))
    assert ids(register(("kettles", "<p>Go. Go. Go.</p>"), known=old)) == ["kettles/1", "kettles/3", "kettles/4"]


def test_an_id_of_any_edition_is_not_given_again() -> None:
    old = register(OLD)
    new = register(("kettles", "<p>One. Two. Four.</p>"), known=old)
    assert ids(register(("kettles", "<p>One. Five.</p>"), known=old + new))[-1] == "kettles/5"


def test_a_comparison_tells_what_is_new_changed_and_gone() -> None:
    old = register(OLD)
    new = register(("kettles", "<p>One. Two and a half. Three. Four.</p>"), known=old)
    assert tool.compared(old, new) == ["changed  kettles/2 -> kettles/4", "new      kettles/5"]
    assert tool.compared(new, old) == ["changed  kettles/4 -> kettles/2", "gone     kettles/5"]
    assert tool.compared(old, old) == []


def test_what_an_edition_loses_stays_retired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "path", lambda edition: tmp_path / f"{edition}.tsv")
    monkeypatch.setattr(tool, "read", lambda edition: read_table(tmp_path / f"{edition}.tsv"))
    monkeypatch.setattr(tool, "editions", lambda: ["3.13"])
    monkeypatch.setattr(tool, "RETIRED", tmp_path / "retired.tsv")
    seen = []
    for text in ("One. Two.", "One.", "One. Three.", "One. Two."):
        tool.update("3.13", register(("kettles", f"<p>{text}</p>"), known=tool.known("3.13")))
        seen.append(ids(tool.read("3.13")))
    assert seen == [["kettles/1", "kettles/2"], ["kettles/1"], ["kettles/1", "kettles/3"], ["kettles/1", "kettles/2"]]
    assert ids(read_table(tmp_path / "retired.tsv")) == ["kettles/3"]


# the tables


@pytest.mark.parametrize(
    ("lines", "complaint"), [("id\tanchor\n", "columns"), ("{columns}\na/1\ta\n", ":2: 2 columns")]
)
def test_a_table_that_is_ill_formed_is_refused_with_its_line(tmp_path: Path, lines: str, complaint: str) -> None:
    table = tmp_path / "3.13.tsv"
    table.write_text(lines.format(columns="\t".join(Passage._fields)))
    with pytest.raises(ValueError, match=complaint):
        read_table(table)


@pytest.mark.parametrize("edition", editions())
def test_a_register_is_well_formed(edition: str) -> None:
    passages = read(edition)
    assert len({passage.id for passage in passages}) == len(passages)
    for passage in passages:
        anchor, _, ordinal = passage.id.rpartition("/")
        assert anchor
        assert ordinal.isdecimal()
        assert len(passage.fingerprint) == 10
        for part in (passage.first, passage.last):
            assert len(part.split()) <= tool.WORDS, "never the text"
            assert part == part.strip()


def test_the_first_register_numbers_its_passages_in_the_order_of_the_page() -> None:
    seen: Counter[str] = Counter()
    for passage in read("3.13"):
        seen[passage.anchor] += 1
        assert passage.id == f"{passage.anchor}/{seen[passage.anchor]}"


@pytest.mark.parametrize("edition", editions())
def test_every_passage_belongs_to_one_chapter(edition: str) -> None:
    assert {chapter_of(passage) for passage in read(edition)} <= set(CHAPTERS)


def test_no_two_chapters_have_the_same_part_of_the_page_and_each_part_exists() -> None:
    places = [place for chapter in CHAPTERS.values() for place in chapter]
    parts = [id for place in places if "/" in place for id in spread(place)]
    anchors = [place for place in places if "/" not in place]
    assert max(Counter(parts + anchors).values()) == 1
    assert set(parts) <= set(PASSAGES)
    passages = PASSAGES.values()
    assert set(anchors) <= {passage.anchor for passage in passages} | {passage.section for passage in passages}


def test_a_passage_outside_of_every_chapter_is_an_error() -> None:
    with pytest.raises(LookupError, match="kettles/1"):
        chapter_of(Passage("kettles/1", "kettles", "kettles", "0", "", ""))


def test_marks_are_of_a_known_kind_and_on_passages_of_their_own_chapter_once() -> None:
    marked = []
    for chapter, kinds in MARKS.items():
        assert set(kinds) <= set(KINDS)
        for id in (id for places in kinds.values() for place in places for id in spread(place)):
            assert chapter_of(PASSAGES[id]) == chapter, id
            marked.append(id)
    assert len(set(marked)) == len(marked) == len(marks())


def test_amendments_are_of_passages_that_exist_once() -> None:
    amended = [id for amendment in AMENDMENTS for place in amendment.passages for id in spread(place)]
    assert set(amended) <= set(PASSAGES)
    assert max(Counter(amended).values()) == 1


def test_a_place_spreads_over_single_ordinals_and_ranges() -> None:
    assert spread("a.b/2,5-7") == ["a.b/2", "a.b/5", "a.b/6", "a.b/7"]
