"""What the workers of a pool have in common, processes and threads."""

from __future__ import annotations

import os

from ..errors import ProcessError
from .failures import broken
from .jobs import AHEAD, OPEN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Staff:
    """The workers of a pool. count: how many. KIND: what they are called in messages."""

    KIND = ""
    join: Callable[[], None]
    """Wait until the workers have ended."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.stage = OPEN
        self._creator = os.getpid()
        self._cause: BaseException | None = None

    def ahead(self) -> int:
        """Return how many chunks of an imap() may be begun before their results are wanted."""
        return AHEAD * self.count

    def require_here(self) -> None:
        """Raise unless this process has made the pool."""
        if os.getpid() != self._creator:
            raise ProcessError(
                f"a pool can be used by the process that has made it, {self._creator}, and not in process {os.getpid()}"
            )

    def require_open(self) -> None:
        """Raise unless jobs are taken."""
        if self._cause is not None:
            raise broken(self._cause)
        if self.stage is not OPEN:
            raise ValueError("the pool is closed or terminated, and takes no more tasks")

    def settle_end(self) -> None:
        """Wait, once the pool is terminated, until those workers have ended that this ends."""
        self.join()

    def described(self) -> str:
        """Describe the pool."""
        return f"{('open', 'closed', 'terminated')[self.stage]}, {self.count} {self.KIND}"
