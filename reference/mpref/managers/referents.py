"""The referents of a server, and who refers to them. Section "Cleanup".

A referent lives as long as somebody refers to it. Clients of this package are known by their processes, and what one
refers to is released when its last connection is gone, and what it has sent off some time later: the proxies may still
be on their way. Those of the standard library say themselves when they begin and end to refer to something.
"""

from __future__ import annotations

import os
from _thread import RLock, get_ident
from collections import deque
from time import monotonic

from .answers import Refusal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


GRACE = 60.0
"""Seconds in which a proxy arrives whose sender has ended meanwhile, as a child that has put it into a queue."""


class Referent:
    """An object that proxies refer to. exposed: the methods that can be called. results: of which it gives proxies."""

    __slots__ = ("exposed", "names", "object", "references", "results")

    def __init__(self, thing: Any, names: Iterable[str], results: Mapping[str, str]) -> None:
        self.object = thing
        self.names = tuple(dict.fromkeys((*names, *results)))
        self.exposed = frozenset(self.names)
        self.results = results
        self.references = 0


class Holder:
    """Somebody who refers to referents: a client process, or all those that do not say who they are."""

    __slots__ = ("connections", "references")

    def __init__(self) -> None:
        self.connections = 0
        self.references: dict[str, int] = {}


class Referents:
    """The referents of a server by their idents, which are never used again."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._last = 0
        self._known: dict[str, Referent] = {}
        self._dropped: deque[tuple[str, Holder, int]] = deque()
        self._settling: set[int] = set()
        self._lent: dict[str, tuple[str, Holder]] = {}
        self._senders_gone = Holder()
        self._overdue: deque[tuple[float, str]] = deque()

    def __len__(self) -> int:
        return len(self._known)

    def add(self, referent: Referent, holder: Holder) -> str:
        """Keep a referent, to which `holder` refers, and return its ident."""
        with self._lock:
            self._last += 1
            ident = f"{self._last:x}"
            self._known[ident] = referent
            self._count(ident, referent, holder)
        self._settle()
        return ident

    def hold(self, idents: Iterable[str], holder: Holder) -> list[str]:
        """Have `holder` refer to referents once more; return the idents of those that are gone."""
        gone = []
        with self._lock:
            for ident in idents:
                referent = self._known.get(ident)
                if referent is None:
                    gone.append(ident)
                else:
                    self._count(ident, referent, holder)
        self._settle()
        return gone

    def drop(self, idents: Iterable[str], holder: Holder) -> None:
        """Have `holder` refer to referents once less; those that nobody refers to are deleted.

        It may be called at any moment, in the middle of the others here, too.
        """
        self._dropped.extend((ident, holder, 1) for ident in idents)
        self._settle()

    def leave(self, holder: Holder) -> None:
        """Have `holder` refer to nothing any more."""
        with self._lock:
            for ticket, (ident, by) in tuple(self._lent.items()):
                if by is holder and ident in holder.references:
                    self._count(ident, self._known[ident], self._senders_gone)
                    self._lent[ticket] = ident, self._senders_gone
                    self._overdue.append((monotonic() + GRACE, ticket))
            self._dropped.extend((ident, holder, count) for ident, count in holder.references.items())
        self._settle()
        self._expire()

    def lend(self, ident: str, holder: Holder) -> str:
        """Keep a referent for a proxy that `holder` has sent off, and return the ticket that redeem() takes.

        Refusal: it is gone. A proxy that never arrives is waited for until GRACE after the end of `holder`.
        """
        self._expire()
        ticket = os.urandom(16).hex()
        with self._lock:
            self._count(ident, self.referent(ident), holder)
            self._lent[ticket] = ident, holder
        return ticket

    def redeem(self, ticket: str) -> None:
        """Take note that a proxy has arrived, and refers to the referent itself."""
        lent = self._lent.pop(ticket, None)
        if lent is not None:
            self.drop((lent[0],), lent[1])

    def _expire(self) -> None:
        """Keep nothing for proxies that have not arrived in time."""
        while self._overdue and self._overdue[0][0] <= monotonic():
            self.redeem(self._overdue.popleft()[1])

    def referent(self, ident: str) -> Referent:
        """Return the referent with an ident. Refusal: it is gone."""
        try:
            return self._known[ident]
        except (KeyError, TypeError):
            raise Refusal(
                f"this server has no referent {ident!r} (any more): nobody has referred to it meanwhile, or the proxy "
                "comes from another server that was at this address"
            ) from None

    def described(self) -> str:
        """Describe each referent."""
        return "\n".join(
            f"  {ident}:       refcount={one.references}\n    {str(one.object)[:75]}"
            for ident, one in sorted(self._known.copy().items())
        )

    def _count(self, ident: str, referent: Referent, holder: Holder) -> None:
        referent.references += 1
        holder.references[ident] = holder.references.get(ident, 0) + 1

    def _settle(self) -> None:
        """Do what drop() has asked for. Whoever holds the lock meanwhile, perhaps this thread, does it afterwards.

        What becomes of a referent is its own affair, and may drop others: those wait for their turn here.
        """
        me = get_ident()
        while self._dropped and me not in self._settling:
            if self._lock._is_owned() or not self._lock.acquire(False):  # type: ignore[attr-defined]
                return
            try:
                referent = self._less(*self._dropped.popleft()) if self._dropped else None
            finally:
                self._lock.release()
            self._settling.add(me)
            try:
                del referent
            finally:
                self._settling.discard(me)

    def _less(self, ident: str, holder: Holder, count: int) -> Referent | None:
        """Count references that are gone; return the referent if they were the last."""
        held = holder.references.get(ident, 0)
        count = min(count, held)
        if not count:
            return None
        if count == held:
            del holder.references[ident]
        else:
            holder.references[ident] = held - count
        referent = self._known[ident]
        referent.references -= count
        return None if referent.references else self._known.pop(ident)
