"""Who is invited to an agency: the place, and what was approved for this person."""

from __future__ import annotations

from collections.abc import Collection

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.invitations import kinds as invitation_kinds
from portals.invitations.kinds import InvitationKind, Organization
from portals.models import Invitation, User
from portals.plan import clock
from portals.scope import PartyRef, Portal
from producers.enums import InvitedAs
from producers.models import Agency, EntitlementGrant, ProducerUser
from producers.queries import people
from producers.rules import grantable


def _find(agent_id: str) -> PartyRef | None:
    found = Agency.objects.filter(agent_id=agent_id).values_list("pk", flat=True).first()
    return PartyRef("agency", found) if found else None


def _named(ids: Collection[int]) -> dict[int, Organization]:
    rows = Agency.objects.filter(pk__in=ids).values_list("pk", "name", "agent_id")
    return {pk: Organization(name=name, number=number) for pk, name, number in rows}


def _accept(invitation: Invitation, user: User) -> None:
    """The place, with what was approved for this person by two people, as far as the plan may grant it still."""
    agency = Agency.objects.get(pk=PartyRef.parse(invitation.party).id)
    with invitation_kinds.joining():
        place = ProducerUser.objects.create(agency=agency, user=user)
    today = clock.today()
    EntitlementGrant.objects.bulk_create(
        EntitlementGrant(
            place=place, entitlement=entitlement, effective=DateRange(today, None), granted_by=invitation.invited_by
        )
        for entitlement in grantable(direct_writer=agency.direct_writer)
        if entitlement in invitation.extra
    )


INVITATIONS = InvitationKind(
    portal=Portal.PRODUCER,
    label=_("Agency"),
    number_label=_("Agent ID"),
    roles=InvitedAs.choices,
    desk_permission=Desk.INVITE_PRODUCERS,
    desk_roles=(InvitedAs.BARE.value,),
    find=_find,
    named=_named,
    with_access=people.with_access,
    accept=_accept,
)
