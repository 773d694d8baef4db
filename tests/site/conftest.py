"""A site of as many whole runs as the real matrix has, and a browser that opens it from disk."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from mpconform import cli
from mpconform.reports.cells import Cell
from mpconform.reports.document import Document

sys.path.append(str(Path(__file__).parent.parent / "engine"))
sys.path.append(str(Path(__file__).parent))
from documents import written
from whole import ABSENT, LARGE, RUNS, whole

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NEEDED = ("jinja2", "playwright", "axe_playwright_python")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without browser and packages there is nothing to look at, and the reason is told."""
    absent = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    absent += [] if CHROMIUM.exists() else [str(CHROMIUM)]
    for item in items:
        if absent and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=f"{', '.join(absent)} is not installed (the extra site-tests)"))


@pytest.fixture(scope="session")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """File -> document of each run."""
    folder = tmp_path_factory.mktemp("documents")
    found = {}
    for number, run in enumerate(RUNS):
        told = whole(*run)
        found[written(folder, f"{number}.json", told)] = told
    return found


@pytest.fixture(scope="session")
def site(documents: dict[str, Document], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the site."""
    out = tmp_path_factory.mktemp("made") / "site"
    assert cli.main(["site", str(out), *documents]) == 0
    return out


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a site of as many columns as a matrix of every adapter has."""
    folder = tmp_path_factory.mktemp("matrix")
    found: list[Cell] = []
    for number, run in enumerate(LARGE):
        written(folder, f"{number}.json", whole(*run))
        one = {"implementation": run[0], "python": run[2], "state": "judged", "document": f"{number}.json"}
        found.append({**one, "start_method": None, "why": None, "status": 1})  # type: ignore[typeddict-item]
    written(folder, "matrix.json", {"schema": 1, "cells": [*found, *ABSENT]})
    out = folder / "site"
    assert cli.main(["site", str(out), str(folder)]) == 0
    return out


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's chromium, without a window."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


DRAWN = ("index", "clause", "passages")
"""Pages that a script draws, which then says so."""
Opener = Callable[..., Any]


@pytest.fixture
def opened(browser: Any, site: Path) -> Iterator[Opener]:
    """Open a page of the site; no error may come of it, and nothing may be asked of any network."""
    contexts, wrong = [], []

    def open_page(
        address: str, *, width: int = 1400, scheme: str = "light", script: bool = True, of: Path = site, **more: Any
    ) -> Any:
        context = more.get("context")
        if context is None:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script
            )
            contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on(
            "request",
            lambda request: None if request.url.startswith(("file:", "data:", "blob:")) else wrong.append(request.url),
        )
        page.goto(f"{of.as_uri()}/{address}")
        if script and address.split(".")[0] in DRAWN:
            page.wait_for_selector("[data-ready]", state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []
