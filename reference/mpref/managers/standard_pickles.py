"""How messages are written down where the other end is the standard library's.

Pickles for the standard library's managers name its classes, and pickles from there are read without importing them.
"""

from __future__ import annotations

import sys
from _pickle import Pickler, Unpickler
from importlib import import_module
from io import BytesIO
from types import FunctionType

from ..transfer.framing import PROTOCOL
from .token import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

STANDARD = "multiprocessing.managers"
"""The module whose names are on the wire."""

_HERE = __name__.rpartition(".")[0]


class _StandardModule:
    """Is unpickled as the standard library's module of managers."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return import_module, (STANDARD,)


class StandardName:
    """Is unpickled as what has this name in the standard library's module of managers."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, *_: object) -> None:
        """Be callable, as what begins a pickled object has to be."""

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, str]]:
        return getattr, (_StandardModule(), self.name)


class _StandardPickler(Pickler):
    def __init__(self, stream: BytesIO, address: Any) -> None:
        super().__init__(stream, PROTOCOL)
        self._address = address

    def reducer_override(self, thing: Any) -> Any:
        """Pickle what is of this package as what the standard library has in its place."""
        if isinstance(thing, (type, FunctionType)):  # AutoProxy is a function
            if thing.__module__.startswith(_HERE) and hasattr(sys.modules[_HERE], thing.__qualname__):
                return StandardName(thing.__qualname__).__reduce__()
            return NotImplemented
        in_other_words = getattr(thing, "_mpref_for_the_standard_library", None)
        if in_other_words is None or isinstance(thing, Token):
            return NotImplemented
        return in_other_words(self._address)


class _StandardUnpickler(Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Find what has the name here, where it is one of the standard library's managers."""
        if module == STANDARD or module.startswith(STANDARD + "."):
            module = _HERE
        return super().find_class(module, name)


class StandardPickles:
    """The pickles of the standard library's managers. address: what the other end takes for that of this server."""

    def __init__(self, address: Any = None) -> None:
        self._address = address

    def dumps(self, thing: Any) -> bytes:
        """Pickle an object for the standard library."""
        stream = BytesIO()
        _StandardPickler(stream, self._address).dump(thing)
        return stream.getvalue()

    def loads(self, data: bytes) -> Any:
        """Unpickle what the standard library has pickled."""
        return _StandardUnpickler(BytesIO(data)).load()
