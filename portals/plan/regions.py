"""The plan's regions and which of them a person belongs to (M9): some have their own website and telephone."""

from __future__ import annotations

from portals import doors
from portals.page_cache import once_per_page
from portals.plan.brand import regions
from portals.scope import Scope


@once_per_page
def region_of(scope: Scope) -> str:
    """The region's code, blank for everybody elsewhere. No query for a plan without regions."""
    door = doors.find(scope.portal)
    if door is None or door.region is None or scope.party is None or not regions():
        return ""
    return door.region(scope)
