"""Where the main module of the program is, and where modules are looked for: what a child needs to import them again.

A relative name holds where the program was when it began. It may have changed its directory since.
"""

from __future__ import annotations

import os
import sys

began_in: str | None = sys.modules[__name__.partition(".")[0]].began_in
"""What the package has found as it was imported: it is the only module that comes before the program can go on."""

replaces = False
"""Whether the program finds this package under the name of `multiprocessing`, too: see launch.substitution."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    Place = tuple[str, str]
    """Where the main module is: ('module', name) or ('file', path)."""


def place() -> Place | None:
    """Say how a child can import the main module: ('module', name) or ('file', path); None if it cannot.

    It cannot where there is no file (-c, an interactive session), and it shall not where the main module
    is the ``__main__`` of a package, folder or archive: that is all program, no definitions, and unguarded.
    """
    main = sys.modules.get("__main__")
    if main is None:
        return None
    # Whatever the program was begun with: what children send back is defined in what is the main module now.
    sys.modules["__mp_main__"] = main
    spec, file = getattr(main, "__spec__", None), getattr(main, "__file__", None)
    name = getattr(spec, "name", None)
    # A debugger, say, runs a script in the place of its own main module.
    if name is not None and file in (None, getattr(spec, "origin", file)):
        return None if name == "__main__" or name.endswith(".__main__") else ("module", name)
    if file is None:  # a script has ended, and its exit handlers run: CPython has taken that name away
        file = getattr(getattr(main, "__loader__", None), "path", None)
    if file is None:
        return None
    for candidate in _absolute(os.fsdecode(file)):
        if os.path.isfile(candidate):
            return "file", candidate
    return None  # <stdin>, what was deleted, or a launcher's own name for what was never there


def path() -> list[str]:
    """Return where modules are looked for, without what only hooks of this process understand.

    What is relative is looked for where the program was when it began, too: what it has imported is there.
    """
    found = []
    for entry in sys.path:
        if isinstance(entry, str):
            plain = str.__str__(entry)
            found.append(plain)
            if not plain.startswith("/") and began_in is not None and began_in != folder():
                found.append(os.path.join(began_in, plain))
    return found


def _absolute(file: str) -> Iterator[str]:
    """Tell what a file's name can mean, the likeliest first: that is looked up at each start, and mostly right."""
    for each in (began_in, folder(), os.environ.get("PWD")):
        if each is not None:
            yield os.path.abspath(os.path.join(each, file))
    # A launcher that has gone elsewhere itself has told where the script is, for it to import what is beside it.
    for each in path()[:1]:
        if os.path.isabs(each):
            yield os.path.abspath(os.path.join(each, os.path.basename(file)))


def folder() -> str | None:
    """Return the working directory; None: it was removed."""
    try:
        return os.getcwd()
    except OSError:
        return None
