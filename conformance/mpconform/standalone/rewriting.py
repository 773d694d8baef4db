"""What the words of a clause are rewritten with: what they share, and what they leave to be brought along."""

from __future__ import annotations

import abc
import ast
from dataclasses import dataclass, field

from mpconform.standalone.syntax import lines

ROOM = 100
"""Columns for a statement, which may be indented."""


@dataclass
class Needs:
    """What the rewritten code needs to stand alone."""

    imports: set[str] = field(default_factory=set)
    """Modules; concurrent.futures for its ThreadPoolExecutor."""
    stand_ins: set[str] = field(default_factory=set)
    """Names of STAND_INS."""
    submodules: set[str] = field(default_factory=set)
    """Those of the implementation that are modules of their own, for `mp_x`."""
    imported: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Names that functions import of the spec themselves, with module and name there."""


class Rewriting(abc.ABC):
    """The rewriting of one clause, as its words see it."""

    def __init__(self) -> None:
        self.needs = Needs()
        self.seen = "seen"
        """The variable that takes what is observed: no name of the definition at hand."""
        self.mailboxes: set[str] = set()
        """The variables that hold mailboxes and gates."""
        self.caught: set[str] = set()
        """The variables that hold what a block has caught."""
        self.expecting = 0
        """How many blocks around expect an exception."""

    @abc.abstractmethod
    def text(self, node: ast.expr, *, comparing: bool = False) -> str:
        """The expression, rewritten, as text. comparing: it stands beside a comparison."""

    @abc.abstractmethod
    def statements(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """The statements, rewritten; never empty."""

    def submitted(self, call: ast.Call) -> str:
        """What the call does, done in another thread."""
        self.needs.imports |= {"time", "concurrent.futures"}
        inner = ast.Call(func=ast.Name("submit", ast.Load()), args=call.args, keywords=call.keywords)
        return f"ThreadPoolExecutor().{self.text(inner)}"


def asserted(test: str, told: str, seen: str = "") -> list[ast.stmt]:
    """The statement that the test holds. told: the message where it does not; seen: what else says it, if it fits."""
    message = f", f{told!r}" if seen and told else f", {told!r}" if told else f", {seen}" if seen else ""
    text = f"assert {test}{message}"
    return lines(text if len(text) <= ROOM or not seen else f"assert {test}, {seen}")
