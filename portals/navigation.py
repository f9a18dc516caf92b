"""The menu of each portal, as the app that owns the portal registers it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portals.scope import Portal, Scope

NavEntry = tuple[Any, str, str]  # lazy label, URL name, prefix of the URL names that mark it as current
_entries: dict[Portal, Callable[[Scope], list[NavEntry]]] = {}


def register(portal: Portal, entries: Callable[[Scope], list[NavEntry]]) -> None:
    _entries[portal] = entries


def of(scope: Scope) -> list[NavEntry]:
    """Nothing before a portal is entered."""
    return _entries[scope.portal](scope) if scope.portal in _entries else []
