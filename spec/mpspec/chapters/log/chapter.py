"""Logging: what get_logger and log_to_stderr promise."""

from __future__ import annotations

from mpspec.clause import Chapter

chapter = Chapter("log", section="Logging", source="logging", subjects=("logger", "children"))
