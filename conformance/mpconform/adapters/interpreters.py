"""The interpreter that a run asks for: by path, or by version ("3.13", "3.13.18", "pypy3.9")."""

from __future__ import annotations

import functools
import os
import re
import sys

from mpconform.adapters.installed import BROUGHT, FOLDERS, Interpreter, asked, found
from mpconform.errors import BrokenAdapter, Unusable

__all__ = ["OLDEST", "Interpreter", "interpreter"]

OLDEST = (3, 9)
"""The oldest version in which a host can run."""
_WANTED = re.compile(r"(?P<kind>pypy|python|)(?P<version>\d+\.\d+)(?P<patch>\.\d+)?")


@functools.cache
def interpreter(wanted: str | None) -> Interpreter:
    """The interpreter at a path or of a version; None: the one that runs this.

    Of several that a version fits it is the newest release; of equals, the one at hand.
    Raises Unusable where there is none or it is too old, BrokenAdapter where it does not start.
    """
    if wanted is not None and os.sep not in wanted:
        chosen = _of_version(wanted)
    else:
        chosen = _at(sys.executable if wanted is None else wanted, wanted)
    if chosen.edition < OLDEST:
        raise Unusable(
            f"--python={wanted}: {chosen.path} is Python {'.'.join(map(str, chosen.version))}, "
            f"checks run in {OLDEST[0]}.{OLDEST[1]} or newer; name a newer one"
        )
    return chosen


def _at(path: str, wanted: str | None) -> Interpreter:
    program = os.path.expanduser(path)
    if os.path.isdir(program):
        raise Unusable(f"--python={wanted}: that is a folder; give the program in it, as in {path}/bin/python")
    if not os.path.isfile(program):
        raise Unusable(f"--python={wanted}: there is no such program; give a path or a version such as 3.13")
    if not os.access(program, os.X_OK):
        raise Unusable(f"--python={wanted}: that file cannot be executed; give the path of an interpreter")
    program = os.path.abspath(program)
    try:
        return asked(program)
    except (OSError, ValueError) as error:
        raise BrokenAdapter(
            f"--python={wanted}: {program} does not start as a Python interpreter ({error}); name another one"
        ) from None


def _of_version(wanted: str) -> Interpreter:
    match = _WANTED.fullmatch(wanted)
    if match is None:
        raise Unusable(f"--python={wanted}: neither a path nor a version; give a path or a version such as 3.13")
    kind = "pypy" if match["kind"] == "pypy" else "cpython"
    version = match["version"]
    of_version = [one for one in found(version) if f"{one.edition[0]}.{one.edition[1]}" == version]
    # One without the global lock is another implementation in all but the name: only its path asks for it.
    of_version = [one for one in of_version if one.implementation == kind and not one.threads]
    full = version + (match["patch"] or "")
    fitting = [one for one in of_version if not match["patch"] or ".".join(map(str, one.version)) == full]
    if fitting:
        return fitting[0]
    there = of_version or [one for one in found() if one.edition >= OLDEST]
    listed = "\n".join(f"  {one.full_name:<12} {one.path}" for one in there)
    raise Unusable(
        f"--python={wanted}: there is no such interpreter on this machine; {f'of {version} ' if of_version else ''}"
        f"there are\n{listed}\nname one of these, give the path of another, or name its folder in {FOLDERS}; looked "
        f"through were pyenv, uv, PATH and {BROUGHT}"
    )
