"""The chapter dummy, judged: one item for each check."""

from mpspec.loader import load

chapter = load("dummy")
