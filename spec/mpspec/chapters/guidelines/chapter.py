"""The programming guidelines: what follows from ignoring one, and that the way out which the page names is one.

What the page only warns of may as well not happen, so those clauses record it (MAY), and what it merely tells the
user to do promises nothing of the contrary (UNSPECIFIED). That a way out works is flatly promised.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpspec.clause import Chapter

if TYPE_CHECKING:
    from mpspec.observation.program import Program
    from mpspec.observation.see import See

chapter = Chapter(
    "guidelines",
    section="Programming guidelines",
    source="programming-guidelines",
    subjects=(
        "proxies",
        "zombies",
        "inheriting",
        "terminating",
        "joining_queues",
        "explicit_resources",
        "standard_input",
        "picklability",
        "global_variables",
        "safe_import",
    ),
)

ALL = "all-start-methods"
FRESH = "the-spawn-and-forkserver-start-methods"

FRESH_METHODS = ("spawn", "forkserver")
"""The start methods whose children do not have the memory of their parent."""


def prints(see: See, program: Program, out: str) -> None:
    """The program ends well, and this is all that it writes."""
    see.equal((program.status, program.out, program.err), (0, out, ""), "status, output and errors")
