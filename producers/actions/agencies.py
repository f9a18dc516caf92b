"""Agencies that the plan makes when it approves their first person."""

from __future__ import annotations

from django.db import transaction

from audit import actions as audit
from audit.enums import Kind
from portals import permissions
from portals.access import Desk
from portals.scope import Portal, Scope
from producers.models import Agency


def known_or_new(*, by: Scope, agent_id: str, name: str, state: str) -> Agency:
    """The agency of this agent ID; a new one is made with that name and state, and writes directly. Raises
    `Refused`."""
    if by.portal is not Portal.SYSTEM:
        permissions.require(by, Desk.GRANT_ENTITLEMENTS)
    with transaction.atomic():
        agency, made = Agency.objects.get_or_create(agent_id=agent_id, defaults={"name": name, "state": state})
        if made:
            audit.record(
                kind=Kind.CREATE,
                action="producers.agencies.new",
                object_kind="agency",
                object_id=str(agency.pk),
                detail={"agent_id": agent_id, "state": state},
                **by.audit(),
            )
    return agency
