"""Logging: what get_logger and log_to_stderr promise."""

from __future__ import annotations

import logging
from typing import Any

from mpspec.clause import NO_METHOD, Chapter
from mpspec.see import See

chapter = Chapter("log", section="Logging", source="logging")


@chapter.clause("log.logger.level-notset", source="multiprocessing.get_logger", methods=NO_METHOD, fresh=True)
def a_new_logger_has_the_level_notset(mp: Any, see: See) -> None:
    """The logger that get_logger() creates has the level NOTSET."""
    see.equal(mp.get_logger().level, logging.NOTSET, "the level")
