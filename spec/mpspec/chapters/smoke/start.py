"""What has to work before any promise can be judged; not a chapter of the page."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.smoke.chapter import chapter
from mpspec.chapters.smoke.targets import add, leave_with_seven, post_sum
from mpspec.clause import NO_METHOD
from mpspec.observation.see import See

NAMES = {
    "whole": ("Process", "get_context", "set_start_method", "get_start_method", "current_process"),
    "methods": ("get_context", "set_start_method", "get_start_method"),
    "process": ("Process", "current_process"),
    "pool": ("Pool",),
    "dummy": ("dummy.Process", "dummy.Pool"),
    "log": ("get_logger", "log_to_stderr"),
}
"""What is judged -> the names without which none of its checks can run."""


@chapter.clause("smoke.names", methods=NO_METHOD, cases=NAMES)
def the_api_is_there(mp: Any, see: See, names: tuple[str, ...]) -> None:
    """What stands for multiprocessing was imported, and asked for the names without which no check can run."""
    absent = [name for name in names if not callable(_found(mp, name))]
    where = getattr(mp.load(), "__file__", mp.module_name)
    see.true(not absent, f"it offers {', '.join(names)}", f"{where} lacks, or cannot call, {', '.join(absent)}")


def _found(mp: Any, name: str) -> Any:
    for part in name.split("."):
        mp = getattr(mp, part, None)
    return mp


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


@chapter.clause("smoke.pool")
def a_pool_works(mp: Any, see: See) -> None:
    """A pool of one worker was made and asked to add two numbers; then it was closed and joined."""
    pool = mp.Pool(1)
    see.equal(pool.apply(add, (2, 3)), 5, "the sum that the worker returns")
    pool.close()
    pool.join()
