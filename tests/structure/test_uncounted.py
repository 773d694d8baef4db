"""What tools/reached.py does not count is named with a reason, and is there."""

from __future__ import annotations

import pytest
import reached

UNCOUNTED = reached.uncounted()
EVERYTHING = "".join(file.read_text() for file in sorted(reached.REFERENCE.rglob("*.py")))


@pytest.mark.parametrize(
    ("reason", "file", "text"), UNCOUNTED, ids=[f"{file}-{text[:30]!r}" for _, file, text in UNCOUNTED]
)
def test_it_has_a_reason_and_stands_once(reason: str, file: str, text: str) -> None:
    assert len(reason.split()) > 5
    assert (reached.REFERENCE / file).is_file()
    if text:
        assert text in (reached.REFERENCE / file).read_text()
        assert EVERYTHING.count(text) == 1
