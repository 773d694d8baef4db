"""apply(): one call, in a worker, that is waited for. What holds of apply_async() alike has it as a case."""

from __future__ import annotations

from typing import Any

from mpspec.chapters.pool.call_targets import Method, same, tell, wait
from mpspec.chapters.pool.calling import ONE_CALL, POOL, result_of
from mpspec.chapters.pool.chapter import chapter, pool_of
from mpspec.chapters.pool.targets import given
from mpspec.clause import ANY_METHOD, SHOULD
from mpspec.observation.see import See
from mpspec.observation.waits import SMALL

APPLY = f"{POOL}.apply"
ASYNC = f"{POOL}.apply_async"

VALUES: dict[str, Any] = {
    "None": None,
    "nothing": (),
    "number": 1 << 70,
    "one byte": b"x",
    "nested": {"a": [1, 2.5, (None, True)], b"b": {3, 4}},
    "4 KiB": bytes(range(256)) * 16,
    "16 KiB": "é" * (1 << 13),
    "64 KiB": bytes(range(256)) * 256,
    "1 MiB and one": b"z" * ((1 << 20) + 1),
    "4 MiB": bytes(range(256)) * (1 << 14),
}


@chapter.clause(
    "pool.apply.one-worker", passage=(f"{APPLY}/5", f"{ASYNC}/2"), methods=ANY_METHOD, cases=ONE_CALL, hanging=True
)
def one_worker_calls_it_once(mp: Any, see: See, method: str) -> None:
    """However many workers a pool has, the function is called once, in one of them."""
    box = see.mailbox()
    with pool_of(mp, 3) as pool:
        result_of(pool, method, tell, (box, "called"))
        see.equal(box.take()[1], "called", "what the function posts")
        see.true(box.empty(after=SMALL), "it is called once")


@chapter.clause("pool.apply.arguments", passage=(f"{APPLY}/2,1", f"{ASYNC}/2,1"), methods=ANY_METHOD, cases=ONE_CALL)
def the_function_gets_arguments_and_keyword_arguments(mp: Any, see: See, method: str) -> None:
    """The function is called with the arguments and the keyword arguments that are given, with none where none are."""
    with pool_of(mp) as pool:
        see.returns((), result_of, pool, method, given)
        see.returns((1, "two"), result_of, pool, method, given, (1, "two"))
        see.returns(((1, 2),), result_of, pool, method, given, ((1, 2),))
        see.returns((("a", 1), ("b", None)), result_of, pool, method, given, (), {"b": None, "a": 1})
        see.returns((3, ("a", [4])), result_of, pool, method, given, (3,), {"a": [4]})


@chapter.clause("pool.apply.values", passage=(f"{APPLY}/2,3", f"{ASYNC}/2"), methods=ANY_METHOD, cases=VALUES)
def what_is_sent_arrives(mp: Any, see: See, value: Any) -> None:
    """An argument reaches the function, and the result whoever asked for it, as they are, small or large."""
    with pool_of(mp) as pool:
        for _ in range(2):
            see.true(pool.apply(same, (value,)) == value, "the result of apply() equals the argument")
            see.true(pool.apply_async(same, (value,)).get() == value, "that of apply_async() does")


@chapter.clause("pool.apply.blocks", passage=f"{APPLY}/3", methods=ANY_METHOD, hanging=True)
def it_blocks_until_the_result_is_ready(mp: Any, see: See) -> None:
    """apply() blocks until the result is ready, however long that takes, and returns it."""
    gate = see.gate()
    with pool_of(mp) as pool:
        asking = see.blocks(pool.apply, wait, (gate, "the result"))
        asking.goes_on()
        gate.open()
        see.equal(asking.ends(), "the result", "what apply() returns")


@chapter.clause("pool.apply.callables", passage=f"{APPLY}/2", level=SHOULD, cases=ONE_CALL)
def whatever_can_be_called_and_pickled(mp: Any, see: See, method: str) -> None:
    """Functions, builtins, classes, methods of objects and objects that can be called are all called."""
    with pool_of(mp) as pool:
        for function, argument, result in (
            (same, 1, 1),
            (abs, -2, 2),
            (list, "ab", ["a", "b"]),
            ("-".join, ["a", "b"], "a-b"),
            (Method(3).times, 4, 12),
            (Method(4), 5, 20),
        ):
            see.returns(result, result_of, pool, method, function, (argument,))


@chapter.clause("pool.apply.threads", passage=f"{POOL}/14", level=SHOULD, methods=ANY_METHOD, hanging=True)
def threads_share_a_pool(mp: Any, see: See) -> None:
    """Several threads of the process that has made a pool use it at the same time, and each gets its own results."""

    def ask(first: int) -> list[int]:
        one_by_one: list[int] = [pool.apply(abs, (-number,)) for number in range(first, first + 50)]
        return [*one_by_one, *pool.map(abs, range(first, first + 50)), *pool.imap(abs, range(first))]

    with pool_of(mp, 2) as pool:
        asking = {first: see.in_thread(ask, first) for first in (100, 200, 300, 400)}
        for first, thread in asking.items():
            mine = [*range(first, first + 50)]
            see.equal(thread.ends(), mine + mine + [*range(first)], "the results of a thread")
