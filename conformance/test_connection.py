"""The chapter connection, judged: one item for each check."""

from mpspec.connection import chapter as chapter
