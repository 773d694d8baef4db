"""A pool of workers: the program that uses it in several ways, and the session in which it does not work."""

from __future__ import annotations

import re
from typing import Any

from mpspec.chapters.examples.chapter import chapter
from mpspec.chapters.examples.sessions import Session
from mpspec.clause import EVERY_METHOD, UNSPECIFIED
from mpspec.observation.see import NotKept, See

USING = "using-a-pool-of-workers"


@chapter.clause("examples.workers.program", passage=f"{USING}/4,2", methods=EVERY_METHOD, patience=2)
def a_pool_of_four_is_used(mp: Any, see: See) -> None:
    """A program maps in order and in none, asks for single results and ids, loses patience, goes on, and stops it."""
    ended = see.program(PROGRAM, mp.get_start_method())
    see.equal((ended.status, ended.err), (0, ""), "status and errors")
    found = re.fullmatch(TOLD, ended.out)
    see.true(found, "the program prints each of its results", ended.out)
    assert found
    see.equal(sorted(found["some"].split(), key=int), ["0", "2", "4", "6", "8"], "the results in whatever order")
    workers = {found["one"], *found["several"].split(", ")}
    see.true(len(workers) <= 4, "there are at most four workers", workers)
    see.true(found["program"] not in workers, "the program is none of them", workers)


TOLD = r"""program (?P<program>\d+)
\[0, 2, 4, 6, 8\]
(?P<some>(?:\d\n){5})24
(?P<one>\d+)
\[(?P<several>\d+, \d+, \d+, \d+)\]
no patience
26
the pool is no more
"""

PROGRAM = """\
from multiprocessing import Pool, TimeoutError, set_start_method
import os
import sys
import time


def double(number):
    return 2 * number


if __name__ == "__main__":
    set_start_method(sys.argv[1])
    print("program", os.getpid())
    with Pool(processes=4) as pool:
        print(pool.map(double, range(5)))
        for result in pool.imap_unordered(double, range(5)):
            print(result)
        print(pool.apply_async(double, (12,)).get(timeout=30))
        print(pool.apply_async(os.getpid, ()).get(timeout=30))
        results = [pool.apply_async(os.getpid, ()) for _ in range(4)]
        print([result.get(timeout=30) for result in results])
        late = pool.apply_async(time.sleep, (60,))
        try:
            print(late.get(timeout=0.2))
        except TimeoutError:
            print("no patience")
        print(pool.apply_async(double, (13,)).get(timeout=30))
    try:
        pool.apply_async(double, (14,))
    except ValueError:
        print("the pool is no more")
"""


@chapter.clause("examples.workers.session", passage=f"{USING}/10,8,11", level=UNSPECIFIED, methods=EVERY_METHOD)
def a_pool_does_not_work_in_a_session(mp: Any, see: See) -> None:
    """What workers of a session print, and whether a map of a function that was typed in ends, is left open."""
    with Session(mp, see) as typed:
        for line in START.replace("METHOD", mp.get_start_method()).splitlines():
            typed.line(line)
        try:
            printed = typed.line("print(type(result(pool)))")
        except NotKept as error:
            see.records(goes_on=True, attribute_error="AttributeError" in error.seen)
        else:
            see.records(printed=printed.splitlines()[-1:], attribute_error="AttributeError" in printed)


START = """\
from multiprocessing import Pool, set_start_method
set_start_method("METHOD")
pool = Pool(3)
def triple(number):
    return 3 * number

def result(pool):
    with pool:
        try:
            return pool.map_async(triple, [1, 2, 3]).get(1)
        except Exception as error:
            return error

"""
