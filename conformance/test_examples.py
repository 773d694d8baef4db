"""The chapter examples, judged: one item for each check."""

from mpspec.loader import load

chapter = load("examples")
