"""Names that an adapter declares as not offered: the one that a missing name falls under, and those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mpspec.implementation import SUBMODULES


def declared(absent: Iterable[str], declarations: Mapping[str, str]) -> str | None:
    """The reason that an adapter gives for what is missing, or None where it declares neither it nor its parent.

    absent: names under which the documentation may know it, as in a Verdict. declarations: documented name -> reason.
    """
    for name in absent:
        for declaration, reason in declarations.items():
            if any(
                (missing + ".").startswith(parent + ".") for missing in _forms(name) for parent in _forms(declaration)
            ):
                return reason
    return None


def _forms(name: str) -> Iterator[str]:
    """The name without the package, and without the submodule or the class of a context that it was looked for in."""
    name = name.removeprefix("multiprocessing.")
    yield name
    first, _, rest = name.partition(".")
    if rest and (first in SUBMODULES or first.endswith("Context")):
        yield rest
