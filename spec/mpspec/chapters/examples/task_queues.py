"""Task queues: one queue feeds tasks to several processes, another one collects what comes of them."""

from __future__ import annotations

import re
from typing import Any

from mpspec.chapters.examples.chapter import chapter
from mpspec.clause import EVERY_METHOD
from mpspec.observation.see import See


@chapter.clause("examples.task-queues.program", passage="examples/6,5", methods=EVERY_METHOD)
def queues_feed_tasks_to_processes_and_collect_results(mp: Any, see: See) -> None:
    """Workers take tasks from a queue until a word tells them to stop; a second queue has every result, once."""
    program = see.program(FED, mp.get_start_method())
    see.equal((program.status, program.err), (0, ""), "status and errors")
    title, *lines = program.out.splitlines()
    see.equal(title, "In any order:", "the first line")
    results = [re.sub(r"^\tProcess-[123] finds ", "", line) for line in lines]
    products = [f"product({number}, 6) = {number * 6}" for number in range(12)]
    totals = [f"total({number}, 9) = {number + 9}" for number in range(5)]
    see.equal(sorted(results[:12]), sorted(products), "the results of the first tasks")
    see.equal(sorted(results[12:]), sorted(totals), "the results of those that were put in later")


# That the queues outlive a worker that is slow to start, without join(), is queue.exit.child-still-starting.
FED = """\
import sys
from multiprocessing import Process, Queue, current_process, freeze_support, set_start_method


def work(tasks, results):
    for function, numbers in iter(tasks.get, "END"):
        results.put(carry_out(function, numbers))


def carry_out(function, numbers):
    return f"{current_process().name} finds {function.__name__}{numbers} = {function(*numbers)}"


def product(one, other):
    return one * other


def total(one, other):
    return one + other


def main():
    first = [(product, (number, 6)) for number in range(12)]
    later = [(total, (number, 9)) for number in range(5)]
    tasks, results = Queue(), Queue()
    for task in first:
        tasks.put(task)
    workers = [Process(target=work, args=(tasks, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    print("In any order:")
    for _ in first:
        print("\\t" + results.get())
    for task in later:
        tasks.put(task)
    for _ in later:
        print("\\t" + results.get())
    for _ in workers:
        tasks.put("END")
    for worker in workers:
        worker.join()


if __name__ == "__main__":
    freeze_support()
    set_start_method(sys.argv[1])
    main()
"""
