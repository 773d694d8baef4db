"""The chapter queues, judged: one item for each check."""

from mpspec.queues import chapter as chapter
