"""The folder that a site is written to: made anew as a whole, and only where nothing of somebody else's is lost."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from mpconform.errors import Unusable

MANIFEST = "files.txt"
"""Lists what a site consists of; by it a folder is known as one that can be made anew."""


class Unwritable(Unusable):
    """The site cannot be written, whatever it is made of."""

    status = 3


def refuse_what_is_not_ours(out: Path) -> None:
    """Raise Unusable where the folder is none, or holds anything that a site before has not put there."""
    if not os.path.lexists(out):
        return
    if not out.is_dir():
        raise Unusable(f"{out}: there is a file of that name; name a folder for the site")
    try:
        there = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_symlink() or not path.is_dir()}
        manifest = out / MANIFEST
        ours = {MANIFEST, *manifest.read_text(encoding="utf-8").splitlines()} if manifest.is_file() else set()
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable(f"{out}: cannot be looked into ({error}); name another folder for the site") from None
    others = sorted(there - ours)
    if others:
        raise Unusable(f"{out}: holds {others[0]}, which no site has put there; name an empty folder, or a new one")


def write(out: Path, files: Mapping[str, bytes]) -> None:
    """Put the files (path below the folder -> content) in the place of what is there. Raises Unusable or Unwritable.

    They are written beside the folder first, so that a site which is there stays whole where that fails.
    """
    refuse_what_is_not_ours(out)
    out = Path(os.path.realpath(out))
    with contextlib.ExitStack() as ending:
        try:
            out.parent.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
            ending.callback(shutil.rmtree, beside, ignore_errors=True)
            new, old = beside / "new", beside / "old"
            for name, content in {**files, MANIFEST: "".join(f"{name}\n" for name in sorted(files)).encode()}.items():
                path = new / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            if out.exists():
                out.rename(old)
            try:
                new.rename(out)
            except OSError:
                if old.exists():
                    old.rename(out)
                raise
        except OSError as error:
            raise Unwritable(f"{out}: the site cannot be written ({error.strerror}); what was there stays") from None
