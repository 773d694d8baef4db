"""What a supervisor finds where the host itself cannot say it, or has not seen it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mpconform.hosts.protocol import Finding


def hung(deadline: float) -> Finding:
    """The check is not over in time."""
    return {"outcome": "hung", "promised": f"the check is over within {deadline:g} s", "seen": "it is not"}


def flooded(size: int) -> Finding:
    """The host wrote without end."""
    seen = f"{size} bytes of output, then it was ended"
    return {"outcome": "broken", "promised": "a check writes less than its limit of output", "seen": seen}


def worse(finding: Finding | None, outcome: str, promised: str, seen: str) -> Finding:
    """The finding, or the later one where the body had nothing to complain of."""
    if finding is not None and finding["outcome"] != "kept":
        return finding
    later: Finding = {"outcome": outcome, "promised": promised, "seen": seen}
    return {**finding, **later} if finding is not None else later


def leaked(finding: Finding, left: list[str]) -> Finding:
    """The finding, with what was left behind beyond what the host has found."""
    if finding["outcome"] == "leaked":
        return {**finding, "seen": "; ".join([finding["seen"], *left])}
    return worse(finding, "leaked", "nothing is left behind", "; ".join(left))


def ending(status: int | None) -> str:
    """How a process ended that waitpid gave the status of, in words."""
    if status is None:
        return "it was ended by the engine"
    if os.WIFSIGNALED(status):
        return f"it was killed by {signal.Signals(os.WTERMSIG(status)).name}"
    return f"it exited with status {os.WEXITSTATUS(status)}"
