"""What has to work before any promise can be judged; not a chapter of the page."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.smoke.chapter import chapter
from mpspec.chapters.smoke.targets import leave_with_seven, post_sum
from mpspec.clause import NO_METHOD
from mpspec.observation.see import See


@chapter.clause("smoke.names", methods=NO_METHOD)
def the_api_is_there(mp: Any, see: See) -> None:
    """The names without which no check can run exist: Process, get_context, set_start_method, current_process."""
    for name in ("Process", "get_context", "set_start_method", "get_start_method", "current_process"):
        see.true(callable(getattr(mp, name)), f"{name} can be called")


@chapter.clause("smoke.child")
def a_child_runs_and_ends(mp: Any, see: See) -> None:
    """A child gets its arguments, does its work, ends and is joined."""
    box = see.mailbox()
    child = mp.Process(target=post_sum, args=(box, 2), kwargs={"right": 3})
    child.start()
    see.equal(box.take(), 5, "what the child posts")
    see.exits(child, 0)


@chapter.clause("smoke.status")
def a_status_comes_back(mp: Any, see: See) -> None:
    """The exit status of a child reaches its parent."""
    child = mp.Process(target=leave_with_seven)
    child.start()
    see.exits(child, 7)
