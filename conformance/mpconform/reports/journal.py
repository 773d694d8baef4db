"""Verdicts are written down as they come, so that a run that ends before its time can be taken up where it was left.

A file of lines of JSON: the first says whose verdicts they are, each of the others is one of them, or says when a part
of the run began. Whoever judges appends to it, workers of xdist as well; a line that was cut off by a kill or a full
disk does not count.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpconform.adapters.adapter import Adapter
from mpconform.adapters.interpreters import Interpreter
from mpconform.errors import Unusable
from mpconform.outcomes import Outcome, Verdict
from mpconform.reports import specification
from mpconform.reports.files import Unwritten

_HEADER = b'{"spec": '
"""How the first line begins: one that was cut off is known by it."""
_VERDICT = b'{"check": '
"""How the line of a verdict begins."""

Origin = dict[str, Any]
"""What verdicts depend on: those of another origin are not taken."""


def origin(adapter: Adapter, interpreter: Interpreter, patience: float, deadline: float) -> Origin:
    """What the verdicts of a run depend on. patience: a factor; deadline: seconds."""
    reached = {key: value for key, value in asdict(adapter).items() if key != "measured"}
    return {
        "spec": specification.installed(),
        "implementation": adapter.name,
        "interpreter": f"{interpreter.full_name} at {interpreter.path}",
        "waits": f"patience {patience:g}, deadline {deadline:g} s",
        "adapter": json.loads(json.dumps(reached, sort_keys=True)),
    }


class Others(Unusable):
    """A file holds verdicts that do not count here. of: why, as in "of another spec (..., here ...)"."""

    def __init__(self, told: str, of: str) -> None:
        super().__init__(told)
        self.of = of


def read(path: Path, of: Origin) -> dict[str, Verdict]:
    """The verdicts at the path, by the ids of their checks; none where there is no file, or only the beginning of one.

    Raises Unusable where the file holds something else, or the verdicts of another origin.
    """
    return _read(path, of)[0]


def _read(path: Path, of: Origin) -> tuple[dict[str, Verdict], float]:
    """The verdicts, and the seconds that it took to come to them."""
    try:
        if path.exists() and not path.is_file():
            raise Unusable(f"--resume={path}: that is no file of its own; name another file")
        text = path.read_bytes() if path.exists() else b""
        told, *lines = _whole(text) or [of]
        if told is of and not _HEADER.startswith(text[: len(_HEADER)]):
            raise ValueError(text)
        _refuse_others(path, told, of)
        return {each["check"]: _verdict(each["verdict"]) for each in lines if "check" in each}, _spent(lines)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Unusable(f"--resume={path}: it holds no verdicts of a run; name another file") from None
    except OSError as error:
        raise Unusable(f"--resume={path}: cannot be read ({error.strerror}); name another file") from None


class Journal:
    """The verdicts of a run at a path.

    verdicts: those that were there before, by the ids of their checks. spent: what they took, in seconds.
    """

    def __init__(self, path: Path, of: Origin, *, begins: bool) -> None:
        """begins: this process is the first of the run, and sets the file up where there is none. Raises as read()."""
        self.path = path
        self.verdicts, self.spent = _read(path, of)
        self._given_up = False
        if begins:
            try:
                _set_up(path, of)
                _append(path, {"began": time.time()})
            except OSError as error:
                raise Unusable(f"--resume={path}: {_why(error)}; name another file") from None

    def add(self, check: str, verdict: Verdict) -> None:
        """Write a verdict down; one that is our own fault is none.

        Raises Unwritten where there is no room, once: no further one is tried.
        """
        if self._given_up or verdict.outcome is Outcome.HARNESS:
            return
        try:
            _append(self.path, {"check": check, "at": time.time(), "verdict": asdict(verdict)})
        except OSError as error:
            self._given_up = True
            raise Unwritten(
                f"--resume={self.path}: {_why(error)}; what is judged from here on is judged again if this run is "
                "taken up"
            ) from None

    def end(self) -> None:
        """The run is complete: nothing is left to take up."""
        self.path.unlink(missing_ok=True)


def written(path: Path) -> int:
    """How many verdicts stand in a journal; none where there is none."""
    try:
        return sum(line.startswith(_VERDICT) and line.endswith(b"\n") for line in path.read_bytes().splitlines(True))
    except OSError:
        return 0


def _spent(lines: list[dict[str, Any]]) -> float:
    """Seconds from the beginning of each part to its last verdict, of all parts. Those of older runs tell no time."""
    spent = began = last = 0.0
    for line in lines:
        if "began" in line:
            spent, began, last = spent + last - began, line["began"], line["began"]
        else:
            last = max(last, line.get("at", last))  # whoever sets the clock back loses no more than what it took
    return spent + last - began


def _refuse_others(path: Path, told: Origin, of: Origin) -> None:
    other = next((key for key in of if told[key] != of[key]), None)
    if other is not None:
        values = f" ({told[other]}, here {of[other]})" if isinstance(of[other], str) else ""
        what = f"of another {other}{values}"
        raise Others(f"--resume={path}: it holds verdicts {what}; name another file, or remove it", what)


def _set_up(path: Path, header: Origin) -> None:
    """Make the end of the file the end of a line, and the header its first line."""
    with open(path, "ab+") as file:
        file.seek(0)
        whole = file.read().rfind(b"\n") + 1
        file.truncate(whole)
    if not whole:
        _append(path, header)


def _append(path: Path, told: object) -> None:
    """One line more, by one call: several processes do this at once."""
    line = json.dumps(told).encode() + b"\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        while line:  # the first call takes all of it, or the next one says why not
            line = line[os.write(descriptor, line) :]
    finally:
        os.close(descriptor)


def _whole(text: bytes) -> list[dict[str, Any]]:
    """The lines that have an end, as far as they are JSON: one that was cut off may be followed by others."""
    found = []
    for line in text.split(b"\n")[:-1]:
        with contextlib.suppress(ValueError):
            found.append(json.loads(line))
    return found


def _verdict(told: dict[str, Any]) -> Verdict:
    return Verdict(**{**told, "outcome": Outcome(told["outcome"]), "absent": tuple(told["absent"])})


def _why(error: OSError) -> str:
    return f"cannot be written ({error.strerror})"
