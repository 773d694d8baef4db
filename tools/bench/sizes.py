"""The sizes of what is sent in the figures that go by size, and how often it is."""

SIZES = (64, 1 << 10, 1 << 12, 1 << 14, 1 << 15, 1 << 16, 100_000, 1 << 17, 200_000, 1 << 18, 1 << 19, 1 << 20, 1 << 22)
"""Bytes of a message. Round ones and others: what is near a limit of a buffer or of the allocator shows there."""
VOLUME, MOST, LEAST = 60_000_000, 3_000, 20
"""Bytes of the messages of a figure, and how many there are at most and at least."""


def repetitions(size: int) -> int:
    """How many messages of this size a figure has."""
    return min(MOST, max(LEAST, VOLUME // size))
