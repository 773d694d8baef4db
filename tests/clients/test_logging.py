"""logging.handlers.QueueHandler and QueueListener, over a queue of the reference."""

from __future__ import annotations

from collections.abc import Callable

Run = Callable[..., str]

PROGRAM = """
import logging, logging.handlers

class Kept(logging.Handler):
    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append((record.processName, record.name, record.getMessage().splitlines()[0]))

def work(queue, number):
    root = logging.getLogger()
    root.handlers = [logging.handlers.QueueHandler(queue)]
    root.setLevel(logging.INFO)
    log = logging.getLogger(f"work.{number}")
    log.info("item %d of %s", number, ["a", "b"])
    log.debug("not heard")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("failed")

if __name__ == "__main__":
    context = mpref.get_context(sys.argv[1])
    queue, kept = context.Queue(), Kept()
    listener = logging.handlers.QueueListener(queue, kept)
    listener.start()
    workers = [context.Process(target=work, args=(queue, number), name=f"worker {number}") for number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    listener.stop()
    print(*sorted(kept.lines), sep="\\n")
"""


def test_records_of_children_are_handled_in_the_parent(run: Run, method: str) -> None:
    assert run(PROGRAM, method).splitlines() == [
        "('worker 0', 'work.0', 'failed')",
        "('worker 0', 'work.0', \"item 0 of ['a', 'b']\")",
        "('worker 1', 'work.1', 'failed')",
        "('worker 1', 'work.1', \"item 1 of ['a', 'b']\")",
    ]
