"""The grammar of the spec: a chapter gathers clauses, a clause is one documented behaviour.

A clause is data (what is promised, how firmly, where, when it applies) and a body that runs it.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, Callable, NamedTuple

from mpspec.sentences import sentence

Version = tuple[int, int]
Body = Callable[..., None]

METHODS = ("fork", "spawn", "forkserver")
"""Every start method that the documentation names."""

EVERY_METHOD = METHODS
"""For a promise that each start method could break in its own way: one check per method."""

ANY_METHOD = ("any",)
"""For a promise that needs a child but that the start method cannot change: the cheapest one stands for all."""

NO_METHOD: tuple[str, ...] = ()
"""For a promise that involves no child, or that is about start methods: the host leaves the method unset."""

ITS_CASE = {method: (method,) for method in METHODS}
"""The `uses` of a table of cases whose labels are start methods: each uses its own."""

POSIX = ("linux", "darwin", "freebsd")
EVERYWHERE = (*POSIX, "win32")

_ID = re.compile(r"^[a-z_]+(\.[a-z0-9_]+(-[a-z0-9_]+)*)+$")
_PLACE = re.compile(r"^[\w.-]+/[1-9]\d*(-[1-9]\d*)?(,[1-9]\d*(-[1-9]\d*)?)*$")


class Level(str, enum.Enum):
    """How firmly the page promises a behaviour."""

    MUST = "MUST"
    """Stated flatly."""
    SHOULD = "SHOULD"
    """Stated as usual or recommended."""
    MAY = "MAY"
    """Both outcomes are allowed; the body records which one was seen."""
    UNSPECIFIED = "UNSPECIFIED"
    """Left open by the page, depended on all the same: recorded and shown, never judged."""


MUST, SHOULD, MAY, UNSPECIFIED = Level.MUST, Level.SHOULD, Level.MAY, Level.UNSPECIFIED


class IllFormed(ValueError):
    """A clause that breaks the rules of the grammar; says which clause and which rule."""


class Clause(NamedTuple):
    """One documented behaviour. Built by `Chapter.clause`, which documents the fields.

    A named tuple: what makes a data class brings `inspect` along, and every host would have it imported.
    """

    id: str
    chapter: str
    source: str
    sentence: str
    body: Body
    passages: tuple[str, ...] = ()
    level: Level = MUST
    methods: tuple[str, ...] = EVERY_METHOD
    once: bool = False
    uses: Mapping[str | None, tuple[str, ...]] = MappingProxyType({})
    since: Version | None = None
    cases_since: Mapping[str, Version] = MappingProxyType({})
    until: Version | None = None
    platforms: tuple[str, ...] = EVERYWHERE
    needs: tuple[str, ...] = ()
    builds_on: tuple[str, ...] = ()
    cases: Mapping[str, Any] = MappingProxyType({})
    fresh: bool = False
    hanging: bool = False
    patience: float = 1.0

    def bound_to(self, methods: Iterable[str]) -> tuple[str, ...]:
        """The start methods of these that checks bind it to: all that can make a difference, or one for all."""
        there = tuple(methods)
        bound = tuple(method for method in self.methods if method in there)
        return bound[:1] if self.once else bound

    def used(self, case: str | None) -> tuple[str, ...]:
        """The start methods that the body uses of itself, beside the one that a check binds it to."""
        return (*self.uses.get(None, ()), *(self.uses.get(case, ()) if case is not None else ()))

    def not_applicable(
        self, documentation: Version, platform: str, method: str | None, case: str | None = None
    ) -> str | None:
        """Why the clause promises nothing here, or None where it applies.

        documentation: the edition that the implementation follows; platform: a `sys.platform`; method: the
        start method asked for, None where none is; case: the label of one of its cases.
        """
        since = self.since if case is None else self.cases_since.get(case, self.since)
        if since is not None and documentation < since:
            return f"promised since {_dotted(since)}, the implementation follows {_dotted(documentation)}"
        if self.until is not None and documentation >= self.until:
            return f"promised before {_dotted(self.until)}, the implementation follows {_dotted(documentation)}"
        if not platform.startswith(self.platforms):  # that of FreeBSD ends with its version
            return f"not run here: a promise for {', '.join(self.platforms)}, this is {platform}"
        if method is not None and method not in self.methods:
            return f"the start method {method} makes no difference to it"
        return None


def cases(*names: str) -> dict[str, str]:
    """A table of cases in which each name stands for itself."""
    return {name: name for name in names}


class Chapter:
    """The clauses of one part of the page, in the order of the page.

    name: the chapter's name on every floor; section: the heading on the page; source: its anchor; subjects: the
    modules beside it that enter the clauses, in the order of the page.
    """

    def __init__(self, name: str, *, section: str, source: str, subjects: tuple[str, ...] = ()) -> None:
        self.name = name
        self.section = section
        self.source = source
        self.subjects = subjects
        self.clauses: dict[str, Clause] = {}

    def clause(
        self,
        id: str,
        *,
        passage: str | Iterable[str] = (),
        source: str | None = None,
        level: Level = MUST,
        methods: Iterable[str] = EVERY_METHOD,
        uses: Iterable[str] | Mapping[str, Iterable[str]] = (),
        since: str | Mapping[str, str] | None = None,
        until: str | None = None,
        platforms: Iterable[str] = POSIX,
        needs: str | Iterable[str] = (),
        builds_on: str | Iterable[str] = (),
        cases: Mapping[str, Any] | None = None,
        fresh: bool = False,
        hanging: bool = False,
        patience: float = 1.0,
    ) -> Callable[[Body], Body]:
        """Enter the decorated body `(mp, see)`, or `(mp, see, case)`, as a clause; its docstring is the sentence.

        id: lower case, dotted, stable for ever ("queue.put.full-after-timeout"). passage: the sentence of the page
        that it rests on, as the register has it ("multiprocessing.Queue.put/3"); where it takes several
        ("multiprocessing.Queue.put/3,5-6", or a tuple), that which states the promise comes first. source: the anchor
        of the public page where a reader would look; needed only where no passage tells it, and then by default that
        of the chapter. level: how firmly it is promised. methods: the start methods that can make a difference
        (EVERY_METHOD, ANY_METHOD, NO_METHOD or a tuple). uses: the start methods that the body,
        or its program, uses of itself, of every case, or by the label of the case (ITS_CASE): without them it says
        nothing. since, until: editions ("3.12"); until is the first edition that no longer promises it; where some
        cases alone came later, since is a table of their labels and editions. platforms: values of sys.platform. needs:
        documented names that have to exist. builds_on: ids of clauses without which this one says nothing. cases:
        label -> value, one check for each.
        fresh: runs in a new interpreter, not in a fork of a warm one (start-up, exit, `__main__`, named resources,
        the fixed start method). hanging: the promise is that something ends, so a hang is a way to break it.
        patience: factor on the deadline for a check that works long.

        Raises IllFormed where a rule of the grammar is broken.
        """

        def enter(body: Body) -> Body:
            places = (passage,) if isinstance(passage, str) else tuple(passage)
            if not all(map(_PLACE.match, places)):
                raise IllFormed(
                    f"clause {id!r} of chapter {self.name}: a passage is an anchor and ordinals, not {places}"
                )
            passages = tuple(each for place in places for each in spread(place))
            clause = Clause(
                id=id,
                chapter=self.name,
                source=source or (passages[0].rpartition("/")[0] if passages else self.source),
                sentence=sentence(body),
                body=body,
                passages=passages,
                level=Level(level),
                methods=METHODS if tuple(methods) == ANY_METHOD else tuple(methods),
                once=tuple(methods) == ANY_METHOD,
                uses=_by_case(uses),
                since=_version(since) if isinstance(since, str) else None,
                cases_since={case: _version(edition) for case, edition in since.items()}
                if isinstance(since, Mapping)
                else {},
                until=_version(until) if until is not None else None,
                platforms=tuple(platforms),
                needs=(needs,) if isinstance(needs, str) else tuple(needs),
                builds_on=(builds_on,) if isinstance(builds_on, str) else tuple(builds_on),
                cases=dict(cases or {}),
                fresh=fresh,
                hanging=hanging,
                patience=patience,
            )
            self._admit(clause)
            return body

        return enter

    def _admit(self, clause: Clause) -> None:
        """Keep the clause, or say which rule it breaks."""
        unknown = {*clause.methods, *(method for used in clause.uses.values() for method in used)} - set(METHODS)
        strays = {case for case in (*clause.uses, *clause.cases_since) if case is not None} - set(clause.cases)
        for broken, rule in (
            (not _ID.match(clause.id), "an id is lower case words joined by '.' and '-'"),
            (clause.id in self.clauses, "an id stands once"),
            (not clause.sentence.endswith("."), "the docstring is a sentence that ends with a full stop"),
            (bool(unknown), f"methods are among {', '.join(METHODS)}"),
            (bool(strays), "what a case uses, or is promised since, stands under its label"),
            (clause.patience <= 0, "patience is a positive factor"),
        ):
            if broken:
                raise IllFormed(f"clause {clause.id!r} of chapter {self.name}: {rule}")
        self.clauses[clause.id] = clause


def spread(place: str) -> list[str]:
    """The passages that a place on the page stands for: "anchor/2,5-7" is the second, and the fifth to the seventh."""
    anchor, _, ordinals = place.rpartition("/")
    ids = []
    for part in ordinals.split(","):
        first, _, last = part.partition("-")
        ids += [f"{anchor}/{ordinal}" for ordinal in range(int(first), int(last or first) + 1)]
    return ids


def _by_case(uses: Iterable[str] | Mapping[str, Iterable[str]]) -> dict[str | None, tuple[str, ...]]:
    """Label -> the start methods that this case uses; None -> those of every case."""
    if isinstance(uses, Mapping):
        return {case: tuple(methods) for case, methods in uses.items()}
    methods = tuple(uses)
    return {None: methods} if methods else {}


def _version(text: str) -> Version:
    """'3.12' as (3, 12)."""
    major, minor = text.split(".")
    return int(major), int(minor)


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))
