"""Queues: what Queue, SimpleQueue and JoinableQueue promise; the clauses stand in the parts that are gathered here."""

from __future__ import annotations

from mpspec.queueing import construction as construction
from mpspec.queueing import contents as contents
from mpspec.queueing import delivery as delivery
from mpspec.queueing import feeding as feeding
from mpspec.queueing import joinable as joinable
from mpspec.queueing import operations as operations
from mpspec.queueing import reports as reports
from mpspec.queueing import simple as simple
from mpspec.queueing.chapter import chapter as chapter
