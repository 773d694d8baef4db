"""The work of the children of the chapter log. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Mailbox


@target
def warn_on_stderr(mp: Any, text: str) -> None:
    """Have the logger write to standard error, and log a warning."""
    mp.log_to_stderr().warning(text)


@target
def warn(mp: Any, text: str) -> None:
    """Log a warning by the logger as it is."""
    mp.get_logger().warning(text)


@target
def post_logger(mp: Any, box: Mailbox) -> None:
    """Post level, number of handlers and propagation of the logger."""
    logger = mp.get_logger()
    box.post((logger.level, len(logger.handlers), bool(logger.propagate)))
