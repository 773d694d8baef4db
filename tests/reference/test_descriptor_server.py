"""Connections and sockets in messages: what their sender and receiver need, and what is left of it."""

from __future__ import annotations

from typing import Any


def test_a_server_without_free_descriptors_goes_on_when_there_are_some(run: Any) -> None:
    ended = run(
        """
        import os, pickle, resource, threading, time
        import mpref

        near, far = mpref.Pipe()
        before, last = pickle.dumps(far), pickle.dumps(far)
        pickle.loads(before).close()  # all modules are there
        asking, told = mpref.Pipe()
        child = mpref.get_context("fork").Process(target=lambda: asking.send(pickle.loads(told.recv()).fileno() > 0))
        child.start()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        held = []
        try:
            while True:
                held.append(os.dup(0))
                resource.setrlimit(resource.RLIMIT_NOFILE, (held[-1] + 1, hard))
        except OSError:
            pass
        asking.send(last)
        spent = time.process_time()
        time.sleep(0.5)  # so long there is no room; there is nothing to wait for
        busy = time.process_time() - spent
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        print(told.recv(), busy < 0.2)
        child.join()
        """
    )
    assert (ended.stdout, ended.stderr) == ("True True\n", "")


def test_a_process_whose_key_was_changed_learns_that_the_keys_differ(run: Any) -> None:
    ended = run(
        """
        import mpref

        def receive(far):
            mpref.current_process().authkey = b"another"
            try:
                far.recv()
            except mpref.AuthenticationError as error:
                far.send(str(error))

        near, far = mpref.Pipe()
        child = mpref.get_context("fork").Process(target=receive, args=(far,))
        child.start()
        near.send(far)
        print("authkey" in near.recv())
        child.join()
        """
    )
    assert (ended.stdout, ended.stderr) == ("True\n", "")
