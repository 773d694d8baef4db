"""The programs of the page: ours in words and names, of the same behaviour, with their complete output and status."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpspec.clause import Chapter
from mpspec.observation.see import See

if TYPE_CHECKING:
    from mpspec.observation.program import Program

chapter = Chapter(
    "examples",
    section="Examples",
    source="examples",
    subjects=(
        "first_programs",
        "start_methods",
        "exchanging",
        "sharing",
        "pool_of_workers",
        "typed_in",
        "pools",
        "customized_managers",
        "remote_managers",
        "proxies",
        "messages",
        "task_queues",
    ),
)


def prints(see: See, program: Program, out: str) -> None:
    """The program ends well, and this is all that it writes."""
    see.equal((program.status, program.out, program.err), (0, out, ""), "status, output and errors")
