"""How messages are written down where XML was asked for. Section "Managers", the parameter `serializer`."""

from __future__ import annotations

from .token import Token

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Xml:
    """XML, as XML-RPC writes it: None, numbers, text, bytes, lists and dicts. What was a tuple arrives as a list."""

    def dumps(self, thing: Any) -> bytes:
        """Write an object down. TypeError: it is of another type."""
        from xmlrpc.client import dumps

        return dumps((_as_list(thing),), allow_none=True).encode()

    def loads(self, data: bytes) -> Any:
        """Read what dumps() has written."""
        from xmlrpc.client import loads

        ((thing,), _) = loads(data.decode(), use_builtin_types=True)
        return thing


def _as_list(thing: Any) -> Any:
    """Make lists of tokens and tuples: XML has neither, and would write attributes of any object down as a dict."""
    if isinstance(thing, Token):
        return list(thing.__getstate__())
    if isinstance(thing, (list, tuple)):
        return [_as_list(one) for one in thing]
    if isinstance(thing, dict):
        return {key: _as_list(value) for key, value in thing.items()}
    if thing is None or isinstance(thing, (bool, int, float, str, bytes)) or type(thing).__module__ == "datetime":
        return thing
    raise TypeError(f"the serializer 'xmlrpclib' cannot write a {type(thing).__name__} down: use 'pickle'")
