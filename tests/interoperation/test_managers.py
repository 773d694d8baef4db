"""Managers of the reference and those of the standard library of every interpreter on this machine serve each other."""

from __future__ import annotations

import pytest

from .ends import KEY, REFERENCE, WANTED, not_ok, serving, tour, why_not

VERSIONS = [
    pytest.param(version, marks=pytest.mark.skipif(bool(why_not(version)), reason=why_not(version) or "it is here"))
    for version in WANTED
]
FAMILIES = ["AF_UNIX", "AF_INET"]

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


@pytest.fixture(params=FAMILIES)
def address(request: pytest.FixtureRequest) -> object:
    """Where a server is asked to listen: at a path, or at a port."""
    return None if request.param == "AF_UNIX" else ("127.0.0.1", 0)


def test_the_reference_does_it_all_with_itself(address: object) -> None:
    with serving(REFERENCE, address) as server:
        assert not_ok(tour(REFERENCE, "everything", server.address)) == {}
        assert not_ok(tour(REFERENCE, "released", server.address)) == {}


def test_a_client_of_the_standard_library_is_served(version: str, address: object) -> None:
    with serving(REFERENCE, address) as server:
        failed = not_ok(tour(version, "everything", server.address))
    known = OF_ITS_CLIENT | (OF_PYPYS_CLIENT if "pypy" in version else set())
    assert {step: outcome for step, outcome in failed.items() if step not in known} == {}


def test_a_client_of_the_reference_is_served_by_the_standard_library(version: str, address: object) -> None:
    with serving(version, address) as server:
        failed = not_ok(tour(REFERENCE, "everything", server.address))
    known = OF_ITS_SERVER | (OF_PYPYS_SERVER if "pypy" in version else set())
    assert {step: outcome for step, outcome in failed.items() if step not in known} == {}


def test_referents_of_clients_of_the_standard_library_are_released(version: str) -> None:
    with serving(REFERENCE, None) as server:
        assert not_ok(tour(version, "released", server.address)) == {}


@pytest.mark.parametrize("server_is", [REFERENCE, "standard library"])
def test_proxies_go_from_clients_of_one_to_clients_of_the_other(version: str, server_is: str) -> None:
    if "pypy" in version:
        pytest.skip("a list of text is pickled by a module that PyPy alone has")
    with serving(REFERENCE if server_is == REFERENCE else version, None) as server:
        for first, second in ((REFERENCE, version), (version, REFERENCE)):
            assert not_ok(tour(first, "leave", server.address)) == {}
            assert not_ok(tour(second, "find", server.address)) == {}
            assert not_ok(tour(first, "find_again", server.address)) == {}


def test_requests_in_xml(version: str) -> None:
    for one, other in ((REFERENCE, version), (version, REFERENCE)):
        with serving(one, None, serializer="xmlrpclib") as server:
            assert not_ok(tour(other, "plainly", server.address, serializer="xmlrpclib")) == {}


def test_a_wrong_key_is_refused_and_the_server_goes_on(version: str) -> None:
    for one, other in ((REFERENCE, version), (version, REFERENCE)):
        with serving(one, ("127.0.0.1", 0)) as server:
            outcome = tour(other, "refused", server.address, b"another key")["connect"]
            assert outcome.startswith("AuthenticationError"), outcome
            assert not_ok(tour(other, "refused", server.address, KEY)) == {}
