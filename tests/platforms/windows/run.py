"""Imports every module of the spec, then runs the clauses that claim Windows, and tells what came of each."""

import importlib
import json
import pkgutil
import sys
import tempfile


def main():
    """Print the outcomes as JSON: id, with its case -> "kept" or what was raised."""
    import mpspec
    from mpspec.implementation import Missing, under_test

    for module in pkgutil.walk_packages(mpspec.__path__, "mpspec."):
        try:
            importlib.import_module(module.name)
        except (
            Missing
        ):  # it has classes that are derived from those of an implementation, and there is none for Windows
            continue
    from mpspec.loader import CHAPTERS, load
    from mpspec.observation.see import See

    outcomes = {}
    for clause in (clause for name in CHAPTERS for clause in load(name).clauses.values()):
        if "win32" in clause.platforms:
            for case in [[value] for value in clause.cases.values()] or [[]]:
                with tempfile.TemporaryDirectory() as folder:
                    see = See(folder, under_test())
                    try:
                        clause.body(under_test(), see, *case)
                        outcomes[f"{clause.id} {case}"] = "kept"
                    except Exception as error:
                        outcomes[f"{clause.id} {case}"] = repr(error)
                    see.close()
    json.dump(outcomes, sys.stdout)


if __name__ == "__main__":
    main()
