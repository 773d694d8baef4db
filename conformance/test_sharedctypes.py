"""The chapter sharedctypes, judged: one item for each check."""

from mpspec.sharedctypes import chapter as chapter
