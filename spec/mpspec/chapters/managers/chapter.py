"""Managers: what BaseManager, SyncManager, Namespace and proxies promise."""

from __future__ import annotations

from mpspec.clause import Chapter

chapter = Chapter(
    "managers",
    section="Managers",
    source="multiprocessing-managers",
    subjects=(
        "manager",
        "start",
        "server",
        "connect",
        "shutdown",
        "end",
        "register",
        "exposed",
        "method_to_typeid",
        "customized",
        "remote",
        "serializers",
    ),
)
