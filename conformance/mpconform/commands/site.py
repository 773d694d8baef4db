"""`mpconform site`: run documents as a static site, which is opened from disk or put on any server."""

from __future__ import annotations

import argparse
import importlib.util
import sys
from collections.abc import Iterable
from pathlib import Path

from mpconform import checks
from mpconform.adapters.adapter import BUILT_IN, Adapter, adapter
from mpconform.baselines.since import Since
from mpconform.errors import Unusable
from mpconform.reports import cells, reading
from mpconform.reports.cells import Cell
from mpconform.reports.document import Document
from mpconform.reports.site import building, fitting, folder, joining
from mpconform.reports.site.evidence import Adapters

HELP = "run documents as a static site: the matrix, clauses, implementations, the page"
NEEDED = "jinja2"
"""What the extra `site` brings along."""


def add(parser: argparse.ArgumentParser) -> None:
    """Its arguments, which are words."""
    parser.usage = "mpconform site OUT DOCUMENT [DOCUMENT ...]"
    parser.epilog = (
        "OUT is a folder: a new or an empty one, or that of a site before, which is replaced. DOCUMENT is what "
        f"`mpconform run --report=FILE` has written, the {cells.NAME} of a matrix, or a folder with either. A "
        "deviation that had no reason when it was seen has that which the built-in baselines know of it now."
    )


def carry_out(options: argparse.Namespace) -> int:
    """Write the site. Raises Unusable for documents that do not fit, and for a folder that holds something else."""
    if importlib.util.find_spec(NEEDED) is None:
        raise Unusable(f"site: {NEEDED} is not installed; install the extra, as in pip install 'mpconform[site]'")
    if len(options.words) < 2:
        raise Unusable("site: name a folder and the documents, as in `mpconform site OUT run.json`")
    out, *files = options.words
    folder.refuse_what_is_not_ours(Path(out))
    given, without = _given(files)
    documents = joining.joined([reading.read(file) for file in given])
    if not documents and not without:
        raise Unusable(f"{files[0]}: there is no document in it; `mpconform run --report=FILE` writes one")
    fitting.refuse_what_does_not_fit(documents)
    for named in documents:
        for mark in fitting.marks(named.document):
            print(f"mpconform: {named.name}: the run is {mark}; its column is marked", file=sys.stderr)
    since = Since()
    told = [since.told(named.document) for named in documents]
    written = building.built(
        [*checks.chapters()], told, lambda run, row: since.link(run.document, row), Adapters(_adapters(told)), without
    )
    folder.write(Path(out), written)
    size = sum(map(len, written.values()))
    runs = f"{len(documents)} run{'' if len(documents) == 1 else 's'}"
    runs += f" and {len(without)} without one" if without else ""
    print(f"{out}: {len(written)} files, {size / 1e6:.2f} MB, of {runs}; open {Path(out) / 'index.html'}")
    return 0


def _given(words: Iterable[str]) -> tuple[list[str], list[Cell]]:
    """The files of documents, and the cells of matrices that have none. Raises Unusable for what is no matrix."""
    files: list[str] = []
    without: list[Cell] = []
    for word in words:
        path = Path(word)
        indexes = cells.indexes(path)
        for index in indexes:
            matrix = cells.read(index)
            files += matrix.documents
            without += matrix.unjudged
        if not indexes:
            files += [str(each) for each in sorted(path.glob("*.json"))] if path.is_dir() else [word]
    return files, without


def _adapters(documents: Iterable[Document]) -> dict[str, Adapter]:
    """The adapters of the implementations that come with the engine: those of others are not at hand."""
    found = {}
    for name in {document["implementation"] for document in documents}:
        if "/" not in name and (BUILT_IN / f"{name}.toml").is_file():
            try:
                found[name] = adapter(name)
            except Unusable:  # its package is not installed here: its runs were made elsewhere
                continue
    return found
