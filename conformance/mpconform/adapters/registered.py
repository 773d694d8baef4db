"""Adapters that packages register: the path of the file comes from a function of theirs, the group's entry point.

It runs in a process of its own, since it may do anything: raise, exit, print, crash or never come back.
"""

from __future__ import annotations

import faulthandler
import importlib.metadata
import json
import os
import subprocess
import sys
from pathlib import Path

from mpconform.errors import BrokenAdapter

GROUP = "mpconform.adapters"
"""The group of entry points by which a package tells the path of an adapter file."""
PATIENCE = 9.0
"""Seconds that it may take to tell it, before patience."""

_PROGRAM = "import json, sys; sys.path[:] = json.loads(sys.argv[3]); import {module} as it; it.answer(*sys.argv[1:3])"


def registered() -> list[str]:
    """The names under which packages have registered adapters."""
    return sorted({entry.name for entry in importlib.metadata.entry_points(group=GROUP)})


def registered_path(name: str, patience: float = 1.0) -> Path | None:
    """The file of the adapter that is registered under the name; None: there is none of that name.

    Raises BrokenAdapter where the entry point does not tell it.
    """
    entries = importlib.metadata.entry_points(group=GROUP, name=name)
    values = sorted({entry.value for entry in entries})
    if not values:
        return None
    called = f"--impl={name}: the entry point {values[0]}, of the group {GROUP}"
    if len(values) > 1:
        raise BrokenAdapter(
            f"--impl={name}: several packages register an adapter of that name ({', '.join(values)}); "
            "give the path of the one that is meant"
        )
    program = _PROGRAM.format(module=__name__)
    seconds = PATIENCE * patience
    command = [sys.executable, "-c", program, values[0], str(seconds), json.dumps([*map(os.path.abspath, sys.path)])]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8")
    _, answered, told = ended.stdout.rpartition("\0")
    if not answered:
        over = ended.stderr.startswith("Timeout")
        how = f"is not over after {seconds:g} s" if over else f"ended its process, with status {ended.returncode}"
        raise BrokenAdapter(f"{called}, {how}; correct it in its package\n{ended.stderr.strip()}".rstrip())
    path, problem = json.loads(told.splitlines()[0])
    if problem is not None:
        raise BrokenAdapter(f"{called}, {problem}\ncorrect it in its package, or give the path of the file")
    if not os.path.isfile(path):
        raise BrokenAdapter(f"{called}, tells the path {path}, where there is no file; correct it in its package")
    return Path(path)


def answer(value: str, seconds: str) -> None:
    """In the process of its own: call the entry point of this value, and print its path or what is wrong with it."""
    faulthandler.enable()
    faulthandler.dump_traceback_later(float(seconds), exit=True)
    path, problem = None, None
    try:
        function = importlib.metadata.EntryPoint("", value, GROUP).load()
        if callable(function):
            told = function()
            if isinstance(told, (str, os.PathLike)):
                path = os.path.abspath(os.fspath(told))
            else:
                problem = f"returned {told!r:.100}, which is no path"
        else:
            problem = f"is {function!r:.100}, no function that returns a path"
    except BaseException as error:
        from mpconform.hosts import unready

        problem = unready.why(error)
    faulthandler.cancel_dump_traceback_later()
    print("\0" + json.dumps([path, problem]))
