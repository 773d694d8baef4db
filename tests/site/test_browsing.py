"""The site as a person finds it: filter, search, deep link, keyboard, a phone, the dark, a screen reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mpconform import checks
from mpconform.reports.document import Document
from whole import BROKEN, ERRATUM, EVIL

Opener = Callable[..., Any]
PAGES = (
    "index.html",
    "index.html#q=timeout&outcome=deviating&method=each&runs=stdlib-3.13.1,loky-3.5.5-3.12.1",
    "chapter-log.html",
    f"clause.html#{BROKEN}",
    "implementations.html",
    "implementation-stdlib.html",
    "contents.html",
    "errata.html",
    "passages.html#q=join",
)


def ids(page: Any) -> list[str]:
    """The clauses that the matrix lists."""
    return [text.strip() for text in page.locator("#matrix .clause-row a.id").all_inner_texts()]


def broken_by(documents: dict[str, Document], name: str) -> set[str]:
    """The clauses of which an implementation breaks a check in some run."""
    of = [told for told in documents.values() if told["implementation"] == name]
    return {row["clause"] for told in of for row in told["checks"] if row["outcome"] == "broken"}


def test_the_site_is_small(site: Path) -> None:
    assert sum(path.stat().st_size for path in site.rglob("*") if path.is_file()) < 3_000_000


def test_the_first_view_is_there_within_a_second(opened: Opener) -> None:
    asked = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity"
    assert min(opened("index.html").evaluate(asked) for _ in range(5)) < 1000  # the best: the machine may be busy


def test_a_chapter_opens_and_shows_its_clauses(opened: Opener) -> None:
    page = opened("index.html")
    assert ids(page) == []
    page.get_by_role("button", name="log", exact=True).click()
    assert ids(page) == [id for id, clause in checks.known().items() if clause.chapter == "log"]


def test_a_search_finds_words_of_sentences_and_ids(opened: Opener) -> None:
    page = opened("index.html")
    page.get_by_label("Search").fill("Barrier abort")
    wanted = [
        id
        for id, c in checks.known().items()
        if all(word in f"{id} {c.sentence}".lower() for word in ("barrier", "abort"))
    ]
    assert wanted
    assert ids(page) == wanted
    assert page.locator("#count").inner_text().startswith(f"{len(wanted)} of ")


def test_filters_confine_each_other(opened: Opener, documents: dict[str, Document]) -> None:
    page = opened("index.html")
    page.get_by_label("Outcome").select_option("broken")
    page.get_by_label("Chapter").select_option("queues")
    page.get_by_label("Level").select_option("MUST")
    page.get_by_text("Columns", exact=True).click()
    for box in page.locator("[name=run]").all():
        box.set_checked("loky" in box.get_attribute("value"))
    known = checks.known()
    found = broken_by(documents, "loky")
    assert ids(page) == [
        id for id in known if id in found and (known[id].chapter, known[id].level) == ("queues", "MUST")
    ]
    assert page.locator("#matrix thead .run").count() == 1


def test_a_start_method_stands_for_itself_and_beside_the_others(opened: Opener) -> None:
    page = opened(f"index.html#q={BROKEN}&runs=stdlib-3.13.1&method=fork")
    states = page.locator("#matrix .clause-row td")
    row = page.locator(".clause-row", has=page.get_by_role("link", name=BROKEN, exact=True))
    assert states.count() > 0
    assert "broken" not in row.inner_html()
    page.get_by_label("Start method").select_option("spawn")
    assert row.locator("td").inner_text() == "broken"
    page.get_by_label("Start method").select_option("each")
    assert Counter(row.locator("td").all_inner_texts())["broken"] == 1


def test_what_is_asked_for_stands_in_the_address(opened: Opener) -> None:
    page = opened("index.html")
    page.get_by_label("Search").fill("put timeout")
    page.get_by_label("Level").select_option("MUST")
    again = opened(page.url.rpartition("/")[2])
    assert again.get_by_label("Search").input_value() == "put timeout"
    assert ids(again) == ids(page)
    assert ids(again)


def test_an_address_with_nonsense_shows_everything(opened: Opener) -> None:
    page = opened("index.html#level=NEVER&runs=nobody&open=nothing&chapter=%ff")
    assert page.locator("#count").inner_text() == f"{len(checks.known()):,} clauses in 13 chapters"


def test_a_long_list_comes_in_parts(opened: Opener) -> None:
    page = opened("index.html#level=MUST")
    first = len(ids(page))
    page.locator("#more button").click()
    assert len(ids(page)) > first


def test_the_keyboard_is_enough(opened: Opener) -> None:
    page = opened("index.html")
    page.keyboard.press("/")
    page.keyboard.type("queue.order.")
    found = ids(page)
    page.keyboard.press("ArrowDown")  # the chapter
    page.keyboard.press("ArrowLeft")
    assert ids(page) == []
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#clause[data-ready]")
    assert page.locator("h1").inner_text() == found[0]


def test_a_clause_has_an_address_and_tells_everything(opened: Opener, documents: dict[str, Document]) -> None:
    page = opened(f"clause.html#{BROKEN}")
    clause = checks.known()[BROKEN]
    text = page.locator("main").inner_text()
    assert page.title() == f"{BROKEN} · mpconform"
    assert clause.sentence in text
    assert f"def {clause.body.__name__}(" in text
    assert f"promised {EVIL}" in text
    assert f"mpconform run --impl=stdlib --python=3.9 '{BROKEN}[spawn]'" in text
    page.get_by_text("Traceback").first.click()
    assert page.locator("details[open] pre").inner_text() == EVIL
    runs = [title for link in page.locator("td.of a").all() if (title := link.get_attribute("title"))]
    assert len(set(runs)) == len(runs) == len(documents)
    stdlib = page.locator("table.who tbody tr", has=page.get_by_role("link", name="stdlib", exact=True))
    assert [Counter(row.locator("td:not(.of)").all_inner_texts()) for row in stdlib.all()] == [
        Counter({" kept": 2, " broken": 1})
    ]
    assert ":~:text=" in page.get_by_role("link", name="3.13", exact=True).get_attribute("href")


def test_a_known_deviation_leads_to_its_evidence(opened: Opener) -> None:
    page = opened(f"clause.html#{ERRATUM}")
    issue = "https://github.com/python/cpython/issues/110660"
    assert page.get_by_role("link", name="evidence").first.get_attribute("href") == issue
    assert page.get_by_role("link", name=issue).first.is_visible()  # of the register of errata


def test_a_clause_that_there_is_not_leads_to_those_that_there_are(opened: Opener) -> None:
    page = opened("clause.html#no.such.clause")
    assert page.get_by_text("There is no clause of that name").is_visible()
    assert page.locator(".chapters a").count() == 13


def test_passages_lead_to_their_sentence_and_to_their_clauses(opened: Opener) -> None:
    page = opened("passages.html#edition=3.13&q=multiprocessing.Process.join/2")
    link = page.locator("#passages a.id").first
    assert link.get_attribute("href").startswith("https://docs.python.org/3.13/library/multiprocessing.html#")
    assert ":~:text=" in link.get_attribute("href")
    page.get_by_label("State").select_option("cannot be tested")
    page.get_by_label("Search").fill("")
    assert page.locator("#passages td").first.inner_text().startswith("cannot be tested")


@pytest.mark.parametrize("address", PAGES)
def test_a_phone_never_scrolls_sideways(opened: Opener, address: str) -> None:
    page = opened(address, width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_colours_are_those_of_the_system_until_somebody_wants_others(opened: Opener) -> None:
    def luminance(page: Any) -> float:
        asked = "getComputedStyle(document.body).backgroundColor"
        return sum(map(float, page.evaluate(asked).partition("(")[2].rstrip(")").split(",")[:3]))

    light, dark = opened("index.html"), opened("index.html", scheme="dark")
    assert luminance(dark) < 150 < 600 < luminance(light)
    dark.get_by_role("button", name="Light").click()
    assert luminance(dark) > 600
    assert luminance(opened("errata.html", context=dark.context)) > 600


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing(opened: Opener, address: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(address, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = Axe().run(page, options={"preload": False})  # which would fetch the style sheet, and no page fetches a file
    assert found.violations_count == 0, found.generate_report()


def test_without_scripts_the_states_can_still_be_read(opened: Opener) -> None:
    page = opened("index.html", script=False)
    assert page.locator("#matrix tbody tr").count() == 13
    page.get_by_role("link", name="log", exact=True).click()
    states = page.locator("tbody tr").first.locator("td").all_text_contents()
    assert set(map(str.strip, states)) <= {"kept", "broken", "missing", "hung", "leaked", "unspecified"}
    assert opened("clause.html", script=False).locator(".chapters a").count() == 13


def test_what_a_document_says_is_never_markup(opened: Opener) -> None:
    for address in (
        "implementation-stdlib.html",
        "implementation-i-dummy-i.html",
        f"clause.html#{BROKEN}",
        "index.html",
    ):
        page = opened(address)
        assert page.locator("main img, main i").count() == 0
        assert "broken out" not in page.title()
    assert opened("implementation-i-dummy-i.html").locator("h1").inner_text() == "<i>dummy</i>"
