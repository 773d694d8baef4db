"""The package's own logger. Section "Logging".

Nothing is logged, and `logging` is not imported, until somebody asks for the logger.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    import logging
    from collections.abc import Callable
    from typing import TextIO

FORMAT = "[%(levelname)s/%(processName)s] %(message)s"

_logger: logging.Logger | None = None
_handler: logging.StreamHandler[TextIO] | None = None


def _main_process_name() -> str:
    return "MainProcess"


name_of_process: Callable[[], str] = _main_process_name
"""Gives the name that records carry; the floor that knows the processes puts its own function here."""


def get_logger() -> logging.Logger:
    """Return the package's logger: created once, level NOTSET, no handler, no propagation to the root logger.

    Its records carry the name of this package's current process as ``processName``.
    Section "Logging", get_logger.
    """
    global _logger
    if _logger is None:
        import logging

        logger = logging.getLogger("mpref")
        logger.propagate = False
        logger.addFilter(_name_the_process)
        _logger = logger
    return _logger


def log_to_stderr(level: int | str | None = None) -> logging.Logger:
    """Make the package's logger write to the current ``sys.stderr``, and return it.

    level: a level of `logging` as number or name, set on the logger; None leaves its level alone.
    A repeated call does not make every line appear twice. Section "Logging", log_to_stderr.
    """
    global _handler
    import logging

    logger = get_logger()
    if level is not None:
        logger.setLevel(level)
    if _handler is None or _handler not in logger.handlers or _handler.stream is not sys.stderr:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter(FORMAT))
        logger.addHandler(handler)
        _handler = handler
    return logger


def info(message: str, *values: object) -> None:
    """Log on level INFO, if there is a logger."""
    if _logger is not None:
        _logger.info(message, *values)


def debug(message: str, *values: object) -> None:
    """Log on level DEBUG, if there is a logger."""
    if _logger is not None:
        _logger.debug(message, *values)


def settings() -> tuple[int, bool] | None:
    """What a fresh interpreter needs to log as this process does: level, and whether it writes to stderr."""
    if _logger is None:
        return None
    return _logger.level, _handler is not None and _handler in _logger.handlers


def apply(settings: tuple[int, bool] | None) -> None:
    """Log as the process does that these `settings` come from."""
    if settings is not None:
        level, to_stderr = settings
        (log_to_stderr if to_stderr else get_logger)().setLevel(level)


def _name_the_process(record: logging.LogRecord) -> bool:
    record.processName = name_of_process()
    return True
