"""Process-based parallelism: the documented `multiprocessing` API for POSIX, written from its documentation.

Importing this costs next to nothing; each name is imported when it is first used.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_SUBMODULES = (
    "authentication",
    "conduit",
    "connection",
    "context",
    "errors",
    "finalize",
    "handover",
    "heap",
    "launch",
    "listeners",
    "log",
    "message",
    "process",
    "queues",
    "reception",
    "semaphore",
    "sentinel",
    "shared_memory",
    "sharedctypes",
    "sharing",
    "synchronize",
    "waiting",
)


def __getattr__(name: str) -> Any:
    """Import what has the name, and keep it here."""
    if name in _SUBMODULES:
        return __import__(f"{__name__}.{name}", fromlist=["*"])
    from . import context

    if name == "__all__":
        value: Any = _public()
    elif name in _public():
        value = getattr(context.default, name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_public(), *_SUBMODULES})


def _public() -> list[str]:
    from . import context

    own = [name for kind in context.DefaultContext.__mro__ for name in vars(kind) if not name.startswith("_")]
    return sorted({*own, *context.PLAIN, *context.BOUND})
