"""Programs of two sides: what one of them tells while it runs, so that the other one finds it."""

from __future__ import annotations

import ast
import os
from typing import Any

from mpspec.observation.program import Running
from mpspec.observation.see import See


def address_of(see: See, server: Running) -> Any:
    """The address that a program tells in its first line, as soon as it does."""

    def lines() -> list[str]:
        with open(os.path.join(server.folder, ".out"), encoding="utf-8") as file:
            return file.read().splitlines(keepends=True)

    def told() -> bool:
        see.equal(server.process.poll(), None, "the status of the server before its end")
        return lines()[:1] != [] and lines()[0].endswith("\n")

    see.eventually(told, "the server tells its address")
    return ast.literal_eval(lines()[0])


def end(server: Running) -> None:
    """End a program that serves for ever."""
    server.kill()
    server.finish()
