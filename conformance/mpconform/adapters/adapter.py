"""Adapters: how an implementation is reached. Ten lines of TOML; the built-in ones lie beside this module."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mpspec.clause import METHODS
from mpspec.page.names import is_documented

from mpconform.adapters.interpreters import Interpreter
from mpconform.errors import Unusable

BUILT_IN = Path(__file__).parent
"""The folder of the adapters that come with the engine."""
ENTRY_POINTS = "mpconform.adapters"
"""The group of entry points by which a package tells the path of an adapter file."""


@dataclass(frozen=True)
class Adapter:
    """How to reach one implementation.

    name: what reports call it. implementation: the module that stands for `multiprocessing`. modules: documented
    submodule -> module that stands for it, where it is not the submodule of the same name. documentation: the
    edition that it claims to follow, "interpreter" for that of the interpreter at hand. methods: its start
    methods. python: the oldest interpreter that it runs on. expose: importable packages or paths that the
    interpreter under test is to find. preload: modules that a zygote imports with the implementation, for one that
    imports its own parts late, as every host would. not_offered: documented name -> reason. keeps: descriptors that
    a process keeps for life once it has started a child by that method. baseline: name of its baseline, without the
    version.
    """

    name: str
    implementation: str
    modules: Mapping[str, str] = field(default_factory=dict)
    documentation: str = "interpreter"
    methods: tuple[str, ...] = METHODS
    python: str = "3.9"
    expose: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
    not_offered: Mapping[str, str] = field(default_factory=dict)
    keeps: Mapping[str, int] = field(default_factory=dict)
    baseline: str = ""
    folder: str = "."

    def follows(self, interpreter: Interpreter) -> tuple[int, int]:
        """The edition of the documentation that its promises come from on this interpreter."""
        if self.documentation == "interpreter":
            return interpreter.edition
        major, minor = self.documentation.split(".")
        return int(major), int(minor)

    def kept_for_life(self, method: str | None) -> int:
        """How many descriptors a process keeps; with no start method named a check may use any of them."""
        return max(self.keeps.values(), default=0) if method is None else self.keeps.get(method, 0)

    def subject(self) -> dict[str, str]:
        """Documented module -> module, as the spec's Implementation wants it."""
        return {"multiprocessing": self.implementation, **self.modules}

    def exposed(self) -> dict[str, Path]:
        """Name -> folder or file of each package that the interpreter under test is to find."""
        found = {}
        for name in self.expose:
            path = Path(self.folder, name)
            if os.sep not in name and not path.exists():
                spec = importlib.util.find_spec(name)
                if spec is None or spec.origin is None:
                    raise Unusable(
                        f"adapter {self.name}: the package {name} under `expose` is not installed; install it"
                    )
                origin = Path(spec.origin)
                path = origin.parent if origin.name == "__init__.py" else origin
            if not path.exists():
                raise Unusable(f"adapter {self.name}: {path} under `expose` does not exist; correct the path")
            found[path.name] = path.resolve()
        return found


def adapter(wanted: str) -> Adapter:
    """The adapter of a built-in name, an entry point, an adapter file or an importable module.

    Raises Unusable, with one sentence, for anything else.
    """
    built_in = BUILT_IN / f"{wanted}.toml"
    if re.fullmatch(r"[\w-]+", wanted) and built_in.exists():
        return _from_file(built_in)
    if wanted.endswith(".toml"):
        return _from_file(Path(wanted))
    for entry in importlib.metadata.entry_points(group=ENTRY_POINTS):
        if entry.name == wanted:
            return _from_file(Path(entry.load()()))
    if re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", wanted):
        try:
            known = importlib.util.find_spec(wanted) is not None
        except ImportError:
            known = False
        if known:
            return Adapter(name=wanted, implementation=wanted, baseline=wanted)
    names = ", ".join(sorted(path.stem for path in BUILT_IN.glob("*.toml")))
    raise Unusable(
        f"--impl={wanted}: neither a built-in adapter ({names}), nor an importable module, nor a .toml file; "
        "name one of these or write an adapter file"
    )


def _from_file(path: Path) -> Adapter:
    """Read an adapter file. Raises Unusable that names the file, the key and the rule."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Unusable(f"adapter file {path}: cannot be read ({error.strerror}); correct the path") from None
    except tomllib.TOMLDecodeError as error:
        raise Unusable(f"adapter file {path}: not TOML ({error}); correct the file") from None
    for key, value in data.items():
        rule = _RULES.get(key)
        if rule is None:
            raise Unusable(f"adapter file {path}: there is no key {key!r}; the keys are {', '.join(_RULES)}")
        if not rule[1](value):
            raise Unusable(f"adapter file {path}: {key} is {rule[0]}, not {value!r}; correct it")
    for key in ("name", "implementation"):
        if key not in data:
            raise Unusable(f"adapter file {path}: the key {key!r} is missing; add it")
    lists = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    return Adapter(**{**data, **lists, "folder": str(path.resolve().parent)})


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_text, value))


def _module(value: str) -> bool:
    return all(part.isidentifier() for part in value.split("."))


def _table(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_text, value.values()))


_RULES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "name": ("a name", _text),
    "implementation": ("the name of a module", lambda v: _text(v) and _module(v)),
    "modules": ("a table of documented module = module", _table),
    "documentation": (
        'an edition such as "3.13", or "interpreter"',
        lambda v: v == "interpreter" or (_text(v) and re.fullmatch(r"3\.\d+", v) is not None),
    ),
    "methods": (
        f"a list of start methods among {', '.join(METHODS)}",
        lambda v: _texts(v) and bool(v) and set(v) <= set(METHODS),
    ),
    "python": ('a version such as "3.11"', lambda v: _text(v) and re.fullmatch(r"3\.\d+", v) is not None),
    "expose": ("a list of packages or paths", _texts),
    "preload": ("a list of modules", lambda v: _texts(v) and all(map(_module, v))),
    "not_offered": (
        'a table of documented name = reason, such as Barrier, "Queue.close" or managers',
        lambda v: _table(v) and all(map(is_documented, v)),
    ),
    "keeps": (
        "a table of start method = number of descriptors",
        lambda v: (
            isinstance(v, dict) and set(v) <= set(METHODS) and all(isinstance(n, int) and n >= 0 for n in v.values())
        ),
    ),
    "baseline": ("the name of a baseline", _text),
}
