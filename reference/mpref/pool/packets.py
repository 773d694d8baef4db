"""What a pool and its workers say to each other.

A task is one packet of a socket that keeps packets apart: a worker gets a whole one or none, and so does the pool when
it takes back what a worker has not begun. A larger one follows its packet in pieces. Results are messages in a pipe.
Where there is no such socket, as on macOS, every task is taken for a large one, and a worker has one at a time.
"""

from __future__ import annotations

from _struct import Struct

ROOM = 1 << 14
"""Bytes of a packet, at most, where packets are kept apart."""

PIECE = 1 << 16
"""Bytes of a piece of a task that is larger, at most."""

LASTING = 1 << 24
"""Bytes of a buffer that is kept for the next large task or result, at most."""

_task = Struct("!QBI")
"""The number of a task, how its function is called, and the length of the pickled function that comes next."""
TASK_HEAD = _task.size
task_head = _task.pack
read_task_head = _task.unpack_from
SIZE = 8
"""Bytes of the length of a large task, which follows the head in the packet."""

_result = Struct("!QBQ")
"""The number of a task, what has become of it, and the length of what comes next."""
RESULT_HEAD = _result.size
result_head = _result.pack
read_result_head = _result.unpack_from

# How the function is called: with arguments and keyword arguments; with one item; with each item of a chunk, or with
# what that unpacks to.
CALL, ITEM, EACH, UNPACKED = range(4)
KEPT = 8
"""Added where the function is known by its name alone, so that a worker may keep it."""
LARGE = 16
"""Added where the packet holds but the length of the rest, which follows in pieces."""

# What has become of a task.
VALUE, ERROR, UNSENDABLE, LEAVING = range(4)
# What a worker says of itself, as task 0.
READY, UNFIT = range(4, 6)
