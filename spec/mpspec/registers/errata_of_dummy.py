"""Where CPython's `multiprocessing.dummy` replicates less than the page says: a part of the register of errata."""

from __future__ import annotations

from mpspec.registers.erratum import ALL, Erratum

DUMMY = {
    "dummy.names.further": ("it has no exceptions, cpu_count, SimpleQueue and three more", 74054),
    "dummy.names.exceptions": ("it has none of the exceptions", 74054),
    "dummy.process.daemon-argument": ("TypeError: the constructor of Process does not take daemon", 85716),
    "dummy.queue.end": ("Queue is queue.Queue, without close(), join_thread() and cancel_join_thread()", 0),
    "dummy.simple_queue.put-get": ("there is no SimpleQueue", 74054),
    "dummy.pipe.poll-none": ("TypeError: the timeout of poll() has to be a number", 0),
    "dummy.pipe.bytes-arguments": ("send_bytes() sends the buffer itself, whatever offset and size", 0),
    "dummy.pipe.bytes-into": ("a connection has no recv_bytes_into()", 0),
    "dummy.pipe.end-of-file": ("close() of the other end does nothing: recv() waits for ever", 0),
    "dummy.value.lock": ("a Value has no get_lock()", 0),
    "dummy.array.size": ("TypeError: Array() takes no number of items", 0),
    "dummy.manager.context": ("Manager() returns the module, which is no context manager", 0),
}
"""Clause -> what CPython does that replicates less than the API, and the number of the upstream issue, 0: none."""

OF_DUMMY = tuple(
    Erratum(
        clause,
        "multiprocessing.dummy replicates the API of multiprocessing",
        {ALL: behaviour},
        f"https://github.com/python/cpython/issues/{issue}" if issue else "",
    )
    for clause, (behaviour, issue) in DUMMY.items()
)
