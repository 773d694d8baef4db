"""The chapter managers, judged: one item for each check."""

from mpspec.loader import load

chapter = load("managers")
