"""An employer's users: role, what it includes, and who manages it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from employers.access import ROLE_PERMISSIONS, Employer
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.queries import clients
from portals.enums import Topic
from portals.memberships import Managed, Manager, Membership, Memberships
from portals.scope import PartyRef, Portal

ALLOWS = {
    Employer.SEE_CLIENT: _("See the employer's groups and packages"),
    Employer.SEE_BILLING: _("See invoices, with names"),
    Employer.EXPORT_LINES: _("Download invoice lines"),
    Employer.PAY: _("Pay invoices"),
    Employer.MANAGE_BANK: _("Enter, share and end bank accounts"),
    Employer.SEE_MANAGERS: _("See who manages access"),
    Employer.MANAGE_USERS: _("Invite and remove the employer's people"),
}


def current(user_id: int) -> list[Membership]:
    """Two queries."""
    return _read(EmployerUser.objects.filter(user_id=user_id, ended_at=None))


def history(user_ids: Collection[int]) -> list[Membership]:
    """Two queries."""
    return _read(EmployerUser.objects.filter(user_id__in=user_ids))


def _read(found: QuerySet[EmployerUser]) -> list[Membership]:
    rows = list(found.order_by("-id"))
    named = clients.named({row.client_id for row in rows}) if rows else {}
    return [_membership(row, named[row.client_id]) for row in rows]


def _membership(row: EmployerUser, client: clients.ClientRow) -> Membership:
    held = frozenset() if row.ended_at else ROLE_PERMISSIONS[row.role]
    return Membership(
        row.user_id,
        Portal.EMPLOYER,
        PartyRef("client", row.client_id),
        organization=client.name,
        number=client.client_id,
        role=EmployerRole(row.role).label,
        since=row.started_at,
        until=row.ended_at,
        manages=row.role == EmployerRole.ADMINISTRATOR,
        permissions=held,
        allows=[text for permission, text in ALLOWS.items() if permission in held],
    )


def managers(user_id: int, memberships: Sequence[Membership]) -> Mapping[PartyRef, Sequence[Managed]]:
    """The employer's administrators; where the person is the only one, or there is none, client management. One
    query."""
    parties = [each.party for each in memberships if each.party]
    rows = EmployerUser.objects.filter(
        client_id__in=[party.id for party in parties],
        role=EmployerRole.ADMINISTRATOR,
        ended_at=None,
        user__is_active=True,
    ).exclude(user_id=user_id)
    found: dict[int, list[Manager]] = {}
    for row in rows.select_related("user").order_by("user__family_name", "user__given_name", "id"):
        found.setdefault(row.client_id, []).append(Manager(row.user_id, row.user.display_name))
    return {party: [Managed(Topic.CLIENT_MANAGEMENT, people=found.get(party.id, ()))] for party in parties}


def spans() -> QuerySet[EmployerUser, Any]:
    return EmployerUser.objects.order_by().values_list("user_id", "started_at", "ended_at")


def reviewed(as_of: dt.date, ids: Collection[int] | None) -> QuerySet[EmployerUser, Any]:
    """Who has access now, whatever the day."""
    rows = EmployerUser.objects.filter(ended_at=None)
    if ids is not None:
        rows = rows.filter(client_id__in=list(ids))
    manages = ExpressionWrapper(Q(role=EmployerRole.ADMINISTRATOR), output_field=BooleanField())
    return rows.annotate(party=F("client_id"), place=F("id"), manages=manages).values_list(
        "party", "place", "user_id", "role", "manages"
    )


MEMBERSHIPS = Memberships(current=current, history=history, managers=managers, spans=spans, reviewed=reviewed)
