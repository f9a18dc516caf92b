"""What the desk is told of a practice's person: role, what it includes, and who manages it (V14, V24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from portals.explain_access.queries import Managed, Manager, Place
from portals.help import directory as help_directory
from portals.models import User
from portals.scope import Portal, Scope
from providers.access import ROLE_PERMISSIONS, Provider
from providers.enums import PracticeRole
from providers.models import StaffMembership


def places(scope: Scope, user: User, as_of: dt.date) -> list[Place]:
    """Staff ask their office managers; office managers, and who has none, ask the help desk. Three queries."""
    rows = list(StaffMembership.objects.filter(user=user).select_related("practice").order_by("-id"))
    if not rows:
        return []
    managers = _managers({row.practice_id for row in rows if row.ended_at is None}, but=user.pk)
    contact = help_directory.contact("web-help-desk", audience="provider", as_of=as_of)
    found = []
    for row in sorted(rows, key=lambda row: row.ended_at is not None):
        people = [] if row.role == PracticeRole.MANAGER else managers.get(row.practice_id, [])
        held = ROLE_PERMISSIONS[row.role]
        found.append(
            Place(
                portal=Portal.PROVIDER,
                organization=row.practice.name,
                number=row.practice.provider_id,
                role=PracticeRole(row.role).label,
                since=row.started_at,
                until=row.ended_at,
                ended_by=row.ended_by,
                may=[] if row.ended_at else Provider.labels(held),
                managed=[] if row.ended_at else [Managed("", people, None if people else contact)],
            )
        )
    return found


def _managers(practice_ids: Collection[int], *, but: int) -> dict[int, list[Manager]]:
    rows = StaffMembership.objects.filter(
        practice__in=practice_ids, role=PracticeRole.MANAGER, ended_at=None, user__is_active=True
    ).exclude(user=but)
    found: dict[int, list[Manager]] = {}
    for row in rows.select_related("user", "practice").order_by("user__family_name", "user__given_name", "id"):
        found.setdefault(row.practice_id, []).append(Manager(row.user_id, row.user.display_name, row.practice.phone))
    return found
