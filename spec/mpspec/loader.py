"""The loader: a chapter by its name, with the clauses of all its subjects."""

from __future__ import annotations

from importlib import import_module

from mpspec.clause import Chapter

CHAPTERS = (
    "process",
    "contexts",
    "connection",
    "listeners",
    "queues",
    "synchronize",
    "sharedctypes",
    "managers",
    "pool",
    "dummy",
    "log",
    "guidelines",
    "examples",
)
"""The chapters that are written, in the order in which a run takes them; each is a package of `mpspec.chapters`."""


def load(name: str, package: str = "mpspec.chapters") -> Chapter:
    """The chapter of this name, once every module of it has entered its clauses, in the order of the page.

    name: one of CHAPTERS; package: where the chapter is. Raises ModuleNotFoundError where there is none of that name.
    """
    chapter: Chapter = import_module(f"{package}.{name}.chapter").chapter
    for subject in chapter.subjects:
        import_module(f"{package}.{name}.{subject}")
    return chapter
