"""What the desk is told of an employer's user: role, what it includes, and who manages it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from employers.access import ROLE_PERMISSIONS, Employer
from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.queries import clients
from portals.explain_access.queries import Managed, Manager, Place
from portals.help import directory as help_directory
from portals.models import User
from portals.scope import Portal, Scope


def places(scope: Scope, user: User, as_of: dt.date) -> list[Place]:
    """The employer's administrators manage access; where the person is the only one, or there is none, client
    management does. Four queries."""
    rows = list(EmployerUser.objects.filter(user=user).order_by("-id"))
    if not rows:
        return []
    named = clients.named(row.client_id for row in rows)
    managers = _administrators({row.client_id for row in rows if row.ended_at is None}, but=user.pk)
    contact = help_directory.contact("client-management", audience="employer", as_of=as_of)
    found = []
    for row in sorted(rows, key=lambda row: row.ended_at is not None):
        people = managers.get(row.client_id, [])
        held = ROLE_PERMISSIONS[row.role]
        found.append(
            Place(
                portal=Portal.EMPLOYER,
                organization=named[row.client_id].name,
                number=named[row.client_id].client_id,
                role=EmployerRole(row.role).label,
                since=row.started_at,
                until=row.ended_at,
                may=[] if row.ended_at else Employer.labels(held),
                managed=[] if row.ended_at else [Managed("", people, None if people else contact)],
            )
        )
    return found


def _administrators(client_ids: Collection[int], *, but: int) -> dict[int, list[Manager]]:
    rows = EmployerUser.objects.filter(
        client__in=client_ids, role=EmployerRole.ADMINISTRATOR, ended_at=None, user__is_active=True
    ).exclude(user=but)
    found: dict[int, list[Manager]] = {}
    for row in rows.select_related("user").order_by("user__family_name", "user__given_name", "id"):
        found.setdefault(row.client_id, []).append(Manager(row.user_id, row.user.display_name))
    return found
