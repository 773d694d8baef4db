"""multiprocessing.connection as Windows has it: the family AF_PIPE, here of sockets whose names tell the pipes'."""

import os
import tempfile
from multiprocessing import connection
from multiprocessing.connection import wait  # noqa: F401

PIPES = "\\\\.\\pipe\\"


def _path(name):
    return os.path.join(tempfile.gettempdir(), name[len(PIPES) :])


class Listener(connection.Listener):
    """Without an address AF_PIPE chooses one."""

    def __init__(self, address=None, family=None, backlog=1, authkey=None):
        if family == "AF_PIPE" and address is None:
            address = PIPES + "pyc-" + os.urandom(8).hex()
        self._name = address if isinstance(address, str) and address.startswith(PIPES) else None
        if self._name:
            address, family = _path(self._name), "AF_UNIX"
        super().__init__(address, family, backlog, authkey)

    @property
    def address(self):
        """The pipe's name, or the socket's address."""
        return self._name or super().address


def Client(address, family=None, authkey=None):
    """The family of a pipe's name is inferred."""
    if isinstance(address, str) and address.startswith(PIPES):
        address, family = _path(address), "AF_UNIX"
    return connection.Client(address, family, authkey)
