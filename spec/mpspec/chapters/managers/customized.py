"""Customised managers: what a user writes who shares types of his own."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.managers.chapter import chapter
from mpspec.clause import ANY_METHOD
from mpspec.observation.see import See

CUSTOMIZED = "customized-managers"

PROGRAM = """\
import multiprocessing
from multiprocessing.managers import BaseManager
import sys

class Tally:
    def __init__(self):
        self.total = 0
    def count(self, number):
        self.total += number
        return self.total
    def _reset(self):
        self.total = 0

def numbers(limit):
    return Numbers(limit)

class Numbers:
    def __init__(self, limit):
        self.limit = limit
    def all(self):
        return list(range(self.limit))

class OwnManager(BaseManager):
    pass

OwnManager.register("Tally", Tally)
OwnManager.register("numbers", numbers)

def work(tally):
    tally.count(30)

if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    with OwnManager() as manager:
        tally = manager.Tally()
        print(tally.count(1), tally.count(2), flush=True)
        child = multiprocessing.Process(target=work, args=(tally,))
        child.start()
        child.join()
        print(tally.count(4), hasattr(tally, "_reset"), manager.numbers(3).all(), flush=True)
"""


@chapter.clause(
    "manager.customized.program",
    passage=(f"{CUSTOMIZED}/1", "managers/1,3", "sharing-state-between-processes/20", "examples/2"),
)
def a_program_shares_its_own_types(mp: Any, see: See) -> None:
    """A program shares objects of the types of its main module by a subclass of BaseManager, with a child too."""
    ended = see.program(PROGRAM, mp.get_start_method())
    see.equal((ended.status, ended.out, ended.err), (0, "1 3\n37 False [0, 1, 2]\n", ""), "status, out, err")


@chapter.clause(
    "manager.customized.beside-others",
    passage=(f"{CUSTOMIZED}/1", "multiprocessing.managers.SyncManager/2"),
    methods=ANY_METHOD,
)
def a_subclass_of_sync_manager_has_more_types(mp: Any, see: See) -> None:
    """A subclass of SyncManager, which is one of BaseManager, makes what was registered, and lists and dicts."""
    from mpspec.chapters.managers.manager_classes import Supply

    see.true(issubclass(mp.managers.SyncManager, mp.managers.BaseManager), "SyncManager is derived from BaseManager")
    with Supply() as manager:
        see.returns(7, manager.Store(7).get)
        shared = manager.list([1])
        shared.append(2)
        see.equal(list(shared), [1, 2], "the list")
        see.equal(manager.dict({"key": 3})["key"], 3, "what the dict has")
