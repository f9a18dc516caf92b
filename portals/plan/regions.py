"""The plan's regions and which of them a person belongs to (M9): some have their own website and telephone."""

from __future__ import annotations

from collections.abc import Callable

from portals.page_cache import once_per_page
from portals.plan.brand import regions
from portals.scope import Portal, Scope

Resolver = Callable[[Scope], str]
_resolvers: dict[Portal, Resolver] = {}


def register(portal: Portal, resolver: Resolver) -> None:
    """Whose region it is, an upper app knows: it registers in AppConfig.ready how to find it."""
    _resolvers[portal] = resolver


@once_per_page
def region_of(scope: Scope) -> str:
    """The region's code, blank for everybody elsewhere. No query for a plan without regions."""
    resolver = _resolvers.get(scope.portal)
    if resolver is None or scope.party is None or not regions():
        return ""
    return resolver(scope)
