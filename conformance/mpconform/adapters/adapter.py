"""Adapters: how an implementation is reached. Ten lines of TOML; the built-in ones lie beside this module."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mpspec.clause import METHODS

from mpconform.adapters import locating, rules
from mpconform.adapters.documented import near
from mpconform.adapters.interpreters import Interpreter
from mpconform.adapters.offers import Offers
from mpconform.adapters.registered import registered, registered_path
from mpconform.errors import BrokenAdapter, Unusable

if TYPE_CHECKING:
    from mpconform.hosts.kinds import Kept

BUILT_IN = Path(__file__).parent
"""The folder of the adapters that come with the engine."""


@dataclass(frozen=True)
class Adapter:
    """How to reach one implementation.

    name: what reports call it. implementation: the module that stands for `multiprocessing`. modules: documented
    submodule -> module that stands for it, where it is not the submodule of the same name. documentation: the edition
    that it claims to follow, "interpreter" for that of the interpreter at hand, "3.13+" for that where it is later.
    methods: its start methods; none: it has none of which one could be chosen, and checks leave them alone. python: the
    oldest interpreter that it runs on. expose: importable packages or paths that the interpreter under test is to find.
    preload: modules that a zygote imports with the implementation, for one that imports its own parts late, as every
    host would; or in its place, where it is not warm. not_offered: documented name -> reason. keeps: descriptors that a
    process keeps for life once it has started a child by that method; None: they are measured. baseline: name of its
    baseline, without the version.
    folder: where relative paths start. measured: start method -> kind of descriptor -> how many of them a process was
    seen to keep for life. silent: whether it claims that no process writes what no clause expects, and is judged by
    that. offers: the part of the API that it has; None: all of it. warm: whether a zygote imports it for its hosts; one
    that changes the interpreter it is imported into is left to each host. requires: what has to be installed for it, as
    pip has requirements. launcher: the command, with its arguments, that starts its interpreters. variables: of the
    environment of every process. unjudged: why the engine cannot judge it; "": it can.
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
    keeps: Mapping[str, int] | None = None
    baseline: str = ""
    folder: str = "."
    silent: bool = False
    offers: Offers | None = None
    warm: bool = True
    requires: tuple[str, ...] = ()
    launcher: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    measured: Mapping[str, dict[str, int]] = field(default_factory=dict)
    unjudged: str = ""

    def follows(self, interpreter: Interpreter) -> tuple[int, int]:
        """The edition of the documentation that its promises come from on this interpreter."""
        if self.documentation == "interpreter":
            return interpreter.edition
        major, minor = self.documentation.rstrip("+").split(".")
        own = int(major), int(minor)
        return max(own, interpreter.edition) if self.documentation.endswith("+") else own

    def refuse_older(self, interpreter: Interpreter) -> None:
        """Raise BrokenAdapter where the interpreter is older than those that the implementation runs on."""
        if interpreter.version[:2] < tuple(map(int, self.python.split("."))):
            raise BrokenAdapter(
                f"{self.name} runs on Python {self.python} or newer, {interpreter.path} is "
                f"{'.'.join(map(str, interpreter.version))}; name another --python"
            )

    def refuse_what_cannot_be_judged(self, interpreter: Interpreter) -> None:
        """Raise BrokenAdapter where it cannot be judged at all, or not on this interpreter."""
        if self.unjudged:
            raise BrokenAdapter(f"{self.name} cannot be judged: {self.unjudged}")
        self.refuse_older(interpreter)

    def kept_for_life(self, method: str | None) -> Kept:
        """The descriptors that a process keeps; with no start method, or one not measured, those of all of them."""
        if self.keeps is not None:
            return max(self.keeps.values(), default=0) if method is None else self.keeps.get(method, 0)
        most: dict[str, int] = {}
        for measured in [self.measured[method]] if method and method in self.measured else self.measured.values():
            most.update({kind: max(count, most.get(kind, 0)) for kind, count in measured.items()})
        return most

    def subject(self) -> dict[str, str]:
        """Documented module -> module, as the spec's Implementation wants it."""
        return {"multiprocessing": self.implementation, **self.modules}

    def imports(self) -> list[tuple[str, str]]:
        """What a zygote imports: the name of each module, and the key that asks for it."""
        preload = [(module, "preload") for module in self.preload]
        if not self.warm:
            return preload
        named = [(module, "modules") for module in self.modules.values()]
        return [(self.implementation, "implementation"), *named, *preload]

    def command(self, interpreter: Interpreter) -> list[str]:
        """The words that start the interpreter. Raises BrokenAdapter where there is no such launcher."""
        if not self.launcher:
            return [interpreter.path]
        program = shutil.which(self.launcher[0], path=_beside(interpreter))
        if program is None:
            raise BrokenAdapter(
                f"{self.name} is started by {self.launcher[0]}, neither beside {interpreter.path} nor on PATH; install "
                "it there, or have it installed by --environment"
            )
        return [program, *self.launcher[1:], interpreter.path]

    def surroundings(self, interpreter: Interpreter) -> dict[str, str]:
        """The variables that processes have beside those of the user."""
        found = {"PATH": _beside(interpreter)} if self.launcher or self.requires else {}
        return {**found, **self.variables}

    def exposed(self) -> dict[str, Path]:
        """Name -> folder or file of each package that the interpreter under test is to find."""
        found: dict[str, Path] = {}
        for name in self.expose:
            path = Path(self.folder, name)
            if os.sep not in name and not path.exists():
                package = locating.importable(name)
                if package is None:
                    raise Unusable(
                        f"adapter {self.name}: {name} under `expose` is neither in {self.folder} nor installed; "
                        "correct the name, or install it"
                    )
                path = package.top
            if not path.exists():
                raise Unusable(f"adapter {self.name}: {path} under `expose` does not exist; correct the path")
            if path.name in found:
                raise Unusable(
                    f"adapter {self.name}: {found[path.name]} and {path} under `expose` have one name; keep one of them"
                )
            found[path.name] = Path(os.path.abspath(path))
        return found


def adapter(wanted: str, running: Interpreter | None = None, patience: float = 1.0) -> Adapter:
    """The adapter of a built-in name, a registered one, an adapter file, a module's file or an importable module.

    running: the interpreter that is to run it, which may have modules that this one has not. Raises Unusable for
    anything else, and BrokenAdapter where what a package has registered cannot be had.
    """
    built_in = BUILT_IN / f"{wanted}.toml"
    if re.fullmatch(r"[\w-]+", wanted) and built_in.exists():
        return _from_file(built_in)
    if wanted.endswith(".toml"):
        return _from_file(Path(wanted))
    registered = registered_path(wanted, patience)
    if registered is not None:
        try:
            return _from_file(registered)
        except Unusable as error:  # of a package, not of the one who calls
            raise BrokenAdapter(str(error)) from None
    if os.sep in wanted or wanted.endswith(".py"):
        return _of_path(Path(wanted))
    if re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*", wanted):
        found = locating.beside(wanted, Path.cwd()) or locating.importable(wanted)
        if found is not None:
            expose = () if found.installed else (str(found.top),)
            return Adapter(name=wanted, implementation=wanted, expose=expose, baseline=wanted)
        if running is not None and _has(running, wanted):
            return Adapter(name=wanted, implementation=wanted, baseline=wanted)
    raise Unusable(_unknown(wanted))


def _beside(interpreter: Interpreter) -> str:
    """PATH, with the folder of the interpreter before all others: a launcher starts programs of its package."""
    return os.pathsep.join(filter(None, [os.path.dirname(interpreter.path), os.environ.get("PATH", os.defpath)]))


def _of_path(path: Path) -> Adapter:
    """The module or package at the path."""
    module = path.name.partition(".")[0]
    if not path.exists():
        raise Unusable(f"--impl={path}: there is no such file{_files_near(path)}; correct the path")
    if not module.isidentifier() or not (path.suffix == ".py" or path.joinpath("__init__.py").exists()):
        raise Unusable(f"--impl={path}: neither a module, a package nor an adapter file (.toml); correct the path")
    return Adapter(name=module, implementation=module, expose=(str(path.absolute()),), baseline=module)


def _files_near(path: Path) -> str:
    """The names in the folder of a path that come near its own."""
    try:
        return near(path.name, os.listdir(path.parent))
    except OSError:
        return ""


def _has(running: Interpreter, module: str) -> bool:
    """Whether the interpreter would find the module; of a package's own only by importing the package."""
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
    command = [running.path, "-c", code, module.partition(".")[0]]
    return subprocess.run(command, capture_output=True, cwd=BUILT_IN, timeout=60).returncode == 0


def _unknown(wanted: str) -> str:
    """What is said of a name that stands for nothing, with those that come near."""
    names = sorted(path.stem for path in BUILT_IN.glob("*.toml"))
    likely = near(wanted, [*names, *registered(), *locating.modules_near(wanted)])
    return (
        f"--impl={wanted}: neither a built-in adapter ({', '.join(names)}), nor one that a package registers, nor a "
        f"module in this folder or on this interpreter's path, nor a file{likely}; name one of these or write an "
        "adapter file, whose `expose` tells where the module is"
    )


def _from_file(path: Path) -> Adapter:
    """Read an adapter file. Raises Unusable that names the file, the key, the rule and the value."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        why = f"{error.strerror}{'' if path.exists() else _files_near(path)}"
        raise Unusable(f"adapter file {path}: cannot be read ({why}); correct the path") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Unusable(f"adapter file {path}: not TOML ({error}); correct the file") from None
    wrong = rules.broken(data)
    if wrong is not None:
        raise Unusable(f"adapter file {path}: {wrong}")
    lists: dict[str, Any] = {key: tuple(value) for key, value in data.items() if isinstance(value, list)}
    if "offers" in data:
        part = data["offers"]
        lists["offers"] = Offers(tuple(part["chapters"]), tuple(part["names"]), part["reason"])
    read = Adapter(**{**data, **lists, "folder": str(path.absolute().parent)})
    read.exposed()  # what it names is there, or it says so
    return read
