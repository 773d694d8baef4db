"""The model of pools finds the fault of a pool that is the reference with something replaced."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import mutation
import pytest
from hypothesis.errors import Flaky

from .driver import PATIENCE, Implementation
from .pool_driver import PoolUser
from .test_pool import drive

FAULTS = {
    "a task is lost": (
        "pool/crew.py",
        "            if kind >= LEAVING:",
        "            if number % 7 == 6:\n"
        "                member.assigned.pop(number, None)\n"
        "            elif kind >= LEAVING:",
        "does not come back|not come to its end",
    ),
    "a task is done twice": (
        "pool/worker.py",
        "                    value = function(given)\n                elif",
        "                    function(given)\n                    value = function(given)\n                elif",
        "called a second time",
    ),
    "the order of a map is another one": (
        "pool/results.py",
        "self._settle(True, self._values)",
        "self._settle(True, self._values[::-1])",
        "it gave",
    ),
    "the order of imap() is that of the calls' ends": (
        "pool/pool.py",
        'self._mpref_imap("imap", ResultIterator, func',
        'self._mpref_imap("imap", UnorderedResultIterator, func',
        "in the place of item",
    ),
    "a callback is called twice": (
        "pool/results.py",
        "                callback(value)\n",
        "                callback(value)\n                callback(value)\n",
        "the callback of .* called a second time",
    ),
    "a callback is never called": (
        "pool/results.py",
        "        if callback is not None:\n            try:\n                callback(value)",
        "        if callback is not None:\n            try:\n                callback",
        "the callback of .* not called",
    ),
    "the error_callback is given results": (
        "pool/results.py",
        "callback = self._callbacks[success]",
        "callback = self._callbacks[False]",
        "the wrong one of the two|the callback of .* given list",
    ),
    "a closed pool takes tasks": (
        "pool/staff.py",
        "        if self.stage is not OPEN:\n",
        "        if self.stage not in (OPEN, 1):\n",
        "that takes no more tasks",
    ),
    "terminate() has everything done first": (
        "pool/pool.py",
        "        self._mpref_crew.require_here()\n        _end(self._mpref_crew)",
        "        self._mpref_crew.require_here()\n        self._mpref_crew.close()\n"
        "        self._mpref_crew.join()\n        _end(self._mpref_crew)",
        r"terminate\(\): it does not come back",
    ),
    "terminate() ends nothing": (
        "pool/pool.py",
        "        self._mpref_crew.require_here()\n        _end(self._mpref_crew)",
        "        self._mpref_crew.require_here()\n        self._mpref_crew.close()",
        "after terminate|does not come back",
    ),
    "join() comes back at once": (
        "pool/pool.py",
        "        crew.join()\n\n    def __enter__",
        "        return\n\n    def __enter__",
        r"join\(\) ha[sd] come back|although the result was there",
    ),
    "next(timeout) loses what has come too late": (
        "pool/results.py",
        "                if not acquired(self._signal, None if end is None else end - monotonic()):\n",
        "                if not acquired(self._signal, None if end is None else end - monotonic()):\n"
        "                    self._given += 1\n",
        "in the place of item|does not come back|it raised ProcessError",
    ),
    "an iterator ends one too soon": (
        "pool/results.py",
        "                if self._given == self._count:\n",
        "                if self._count and self._given >= max(1, self._count - 1):\n",
        "it ended after|it raised ProcessError",
    ),
    "get(timeout) gives up at once": (
        "pool/results.py",
        "        if acquired(self._waiting, timeout):\n",
        "        if acquired(self._waiting, timeout and 0):\n",
        "was over too early",
    ),
    "ready() is a promise": (
        "pool/results.py",
        "        return self._ready\n\n    def successful",
        "        return True\n\n    def successful",
        r"ready\(\) of .* had not come to its end|ready\(\) of .* had failed yet",
    ),
    "whatever fails was successful": (
        "pool/results.py",
        "        return self._success\n",
        "        return True\n",
        "it returned True",
    ),
    "a result is None where a call has raised": (
        "pool/results.py",
        "        if self._success:\n            return self._value\n        raise self._value",
        "        return self._value if self._success else None",
        "it has a result, and a call has failed",
    ),
    "a worker does one task more than it may": (
        "pool/crew.py",
        "        self._most = most\n",
        "        self._most = most and most + 1\n",
        "it has done more than",
    ),
    "one worker too many": (
        "pool/pool.py",
        "self._mpref_made(count, initializer,",
        "self._mpref_made(count + 1, initializer,",
        "are at work",
    ),
    "new workers are not initialized": (
        "pool/crew.py",
        "            member = Member(self._process, self._work_with, self._most)\n",
        "            member = Member(self._process, self._work_with, self._most)\n"
        "            self._work_with = None, ()\n",
        "before its initializer was called",
    ),
    "starmap() does not unpack": (
        "pool/worker.py",
        "value = [function(*item) for item in given]",
        "value = [list(item)[1:3] for item in given]",
        "had not come to its end|no call had failed yet",
    ),
}
"""The fault, as it is seen -> file, text to find, text to put instead, what the model says of it."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_found(fault: str, tmp_path: Path) -> None:
    file, find, put, why = FAULTS[fault]
    copy = tmp_path / "mpref"
    shutil.copytree(mutation.reference(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    (copy / file).write_text(mutation.replaced(fault, copy, file, find, put), encoding="utf-8")
    known = Implementation.of_adapter("reference")
    user = PoolUser(Implementation("wrong", "mpref", known.python, (str(tmp_path),), strict=True), "fork")
    user.patience = PATIENCE / 10
    verdicts: list[str] = []
    with pytest.raises((AssertionError, Flaky)):  # it may depend on the moment
        drive(user, "Pool", examples=300, steps=20, shrinks=False, verdicts=verdicts)
    assert re.search(why, verdicts[0]), verdicts
