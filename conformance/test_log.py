"""The chapter log, judged: one item for each check."""

from mpspec.loader import load

chapter = load("log")
