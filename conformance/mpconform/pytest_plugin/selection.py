"""The words of pytest's command that are ids: they stand beside its own paths.

`mpconform run --impl=stdlib process.join.again -- -x` and `pytest --impl=stdlib process.join.again -x` are the same.
"""

from __future__ import annotations

import os

import pytest

from mpconform.selection import Selection, begins, select


def take(config: pytest.Config) -> Selection:
    """Take the ids out of the words of the command and leave the paths; in their absence the chapters of the selection.

    Raises Unusable for a word that looks like an id and is none.
    """
    option = config.option
    words: list[str] = []
    paths: list[str] = []
    for word in config.args:
        (words if begins(word) and not os.path.exists(word) else paths).append(word)
    if words:  # then a path with an id is one more word
        words += [path.rpartition("::")[2] for path in paths if "::" in path]
        paths = list(dict.fromkeys(path.partition("::")[0] for path in paths))
    selection = select([*option.impl_clause, *words], option.impl_chapter, option.impl_level)
    if selection.confined:
        clauses = selection.clauses()  # or there are none, and that is told
    if words and not paths:
        paths = [module(chapter) for chapter in dict.fromkeys(clause.chapter for clause in clauses)]
        option.pyargs = True
    config.args[:] = paths
    return selection


def module(chapter: str) -> str:
    """The module that pytest collects a chapter of the installed spec from."""
    return f"mpspec.chapters.{chapter}.chapter"
