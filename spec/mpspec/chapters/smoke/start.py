"""What has to work before any promise can be judged; not a chapter of the page."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.smoke.chapter import chapter
from mpspec.chapters.smoke.targets import leave_with_seven, post_sum
from mpspec.clause import NO_METHOD
from mpspec.observation.see import See

NAMES = ("Process", "get_context", "set_start_method", "get_start_method", "current_process")


@chapter.clause("smoke.names", methods=NO_METHOD)
def the_api_is_there(mp: Any, see: See) -> None:
    """What stands for multiprocessing was imported, and asked for the names without which no check can run."""
    absent = [name for name in NAMES if not callable(getattr(mp, name, None))]
    where = getattr(mp.load(), "__file__", mp.module_name)
    see.true(not absent, f"it offers {', '.join(NAMES)}", f"{where} lacks, or cannot call, {', '.join(absent)}")


@chapter.clause("smoke.child")
def a_child_runs_and_ends(mp: Any, see: See) -> None:
    """A process was started to add two numbers, send the sum, and end; then it was joined."""
    box = see.mailbox()
    child = mp.Process(target=post_sum, args=(box, 2), kwargs={"right": 3})
    child.start()
    see.equal(box.take(), 5, "the sum that the child sends")
    see.exits(child, 0)


@chapter.clause("smoke.status")
def a_status_comes_back(mp: Any, see: See) -> None:
    """A process was started that ends with the status 7; then it was joined and asked for its exitcode."""
    child = mp.Process(target=leave_with_seven)
    child.start()
    see.exits(child, 7)
