"""Managers of the reference and those of the standard library of every interpreter on this machine serve each other."""

from __future__ import annotations

import pytest

from .ends import REFERENCE, WANTED, serving, tour, why_not

VERSIONS = [
    pytest.param(version, marks=pytest.mark.skipif(bool(why_not(version)), reason=why_not(version) or "it is here"))
    for version in WANTED
]
# The types are the same wherever a server listens; what has addresses, keys and references is tried at both.
PLACES = {"AF_UNIX": (None, "types+calls"), "AF_INET": (("127.0.0.1", 0), "calls")}

# What the standard library does not do with itself either. Its server has proxies where the page says that a
# condition is given a lock; its client has no manager for a proxy that it has unpickled.
OF_ITS_SERVER = {"conditions_with_an_rlock"}
OF_ITS_CLIENT = {"method_to_typeid_of_nested_proxies"}
# PyPy pickles iterators, and lists of nothing but ASCII, by modules that nobody else has, and has no module _queue.
OF_PYPYS_SERVER = {"dicts", "iteration_over_dicts", "namespaces"}
OF_PYPYS_CLIENT = {"iteration_over_dicts", "namespaces", "queues"}


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """Each interpreter whose standard library is talked to."""
    return str(request.param)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> tuple[object, str]:
    """Where a server is asked to listen, at a path or at a port, and which tours a client makes there."""
    return PLACES[request.param]


def otherwise(outcomes: dict[str, str], known: set[str]) -> dict[str, str]:
    """The steps that went otherwise than well, but for those of which that is known."""
    return {step: outcome for step, outcome in outcomes.items() if outcome != "ok" and step not in known}


def test_the_reference_does_it_all_with_itself(place: tuple[object, str]) -> None:
    with serving(REFERENCE, place[0]) as server:
        assert otherwise(tour(REFERENCE, f"released+{place[1]}", server.address), set()) == {}


def test_a_client_of_the_standard_library_is_served(version: str, place: tuple[object, str]) -> None:
    with serving(REFERENCE, place[0]) as server:
        outcomes = tour(version, f"released+{place[1]}", server.address)
    assert otherwise(outcomes, OF_ITS_CLIENT | (OF_PYPYS_CLIENT if "pypy" in version else set())) == {}


def test_a_client_of_the_reference_is_served_by_the_standard_library(version: str, place: tuple[object, str]) -> None:
    with serving(version, place[0]) as server:
        outcomes = tour(REFERENCE, place[1], server.address)
    assert otherwise(outcomes, OF_ITS_SERVER | (OF_PYPYS_SERVER if "pypy" in version else set())) == {}


@pytest.mark.parametrize("server", [REFERENCE, "standard library"])
def test_proxies_go_from_clients_of_one_to_clients_of_the_other(version: str, server: str) -> None:
    if "pypy" in version:
        pytest.skip("a list of text is pickled by a module that PyPy alone has")
    with serving(REFERENCE if server == REFERENCE else version, None) as one:
        for kind, part in ((REFERENCE, "leave"), (version, "find"), (REFERENCE, "find_again")):
            assert otherwise(tour(kind, part, one.address), set()) == {}


def test_requests_in_xml(version: str) -> None:
    for one, other in ((REFERENCE, version), (version, REFERENCE)):
        with serving(one, None, serializer="xmlrpclib") as server:
            assert otherwise(tour(other, "plainly", server.address, serializer="xmlrpclib"), set()) == {}
