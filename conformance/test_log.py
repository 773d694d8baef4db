"""The chapter log, judged: one item for each check."""

from mpspec.log import chapter as chapter
