"""The programming guidelines: what follows from ignoring one, and that the way out which the page names is one."""

from __future__ import annotations

from mpspec.clause import Chapter

chapter = Chapter(
    "guidelines",
    section="Programming guidelines",
    source="programming-guidelines",
    subjects=(),
)

ALL = "all-start-methods"
FRESH = "the-spawn-and-forkserver-start-methods"
