"""The kernel's own account of processes and threads: state, sleep, parent. Linux: /proc.

Elsewhere the questions that cannot be asked answer as if nothing were known. So a sleep serves as a sign that it is
time to go on, never as the promise; of the rest `processes` finds out by other means, or a clause names its platform.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def known() -> bool:
    """Whether the kernel gives an account at all."""
    return stat(os.getpid()) is not None


def stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat from the state on (state, parent, group, session, ...), or None."""
    return _stat(f"/proc/{pid}/stat")


def state(pid: int) -> str | None:
    """One letter (R, S, D, Z, T, X), or None where there is no such process."""
    fields = stat(pid)
    return fields[0] if fields else None


def parent(pid: int) -> int | None:
    """The parent's process id, or None where there is no such process."""
    fields = stat(pid)
    return int(fields[1]) if fields else None


def children(pid: int) -> list[int]:
    """Ids of the processes whose parent is pid, zombies too."""
    return [each for each in _all() if parent(each) == pid]


def descendants(pid: int) -> list[int]:
    """Ids of all processes below pid, parents before their children."""
    below: dict[int, list[int]] = {}
    for each in _all():
        above = parent(each)
        if above is not None:
            below.setdefault(above, []).append(each)
    found: list[int] = []
    rest = [pid]
    while rest:
        for child in below.get(rest.pop(0), []):
            found.append(child)
            rest.append(child)
    return found


def command(pid: int) -> list[str]:
    """The words that the process was started with; none where there is no such process, or it is a zombie."""
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8", errors="surrogateescape") as file:
            return file.read().split("\0")
    except OSError:
        return []


def thread_sleeps(pid: int, thread: int, sample: float) -> bool:
    """Whether the thread is asleep and stays so: not run, not even woken, for the sample's seconds."""
    return threads_sleep([(pid, thread)], sample)


def threads_sleep(threads: Sequence[tuple[int, int]], sample: float) -> bool:
    """Whether all these threads, each a process id and its own, are asleep and stay so for the sample's seconds."""
    before = [_rest(*thread) for thread in threads]
    if any(rest is None or rest[0] != "S" for rest in before):
        return False
    time.sleep(sample)
    return [_rest(*thread) for thread in threads] == before


def process_sleeps(pid: int, sample: float) -> bool:
    """Whether every thread of the process is asleep and stays so for the sample's seconds."""
    before = _all_rest(pid)
    if not before or any(rest is None or rest[0] != "S" for rest in before.values()):
        return False
    time.sleep(sample)
    return _all_rest(pid) == before


Rest = tuple[str, str, str]


def _all() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc") if name.isdigit()]
    except FileNotFoundError:
        return []


def _all_rest(pid: int) -> dict[str, Rest | None]:
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return {}
    return {thread: _rest(pid, int(thread)) for thread in threads}


def _rest(pid: int, thread: int) -> Rest | None:
    """State, and both counters of context switches, which stand still while a thread sleeps."""
    try:
        with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8", errors="replace") as file:
            lines = dict(line.split(":\t", 1) for line in file if ":\t" in line)
    except OSError:
        return None
    return lines["State"][0], lines["voluntary_ctxt_switches"], lines["nonvoluntary_ctxt_switches"]


def _stat(path: str) -> list[str] | None:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            text = file.read()
    except OSError:
        return None
    # The command stands in parentheses and may itself hold spaces and parentheses.
    return text[text.rindex(")") + 2 :].split()
