"""The house stands: arrows between its packages and rooms go down, and none of them closes a circle."""

from __future__ import annotations

import sys
from pathlib import Path

import arrows
import pytest

STANDARD_LIBRARY = sys.stdlib_module_names - {"multiprocessing"}
MAY_IMPORT = {
    "mpspec": {"mpspec", *STANDARD_LIBRARY},
    "mpref": {"mpref", "_typeshed", *STANDARD_LIBRARY},
    "mpconform": {
        "mpconform",
        "mpspec",
        "fastjsonschema",
        "filelock",
        "findpython",
        "jinja2",
        "packaging",
        "platformdirs",
        "pytest",
        "tomlkit",
        *STANDARD_LIBRARY,
    },
}
"""Package -> what its modules may import: the spec knows neither test runner, engine nor implementation."""
LINES = 400
"""A longer module has two subjects."""

SPEC, REFERENCE, ENGINE = (arrows.package(name) for name in ("mpspec", "mpref", "mpconform"))
PACKAGES = pytest.mark.parametrize("package", [SPEC, REFERENCE, ENGINE], ids=lambda package: package.name)


@PACKAGES
def test_a_package_imports_only_what_it_may_know(package: arrows.Package) -> None:
    found = {
        f"{module} imports {one.imported}"
        for module, path in package.modules.items()
        for one in arrows.imports(path, module)
        if one.imported.split(".")[0] not in MAY_IMPORT[package.name]
    }
    assert found == set()


def test_what_runs_in_a_host_knows_nothing_else_of_the_engine() -> None:
    inside = {module: path for module, path in ENGINE.modules.items() if arrows.room(module) == "hosts"}
    found = {
        f"{module} imports {one.imported}"
        for module, path in inside.items()
        for one in arrows.imports(path, module, ENGINE.modules)
        if one.imported.split(".")[0] not in MAY_IMPORT["mpspec"] and one.imported not in inside
    }
    assert found == set()


def test_the_engine_knows_neither_mutants_nor_the_reference() -> None:
    for path in Path(arrows.ROOT, "conformance").rglob("*"):
        if path.is_file() and path.parent.name != "__pycache__" and path.name != "reference.toml":
            text = path.read_text(encoding="utf-8")
            assert "mpref" not in text, path
            assert "mutant" not in text, path


def test_only_what_tests_or_measures_the_reference_imports_it() -> None:
    root = arrows.ROOT
    found = {
        path.relative_to(root).parts[1]
        for folder in ("tests", "tools")
        for path in Path(root, folder).rglob("*.py")
        for one in arrows.imports(path, path.stem)
        if one.imported.split(".")[0] == "mpref"
    }
    assert found <= {"reference", "hostile", "interoperation", "bench", "fuzz.py", "soak.py", "stress.py"}


@PACKAGES
def test_no_modules_import_each_other(package: arrows.Package) -> None:
    assert package.circles_of_modules() == []


@PACKAGES
def test_no_rooms_import_each_other(package: arrows.Package) -> None:
    assert package.circles_of_rooms() == []


@PACKAGES
def test_every_room_has_its_floor_and_imports_lower_ones_alone(package: arrows.Package) -> None:
    floors = arrows.FLOORS[package.name]
    assert package.homeless(floors) == []
    assert package.upwards(floors) == []


@PACKAGES
def test_a_module_is_short(package: arrows.Package) -> None:
    module, lines = package.longest()
    assert lines <= LINES, module


@pytest.mark.parametrize("folder", ["tests", "tools"])
def test_what_is_in_no_package_is_short_too(folder: str) -> None:
    lengths = {path: path.read_text().count("\n") for path in Path(arrows.ROOT, folder).rglob("*.py")}
    assert [path for path, length in lengths.items() if length > LINES] == []


def test_an_import_is_seen_wherever_it_stands_and_by_whatever_name(tmp_path: Path) -> None:
    path = tmp_path / "wing" / "room.py"
    path.parent.mkdir()
    path.write_text(
        "from typing import TYPE_CHECKING\n"
        "import house.cellar\n"
        "from . import attic\n"
        "from .attic import trunk\n"
        "from ..garden import gate\n"
        "if TYPE_CHECKING:\n    from house import roof\n"
        "def later():\n    from house import door\n"
    )
    known = ["house.cellar", "house.wing.attic", "house.garden", "house.roof", "house.door"]
    found = {(one.imported, one.typing) for one in arrows.imports(path, "house.wing.room", known)}
    assert found == {
        ("typing", False),
        ("house.cellar", False),
        ("house.wing.attic", False),
        ("house.garden", False),
        ("house.roof", True),
        ("house.door", False),
    }


def test_a_circle_is_found_through_others() -> None:
    assert arrows.circles([("a", "b"), ("b", "c"), ("c", "a"), ("c", "d")]) == [["a", "b", "c"]]


def test_an_arrow_up_is_named(tmp_path: Path) -> None:
    files = {"house.cellar": "import house.attic.trunk", "house.attic.trunk": "", "house.hall": "import house.cellar"}
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    package = arrows.Package("house", {name: tmp_path / f"{name}.py" for name in files})
    floors = [["attic"], ["cellar"]]
    assert package.upwards(floors) == [arrows.Import("house.cellar", "house.attic.trunk")]
    assert package.homeless(floors) == ["house.hall"]
