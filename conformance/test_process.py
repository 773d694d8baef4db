"""The chapter process, judged: one item for each check."""

from mpspec.process import chapter as chapter
