"""The arrows of the house: which room imports which, where they form a circle, and where they point upwards.

From the command line: `python tools/arrows.py [FOLDER]` measures the packages of this checkout, or of another one. A
room is a folder with modules, or a module at the top of a package; each chapter is a room.
"""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"mpspec": "spec", "mpref": "reference", "mpconform": "conformance"}
"""Import package -> the folder that holds it."""

Floors = Sequence[Sequence[str]]
"""Rooms from the top down, without the package's name; a module that stands on another floor than its room is named."""

FLOORS: dict[str, Floors] = {
    "mpspec": [
        ["page"],
        ["chapters"],
        ["loader", "models", "observation", "registers"],
        ["clause", "implementation"],
        ["sentences"],
    ],
    "mpref": [
        ["__main__"],
        ["drop_in"],
        ["dummy"],
        ["util", "reduction", "spawn"],
        ["context"],
        ["managers", "pool"],
        ["queues", "sharedctypes", "shared_memory", "connection"],
        ["synchronize", "connection.ends", "connection.authentication", "connection.reduction"],
        ["launch"],
        ["process"],
        ["state"],
        ["memory"],
        ["transfer"],
        ["errors", "log", "finalize", "polling", "start_method", "descriptors", "tracebacks"],
        ["joinable_thread", "processors", "quantities"],
    ],
    "mpconform": [
        ["__main__"],
        ["cli"],
        ["commands"],
        ["pytest_plugin", "matrix"],
        ["baselines"],
        ["reports"],
        ["standalone", "driver", "environments", "selection"],
        ["adapters", "checks", "outcomes", "pace", "quantities", "shards"],
        ["errors", "ending"],
        ["outlet"],
        ["hosts", "substitution", "presented"],
    ],
}
"""The floors of each package: a room imports only what stands on lower ones."""


@dataclass(frozen=True, order=True)
class Import:
    """A module imports another. typing: for its types alone, which is nothing at run time."""

    importer: str
    imported: str
    typing: bool = False


@dataclass(frozen=True)
class Package:
    """The modules of one import package. modules: dotted name -> file."""

    name: str
    modules: Mapping[str, Path]

    @cached_property
    def imports(self) -> list[Import]:
        """Every import of a module of the package by another, those inside of functions as well."""
        found = {one for name, path in self.modules.items() for one in imports(path, name, self.modules)}
        return sorted(one for one in found if one.imported in self.modules and one.imported != one.importer)

    @property
    def rooms(self) -> list[str]:
        """Its rooms: "hosts", "chapters.queues"; the package's own __init__ is in none."""
        return sorted({room(name) for name in self.modules} - {""})

    def arrows(self, *, typing: bool = False) -> set[tuple[str, str]]:
        """(room, room that it imports); typing: for types alone."""
        ends = {(room(one.importer), room(one.imported)) for one in self.imports if one.typing == typing}
        return {(one, other) for one, other in ends if one and other and one != other}

    def circles_of_modules(self) -> list[list[str]]:
        """The groups of modules of which each imports every other of its group, directly or through others."""
        return circles((one.importer, one.imported) for one in self.imports if not one.typing)

    def circles_of_rooms(self) -> list[list[str]]:
        """The same of rooms."""
        return circles(self.arrows())

    def homeless(self, floors: Floors) -> list[str]:
        """The modules that stand on none of the floors."""
        return sorted(name for name in self.modules if name != self.name and _height(name, floors) is None)

    def upwards(self, floors: Floors) -> list[Import]:
        """The imports between rooms that do not go down; those of a module that stands nowhere are not among them."""
        found = []
        for one in self.imports:
            importer, imported = _height(one.importer, floors), _height(one.imported, floors)
            between = not one.typing and room(one.importer) != room(one.imported)
            if between and importer is not None and imported is not None and imported >= importer:
                found.append(one)
        return found

    def longest(self) -> tuple[str, int]:
        """Its longest module, and how many lines that has."""
        lines = {name: len(path.read_text(encoding="utf-8").splitlines()) for name, path in self.modules.items()}
        return max(lines.items(), key=lambda item: item[1])


def package(name: str, root: Path = ROOT) -> Package:
    """One of PACKAGES as it lies below the root."""
    folder = root / PACKAGES[name]
    return Package(name, {module_name(path, folder): path for path in sorted((folder / name).rglob("*.py"))})


def module_name(path: Path, root: Path) -> str:
    """The dotted name of the module in the file, which lies below the root."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room(module: str) -> str:
    """The room of a module: "mpconform.hosts.wire" is in "hosts", "mpconform.cli" in "cli"."""
    inner = module.split(".")[1:]
    return ".".join(inner[: 2 if inner[:1] == ["chapters"] else 1])


def imports(path: Path, module: str, known: Iterable[str] = ()) -> Iterator[Import]:
    """What the module in the file imports, at its top or later.

    known: names of modules, by which `from a import b` is known to mean the module a.b.
    """
    here = module if path.stem == "__init__" else module.rpartition(".")[0]
    for imported, typing in _imported(ast.parse(path.read_text(encoding="utf-8")), here, frozenset(known)):
        yield Import(module, imported, typing)


def circles(arrows: Iterable[tuple[str, str]]) -> list[list[str]]:
    """The groups of more than one of which each reaches every other."""
    reached: dict[str, set[str]] = {}
    for one, other in arrows:
        reached.setdefault(one, set()).add(other)
        reached.setdefault(other, set())
    grown = True
    while grown:
        grown = False
        for ends in reached.values():
            further = {more for end in ends for more in reached[end]} - ends
            ends |= further
            grown = grown or bool(further)
    groups = {frozenset(b for b in reached if b in reached[a] and a in reached[b]) for a in reached}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _imported(node: ast.AST, here: str, known: frozenset[str], typing: bool = False) -> Iterator[tuple[str, bool]]:
    """Module, and whether it is imported for its types alone, of every import below the node. here: its package."""
    match node:
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
            for inner in node.body:
                yield from _imported(inner, here, known, True)
            for inner in node.orelse:
                yield from _imported(inner, here, known, typing)
        case ast.Import(names=names):
            for each in names:
                yield each.name, typing
        case ast.ImportFrom(module=origin, names=names, level=level):
            above = here.rsplit(".", level - 1)[0] if level else ""
            source = ".".join(filter(None, [above, origin]))
            for each in names:
                inner_module = f"{source}.{each.name}"
                yield (inner_module if inner_module in known else source), typing
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _imported(child, here, known, typing)


def _height(module: str, floors: Floors) -> int | None:
    """How high the module stands, by its own name or by that of what holds it; None where it stands nowhere."""
    name = module.partition(".")[2]
    while name:
        for number, floor in enumerate(reversed(floors)):
            if name in floor:
                return number
        name = name.rpartition(".")[0]
    return None


def main() -> None:
    """Print what there is to know of each package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT, help="the root of a checkout")
    folder = parser.parse_args().folder
    for name, floors in FLOORS.items():
        one = package(name, folder)
        module, lines = one.longest()
        print(f"{name}: {len(one.modules)} modules in {len(one.rooms)} rooms, {len(one.arrows())} arrows between them")
        print(f"  for types alone     {len(one.arrows(typing=True) - one.arrows())} more")
        print(f"  longest module      {module}, {lines} lines")
        print(f"  circles of modules  {_told(' '.join(circle) for circle in one.circles_of_modules())}")
        print(f"  circles of rooms    {_told(' '.join(circle) for circle in one.circles_of_rooms())}")
        print(f"  arrows up           {_told(f'{up.importer} -> {up.imported}' for up in one.upwards(floors))}")
        print(f"  on no floor         {_told(one.homeless(floors))}")


def _told(several: Iterable[str]) -> str:
    found = list(several)
    return "\n                      ".join([str(len(found)), *found])


if __name__ == "__main__":
    main()
