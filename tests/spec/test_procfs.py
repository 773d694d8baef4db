"""The kernel's account of processes: nobody below a process is missed, whatever its number."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from mpspec.observation import procfs

pytestmark = pytest.mark.skipif(not procfs.known(), reason="the kernel gives no account of processes here")


@pytest.mark.parametrize("numbers", ["go on", "have begun again", "are not told"])
def test_descendants_are_found_among_those_that_can_be_some(numbers: str, monkeypatch: pytest.MonkeyPatch) -> None:
    last = {"go on": procfs._last, "have begun again": lambda: os.getpid() - 1, "are not told": lambda: None}[numbers]
    monkeypatch.setattr(procfs, "_last", last)
    looked_at = []
    monkeypatch.setattr(procfs, "stat", lambda pid, stat=procfs.stat: looked_at.append(pid) or stat(pid))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        found = procfs.descendants(os.getpid())
        child.communicate()
    assert child.pid in found
    last_now = procfs._last()
    assert (os.getpid() in looked_at) == (last_now is None or last_now < os.getpid())
