"""The workflow that other packages copy: its commands are run, with stand-ins for what GitHub knows and its `gh`."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import arrows
import pytest
import yaml
from installed import Installed

WHOLE: dict[str, Any] = yaml.safe_load((arrows.ROOT / "examples" / "conformance.yml").read_text(encoding="utf-8"))
EXPRESSION = re.compile(r"\$\{\{ *(.+?) *\}\}")
PYTHON = "3.13"
"""The interpreter of the matrix that is run; it stands for the one at hand."""
KNOWN = "log.stderr.level-notset"
"""What the package breaks, and its baseline knows."""
FILES = {
    "mine.py": "from multiprocessing import *\n",
    "pyproject.toml": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "mine"
version = "1.0"
[tool.hatch.build.targets.wheel]
include = ["mine.py"]
""",
    "conformance/mine.toml": 'name = "mine"\nimplementation = "mine"\n',
    "conformance/mine-every.toml": f"""implementation = "mine"
version = "every"
[[deviation]]
clause = "{KNOWN}"
outcome = "broken"
reason = "the standard library's"
""",
}
GH = """#!/bin/bash
# Main has run once, if there is a folder `main`; of the pull request, what it is told is kept.
case "$1 $2" in
    "run list") echo 7 ;;
    "run download") [ -d ../main ] && cp -r ../main "${*: -1}" ;;
    "pr comment") cp comparison.md ../commented.md ;;
esac
"""


def step(job: str, name: str) -> dict[str, Any]:
    """The step of that name."""
    (found,) = [each for each in steps(job) if each["name"] == name]
    return found


def steps(job: str) -> Iterator[dict[str, Any]]:
    """The steps of a job that run commands, in order."""
    return (each for each in WHOLE["jobs"][job]["steps"] if "run" in each)


class Runner:
    """What runs the steps of a job in the folder that the job checks out, as GitHub's runners do."""

    def __init__(self, installed: Installed, folder: Path, built: Path) -> None:
        self.folder = folder
        self._installed = installed
        self._built = built
        (installed.folder / "bin" / "gh").write_text(GH)
        (installed.folder / "bin" / "gh").chmod(0o755)

    def run(self, each: dict[str, Any], shard: int = 0) -> subprocess.CompletedProcess[str]:
        """What comes of a step. The first checks of one chapter stand for all of them."""
        known = {
            "github.repository": "you/mine",
            "github.token": "secret",
            "github.event.pull_request.number": "3",
            "matrix.python": PYTHON,
            "matrix.shard": str(shard),
            "steps.judged.outputs.python-path": str(self._installed.folder / "bin" / "python"),
        }
        stated = {**WHOLE["env"], "MPCONFORM": str(self._built)}
        stated |= {name: EXPRESSION.sub(lambda at: known[at[1]], value) for name, value in each.get("env", {}).items()}
        commands = re.sub(r"\bmpconform run\b", "mpconform run log.stderr", each["run"])
        return self._installed.run(
            f"set -e\n{commands}",
            self.folder,
            GITHUB_STEP_SUMMARY=str(self.folder.parent / "summary.md"),
            PYTEST_XDIST_AUTO_NUM_WORKERS="1",
            **stated,
        )


@pytest.mark.timeout(600, method="signal")  # several commands, each of some seconds where the machine is busy
def test_its_commands_judge_merge_compare_and_publish(installed: Installed, built: Path, tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    for name, text in FILES.items():
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        (checkout / name).write_text(text)
    shards = tmp_path / "report" / "shards"
    shards.mkdir(parents=True)
    runner = Runner(installed, checkout, built)
    for shard in (1, 2):
        for each in steps("judge"):
            if shard == 1 or "pip install" not in each["run"]:
                ended = runner.run(each, shard)
                assert ended.returncode == 0, f"{each['name']}\n{ended.stdout}"
        for path in (checkout / "shards").iterdir():
            path.rename(shards / path.name)
        (checkout / "shards").rmdir()
    assert len(list(shards.glob("*.json"))) == len(list(shards.glob("*.xml"))) == 2

    runner = Runner(installed, shards.parent, built)
    for each in steps("report"):
        ended = runner.run(each)
        assert ended.returncode == 0, f"{each['name']}\n{ended.stdout}"
    merged = shards.parent / "runs" / f"{PYTHON}.json"
    assert json.loads(merged.read_text())["selection"]["shard"] is None
    assert {"index.html", f"badge-{PYTHON}.svg", f"badge-{PYTHON}.json"} <= {
        path.name for path in (shards.parent / "site").iterdir()
    }
    assert not (tmp_path / "summary.md").exists(), "there was nothing to compare with"

    shutil.copytree(merged.parent, tmp_path / "main")
    assert fetched_and_compared(runner) == 0
    before = json.loads(merged.read_text())
    (row,) = [row for row in before["checks"] if row["check"] == KNOWN]
    row |= {"outcome": "kept", "standing": None, "known": None}
    (tmp_path / "main" / merged.name).write_text(json.dumps(before))
    assert fetched_and_compared(runner) == 1
    for told in ("summary.md", "commented.md"):
        assert KNOWN in (tmp_path / told).read_text()


def fetched_and_compared(runner: Runner) -> int:
    """The status of the comparison, with main's documents fetched, of which the pull request is told."""
    shutil.rmtree(runner.folder / "before", ignore_errors=True)
    (runner.folder / "comparison.md").unlink(missing_ok=True)
    fetched, compared, commented = (
        runner.run(step("report", name))
        for name in ("Fetch the documents of main", "Compare with main", "Comment on the pull request")
    )
    assert (fetched.returncode, commented.returncode) == (0, 0), fetched.stdout + commented.stdout
    return compared.returncode


def test_the_shards_of_its_matrix_are_those_that_it_runs() -> None:
    matrix = WHOLE["jobs"]["judge"]["strategy"]["matrix"]
    count = len(matrix["shard"])
    assert matrix["shard"] == [*range(1, count + 1)]
    assert f"/{count}" in step("judge", "Judge it")["run"]
