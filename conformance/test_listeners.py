"""The chapter listeners, judged: one item for each check."""

from mpspec.listeners import chapter as chapter
