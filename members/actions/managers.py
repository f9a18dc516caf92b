"""Who at the plan manages a client: its requests go to that person."""

from __future__ import annotations

from django.db import transaction

from audit import actions as audit
from audit.enums import Kind
from members.models import Client
from portals import permissions
from portals.access import Desk
from portals.enums import Team
from portals.models import StaffRole
from portals.scope import Portal, Scope


class NotAManager(ValueError):
    """Clients are managed by people of client management."""


def assign(*, by: Scope, client_id: str, user_id: int | None) -> Client:
    """Give a client (by Client ID) to a person of client management, or to nobody. Raises `Refused`, NotAManager,
    Client.DoesNotExist."""
    if by.portal is not Portal.SYSTEM:
        permissions.require(by, Desk.GRANT_CLIENTS)
    with transaction.atomic():
        client = Client.objects.select_for_update().get(client_id=client_id)
        if user_id is not None and not _manages(user_id):
            raise NotAManager
        if client.manager_id != user_id:
            client.manager_id = user_id
            client.save(update_fields=["manager"])
            audit.record(
                kind=Kind.CHANGE,
                action="members.managers.assign",
                object_kind="client",
                object_id=str(client.pk),
                detail={"manager": user_id},
                **by.audit(),
            )
    return client


def _manages(user_id: int) -> bool:
    roles = StaffRole.objects.filter(user_id=user_id, team=Team.CLIENT_MANAGEMENT, ended_at=None)
    return roles.filter(user__is_active=True).exists()
