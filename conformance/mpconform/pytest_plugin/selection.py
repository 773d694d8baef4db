"""The clauses that a run is confined to: their ids stand among the words of the command, beside pytest's own paths.

`mpconform run --impl=stdlib process.join.again -x` and `pytest --impl=stdlib process.join.again -x` are the same.
"""

from __future__ import annotations

import os
import re

import pytest
from mpspec.clause import Clause

from mpconform import checks

_CASE = re.compile(r"\[.*\]$")


def take(config: pytest.Config) -> frozenset[str]:
    """Take the ids out of the words of the command and leave the paths, in their absence those of the ids' chapters.

    Raises Unusable for a word that looks like an id and is none.
    """
    paths: list[str] = []
    clauses: list[Clause] = []
    begins = {id.split(".")[0] for chapter in checks.chapters() for id in chapter.clauses}
    for word in config.args:
        id = _CASE.sub("", word)
        if "." in id and id.split(".")[0] in begins and not os.path.exists(word):
            clauses.append(checks.clause(id))
        else:
            paths.append(word)
    if clauses and not paths:
        paths = sorted({module(clause.chapter) for clause in clauses})
        config.option.pyargs = True
    config.args[:] = paths
    return frozenset(clause.id for clause in clauses)


def module(chapter: str) -> str:
    """The module that pytest collects a chapter of the installed spec from."""
    return f"mpspec.chapters.{chapter}.chapter"
