"""What travels to a child that is being started, and over a Unix socket."""

from __future__ import annotations

import copyreg
import os
import pickle
import socket
from typing import Any

import pytest
from mpref import descriptors
from mpref.transfer import handover


class Given:
    """A descriptor that a child may be given."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return Given, (handover.require(self).give(self.descriptor),)


def test_it_is_refused_outside_of_a_start() -> None:
    assert handover.being_started() is None
    with pytest.raises(RuntimeError, match=r"Given objects are shared .* by inheritance only"):
        pickle.dumps(Given(0))


def test_a_delivery_closes_its_copies() -> None:
    reading, writing = os.pipe()
    with handover.Delivery("spawn") as delivery:
        assert b"Given" in handover.pickle_for_child([Given(writing), Given(writing)], delivery)
        assert len(set(delivery.descriptors)) == 2
        assert handover.being_started() is None
        os.close(writing)
        os.set_blocking(reading, False)
        with pytest.raises(BlockingIOError):
            os.read(reading, 1)
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_a_failed_pickle_is_not_a_start_any_more() -> None:
    with handover.Delivery("spawn") as delivery, pytest.raises(Exception, match=r"pickle|local"):
        handover.pickle_for_child(lambda: None, delivery)
    assert handover.being_started() is None


def test_the_reducers_of_the_program_are_known_and_ours_are_not_made_public() -> None:
    assert socket.socket in handover.dispatch_table()
    assert socket.socket not in copyreg.dispatch_table
    assert set(copyreg.dispatch_table) <= set(handover.dispatch_table())


def test_any_number_of_descriptors_goes_over_a_socket() -> None:
    here, there = socket.socketpair()
    reading, writing = os.pipe()
    with here, there:
        descriptors.send(here, b"six hundred", [writing] * 600)
        data, received = descriptors.receive(there, 11, lambda _: 600)
    assert data == b"six hundred"
    assert len(set(received)) == 600
    assert not any(os.get_inheritable(one) for one in received)
    for one in (*received, reading, writing):
        os.close(one)


def test_the_end_of_the_other_side_is_an_end_of_file_and_leaves_no_descriptor() -> None:
    here, there = socket.socketpair()
    reading, writing = os.pipe()
    with there:
        with here:
            descriptors.send(here, b"x", [writing])
        os.close(writing)
        with pytest.raises(EOFError):
            descriptors.receive(there, 1, lambda _: 2)
    assert os.read(reading, 1) == b""
    os.close(reading)


def test_a_child_takes_descriptors_and_sockets_out_and_the_rest_is_closed(run: Any) -> None:
    ended = run("""
        import os, socket, sys
        import mpref
        from mpref.transfer import handover

        class Given:
            def __init__(self, descriptor): self.descriptor = descriptor
            def __reduce__(self):
                return Given, (handover.require(self).give(self.descriptor),)

        class Unclaimed:
            def __init__(self, descriptor=None): self.descriptor = descriptor
            def __reduce__(self):
                handover.require(self).give(self.descriptor)
                return Unclaimed, ()

        def use(many, peer, unclaimed):
            for one in many:
                os.write(one.descriptor, b".")
            peer.sendall(b"1")
            peer.recv(1)

        if __name__ == "__main__":
            reading, writing = os.pipe()
            for method in ("spawn", "forkserver"):
                here, there = socket.socketpair()
                nothing, unclaimed = os.pipe()
                child = mpref.get_context(method).Process(
                    target=use, args=([Given(writing) for _ in range(300)], there, Unclaimed(unclaimed)))
                child.start()
                there.close()
                os.close(unclaimed)
                print(here.recv(10), len(os.read(reading, 1000)), os.read(nothing, 1))
                here.close()
                child.join()
    """)
    assert ended.stdout == "b'1' 300 b''\n" * 2
