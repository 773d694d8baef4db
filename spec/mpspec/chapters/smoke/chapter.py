"""What has to work before any promise can be judged; not a chapter of the page."""

from __future__ import annotations

from mpspec.clause import Chapter

chapter = Chapter("smoke", section="", source="module-multiprocessing", subjects=("start",))
