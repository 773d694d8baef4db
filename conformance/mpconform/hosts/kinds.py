"""Kinds of descriptors: what is told apart where an implementation keeps some of them for the life of a process."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Union

    Key = tuple[int, int, str]
    """Device, inode and target of a descriptor."""
    Kept = Union[int, dict[str, int]]
    """How many a process keeps for life: as declared, whatever they are, or as measured, of each kind."""


def kind(target: str) -> str:
    """ "pipe", "socket", "anon_inode:[eventpoll]", or "file pym" by the beginning of a file's name."""
    if target.startswith("/"):
        return "file " + target.rsplit("/", 1)[1][:3]
    if target.startswith("the descriptor of process"):
        return "process"
    return target if target.startswith("anon_inode") else target.partition(":[")[0]


def beyond(more: list[Key], kept: Kept) -> list[Key]:
    """Those of the descriptors that have come which are beyond what the process keeps for life."""
    if isinstance(kept, int):
        return more if len(more) > kept else []
    rest = dict(kept)
    left = []
    for key in more:
        of_kind = kind(key[2])
        if rest.get(of_kind, 0) > 0:
            rest[of_kind] -= 1
        else:
            left.append(key)
    return left
