"""A cluster of Ray on this machine, and then the command in the arguments, in the place of this process.

A pool takes a second on a cluster that is there, and ten seconds or more where it starts one of its own. The cluster
is no part of what is judged: it goes to the process that has launched this one, ends with it, and keeps its files in
the folder at hand. On Linux it listens at every address of the machine, and does what anybody asks of it who knows a
token: a new one, which the command has, and nobody else.
"""

from __future__ import annotations

import ctypes
import os
import secrets
import subprocess
import sys

PROCESSORS = 4
"""What the cluster says that it has, whatever the machine has: no pool has more workers, and one that asks for no
number has as many."""
MEMORY = 100_000_000
"""Bytes of its store of objects."""
PR_SET_CHILD_SUBREAPER = 36


def main(command: list[str]) -> None:
    """Start the cluster, have programs find it by RAY_ADDRESS, and become the command."""
    folder = os.path.join(os.getcwd(), "ray")
    start = ["ray", "start", "--head", "--port=0", "--include-dashboard=false", "--include-log-monitor=false"]
    start += ["--disable-usage-stats", f"--num-cpus={PROCESSORS}", f"--object-store-memory={MEMORY}"]
    os.environ.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))
    _orphans_come_here(False)
    started = subprocess.run(
        [*start, f"--temp-dir={folder}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    _orphans_come_here(True)
    if started.returncode != 0:
        sys.exit(f"ray starts no cluster:\n{started.stdout}")
    with open(os.path.join(folder, "ray_current_cluster"), encoding="ascii") as file:
        os.environ["RAY_ADDRESS"] = file.read().strip()
    os.execv(command[0], command)


def _orphans_come_here(whether: bool) -> None:
    """Below this process is what is judged, which ends after each check; the cluster stays."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, int(whether), 0, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
