"""Subclasses of Process as a user writes them. To be imported where an implementation is under test: in a host."""

from __future__ import annotations

from mpspec.implementation import under_test
from mpspec.observation.witness import target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from mpspec.observation.mailbox import Mailbox

mp: Any = under_test()
Process: Any = mp.Process


class Recorder(Process):  # type: ignore[misc]
    """Overrides constructor and run."""

    def __init__(self, box: Mailbox, mark: str) -> None:
        super().__init__(name="recorder")
        self.box = box
        self.mark = mark

    @target
    def run(self) -> None:
        """Post type, name and mark."""
        self.box.post([type(self).__name__, self.name, self.mark])


class Inward(Process):  # type: ignore[misc]
    """Overrides run alone, and looks at itself from inside. Its attributes are set from outside."""

    box: Any
    mark: Any

    @target
    def run(self) -> None:
        """Post whether current_process() is this object, its type, and its mark."""
        own = mp.current_process()
        self.box.post([own is self, type(own).__name__, getattr(own, "mark", None)])


class Around(Process):  # type: ignore[misc]
    """Does something before and after the standard run."""

    box: Any

    def run(self) -> None:
        """Post "before", run the target, post "after"."""
        self.box.post("before")
        super().run()
        self.box.post("after")


class Forgetful(Process):  # type: ignore[misc]
    """Wrong on purpose: its constructor does not call that of Process."""

    def __init__(self, box: Mailbox) -> None:
        self.box = box

    @target
    def run(self) -> None:
        """Post that it ran."""
        self.box.post("ran")
