"""What a manager knows of a type identifier, and what can be called of an object. Section "Managers", register."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any


class Registration:
    """What is registered for a type identifier.

    callable: makes the referent, None: it is given. exposed: the methods that can be called, None: the public ones.
    results: of which methods the results are referents, and of which type identifier. proxytype: makes the proxies.
    """

    __slots__ = ("callable", "exposed", "proxytype", "results")

    def __init__(
        self,
        callable: Callable[..., Any] | None,
        exposed: tuple[str, ...] | None,
        results: Mapping[str, str],
        proxytype: Callable[..., Any] | None,
    ) -> None:
        self.callable = callable
        self.exposed = exposed
        self.results = results
        self.proxytype = proxytype

    def __reduce__(self) -> tuple[type[Registration], tuple[Any, ...]]:
        """Pickle it for a server, which makes no proxies."""
        return Registration, (self.callable, self.exposed, self.results, None)


def checked_names(names: Iterable[str] | None) -> tuple[str, ...] | None:
    """Return the names of methods as a tuple. TypeError: it is no sequence of names."""
    if names is None:
        return None
    if isinstance(names, (str, bytes)):
        raise TypeError(f"exposed must be a sequence of names of methods, not {names!r}")
    try:
        every = tuple(names)
    except TypeError:
        raise TypeError(f"exposed must be a sequence of names of methods, not {names!r}") from None
    for name in every:
        if not isinstance(name, str):
            raise TypeError(f"exposed must be a sequence of names of methods, and {name!r} is no name")
    return every


def checked_results(results: Mapping[str, str] | None) -> dict[str, str]:
    """Return the mapping of methods to type identifiers as a dict. TypeError: it is none of names to names."""
    try:
        every = dict(results or {})
    except (TypeError, ValueError):
        every = {"": results}  # type: ignore[dict-item]
    for method, typeid in every.items():
        if not (isinstance(method, str) and isinstance(typeid, str)):
            raise TypeError(f"method_to_typeid must map names of methods to type identifiers, not be {results!r}")
    return every


def public_methods(thing: Any) -> tuple[str, ...]:
    """Return the names of what can be called of an object and does not begin with an underscore."""
    return tuple(name for name in dir(thing) if not name.startswith("_") and _is_method(thing, name))


def _is_method(thing: Any, name: str) -> bool:
    try:
        return callable(getattr(thing, name))
    except Exception:  # a property may raise anything, and is no method
        return False
