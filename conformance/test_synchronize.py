"""The chapter synchronize, judged: one item for each check."""

from mpspec.synchronize import chapter as chapter
