"""Programs of their own: what has to run as `__main__`, with its complete output and exit status.

It imports much that most clauses do without: it is loaded by the subjects that name it, else with the first program
of a host.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Callable, NamedTuple

from mpspec.implementation import Implementation, Missing
from mpspec.observation import noise
from mpspec.observation.waits import LONG

_TEXTS: list[str] = []
"""The programs of this process, and what was typed into sessions of it, as clauses have it."""
_NAME = re.compile(r"\bmultiprocessing((?:\.[a-z_]+)*)\b")


class Program(NamedTuple):
    """A program that has ended. status: the exit status, negative for a signal; out, err: complete, as text."""

    status: int
    out: str
    err: str


class Running:
    """A program that runs. Its standard input is an open pipe, its outputs are files."""

    def __init__(
        self,
        mp: Implementation,
        folder: str,
        name: str,
        source: str,
        args: Sequence[str],
        flags: Sequence[str],
        env: Mapping[str, str | None],
        files: Mapping[str, str],
        module: bool,
        zipped: bool,
        not_kept: Callable[[str, str], Exception],
    ) -> None:
        self.folder = folder
        self._not_kept = not_kept
        texts = {file: for_implementation(text, mp) for file, text in {**files, name: source}.items()}
        if zipped:
            import zipfile  # few programs are

            texts["__main__.py"] = texts.pop(name)
            name = "program.zip"
            with zipfile.ZipFile(os.path.join(folder, name), "w") as archive:
                for file, text in texts.items():
                    archive.writestr(file, text)
        else:
            for file, text in texts.items():
                path = os.path.join(folder, file)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as out:
                    out.write(text)
        environment = dict(os.environ)
        for variable, value in env.items():
            if value is None:
                environment.pop(variable, None)
            else:
                environment[variable] = value
        main = ["-m", name[: -len(".py")].replace("/", ".")] if module else [name]
        self._out = os.path.join(folder, ".out")
        self._err = os.path.join(folder, ".err")
        with open(self._out, "wb") as out_file, open(self._err, "wb") as err_file:
            self.process = subprocess.Popen(
                [sys.executable, *interpreter_flags(), *flags, *main, *args],
                cwd=folder,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=out_file,
                stderr=err_file,
                start_new_session=True,
            )
        self.pid = self.process.pid

    def tell(self, text: str) -> None:
        """Write to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def kill(self, number: int | None = None) -> None:
        """Send a signal, by default that which cannot be ignored, to the program alone, not to its children."""
        if number is None:
            self.process.kill()
        else:
            self.process.send_signal(number)

    def finish(self, stdin: str = "") -> Program:
        """Close its standard input after the text and wait for its end. Not within LONG * 2: broken."""
        try:
            self.process.communicate(stdin.encode(), timeout=LONG * 2)
        except subprocess.TimeoutExpired:
            seen = self._texts()
            if sys.platform == "win32":
                self.process.kill()
            else:
                os.killpg(self.pid, signal.SIGKILL)
            self.process.communicate()
            raise self._not_kept(
                "the program ends", f"still running after {LONG * 2} s; out {seen['out']!r}, err {seen['err']!r}"
            ) from None
        return Program(self.process.returncode, **self._texts())

    def remove(self) -> None:
        """Remove its folder; what no clause expects among its words is passed on."""
        noise.pass_on(self._texts()["err"])
        shutil.rmtree(self.folder, ignore_errors=True)

    def _texts(self) -> dict[str, str]:
        texts = {}
        for key, path in (("out", self._out), ("err", self._err)):
            with open(path, encoding="utf-8", errors="backslashreplace") as file:
                texts[key] = file.read(1 << 20)
        return texts


def for_implementation(source: str, mp: Implementation) -> str:
    """The source with the documented module's name replaced by the implementation's."""
    _TEXTS.append(source)

    def named(found: re.Match[str]) -> str:
        name = "multiprocessing"
        rest = found.group(1).split(".")[1:]
        part = mp
        taken = 0
        for word in rest:
            try:
                inner = getattr(part, word)
            except AttributeError:
                break
            if not isinstance(inner, Implementation):
                break
            part, taken = inner, taken + 1
        name = part.module_name
        return ".".join([name, *rest[taken:]])

    # `import multiprocessing` without `as` has to bind the name that the program goes on to use.
    source = re.sub(
        r"^(\s*)import multiprocessing$",
        lambda m: f"{m.group(1)}import {mp.module_name} as multiprocessing",
        source,
        flags=re.M,
    )
    lines = []
    for line in source.splitlines(keepends=True):
        importing = re.match(r"\s*(from|import)\s+multiprocessing", line)
        if importing and not line.rstrip().endswith(" as multiprocessing"):
            line = _NAME.sub(named, line, count=1)
        lines.append(line)
    return "".join(lines)


def asked_in_vain(mp: Implementation) -> Missing | None:
    """The first name that the programs of this process ask of the implementation and that it does not have."""
    import ast  # a program has failed

    nodes: list[ast.AST] = []
    for text in _TEXTS:
        try:
            nodes += ast.walk(ast.parse(text))
        except SyntaxError:  # the beginning of a block, typed into a session
            continue
    imported = [alias for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    known = {"multiprocessing": "multiprocessing", **{alias.asname: alias.name for alias in imported if alias.asname}}
    for node in nodes:
        asked = []
        if isinstance(node, ast.Import):
            asked = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            asked = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Attribute):
            first, _, rest = ast.unparse(node).partition(".")
            asked = [f"{known.get(first, '')}.{rest}"]
        for name in asked:
            try:
                _resolve(mp, name)
            except Missing as missing:
                return missing
    return None


def _resolve(mp: Implementation, name: str) -> None:
    """Look up what is asked of the package and its modules; what is asked of their objects is left alone."""
    package, *words = name.split(".")
    part: object = mp if package == "multiprocessing" else None
    for word in words:
        if not isinstance(part, Implementation) or not word.isidentifier():
            break
        part = getattr(part, word)


def interpreter_flags() -> Sequence[str]:
    """The flags of this interpreter that change what a program means, for the programs that it starts."""
    flags = []
    if sys.flags.optimize:
        flags.append("-" + "O" * sys.flags.optimize)
    for option in sys.warnoptions:
        flags.append("-W" + option)
    return flags
