"""Pools: the program that shows what a pool does, and the one that uses it in every way."""

from __future__ import annotations

import re
from typing import Any

from mpspec.chapters.examples.chapter import chapter
from mpspec.clause import EVERY_METHOD
from mpspec.observation.see import See

POOL = "module-multiprocessing.pool"


@chapter.clause("examples.pools.first", passage=f"{POOL}/3,1", methods=EVERY_METHOD)
def a_pool_carries_out_tasks(mp: Any, see: See) -> None:
    """A pool gives the results of apply_async(), map() and imap(); a late one ends the program by TimeoutError."""
    program = see.program(FIRST, mp.get_start_method())
    see.equal(program.out, "121\n[0, 1, 4, 9, 16, 25]\n0\n1\n4\n", "the output")
    see.equal(program.status, 1, "the status")
    error = re.match(r"Traceback (.*\n)+?(\w+\.)*TimeoutError\b", program.err)
    see.true(error, "its errors are the traceback of TimeoutError", program.err)


FIRST = """\
import sys
import time
from multiprocessing import Pool, set_start_method


def square(number):
    return number * number


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    with Pool(processes=3) as pool:
        result = pool.apply_async(square, (11,))
        print(result.get(timeout=60))
        print(pool.map(square, range(6)))
        squares = pool.imap(square, range(6))
        print(next(squares))
        print(next(squares))
        print(squares.next(timeout=60), flush=True)
        result = pool.apply_async(time.sleep, (60,))
        print(result.get(timeout=0.05))
"""


@chapter.clause("examples.pools.every-way", passage="examples/4,3", methods=EVERY_METHOD)
def a_pool_is_used_in_every_way(mp: Any, see: See) -> None:
    """All ways to ask a pool give every result, in order where they are ordered, and the errors of their functions."""
    program = see.program(EVERY_WAY, mp.get_start_method())
    see.equal((program.status, program.err), (0, ""), "status and errors")
    parts = re.sub(r"\t(?!MainProcess).+ finds ", "\t", program.out).split("\n\n")
    see.equal(parts[0], "A pool of 3 processes", "the first line")
    for part, way in zip(parts[1:5], ("apply_async", "imap", "imap_unordered", "map")):
        lines = part.splitlines()
        results = sorted(lines[1:], key=RESULTS.index) if way == "imap_unordered" else lines[1:]
        see.equal((lines[0], results), (f"Results of {way}:", RESULTS), f"what {way}() gives")
    ways = ("apply", "map", "list of imap", "next of imap")
    see.equal(parts[5], "\n".join(f"ZeroDivisionError from {way}" for way in ways), "what comes of errors")
    waited = re.sub(r"\.*\n", "\n", parts[6] + "\n").splitlines()
    see.equal(waited, ["Waiting for one:", RESULTS[0], "Waiting for each:", *RESULTS], "what comes of short timeouts")
    see.equal(parts[7:], ["The end\n"], "the rest")


RESULTS = [
    *(f"\tproduct({number}, 6) = {number * 6}" for number in range(6)),
    *(f"\ttotal({number}, 9) = {number + 9}" for number in range(6)),
]

EVERY_WAY = """\
import sys
import time
from multiprocessing import Pool, TimeoutError, current_process, freeze_support, set_start_method


def carry_out(function, numbers):
    return f"{current_process().name} finds {function.__name__}{numbers} = {function(*numbers)}"


def carry_out_task(task):
    return carry_out(*task)


def product(one, other):
    time.sleep(0.005)
    return one * other


def total(one, other):
    return one + other


def share(number):
    return 1 / (number - 3)


def show(title, results):
    print(f"\\nResults of {title}:")
    for result in results:
        print("\\t" + result)


def fail(title, function, *arguments):
    try:
        print(function(*arguments))
    except ZeroDivisionError:
        print("ZeroDivisionError from", title)


def wait_for(function):
    while True:
        try:
            return print("\\n\\t" + function(0.002), end="")
        except TimeoutError:
            print(".", end="")


def main():
    print("A pool of 3 processes")
    tasks = [(product, (number, 6)) for number in range(6)] + [(total, (number, 9)) for number in range(6)]
    with Pool(3) as pool:
        results = [pool.apply_async(carry_out, task) for task in tasks]
        ordered = pool.imap(carry_out_task, tasks)
        unordered = pool.imap_unordered(carry_out_task, tasks)
        show("apply_async", (result.get() for result in results))
        show("imap", ordered)
        show("imap_unordered", unordered)
        show("map", pool.map(carry_out_task, tasks))

        print()
        fail("apply", pool.apply, share, (3,))
        fail("map", pool.map, share, range(6))
        fail("list of imap", list, pool.imap(share, range(6)))
        shares = pool.imap(share, range(6))
        for number in range(6):
            if number == 3:
                fail("next of imap", next, shares)
            elif next(shares) != share(number):
                print("This is not the share of", number)

        print("\\nWaiting for one:", end="")
        wait_for(pool.apply_async(carry_out, tasks[0]).get)
        print("\\nWaiting for each:", end="")
        each = pool.imap(carry_out_task, tasks)
        try:
            while True:
                wait_for(each.next)
        except StopIteration:
            print("\\n\\nThe end")


if __name__ == "__main__":
    freeze_support()
    set_start_method(sys.argv[1])
    main()
"""
