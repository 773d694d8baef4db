"""The site of a matrix of every adapter on every interpreter: as small, as soon there, and as readable."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from whole import ABSENT, EVIL, LARGE, POOLS

Opener = Callable[..., Any]
PAGES = (
    "index.html",
    "index.html#outcome=deviating&chapter=queues&method=each&python=3.13",
    "chapter-log.html",
    "contents.html",
    "implementations.html",
    "implementation-ray.html",
    "implementation-nowhere.html",
)


def headings(page: Any) -> list[str]:
    """The columns of the matrix."""
    return [text.strip() for text in page.locator("#matrix thead .run > a").all_inner_texts()]


def test_the_site_stays_small(large: Path) -> None:
    assert sum(path.stat().st_size for path in large.rglob("*") if path.is_file()) < 3_000_000


def test_the_first_view_is_there_within_a_second(opened: Opener, large: Path) -> None:
    asked = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity"
    assert min(opened("index.html", of=large).evaluate(asked) for _ in range(5)) < 1000  # the machine may be busy


def test_every_column_is_there_with_its_implementation_above_it(opened: Opener, large: Path) -> None:
    page = opened("index.html", of=large)
    assert len(headings(page)) == len(LARGE) + len(ABSENT)
    names = [name.split()[0] for name in page.locator("#matrix thead .group").all_inner_texts()]
    assert names[:2] == ["reference", "stdlib"]
    assert {*names} == {name for name, *_ in LARGE} | {cell["implementation"] for cell in ABSENT}
    assert len(names) == len({*names})


def test_a_column_is_narrow_enough_that_a_dozen_fit_beside_the_chapters(opened: Opener, large: Path) -> None:
    page = opened("index.html", of=large)
    boxes = [cell.bounding_box() for cell in page.locator("#matrix .chapter-row").first.locator("td").all()]
    assert sum(box["x"] + box["width"] <= 1400 for box in boxes) > 25
    empty = page.locator("#matrix .chapter-row").first.locator("td.none")
    assert {*empty.all_inner_texts()} == {"not offered"}  # which a sign stands for
    assert max(cell.bounding_box()["width"] for cell in empty.all()) < 50
    phone = opened("index.html", of=large, width=390)
    boxes = [cell.bounding_box() for cell in phone.locator("#matrix .chapter-row").first.locator("td").all()]
    assert sum(box["x"] + box["width"] <= 390 for box in boxes) >= 5


def test_chapters_and_implementations_stay_in_sight_where_one_scrolls_sideways(opened: Opener, large: Path) -> None:
    page = opened("index.html", of=large)
    button = page.get_by_role("button", name="queues", exact=True)
    before = button.bounding_box()["x"]
    page.locator(".scroll").evaluate("one => { one.scrollLeft = 300; }")
    assert button.bounding_box()["x"] == before
    within = page.locator(".scroll").bounding_box()
    name = page.locator("#matrix .group a").nth(1)
    assert name.bounding_box()["x"] >= before + page.locator("#matrix .what").bounding_box()["width"] - 20
    assert name.bounding_box()["x"] < within["x"] + within["width"] / 2


def test_columns_are_chosen_by_implementation_and_by_interpreter(opened: Opener, large: Path) -> None:
    page = opened("index.html", of=large)
    page.get_by_label("Interpreter").select_option("3.13")
    found = headings(page)
    assert {*found} == {"3.13.0", "3.13.18", "3.13"}
    assert len(found) == 1 + sum(release.startswith("3.13.") for *_, release in LARGE)
    page.get_by_label("Implementation").select_option("stdlib")
    assert headings(page) == ["3.13.0", "3.13.18"]
    again = opened(page.url.rpartition("/")[2], of=large)
    assert headings(again) == ["3.13.0", "3.13.18"]
    again.get_by_label("Implementation").select_option("dragon")
    assert "no column" in again.locator("#count").inner_text()
    again.get_by_role("button", name="Clear").click()
    again.wait_for_function("document.querySelectorAll('#matrix thead .run').length > 40")


def test_what_could_not_be_judged_is_a_column_and_has_its_reason(opened: Opener, large: Path) -> None:
    page = opened("index.html#impl=ray", of=large)
    assert headings(page) == ["3.10.13", "3.11.7", "3.11.15", "3.12.1", "3.12.13", "3.13.0", "3.15"]
    assert page.locator("#matrix thead .mark").inner_text() == "not judged"
    assert EVIL in page.locator("#matrix thead .mark").get_attribute("title")
    assert {*page.locator("#matrix .chapter-row td:last-child").all_inner_texts()} == {"\u2013"}
    page = opened("implementations.html", of=large)
    text = page.locator("main").inner_text()
    assert f"not judged ray does not install on 3.15:\nno matching distribution {EVIL}" in text
    assert "not judged there is no interpreter pypy3.11" in text
    assert "waiting The matrix has not come to it yet." in text
    assert "by spawn" in text
    page.get_by_role("link", name="nowhere", exact=True).click()
    assert "No run has judged nowhere." in page.locator("main").inner_text()


def test_without_scripts_the_columns_can_still_be_read(opened: Opener, large: Path) -> None:
    page = opened("chapter-log.html", of=large, script=False)
    widths = page.locator("tbody tr").first.locator("td").evaluate_all("all => all.map((one) => one.colSpan)")
    assert sum(widths) == sum(name not in POOLS for name, *_ in LARGE)
    assert len(widths) < len(LARGE)
    first = opened("index.html", of=large, script=False)
    assert first.locator("#matrix tbody tr").first.locator("td").count() == len(LARGE) + len(ABSENT)


def test_what_many_columns_have_in_common_stays_in_sight(opened: Opener, large: Path) -> None:
    page = opened("contents.html", of=large, width=390)
    begins, ends = 0.42 * 390, 374  # behind the first column, which stays, and before the edge of the page
    for scrolled in (0, 900):
        page.locator(".scroll").evaluate(f"one => {{ one.scrollLeft = {scrolled}; }}")
        cells = page.locator("tbody td:has(b)").evaluate_all(
            "all => all.flatMap((one) => [one, one.querySelector('b')].map((box) => box.getBoundingClientRect()))"
        )
        seen = [
            (told["left"], told["right"])
            for cell, told in zip(cells[::2], cells[1::2], strict=True)
            if min(cell["right"], ends) - max(cell["left"], begins) > told["width"] + 24
        ]
        assert seen
        assert all(begins <= left and right <= ends for left, right in seen), scrolled


@pytest.mark.parametrize("address", PAGES)
def test_a_phone_never_scrolls_sideways(opened: Opener, large: Path, address: str) -> None:
    assert opened(address, of=large, width=360).evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing(opened: Opener, large: Path, address: str, scheme: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = opened(address, of=large, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    found = Axe().run(page, options={"preload": False})
    assert found.violations_count == 0, found.generate_report()
