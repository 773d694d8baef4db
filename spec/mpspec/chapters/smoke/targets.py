"""The work of the children of the smoke stage. Imported by every spawned child, hence next to no imports."""

from __future__ import annotations

from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from mpspec.observation.mailbox import Mailbox


@target
def post_sum(box: Mailbox, left: int, right: int) -> None:
    """Post the sum of the arguments."""
    box.post(left + right)


@target
def add(left: int, right: int) -> int:
    """Return the sum of the arguments."""
    return left + right


@target
def leave_with_seven() -> None:
    """End with the status 7."""
    raise SystemExit(7)


@target
def take(shared: object = None) -> None:
    """Have what is shared, and end."""
