"""A server on one host, clients on another: two network namespaces with a cable between them, made by the test.

A server that listens on every address of its host is found by each client where that has found it, whoever has made
the proxy that the client is given.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from .ends import REFERENCE, WANTED, serving, tour, why_not

HERE = [version for version in WANTED if not why_not(version) and "pypy" not in version]
STANDARD = list(dict.fromkeys(HERE[:1] + HERE[-1:]))
"""The oldest and the newest."""
CLIENTS = [REFERENCE, *STANDARD]
EVERYWHERE = [("", 0), ("0.0.0.0", 0)]
OF_ITS_CLIENT = {"method_to_typeid_of_nested_proxies"}


class Host:
    """A network namespace. address: what the other host finds it by."""

    def __init__(self, address: str, beside: Host | None = None) -> None:
        self.address = address
        enter = [] if beside is None else beside.inside(network=False)
        own = ["-Ur"] if os.geteuid() != 0 and beside is None else []
        self._holder = subprocess.Popen(
            [*enter, "unshare", *own, "-n", "sh", "-c", "echo made && exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._holder.stdout is not None
        if self._holder.stdout.readline() != "made\n":
            raise PermissionError(self._holder.communicate()[1].strip())

    @property
    def number(self) -> int:
        """A process in it."""
        return self._holder.pid

    def inside(self, network: bool = True) -> list[str]:
        """How a command begins that runs on this host. network: False: as the same user only."""
        user = [] if os.geteuid() == 0 else ["-U", "--preserve-credentials"]
        if not network and not user:
            return []
        return ["nsenter", "-t", str(self.number), *user, *(["-n"] if network else [])]

    def ip(self, *words: str) -> None:
        """Run the command of this name here."""
        done = subprocess.run([*self.inside(), "ip", *words], capture_output=True, text=True, check=False)
        if done.returncode:
            raise PermissionError(done.stderr.strip())

    def close(self) -> None:
        """Let it go, and all that is in it."""
        self._holder.communicate()


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Host, Host]]:
    """Two hosts that reach each other, and nothing else."""
    if sys.platform != "linux" or not all(map(shutil.which, ("unshare", "nsenter", "ip"))):
        pytest.skip("two hosts are namespaces of Linux, made by unshare, nsenter and ip")
    made: list[Host] = []
    try:
        try:
            made.append(Host("10.77.0.1"))
            made.append(Host("10.77.0.2", beside=made[0]))
            made[0].ip("link", "add", "cable0", "type", "veth", "peer", "name", "cable1", "netns", str(made[1].number))
            for number, one in enumerate(made):
                one.ip("address", "add", f"{one.address}/24", "dev", f"cable{number}")
                one.ip("link", "set", "lo", "up")
                one.ip("link", "set", f"cable{number}", "up")
        except PermissionError as error:
            pytest.skip(f"this user may not make network namespaces here: {error}")
        yield made[0], made[1]
    finally:
        for one in reversed(made):
            one.close()


def otherwise(outcomes: dict[str, str], known: set[str]) -> dict[str, str]:
    """The steps that went otherwise than well, but for those of which that is known."""
    return {step: outcome for step, outcome in outcomes.items() if outcome != "ok" and step not in known}


@pytest.mark.parametrize(
    ("address", "client"), [*[(EVERYWHERE[0], one) for one in CLIENTS], (EVERYWHERE[1], CLIENTS[-1])]
)
def test_a_client_elsewhere_does_it_all(hosts: tuple[Host, Host], address: tuple[str, int], client: str) -> None:
    near, far = hosts
    with serving(REFERENCE, address, prefix=near.inside()) as server:
        there = (near.address, server.address[1])
        outcomes = tour(client, "released+calls", there, prefix=far.inside())
    assert otherwise(outcomes, set() if client == REFERENCE else OF_ITS_CLIENT) == {}


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("first", ["here", "there"])
def test_each_client_is_told_where_it_finds_the_server_itself(
    hosts: tuple[Host, Host], first: str, client: str
) -> None:
    near, far = hosts
    with serving(REFERENCE, ("", 0), prefix=near.inside()) as server:
        here = (near.inside(), ("127.0.0.1", server.address[1]))
        there = (far.inside(), (near.address, server.address[1]))
        one, other = (here, there) if first == "here" else (there, here)
        for kind, part, (prefix, address) in ((client, "leave", one), (REFERENCE, "find", other)):
            assert otherwise(tour(kind, part, address, prefix=prefix), set()) == {}
        assert otherwise(tour(client, "find_again", one[1], prefix=one[0]), set()) == {}


def test_a_client_of_the_reference_is_served_elsewhere_by_the_standard_library(hosts: tuple[Host, Host]) -> None:
    near, far = hosts
    if not STANDARD:
        pytest.skip("there is no other interpreter on this machine")
    with serving(STANDARD[-1], (near.address, 0), prefix=near.inside()) as server:
        outcomes = tour(REFERENCE, "types+calls", server.address, prefix=far.inside())
    assert otherwise(outcomes, {"conditions_with_an_rlock"}) == {}
