"""The plan's own people: their teams."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import QuerySet

from portals.access import TEAM_PERMISSIONS
from portals.enums import Team
from portals.memberships import Membership, Memberships
from portals.models import StaffRole
from portals.scope import Portal


def current(user_id: int) -> list[Membership]:
    """One place to work, however many teams somebody is in. One query."""
    teams = list(StaffRole.objects.filter(user_id=user_id, ended_at=None).values_list("team", flat=True))
    if not teams:
        return []
    held = frozenset().union(*(TEAM_PERMISSIONS[team] for team in teams))
    role = ", ".join(str(Team(team).label) for team in sorted(teams))
    return [Membership(user_id, Portal.DESK, None, role=role, permissions=held | {f"team:{team}" for team in teams})]


def history(user_ids: Collection[int]) -> list[Membership]:
    """One for each team. One query."""
    return [
        Membership(row.user_id, Portal.DESK, None, role=Team(row.team).label, since=row.started_at, until=row.ended_at)
        for row in StaffRole.objects.filter(user_id__in=user_ids).order_by("-id")
    ]


def spans() -> QuerySet[StaffRole, Any]:
    return StaffRole.objects.order_by().values_list("user_id", "started_at", "ended_at")


MEMBERSHIPS = Memberships(current=current, history=history, spans=spans)
