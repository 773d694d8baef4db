"""Cleanup: a referent lives as long as there is a proxy of it."""

from __future__ import annotations

import gc
import pickle
from typing import Any

from mpspec.chapters.managers.chapter import another, chapter, workshop
from mpspec.chapters.managers.targets import keep, outcome
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.processes import end
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

CLEANUP = "cleanup"


def living(see: See, ledger: Any, number: int, when: str) -> None:
    """So many precious objects live in the server, sooner or later; collected here and there."""
    see.eventually(lambda: [gc.collect(), ledger.living()][1] == number, f"{number} referents live {when}")


@chapter.clause("proxy.cleanup.deleted", passage=f"{CLEANUP}/2,1")
def a_referent_without_proxies_is_deleted(mp: Any, see: See) -> None:
    """A shared object is deleted from the process of the manager once its proxy is garbage collected."""
    with workshop() as manager:
        ledger, first, second = manager.Ledger(), manager.Precious(), manager.Precious()
        living(see, ledger, 2, "while they have proxies")
        del first
        living(see, ledger, 1, "when one of their proxies is collected")
        see.equal(second.touch(), "touched", "what the other one's method returns")
        del second
        living(see, ledger, 0, "when both proxies are collected")


@chapter.clause("proxy.cleanup.cycle", passage=f"{CLEANUP}/1,2", methods=ANY_METHOD)
def a_proxy_in_a_cycle(mp: Any, see: See) -> None:
    """A proxy that was part of a reference cycle deregisters as well, when that is garbage collected."""
    with workshop() as manager:
        ledger, cycle = manager.Ledger(), [manager.Precious()]
        cycle.append(cycle)
        living(see, ledger, 1, "while the cycle is there")
        del cycle
        living(see, ledger, 0, "when the cycle is collected")


@chapter.clause("proxy.cleanup.last-proxy", passage=f"{CLEANUP}/2", methods=ANY_METHOD)
def one_proxy_is_enough(mp: Any, see: See) -> None:
    """A shared object lives until the last of its proxies is collected, whichever of them that is."""
    with workshop() as manager:
        ledger, first = manager.Ledger(), manager.Precious()
        second = another(first)
        third = another(second)
        del first
        gc.collect()
        see.equal(second.touch(), "touched", "what a method returns by the second")
        del second
        gc.collect()
        see.equal(third.touch(), "touched", "what a method returns by the third")
        living(see, ledger, 1, "while one proxy is left")
        del third
        living(see, ledger, 0, "when none is left")


@chapter.clause("proxy.cleanup.other-process", passage=f"{CLEANUP}/2")
def a_proxy_elsewhere_is_enough(mp: Any, see: See) -> None:
    """A shared object lives while a child has a proxy of it, and is deleted once that child has ended."""
    box, gate = see.mailbox(), see.gate()
    with workshop() as manager:
        ledger, precious = manager.Ledger(), manager.Precious()
        child = mp.Process(target=keep, args=(box, gate, precious))
        child.start()
        see.equal(box.take(), "kept", "what the child posts, with the proxy")
        del precious
        gc.collect()
        living(see, ledger, 1, "while the child has its proxy")
        gate.open()
        see.equal(box.take(), "touched", "what the method returns in the child")
        see.exits(child, 0)
        del child  # a Process may keep its arguments for as long as it is there
        living(see, ledger, 0, "when the child has ended")


@chapter.clause("proxy.cleanup.contained", passage=(f"{CLEANUP}/2", "proxy-objects/9"), methods=ANY_METHOD, since="3.6")
def a_contained_proxy_is_enough(mp: Any, see: See) -> None:
    """A shared object lives while a shared container has a proxy of it, and is deleted once that is replaced."""
    with workshop() as manager:
        ledger, outer = manager.Ledger(), manager.list([manager.Precious(), manager.Precious()])
        living(see, ledger, 2, "while the list has their proxies")
        see.equal(outer[0].touch(), "touched", "what a method returns")
        outer[0] = None
        living(see, ledger, 1, "when one is replaced")
        del outer
        living(see, ledger, 0, "when the list is deleted")


@chapter.clause("proxy.cleanup.many", passage=f"{CLEANUP}/2,1", methods=ANY_METHOD)
def nothing_gathers(mp: Any, see: See) -> None:
    """However many shared objects are made one after the other, those without proxies do not stay."""
    with workshop() as manager:
        ledger = manager.Ledger()
        for _ in range(50):
            see.equal(manager.Precious().touch(), "touched", "what a method returns")
        living(see, ledger, 0, "when none has a proxy")


@chapter.clause(
    "proxy.cleanup.results",
    passage=(f"{CLEANUP}/2", "multiprocessing.managers.BaseProxy._callmethod/8"),
    methods=ANY_METHOD,
)
def a_result_that_is_a_proxy_is_one_as_well(mp: Any, see: See) -> None:
    """A shared object that a method has returned as a proxy is deleted once that proxy is collected."""
    with workshop() as manager:
        ledger, source = manager.Ledger(), manager.Source()
        result = source.precious()
        see.equal(result.touch(), "touched", "what a method of the result returns")
        living(see, ledger, 1, "while the result has its proxy")
        del result
        living(see, ledger, 0, "when that is collected")


@chapter.clause("proxy.cleanup.silent", passage=f"{CLEANUP}/1", level=SHOULD)
def a_proxy_that_outlives_its_server_is_collected_silently(mp: Any, see: See) -> None:
    """A proxy that is collected after the manager was shut down disturbs nobody: nothing is raised or written."""
    with see.output() as output:
        with mp.Manager() as manager:
            proxies = [manager.list(), manager.dict()]
            proxies.append(another(proxies[0]))
        del proxies
        gc.collect()
    see.equal((output.out, output.err), ("", ""), "what is written")


@chapter.clause("proxy.cleanup.in-transit", source=CLEANUP, level=UNSPECIFIED, methods=ANY_METHOD)
def a_proxy_that_is_a_pickle(mp: Any, see: See) -> None:
    """Whether a shared object lives while the only proxy of it is a pickle is left open."""
    with mp.Manager() as manager:
        pickled = pickle.dumps(manager.list([1]))
        gc.collect()
        see.records(then=see.comes_back(outcome, lambda: str(pickle.loads(pickled))))


@chapter.clause("proxy.cleanup.killed", source=CLEANUP, level=UNSPECIFIED, methods=ANY_METHOD)
def a_process_that_is_killed_with_its_proxy(mp: Any, see: See) -> None:
    """Whether the proxies of a process that was killed count as no longer there is left open."""
    box, gate = see.mailbox(), see.gate()
    with workshop() as manager:
        ledger, precious = manager.Ledger(), manager.Precious()
        child = mp.Process(target=keep, args=(box, gate, precious))
        child.start()
        box.take()
        del precious
        end(child)
        del child
        gc.collect()
        see.true(box.empty(after=SMALL), "the child is gone")
        see.records(living=ledger.living())
