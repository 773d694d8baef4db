"""The chapter contexts, judged: one item for each check."""

from mpspec.contexts import chapter as chapter
