"""The keys of an adapter file, and what each of them holds. README and CONTRIBUTING explain them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from mpspec.clause import METHODS
from mpspec.loader import CHAPTERS
from packaging.requirements import InvalidRequirement, Requirement

from mpconform.adapters.documented import EDITIONS, MODULES, PACKAGE, names, near

REQUIRED = ("name", "implementation")
OURS = ("mpspec", "mpconform", "sitecustomize")
"""What the interpreter under test finds anyway, so that nothing exposed can have its name."""


def broken(data: dict[str, Any]) -> str | None:
    """What is wrong with the keys and values of an adapter file, or None: the key, its rule and what breaks it."""
    for key in data:
        if key not in RULES:
            return f"there is no key {key!r}{near(key, RULES)}; the keys are {', '.join(RULES)}"
    for key in REQUIRED:
        if key not in data:
            return f"the key {key!r} is missing; add it"
    for key, (rule, breaks) in RULES.items():
        seen = breaks(data[key]) if key in data else None
        if seen is not None:
            return f"{key} is {rule}, not {seen}; correct it"
    for method in data.get("keeps", {}):
        if method not in data.get("methods", METHODS):
            return f"keeps speaks of {method}, which is not among its methods; correct one of them"
    return None


def _name(value: Any) -> str | None:
    fits = isinstance(value, str) and value.isprintable() and value == value.strip() and value and "/" not in value
    return None if fits else repr(value)


def _file_name(value: Any) -> str | None:
    fits = isinstance(value, str) and re.fullmatch(r"\w[\w.+-]*", value)
    return None if fits else repr(value)


def _edition(value: Any) -> str | None:
    return None if isinstance(value, str) and value in EDITIONS else repr(value)


def _edition_or_later(value: Any) -> str | None:
    return _edition(value.removesuffix("+")) and repr(value) if isinstance(value, str) else repr(value)


def _module(value: Any) -> str | None:
    fits = isinstance(value, str) and all(part.isidentifier() for part in value.split("."))
    return None if fits else repr(value)


def _list(item: Callable[[Any], str | None], *, empty: bool = True) -> Callable[[Any], str | None]:
    """A list of items without doubles."""

    def breaks(value: Any) -> str | None:
        if not isinstance(value, list) or not (value or empty):
            return repr(value)
        for position, one in enumerate(value):
            seen = item(one)
            if seen is not None:
                return seen
            if one in value[:position]:
                return f"{one!r} twice"
        return None

    return breaks


def _table(key: Callable[[str], str | None], item: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    def breaks(value: Any) -> str | None:
        if not isinstance(value, dict):
            return repr(value)
        for name, one in value.items():
            seen = key(name)
            if seen is not None:
                return seen
            seen = item(one)
            if seen is not None:
                return f"{name} = {seen}"
        return None

    return breaks


def _among(known: Callable[[], Iterable[str]]) -> Callable[[Any], str | None]:
    def breaks(value: Any) -> str | None:
        if isinstance(value, str) and value in known():
            return None
        return repr(value) + (near(value, known()) if isinstance(value, str) else "")

    return breaks


def _documented(value: str) -> str | None:
    return _among(names)(value.removeprefix(f"{PACKAGE}."))


def _exposed(value: Any) -> str | None:
    if not isinstance(value, str) or not value.strip():
        return repr(value)
    stem = Path(value).name.partition(".")[0]
    if stem in OURS:
        return f"{value!r}, a name that the engine needs"
    return None if stem.isidentifier() else f"{value!r}, which nothing can import by that name"


def _reason(value: Any) -> str | None:
    return None if isinstance(value, str) and value.strip() else repr(value)


def _requirement(value: Any) -> str | None:
    try:
        return None if Requirement(value) else repr(value)
    except (InvalidRequirement, TypeError):
        return repr(value)


def _word(value: Any) -> str | None:
    return None if isinstance(value, str) and value and "\0" not in value else repr(value)


def _words(value: Any) -> str | None:
    return next(filter(None, map(_word, value)), None) if isinstance(value, list) else repr(value)


def _text(value: Any) -> str | None:
    return None if isinstance(value, str) and "\0" not in value else repr(value)


def _variable(value: str) -> str | None:
    taken = value.startswith(("MPSPEC_", "MPCONFORM_")) or value == "PYTHONPATH"
    fits = re.fullmatch(r"[A-Za-z_]\w*", value, re.ASCII)
    return None if fits and not taken else repr(value) + ", a name that the engine needs" * taken


def _offers(value: Any) -> str | None:
    if not isinstance(value, dict):
        return repr(value)
    for key, breaks in _PARTS.items():
        if key not in value:
            return f"one without {key}"
        seen = breaks(value[key])
        if seen is not None:
            return f"{key} = {seen}"
    return next((repr(key) + near(key, _PARTS) for key in value if key not in _PARTS), None)


def _count(value: Any) -> str | None:
    return None if type(value) is int and value >= 0 else repr(value)  # true and false are integers to isinstance


_PARTS: dict[str, Callable[[Any], str | None]] = {
    "chapters": _list(_among(lambda: CHAPTERS), empty=False),
    "names": _list(lambda value: _documented(value) if isinstance(value, str) else repr(value), empty=False),
    "reason": _reason,
}

RULES: dict[str, tuple[str, Callable[[Any], str | None]]] = {
    "name": ("a name, of one line and without a slash", _name),
    "implementation": ("the name of a module", _module),
    "documentation": (
        f'an edition from "{EDITIONS[0]}" to "{EDITIONS[-1]}", with "+" for that of a later interpreter, or '
        '"interpreter"',
        lambda value: None if value == "interpreter" else _edition_or_later(value),
    ),
    "methods": (
        f"a list of start methods among {', '.join(METHODS)}, each once",
        _list(_among(lambda: METHODS)),
    ),
    "python": (f'the oldest version that it runs on, from "{EDITIONS[0]}" to "{EDITIONS[-1]}"', _edition),
    "expose": ("a list of packages or paths, each once", _list(_exposed)),
    "preload": ("a list of modules, each once", _list(_module)),
    "keeps": ("a table of start method = number of descriptors", _table(_among(lambda: METHODS), _count)),
    "baseline": ("the name of a baseline, letters, digits and .+-_", _file_name),
    "silent": ("true or false", lambda value: None if type(value) is bool else repr(value)),
    "warm": ("true or false", lambda value: None if type(value) is bool else repr(value)),
    "requires": ("a list of requirements as pip has them, each once", _list(_requirement)),
    "launcher": ("the words of a command", lambda value: repr(value) if value == [] else _words(value)),
    "unjudged": ("the reason why the engine cannot judge it", _reason),
    "variables": ("a table of environment variable = text", _table(_variable, _text)),
    "offers": ("a table of chapters, documented names, and the reason why there are no others", _offers),
    "modules": ("a table of documented submodule = module", _table(_among(lambda: MODULES), _module)),
    "not_offered": ("a table of documented name = reason", _table(_documented, _reason)),
}
"""Key -> what it holds, in words, and what breaks that: a function that names it, or gives None."""
