"""Which clauses and checks are meant: the words that `run`, `list`, `explain` and `verify` have in common.

A word is the id of a clause, a check ("queue.put.full[spawn]"), or the beginning of ids up to a dot ("queue.put" is
every clause below it). Words add up; chapters and levels confine what the words have named, or everything.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mpspec.clause import METHODS, Clause, Level
from mpspec.loader import CHAPTERS

from mpconform import checks
from mpconform.checks import Check
from mpconform.errors import Unusable

LEVELS = tuple(level.value for level in Level)


@dataclass(frozen=True)
class Word:
    """One word, understood. clauses: ids that it means; part: what stands in its brackets, None without any."""

    text: str
    clauses: frozenset[str]
    part: str | None = None

    def means(self, check: Check) -> bool:
        """Whether the check is among those that the word names."""
        return check.clause.id in self.clauses and self.part in (None, check.method, _part(check))


@dataclass(frozen=True)
class Selection:
    """The choice of one command. words, chapters, levels: each confines it where it is not empty."""

    words: tuple[Word, ...] = ()
    chapters: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()

    @property
    def confined(self) -> bool:
        """Whether anything is left out."""
        return bool(self.words or self.chapters or self.levels)

    def clauses(self) -> list[Clause]:
        """The clauses, in the order of a run. Raises Unusable where there are none."""
        found = [clause for chapter in checks.chapters() for clause in chapter.clauses.values() if self._takes(clause)]
        if not found:
            words = [*(word.text for word in self.words), *(f"--chapter={name}" for name in self.chapters)]
            words += [f"--level={level}" for level in self.levels]
            raise Unusable(f"no clause is all of this at once: {' '.join(words)}; leave one out")
        return found

    def checks(
        self, clauses: Iterable[Clause], methods: Iterable[str], there: Iterable[str] | None = None
    ) -> Iterator[Check]:
        """The checks of some clauses at these start methods, as far as they are meant; there: those that there are."""
        for check in checks.checks(filter(self._takes, clauses), methods, there):
            if not self.words or any(word.means(check) for word in self.words):
                yield check

    def needed(self, methods: Sequence[str], there: Iterable[str]) -> tuple[str, ...]:
        """Those of these start methods that the checks need which words have named; all of them without a word."""
        if not self.words:
            return tuple(methods)
        needed = {check.method for check in self.checks(self.clauses(), methods, there)}
        return tuple(method for method in methods if method in needed)

    def without(self, methods: Sequence[str]) -> str | None:
        """The first word that none of the checks at these start methods answers to, or None."""
        for word in self.words:
            named = [clause for clause in self.clauses() if clause.id in word.clauses]
            if named and not any(map(word.means, checks.checks(named, methods))):
                return word.text
        return None

    def _takes(self, clause: Clause) -> bool:
        return (
            (not self.words or any(clause.id in word.clauses for word in self.words))
            and (not self.chapters or clause.chapter in self.chapters)
            and (not self.levels or clause.level.value in self.levels)
        )


def select(words: Iterable[str], chapters: Iterable[str] = (), levels: Iterable[str] = ()) -> Selection:
    """Understand what was written. Raises Unusable for a word, chapter or level that there is not."""
    chapters, levels = tuple(chapters), tuple(level.upper() for level in levels)
    for option, values, known in (("chapter", chapters, CHAPTERS), ("level", levels, LEVELS)):
        for value in values:
            if value not in known:
                raise Unusable(f"--{option}={value}: there are {', '.join(known)}; name one of them")
    return Selection(tuple(map(_word, words)), chapters, levels)


def begins(word: str) -> bool:
    """Whether a word that stands among paths is meant for an id: it has a dot, and begins as an id does."""
    first, dot, _ = word.partition("[")[0].partition(".")
    return bool(dot) and first in {id.partition(".")[0] for id in checks.known()}


def _word(text: str) -> Word:
    """Understand one word; a node id of pytest, "path::id", counts by its id."""
    ids = checks.known()
    id, bracket, part = text.rpartition("::")[2].partition("[")
    if bracket:
        if id not in ids:
            raise _unknown(text, id, ids)
        part = part.removesuffix("]")
        every = list(checks.checks([ids[id]], METHODS))
        unbound = checks.checks([ids[id]], ())  # those of an implementation of which no method can be chosen
        if not any(part in (check.method, _part(check)) for check in (*every, *unbound) if check.id != id):
            there = ", ".join(check.id for check in every)
            raise Unusable(f"there is no check {text!r}; of this clause there are: {there}")
        return Word(text, frozenset({id}), part)
    below = id.rstrip(".") + "."
    found = frozenset(known for known in ids if known == id or known.startswith(below))
    if not found:
        raise _unknown(text, id, ids)
    return Word(text, found)


def _part(check: Check) -> str:
    """What stands in the brackets of a check's id."""
    return check.id[len(check.clause.id) + 1 : -1]


def _unknown(text: str, id: str, ids: Iterable[str]) -> Unusable:
    if id in CHAPTERS:
        return Unusable(f"there is no clause {text!r}, and none below it; the chapter of this name is --chapter={id}")
    beginnings = {known.rsplit(".", cut)[0] for known in ids for cut in range(1, known.count(".") + 1)}
    near = difflib.get_close_matches(id.rstrip("."), [*ids, *sorted(beginnings)], n=3)
    near += [known for known in ids if id in known and known not in near][: 3 - len(near)] if len(id) > 2 else []
    hint = f"; near it: {', '.join(near)}" if near else ""
    return Unusable(
        f"there is no clause {text!r}, and none below it{hint}; `mpconform list` shows them all, "
        "`mpconform list --search=WORD` those that speak of something"
    )
