"""Writes of the producer portal: who works for an agency, and until when it works for a client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from audit import actions as audit
from audit.enums import Kind
from employers.producer_access import CannotEnd
from portals import clock, jurisdictions, periods
from portals.access import Desk
from portals.invitations import AlreadyThere, InvitationKind, Organization
from portals.models import Invitation, User
from portals.scope import PartyRef, Portal, Scope
from producers import queries
from producers.enums import InvitedAs
from producers.models import Agency, ClientGrant, EntitlementGrant, ProducerUser


def _find(agent_id: str) -> PartyRef | None:
    found = Agency.objects.filter(agent_id=agent_id).values_list("pk", flat=True).first()
    return PartyRef("agency", found) if found else None


def _named(ids: Collection[int]) -> dict[int, Organization]:
    rows = Agency.objects.filter(pk__in=ids).values_list("pk", "name", "agent_id")
    return {pk: Organization(name=name, number=number) for pk, name, number in rows}


def _accept(invitation: Invitation, user: User) -> None:
    """The place, and what the state usually grants if the plan's person left it so."""
    agency = Agency.objects.get(pk=PartyRef.parse(invitation.party).id)
    try:
        with transaction.atomic():
            place = ProducerUser.objects.create(agency=agency, user=user)
    except IntegrityError as error:
        raise AlreadyThere from error
    if invitation.role != InvitedAs.USUAL:
        return
    today = clock.today()
    try:
        usual = jurisdictions.rule("entitlements", state=agency.state, as_of=today)
    except jurisdictions.RuleMissing:  # nothing is usual there: channel compensation grants one by one
        usual = []
    EntitlementGrant.objects.bulk_create(
        EntitlementGrant(
            place=place, entitlement=entitlement, effective=DateRange(today, None), granted_by=invitation.invited_by
        )
        for entitlement in usual
    )


INVITATIONS = InvitationKind(
    portal=Portal.PRODUCER,
    label=_("Agency"),
    number_label=_("Agent ID"),
    roles=InvitedAs.choices,
    desk_permission=Desk.INVITE_PRODUCERS,
    desk_roles=InvitedAs.values,
    find=_find,
    named=_named,
    with_access=queries.with_access,
    accept=_accept,
)


# --- Client grants ------------------------------------------------------------------------------------------------


def end_client_grant(*, by: Scope, grant_id: int, last_day: dt.date) -> ClientGrant:
    """An agency works for a client until that day, which is included; whoever acts then is out at midnight. Raises
    `CannotEnd` where the grant ends on that day or earlier already, or begins later."""
    with transaction.atomic():
        grant = ClientGrant.objects.select_for_update().get(pk=grant_id)
        end = periods.from_last_day(last_day)
        assert end is not None
        if grant.effective.lower >= end or (grant.effective.upper is not None and grant.effective.upper <= end):
            raise CannotEnd(f"{grant.effective} is not longer than until {last_day}")
        grant.effective = DateRange(grant.effective.lower, end)
        grant.save(update_fields=["effective"])
        audit.record(
            kind=Kind.CHANGE,
            action="producers.end_client_grant",
            object_kind="client_grant",
            object_id=str(grant.pk),
            detail={"agency": grant.agency_id, "client": grant.client_id, "last_day": last_day.isoformat()},
            **by.audit(),
        )
        return grant
