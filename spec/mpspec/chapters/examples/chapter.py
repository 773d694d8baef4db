"""The programs of the page: ours in words and names, of the same behaviour, with their complete output and status."""

from __future__ import annotations

from mpspec.clause import Chapter

chapter = Chapter(
    "examples",
    section="Examples",
    source="examples",
    subjects=(),
)
