"""A practice's people: role, what it includes, and who manages it (V14, V24)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from portals.enums import Topic
from portals.memberships import Managed, Manager, Membership, Memberships
from portals.scope import PartyRef, Portal
from providers.access import ROLE_PERMISSIONS, Provider
from providers.enums import PracticeRole
from providers.models import StaffMembership

ALLOWS = {
    Provider.SEE_PRACTICE: _("See the practice and its practitioners"),
    Provider.SEE_STAFF: _("See who has access"),
    Provider.MANAGE_STAFF: _("Add and remove staff"),
}


def current(user_id: int) -> list[Membership]:
    """One query."""
    return _read(StaffMembership.objects.filter(user_id=user_id, ended_at=None))


def history(user_ids: Collection[int]) -> list[Membership]:
    """One query."""
    return _read(StaffMembership.objects.filter(user_id__in=user_ids))


def _read(found: QuerySet[StaffMembership]) -> list[Membership]:
    return [_membership(row) for row in found.select_related("practice").order_by("-id")]


def _membership(row: StaffMembership) -> Membership:
    held = frozenset() if row.ended_at else ROLE_PERMISSIONS[row.role]
    return Membership(
        row.user_id,
        Portal.PROVIDER,
        PartyRef("practice", row.practice_id),
        organization=row.practice.name,
        number=row.practice.provider_id,
        role=PracticeRole(row.role).label,
        since=row.started_at,
        until=row.ended_at,
        ended_by=row.ended_by,
        manages=row.role == PracticeRole.MANAGER,
        permissions=held,
        allows=[text for permission, text in ALLOWS.items() if permission in held],
    )


def managers(user_id: int, memberships: Sequence[Membership]) -> Mapping[PartyRef, Sequence[Managed]]:
    """Staff ask their office managers, at the practice's telephone; office managers, and who has none, the Web Help
    Desk. One query."""
    asking = {each.party.id for each in memberships if each.party and not each.manages}
    found: dict[int, list[Manager]] = {}
    rows = StaffMembership.objects.filter(
        practice_id__in=asking, role=PracticeRole.MANAGER, ended_at=None, user__is_active=True
    ).exclude(user_id=user_id)
    for row in rows.select_related("user", "practice").order_by("user__family_name", "user__given_name", "id"):
        found.setdefault(row.practice_id, []).append(Manager(row.user_id, row.user.display_name, row.practice.phone))
    return {
        each.party: [Managed(Topic.WEB_HELP_DESK, people=found.get(each.party.id, ()))]
        for each in memberships
        if each.party
    }


def spans() -> QuerySet[StaffMembership, Any]:
    return StaffMembership.objects.order_by().values_list("user_id", "started_at", "ended_at")


def reviewed(as_of: dt.date, ids: Collection[int] | None) -> QuerySet[StaffMembership, Any]:
    """Who has access now, whatever the day."""
    rows = StaffMembership.objects.filter(ended_at=None)
    if ids is not None:
        rows = rows.filter(practice_id__in=list(ids))
    manages = ExpressionWrapper(Q(role=PracticeRole.MANAGER), output_field=BooleanField())
    return rows.annotate(party=F("practice_id"), place=F("id"), manages=manages).values_list(
        "party", "place", "user_id", "role", "manages"
    )


MEMBERSHIPS = Memberships(current=current, history=history, managers=managers, spans=spans, reviewed=reviewed)
