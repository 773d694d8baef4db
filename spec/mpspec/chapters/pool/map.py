"""map(): the results of many calls. What holds of the other methods that call with each item has them as cases."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Any, Callable

from mpspec.chapters.pool.call_targets import pid_and, same, tell, tell_and_wait_at
from mpspec.chapters.pool.calling import (
    ITERABLES,
    LISTING,
    MAPPING,
    POOL,
    begun,
    results_of,
    seen_until_quiet,
)
from mpspec.chapters.pool.chapter import chapter, pool_of, renewed
from mpspec.chapters.pool.targets import given, post_and_wait
from mpspec.clause import ANY_METHOD, SHOULD, UNSPECIFIED
from mpspec.observation.see import See

MAP = f"{POOL}.map"
ASYNC = f"{POOL}.map_async"
STARMAP = f"{POOL}.starmap"
STARMAP_ASYNC = f"{POOL}.starmap_async"
IMAP = f"{POOL}.imap"
UNORDERED = f"{POOL}.imap_unordered"
LIKE_MAP = (f"{MAP}/2", f"{ASYNC}/2", f"{STARMAP}/2", f"{STARMAP_ASYNC}/2", f"{IMAP}/2", f"{UNORDERED}/2")
CHUNKS = (f"{MAP}/4,5", f"{ASYNC}/2", f"{STARMAP}/2", f"{STARMAP_ASYNC}/2", f"{IMAP}/3", f"{UNORDERED}/2")


def chunks_of(pool: Any, method: str, count: int, *size: int) -> list[int]:
    """The sizes of the tasks that items come in, by workers that leave after each: a process has one task."""
    pids = results_of(pool, method, pid_and, range(count), *size)
    ordered = sorted(pids, key=lambda pair: pair[1])
    return [len([*group]) for _, group in groupby(ordered, key=lambda pair: pair[0])]


@chapter.clause("pool.map.results", passage=LIKE_MAP[0], methods=ANY_METHOD, cases=ITERABLES)
def the_results_are_those_of_the_builtin(mp: Any, see: See, items: Callable[[], Any]) -> None:
    """map() gives what the builtin gives: the result for each item, in the order of the items, of any iterable."""
    with pool_of(mp, 2) as pool:
        see.equal([*pool.map(abs, map(int, items()))], [*map(abs, map(int, items()))], "the results of a map")
        see.equal([*pool.map(given, items())], [(item,) for item in items()], "what the function is called with")


@chapter.clause(
    "pool.map.list",
    passage=("introduction/10,8", f"{STARMAP}/3", f"{ASYNC}/2", f"{STARMAP_ASYNC}/2"),
    methods=ANY_METHOD,
)
def the_results_are_a_list(mp: Any, see: See) -> None:
    """map() and starmap() give a list, and so do the results of map_async() and starmap_async()."""
    with pool_of(mp) as pool:
        see.returns([1, 2, 3], pool.map, abs, (-1, -2, -3))
        see.returns([], pool.map, abs, ())
        see.returns([1, 2, 3], pool.map_async(abs, (-1, -2, -3)).get)
        see.returns([1, 8], pool.starmap, pow, ((1, 2), (2, 3)))
        see.returns([1, 8], pool.starmap_async(pow, ((1, 2), (2, 3))).get)


@chapter.clause("pool.map.empty", passage=LIKE_MAP, methods=ANY_METHOD, cases=MAPPING, hanging=True)
def no_items_have_no_results(mp: Any, see: See, method: str) -> None:
    """An empty iterable, whatever its kind and the chunk size, has an empty result, and the pool goes on."""
    with pool_of(mp) as pool:
        nothing: Any
        for nothing in ([], (), range(0), "", iter([]), map(abs, [])):
            see.equal(see.comes_back(results_of, pool, method, abs, nothing), [], "the results")
        see.equal(results_of(pool, method, abs, [], 5), [], "the results by a chunk size")
        see.equal(results_of(pool, method, abs, [-1]), [1], "the results of one item after that")


@chapter.clause("pool.map.one-argument", passage=LIKE_MAP[0], methods=ANY_METHOD)
def an_item_is_one_argument(mp: Any, see: See) -> None:
    """The function is called with an item as its only argument, also where that is a tuple, a list or a dict."""
    items: list[Any] = [(1, 2), [3, 4], {"a": 5}, (), None, "ab"]
    with pool_of(mp) as pool:
        for size in (1, 3):
            see.equal([*pool.map(given, items, size)], [(item,) for item in items], "what it is called with")
            see.equal([*pool.imap(given, items, size)], [(item,) for item in items], "by imap()")


@chapter.clause("pool.map.each-once", passage=LIKE_MAP, methods=ANY_METHOD, cases=MAPPING, hanging=True)
def each_item_is_called_with_once(mp: Any, see: See, method: str) -> None:
    """The function is called once with each item."""
    box = see.mailbox()
    with pool_of(mp, 2) as pool:
        asking = see.in_thread(results_of, pool, method, partial(tell, box), range(30), 4)
        messages = seen_until_quiet(box, 30)
        see.equal(sorted(number for _, number in messages), [*range(30)], "the items that it is called with")
        see.equal(asking.ends(), [*range(30)], "the results")


@chapter.clause(
    "pool.map.order", passage=LIKE_MAP[:5], methods=ANY_METHOD, cases={**LISTING, "imap": "imap"}, hanging=True
)
def results_are_in_the_order_of_the_items(mp: Any, see: See, method: str) -> None:
    """The results are in the order of the items, also where an earlier item is done after later ones."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool:
        asking = see.in_thread(results_of, pool, method, partial(tell_and_wait_at, box, gate, 0), range(40), 1)
        so_far = len(seen_until_quiet(box, 2, held=0))
        gate.open()
        box.take_all(40 - so_far)
        see.equal(asking.ends(), [*range(40)], "the results")


@chapter.clause(
    "pool.map.blocks",
    passage=(f"{MAP}/3", f"{STARMAP}/2"),
    methods=ANY_METHOD,
    cases={"map": "map", "starmap": "starmap"},
    hanging=True,
)
def it_blocks_until_all_are_done(mp: Any, see: See, method: str) -> None:
    """map() blocks until the results of all items are there, however long the last one takes."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool:
        asking = see.blocks(begun, pool, method, partial(tell_and_wait_at, box, gate, 5), range(6), 1)
        so_far = len(seen_until_quiet(box, held=5))
        if method == "map":  # the other one waits in the same way for as long
            asking.goes_on()
        asking.still()
        gate.open()
        box.take_all(6 - so_far)
        see.equal([*asking.ends()], [*range(6)], "the results")


@chapter.clause(
    "pool.map.parallel",
    passage=(f"{MAP}/2,4", f"{POOL}/3", "introduction/5", *LIKE_MAP[1:]),
    methods=ANY_METHOD,
    cases=MAPPING,
    hanging=True,
)
def several_workers_share_the_items(mp: Any, see: See, method: str) -> None:
    """The items are worked on by several workers at the same time."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 3) as pool:
        asking = see.in_thread(results_of, pool, method, partial(post_and_wait, box, gate), range(30), 1)
        see.equal(len(set(box.take_all(3))), 3, "the number of workers at work at once")
        gate.open()
        box.take_all(27)
        see.equal(asking.ends(), [*range(30)], "the results")


@chapter.clause("pool.map.chunks", passage=CHUNKS, methods=ANY_METHOD, cases=MAPPING)
def items_come_in_chunks(mp: Any, see: See, method: str) -> None:
    """With a chunk size, approximate as it may be, the items are neither tasks of their own nor all one task."""
    with renewed(mp, 1, 1) as pool:
        sizes = chunks_of(pool, method, 40, 10)
        see.true(1 < len(sizes) < 40, "there are several tasks, of several items", sizes)


@chapter.clause("pool.map.chunk-held", passage=CHUNKS, methods=ANY_METHOD, cases=MAPPING, hanging=True)
def a_chunk_is_one_task(mp: Any, see: See, method: str) -> None:
    """The items of a chunk are one task: none of them goes to another worker while the first one is at work."""
    box, gate = see.mailbox(), see.gate()
    with pool_of(mp, 2) as pool:
        asking = see.in_thread(results_of, pool, method, partial(tell_and_wait_at, box, gate, 0), range(40), 10)
        meanwhile = {number: worker for worker, number in seen_until_quiet(box, 2, held=0)}
        see.true(meanwhile.get(1) in (None, meanwhile[0]), "the second item is not begun by another worker", meanwhile)
        gate.open()
        box.take_all(40 - len(meanwhile))
        see.equal(asking.ends(), [*range(40)], "the results")


@chapter.clause("pool.map.chunksize", passage=CHUNKS, level=SHOULD, methods=ANY_METHOD, cases=MAPPING)
def chunks_have_the_size_that_is_asked_for(mp: Any, see: See, method: str) -> None:
    """Chunks have as many items as chunksize says, but for the last."""
    with renewed(mp, 1, 1) as pool:
        for size, promised in ((1, [1, 1, 1]), (2, [2, 1]), (3, [3]), (5, [3])):
            see.equal(chunks_of(pool, method, 3, size), promised, f"the sizes of chunks by chunksize={size}")


@chapter.clause("pool.map.any-chunksize", passage=CHUNKS, methods=ANY_METHOD, cases=MAPPING)
def chunks_change_no_result(mp: Any, see: See, method: str) -> None:
    """The results are the same by any chunk size, also one that leaves a rest or is larger than the iterable."""
    with pool_of(mp, 2) as pool:
        for size in (1, 2, 7, 10, 11, 1000):
            see.equal(results_of(pool, method, same, range(10), size), [*range(10)], f"the results by {size}")
            several = results_of(pool, method, same, (number for number in range(10)), size)
            see.equal(several, [*range(10)], f"those of a generator by {size}")


@chapter.clause("pool.map.many", passage=LIKE_MAP, methods=ANY_METHOD, cases=MAPPING, hanging=True)
def many_items(mp: Any, see: See, method: str) -> None:
    """Each of thousands of items has its result, in chunks and one by one."""
    with pool_of(mp, 2) as pool:
        for size in ((), (1,), (64,)):
            results = results_of(pool, method, abs, (-number for number in range(5000)), *size)
            see.true(results == [*range(5000)], f"the results of 5000 items are those of the builtin, by {size}")


@chapter.clause("pool.map.large", passage=LIKE_MAP, methods=ANY_METHOD, cases=MAPPING, hanging=True)
def large_items(mp: Any, see: See, method: str) -> None:
    """Large items and results among small ones arrive as they are, alone and in chunks."""
    items = [bytes([at]) * size for at, size in enumerate((1, 4 << 20, 2, 1 << 16, 1 << 20, 3, 1 << 13))]
    with pool_of(mp, 2) as pool:
        for size in (1, 3):
            see.true(results_of(pool, method, same, items, size) == items, "the results equal the items")


@chapter.clause("pool.map.default-chunks", source=MAP, level=UNSPECIFIED, methods=ANY_METHOD)
def the_size_of_chunks_by_default(mp: Any, see: See) -> None:
    """How large the chunks of map() are where no size is given is left open."""
    with renewed(mp, 2, 1) as pool:
        see.records(chunks_of_40_items_for_2_workers=len(chunks_of(pool, "map", 40)))


@chapter.clause(
    "pool.map.chunksize.not-positive", source=MAP, level=UNSPECIFIED, methods=ANY_METHOD, cases={"0": 0, "-1": -1}
)
def a_chunksize_below_one(mp: Any, see: See, size: int) -> None:
    """What comes of a chunk size that is not positive is left open."""

    def tried(method: str) -> str:
        try:
            return f"returned {results_of(pool, method, abs, range(3), size)}"
        except Exception as error:
            return type(error).__name__

    with pool_of(mp) as pool:
        see.records(map=tried("map"), imap=tried("imap"))


@chapter.clause("pool.map.iterable-fails", source=MAP, level=UNSPECIFIED, methods=ANY_METHOD, cases=MAPPING)
def an_iterable_that_raises(mp: Any, see: See, method: str) -> None:
    """What comes of an iterable that raises in the middle is left open."""

    def items() -> Any:
        yield 1
        yield 2
        raise LookupError("from the iterable")

    with pool_of(mp) as pool:
        results: list[Any] = []
        try:
            answer = begun(pool, method, abs, items())
            results.extend(answer.get() if method.endswith("_async") else answer)
            raised = "nothing"
        except Exception as error:
            raised = type(error).__name__
        see.records(results=results, raised=raised, afterwards=results_of(pool, method, abs, [-1]))
