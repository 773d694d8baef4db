"""What stands for a referent outside of its server."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Token:
    """Names a referent. typeid: its type identifier; address: that of its server; id: which of the server's it is.

    server: the ident of the server, None: one of the standard library, or not known.
    """

    __slots__ = ("address", "id", "server", "typeid")

    def __init__(self, typeid: str, address: Any, id: str, server: str | None = None) -> None:
        self.typeid = typeid
        self.address = address
        self.id = id
        self.server = server

    def __getstate__(self) -> tuple[str, Any, str]:
        return self.typeid, self.address, self.id

    def __setstate__(self, state: tuple[str, Any, str]) -> None:
        self.typeid, self.address, self.id = state
        self.server = None

    def __repr__(self) -> str:
        return f"Token(typeid={self.typeid!r}, address={self.address!r}, id={self.id!r})"
