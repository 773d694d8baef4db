"""The pickler that this package uses for children, under the name that clients know, see mpref.util."""

from __future__ import annotations

import pickle
from io import BytesIO

from .transfer import handover

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["ForkingPickler", "dump", "register"]


class ForkingPickler(pickle.Pickler):
    """A pickler that knows what the package knows to pickle for a child, sockets among it."""

    loads = staticmethod(pickle.loads)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.dispatch_table = handover.dispatch_table()

    @classmethod
    def register(cls, type: type, reduce: Callable[[Any], tuple[Any, ...]]) -> None:
        """Pickle instances of a class by a reducer, as those of `copyreg` are, in this package's pickles alone."""
        handover.register_type(type, reduce)

    @classmethod
    def dumps(cls, obj: object, protocol: int | None = None) -> memoryview:
        """Return the pickle of an object."""
        stream = BytesIO()
        cls(stream, protocol).dump(obj)
        return stream.getbuffer()


register = ForkingPickler.register


def dump(obj: object, file: Any, protocol: int | None = None) -> None:
    """Write the pickle of an object to a file."""
    ForkingPickler(file, protocol).dump(obj)
