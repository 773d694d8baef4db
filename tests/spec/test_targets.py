"""A child of spawn or forkserver imports the module of its target: such a module costs next to nothing."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import mpspec
import pytest

FOLDER = Path(mpspec.__file__).parent
COSTLY = {
    "mpspec.clause",
    "mpspec.observation.see",
    "contextlib",
    "dataclasses",
    "inspect",
    "re",
    "subprocess",
    "typing",
}
"""What a clause may import and a target may not."""
ELSEWHERE = {
    "subclasses": "its classes are made of the implementation's Process, which is there in a host alone",
}
"""Module with targets that is no module of targets -> why."""


def name_of(path: Path) -> str:
    """The module's name."""
    return ".".join(["mpspec", *path.relative_to(FOLDER).with_suffix("").parts])


def targets(tree: ast.Module) -> Iterator[str]:
    """The functions that are made targets, methods too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and "target" in map(ast.unparse, node.decorator_list):
            yield node.name


MODULES = [name_of(path) for path in sorted(FOLDER.rglob("*targets.py"))]
OTHERS = [path for path in sorted(FOLDER.rglob("*.py")) if name_of(path) not in MODULES]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_targets_imports_nothing_costly(module: str) -> None:
    # Isolated and without site, whose .pth files may import anything.
    program = f"import sys; sys.path.append({str(FOLDER.parent)!r}); import {module}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True)
    assert module in ended.stdout.split()
    assert sorted(COSTLY & set(ended.stdout.split())) == []


@pytest.mark.parametrize("path", OTHERS, ids=name_of)
def test_targets_stand_in_modules_of_targets(path: Path) -> None:
    found = list(targets(ast.parse(path.read_text())))
    assert bool(found) == (path.stem in ELSEWHERE), found
