"""Names that an adapter declares as not offered: the one that a missing name falls under, and those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mpspec.implementation import SUBMODULES

from mpconform.adapters.offers import Offers


def declared(absent: Iterable[str], declarations: Mapping[str, str], offers: Offers | None = None) -> str | None:
    """The reason that an adapter gives for what is missing, or None where it declares neither it nor its parent.

    absent: names under which the documentation may know it, as in a Verdict. declarations: documented name -> reason.
    offers: the part of the API that there is, where it is a part: the reason for all of the package that is neither in
    it nor below. What an object lacks that was made by the part is no reason: it is missing.
    """
    names = list(absent)
    for name in names:
        for declaration, reason in declarations.items():
            if _below(name, declaration):
                return reason
    asked = [name for name in names if name.startswith("multiprocessing.")]
    if offers is None or not asked or any(_below(name, there) for name in asked for there in offers.names):
        return None
    return offers.reason


def _below(name: str, declaration: str) -> bool:
    """Whether a declaration speaks of the name: of itself, or of what it is a part of."""
    return any((one + ".").startswith(parent + ".") for one in _forms(name) for parent in _forms(declaration))


def _forms(name: str) -> Iterator[str]:
    """The name without the package, and without the submodule or the class of a context that it was looked for in."""
    name = name.removeprefix("multiprocessing.")
    yield name
    first, _, rest = name.partition(".")
    if rest and (first in SUBMODULES or first.endswith("Context")):
        yield rest
