"""Runs a program as `python` runs it, with this package in the place of `multiprocessing`, in its children too.

The program has the real main module: it is what children import again, and what exit handlers and threads find when
the program has come to its end. What it raises goes on to the interpreter, which knows what follows from it.
"""

from __future__ import annotations

import os
import sys
from _frozen_importlib import BuiltinImporter
from _frozen_importlib_external import MAGIC_NUMBER, SourceFileLoader, SourcelessFileLoader

from . import began_in
from .launch import substitution

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType
    from typing import Any, NoReturn

_SHORT = "usage: {python} -m {package} [-m module | program] [arg] ..."
_LONG = f"""\
{_SHORT}
Run a program as `python` does, with {{package}} in the place of `multiprocessing`, in its children too.

program    a file, or a folder or zip file with a __main__ module
-m module  a module or package, as `python -m` finds it
-h         this help

Options of the interpreter stand before `-m {{package}}`.
"""
_AT_THE_BEGINNING = {"__name__", "__builtins__", "__annotations__"}
"""What a main module has before its code runs, and keeps; what else it has differs between the kinds of programs."""


def main() -> None:
    """Run the program that the command line names. This returns, or raises what the program raises."""
    words = sys.argv[1:]
    if not words:
        _refuse("Argument expected: a program, or -m and a module")
    first, *rest = words
    if first.startswith("-m"):
        name, *rest = [first[2:], *rest] if first != "-m" else rest or [""]
        if not name:
            _refuse("Argument expected for the -m option")
        _begin()
        sys.argv[:] = ["-m", *rest]
        _run(lambda: _as_main(name, True))
    elif first in ("-h", "-?", "--help"):
        print(_in_words(_LONG), end="")
    elif first.startswith("-"):
        _refuse(f"Unknown option: {first}")
    else:
        sys.argv[:] = words
        _run_path(first)


def _run_path(program: str) -> None:
    """Run a file, or the main module of a folder or archive."""
    place = program if os.path.isabs(program) or began_in is None else os.path.join(began_in, program)
    cached = "__cached__" in vars(sys.modules["__main__"])  # which this version of Python has, or not
    if began_in is not None and not sys.flags.safe_path:
        del sys.path[0]  # the working directory, where a program finds nothing
    from pkgutil import get_importer

    if get_importer(place) is not None:
        sys.path.insert(0, place)
        _begin()
        _run(lambda: _as_main("__main__", False))
        return
    data = _contents(place)
    if not sys.flags.safe_path:
        sys.path.insert(0, os.path.dirname(os.path.realpath(place)))
    namespace = _begin()
    compiled = place.endswith(".pyc") or data.startswith(MAGIC_NUMBER)
    loader = (SourcelessFileLoader if compiled else SourceFileLoader)("__main__", place)
    namespace |= {"__file__": place, "__loader__": loader, **({"__cached__": None} if cached else {})}

    def run() -> None:
        code: Any = loader.get_code("__main__") if compiled else compile(data, place, "exec", dont_inherit=True)
        exec(code, namespace)

    _run(run)


def _contents(file: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        _end(f"{_python()}: can't open file {file!r}: [Errno {error.errno}] {error.strerror}\n")


def _as_main(name: str, described: bool) -> None:
    """Run a module as `python` does. described: whether it is named by `-m`, and its file becomes sys.argv[0]."""
    import runpy

    # Its documented functions put a module into the place of the main module, and take it away again at the end.
    getattr(runpy, "_run_module_as_main")(name, described)  # noqa: B009


def _begin() -> dict[str, Any]:
    """Put the package in its place, and make the main module, which was ours, that of a program that begins."""
    substitution.install()
    above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if above not in sys.path:  # it was found in the working directory; children find it there, too
        sys.path.append(above)
    namespace = vars(sys.modules["__main__"])
    for name in namespace.keys() - _AT_THE_BEGINNING:
        del namespace[name]
    namespace |= {"__doc__": None, "__package__": None, "__loader__": BuiltinImporter, "__spec__": None}
    return namespace


def _run(program: Any) -> None:
    """Call the function. What it raises is shown without the frames of this module."""
    try:
        program()
    except SystemExit:
        raise
    except BaseException as error:
        _show_without_our_frames(error.__traceback__)
        raise


def _show_without_our_frames(trace: TracebackType | None) -> None:
    hook = getattr(sys, "excepthook", None)
    while trace is not None and trace.tb_frame.f_globals is globals():
        trace = trace.tb_next

    def show(kind: type[BaseException], error: BaseException, _: object) -> None:
        if hook is not None:
            sys.excepthook = hook
            sys.last_traceback = trace
            hook(kind, error.with_traceback(trace), trace)

    if hook is not None:
        sys.excepthook = show


def _refuse(what: str) -> NoReturn:
    _end(f"{what}\n{_in_words(_SHORT)}\nTry `{_python()} -m {__package__} -h' for more information.\n")


def _end(message: str) -> NoReturn:
    sys.stderr.write(message)
    raise SystemExit(2)


def _in_words(text: str) -> str:
    return text.format(python=_python(), package=__package__)


def _python() -> str:
    """Return what the interpreter calls itself in its messages."""
    return next(iter(getattr(sys, "orig_argv", ())), sys.executable)
