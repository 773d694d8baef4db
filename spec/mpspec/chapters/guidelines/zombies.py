"""Joining zombie processes: children that have ended do not pile up, and each can be joined by name all the same."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.guidelines.chapter import ALL, chapter
from mpspec.chapters.guidelines.targets import leave
from mpspec.observation.see import See


@chapter.clause("guidelines.zombies.few", passage=f"{ALL}/12,11", methods=("fork", "spawn"))
def there_are_never_many_zombies(mp: Any, see: See) -> None:
    """Of children that end one after the other, and that nobody joins, no more than the last one is a zombie."""
    children: list[Any] = []
    for _ in range(5):
        children.append(mp.Process(target=leave, args=(0,)))
        children[-1].start()
        see.gone(children[-1].pid)
        zombies = [child.pid for child in children[:-1] if see.zombie(child.pid)]
        see.equal(zombies, [], "the zombies among those that had ended before the last start")
    mp.active_children()  # and nobody has joined the last one


@chapter.clause("guidelines.zombies.joined", passage=("multiprocessing.Process.join/6", f"{ALL}/12,14"))
def what_the_package_has_joined_can_be_joined(mp: Any, see: See) -> None:
    """A child that has been joined by the start of another, or by active_children(), is joined, with its exitcode."""
    children = [mp.Process(target=leave, args=(status,)) for status in (3, 0, 4)]
    for child in children:
        child.start()
        see.gone(child.pid)
    # By forkserver the end of a process may be known to its parent later than to the kernel.
    see.eventually(lambda: mp.active_children() == [], "no child is active")
    for child, status in zip(children, (3, 0, 4)):
        see.returns(None, child.join)
        see.equal(child.exitcode, status, "the exitcode")
