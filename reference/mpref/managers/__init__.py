"""Managers and proxies: objects that processes share, in a server that one of them has started or that runs elsewhere.

Section "Managers".
"""

from __future__ import annotations

from .answers import RemoteError
from .kinds import (
    AcquirerProxy,
    ArrayProxy,
    BarrierProxy,
    ConditionProxy,
    DictProxy,
    EventProxy,
    IteratorProxy,
    ListProxy,
    NamespaceProxy,
    SetProxy,
    ValueProxy,
)
from .manager import BaseManager
from .proxies import AutoProxy, BaseProxy, MakeProxyType
from .proxies import rebuild as RebuildProxy
from .sync_manager import Array, Namespace, SyncManager, Value
from .token import Token

__all__ = [
    "AcquirerProxy",
    "Array",
    "ArrayProxy",
    "AutoProxy",
    "BarrierProxy",
    "BaseManager",
    "BaseProxy",
    "ConditionProxy",
    "DictProxy",
    "EventProxy",
    "IteratorProxy",
    "ListProxy",
    "MakeProxyType",
    "Namespace",
    "NamespaceProxy",
    "RebuildProxy",
    "RemoteError",
    "SetProxy",
    "SyncManager",
    "Token",
    "Value",
    "ValueProxy",
]
