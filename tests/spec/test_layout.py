"""The rooms of the spec: what stands in each. Which way their imports lead, `tests/structure` holds."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import mpspec
import pytest
from mpspec.loader import CHAPTERS

FOLDER = Path(mpspec.__file__).parent
PACKAGES = [*CHAPTERS, "smoke"]
HEAPS = {"utils", "helpers", "common", "misc", "miscellany", "base"}


def name_of(path: Path) -> str:
    """The module's name below mpspec."""
    return ".".join(path.relative_to(FOLDER).with_suffix("").parts)


MODULES = {name_of(path): path for path in sorted(FOLDER.rglob("*.py"))}


def imports(name: str) -> Iterator[str]:
    """The modules of the spec that a module imports, in functions and for types alike."""
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "mpspec":
            origin = (node.module or "").partition(".")[2]
            for alias in node.names:
                inner = f"{origin}.{alias.name}".strip(".")
                yield inner if inner in MODULES else origin


def room(name: str) -> str:
    """The room in which a module stands."""
    return name.split(".")[0]


@pytest.mark.parametrize("name", [name for name in MODULES if room(name) == "registers"])
def test_a_register_knows_clauses_by_their_ids_alone(name: str) -> None:
    assert {room(other) for other in imports(name)} <= {"registers", "clause"}


@pytest.mark.parametrize("chapter", PACKAGES)
def test_a_chapter_names_as_its_subjects_the_modules_that_enter_clauses(chapter: str) -> None:
    def enters_clauses(path: Path) -> bool:
        return "\n@chapter.clause(" in path.read_text()

    entering = {path.stem for path in (FOLDER / "chapters" / chapter).glob("*.py") if enters_clauses(path)}
    subjects = import_module(f"mpspec.chapters.{chapter}.chapter").chapter.subjects
    assert sorted(subjects) == sorted(entering)


@pytest.mark.parametrize("chapter", PACKAGES)
def test_a_chapter_imports_neither_another_chapter_nor_its_own_subjects(chapter: str) -> None:
    subjects = import_module(f"mpspec.chapters.{chapter}.chapter").chapter.subjects
    own = f"chapters.{chapter}."
    for name in (name for name in MODULES if name.startswith(own)):
        for other in imports(name):
            assert room(other) != "chapters" or other.startswith(own), f"{name} imports {other}"
            assert other not in {own + subject for subject in subjects}, f"{name} enters the clauses of {other}"


@pytest.mark.parametrize("name", [name for name in MODULES if name.endswith(".__init__") and room(name) != "registers"])
def test_a_package_on_the_way_of_a_spawned_child_is_empty(name: str) -> None:
    assert MODULES[name].read_text() == ""


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_named_after_its_subject(name: str) -> None:
    assert not HEAPS & set(name.split("."))
