"""Checks: a clause bound to a start method and to one of its cases; what a runner shows as one item."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mpspec.clause import Chapter, Clause
from mpspec.loader import CHAPTERS, load

from mpconform.errors import Unusable


@dataclass(frozen=True)
class Check:
    """One clause, at one start method (None: none is involved), with one case (None: it has no table)."""

    clause: Clause
    method: str | None
    case: str | None

    @property
    def id(self) -> str:
        """ "queue.put.full-after-timeout[spawn]", with the case behind the method."""
        parts = [part for part in (self.method, self.case) if part is not None]
        return self.clause.id + (f"[{'-'.join(parts)}]" if parts else "")


def chapters() -> Iterator[Chapter]:
    """Every chapter that is written, in the order of a run."""
    return map(load, CHAPTERS)


@functools.cache
def known() -> dict[str, Clause]:
    """Id -> clause, of every chapter that is written."""
    return {c.id: c for each in chapters() for c in each.clauses.values()}


def clause(id: str) -> Clause:
    """The clause of this id. Raises Unusable, with the ids that come near."""
    import difflib

    if id in known():
        return known()[id]
    near = difflib.get_close_matches(id, known(), n=3)
    hint = f"; near it: {', '.join(near)}" if near else ""
    raise Unusable(f"there is no clause {id!r}{hint}; `mpconform list` shows them all")


def checks(clauses: Iterable[Clause], methods: Iterable[str], there: Iterable[str] | None = None) -> Iterator[Check]:
    """The checks of these clauses at the methods asked for; a clause that no method matters to stands once, unbound.

    there: the methods that the implementation has, where fewer are asked for: clauses for which only others of them
    matter are left out. A clause for which only methods matter that the implementation has not yields one check, so
    that it is counted as not applicable and not lost. Of an implementation that has no method of which one could be
    chosen every clause stands once, unbound.
    """
    wanted = tuple(methods)
    has = wanted if there is None else tuple(there)
    for each in clauses:
        bound: tuple[str | None, ...] = each.bound_to(wanted)
        if has and each.methods and not bound:
            if each.bound_to(has):
                continue
            bound = each.methods[:1]
        for method in bound or (None,):
            for case in (*each.cases,) or (None,):
                yield Check(each, method, case)
