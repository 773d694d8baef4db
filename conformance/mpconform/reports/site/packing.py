"""Data for the scripts of a page that is opened from disk, where a browser fetches nothing but scripts."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any


def packed(name: str, data: Any) -> bytes:
    """A script that hands the data over under a name: JSON, compressed, as text."""
    text = json.dumps(data, separators=(",", ":")).encode("ascii")
    letters = base64.b64encode(gzip.compress(text, 9, mtime=0)).decode("ascii")
    return f"mpconform.take({json.dumps(name)},{json.dumps(letters)})\n".encode("ascii")
