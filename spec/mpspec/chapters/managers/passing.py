"""Proxies are picklable: they are passed between processes, in every way."""

from __future__ import annotations

import pickle
import threading
from typing import Any

from mpspec.chapters.managers.chapter import TYPES, another, beside_threads, chapter, posted_by_a_child, run_in_a_child
from mpspec.chapters.managers.targets import (
    INHERITED,
    append_to_each,
    append_to_what_comes,
    get_from_the_inherited,
    hand_on,
    outcome,
    post_outcome,
    put_all,
)
from mpspec.chapters.managers.uses import USES
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED, cases
from mpspec.observation.see import See

PICKLABLE = "proxy-objects/8"

SAME_PROXY = "all-start-methods/9"


@chapter.clause("proxy.passing.pickle", passage=PICKLABLE, methods=ANY_METHOD, cases=cases(*TYPES))
def every_proxy_is_picklable(mp: Any, see: See, name: str) -> None:
    """A proxy of each type can be pickled, and what comes of the pickle is a proxy of the same referent."""
    with mp.Manager() as manager:
        proxy = getattr(manager, name)(*TYPES[name])
        came = pickle.loads(pickle.dumps(proxy))
        see.true(isinstance(came, mp.managers.BaseProxy), "it is a proxy", type(came))
        see.equal(str(came), str(proxy), "the representation of its referent")


@chapter.clause(
    "proxy.passing.protocols",
    passage=PICKLABLE,
    level=SHOULD,
    methods=ANY_METHOD,
    cases={f"protocol-{number}": number for number in range(pickle.HIGHEST_PROTOCOL + 1)},
)
def by_every_protocol(mp: Any, see: See, protocol: int) -> None:
    """A proxy can be pickled by every protocol of pickle."""
    with mp.Manager() as manager:
        proxy = manager.list([1])
        pickle.loads(pickle.dumps(proxy, protocol)).append(2)
        see.equal(str(proxy), "[1, 2]", "the referent, after a change through what was unpickled")


@chapter.clause("proxy.passing.argument", passage=PICKLABLE, cases=USES)
def a_proxy_is_an_argument_of_a_process(mp: Any, see: See, case: tuple[Any, ...]) -> None:
    """A proxy of each type can be given to a child as an argument of its Process, and is used there."""
    name, made, method, arguments, wanted = case
    with mp.Manager() as manager:
        proxy = getattr(manager, name)(*made)
        see.equal(posted_by_a_child(mp, see, post_outcome, proxy, method, *arguments), wanted, f"{method}()")


CHANNELS = cases("Queue", "SimpleQueue", "Pipe", "manager.Queue")


@chapter.clause("proxy.passing.channel", passage=PICKLABLE, cases=CHANNELS, since={"manager.Queue": "3.6"})
def a_proxy_goes_through_a_channel(mp: Any, see: See, name: str) -> None:
    """A proxy can be sent to a child that runs already, through a queue or a pipe, and is used there."""
    with mp.Manager() as manager:
        if name == "Pipe":
            receiving, sending = mp.Pipe(False)
            send, method = sending.send, "recv"
        else:
            receiving = manager.Queue() if name == "manager.Queue" else getattr(mp, name)()
            send, method = receiving.put, "get"
        proxy = manager.list()
        child = mp.Process(target=append_to_what_comes, args=(receiving, method))
        child.start()
        send(proxy)
        see.exits(child, 0)
        see.equal(str(proxy), "['child']", "the referent")


@chapter.clause("proxy.passing.back", passage=PICKLABLE, methods=ANY_METHOD)
def a_child_sends_a_proxy_back(mp: Any, see: See) -> None:
    """A proxy that comes back from a child refers to the same object."""
    with mp.Manager() as manager:
        proxy, back = manager.list([1]), mp.SimpleQueue()
        child = mp.Process(target=put_all, args=(back, [proxy]))
        child.start()
        see.comes_back(back.get).append(2)
        see.exits(child, 0)
        see.equal(str(proxy), "[1, 2]", "the referent")


@chapter.clause("proxy.passing.grandchild", passage=PICKLABLE)
def a_child_hands_a_proxy_on(mp: Any, see: See) -> None:
    """A child can hand a proxy on to a child of its own."""
    with mp.Manager() as manager:
        proxy = manager.list()
        run_in_a_child(mp, see, hand_on, mp, proxy)
        see.equal(str(proxy), "['grandchild', 'child']", "the referent")


@chapter.clause("proxy.passing.inherited", passage=(SAME_PROXY, "proxy-objects/8"), methods=("fork",))
def a_forked_child_uses_an_inherited_proxy(mp: Any, see: See) -> None:
    """A forked child uses a proxy that lies in a global variable, at the same time as its parent does."""
    box = see.mailbox()
    with mp.Manager() as manager:
        INHERITED.append(manager.Queue())

        def use() -> None:  # all of it in one thread, whose connection a child of that thread would share
            proxy = INHERITED[0]
            proxy.put("before")
            child.start()
            see.equal(box.take_all(2), ["before", "waits"], "what the child posts")
            see.settles(child.pid)
            proxy.put("meanwhile")
            see.equal(box.take(), "meanwhile", "what the child has waited for")

        child = mp.Process(target=get_from_the_inherited, args=(box,))
        with beside_threads():
            see.comes_back(use)
        see.exits(child, 0)
        INHERITED.clear()


@chapter.clause("proxy.passing.same-twice", passage=(PICKLABLE, "proxy-objects/3"), methods=ANY_METHOD)
def two_proxies_of_one_referent_are_passed(mp: Any, see: See) -> None:
    """A child that is given a proxy twice has two of one referent."""
    with mp.Manager() as manager:
        proxy = manager.list()
        run_in_a_child(mp, see, append_to_each, [proxy, proxy])
        see.equal(str(proxy), "[0, 1]", "the referent")


@chapter.clause("proxy.passing.threads", passage="all-start-methods/8", methods=ANY_METHOD)
def threads_share_a_proxy_under_a_lock(mp: Any, see: See) -> None:
    """Several threads can use one proxy, one at a time, with a lock that protects it."""
    guard = threading.Lock()
    with mp.Manager() as manager:
        proxy = manager.list()

        def append(number: int) -> None:
            for _ in range(20):
                with guard:
                    proxy.append(number)

        threads = [see.in_thread(append, number) for number in range(3)]
        for thread in threads:
            thread.ends()
        see.equal(sorted(proxy._getvalue()), [0] * 20 + [1] * 20 + [2] * 20, "the items of all threads, sorted")


@chapter.clause("proxy.passing.threads.own", passage=("proxy-objects/3,5", "proxy-objects/8"), methods=ANY_METHOD)
def threads_have_a_proxy_each(mp: Any, see: See) -> None:
    """Several threads, each with a proxy of its own, use one referent at once, without a lock."""
    with mp.Manager() as manager:
        proxy = manager.list()

        def append(own: Any, number: int) -> None:
            for _ in range(20):
                own.append(number)

        threads = [see.in_thread(append, another(proxy), number) for number in range(3)]
        for thread in threads:
            thread.ends()
        see.equal(sorted(proxy._getvalue()), [0] * 20 + [1] * 20 + [2] * 20, "the items of all threads, sorted")


STRANGER = """\
import multiprocessing
import pickle
import sys

multiprocessing.current_process().authkey = b"another key"
try:
    pickle.loads(bytes.fromhex(sys.argv[1])).append("stranger")
except multiprocessing.AuthenticationError:
    print("turned away")
"""


@chapter.clause(
    "proxy.passing.another-key",
    passage=("multiprocessing.managers.BaseManager/6", "authentication-keys/4"),
    level=SHOULD,
    methods=ANY_METHOD,
)
def a_process_with_another_key_cannot_use_it(mp: Any, see: See) -> None:
    """A process of another program, with another authentication key, gets AuthenticationError where it uses a proxy."""
    with mp.Manager() as manager:
        proxy = manager.list([1])
        ended = see.program(STRANGER, pickle.dumps(proxy).hex())
        see.equal((ended.status, ended.out, ended.err), (0, "turned away\n", ""), "status, out, err of the program")
        see.equal(str(proxy), "[1]", "the referent")


@chapter.clause("proxy.passing.after-shutdown", source="proxy-objects", level=UNSPECIFIED, methods=ANY_METHOD)
def a_proxy_that_has_outlived_its_server(mp: Any, see: See) -> None:
    """With which exception the use of a proxy is refused whose server has ended is left open."""
    with mp.Manager() as manager:
        proxy = manager.list([1])
    see.records(outcome=see.comes_back(outcome, proxy.append, 2))
    see.records(representation=see.comes_back(outcome, lambda: len(repr(proxy)) > 0))
