"""What a user can get wrong, in one sentence each: what, where, what to do."""

from __future__ import annotations


class Unusable(Exception):
    """The run cannot be made as asked; the text is the whole message. status: the exit status."""

    status = 2


class BrokenAdapter(Unusable):
    """The implementation or its interpreter cannot be judged at all."""

    status = 3
