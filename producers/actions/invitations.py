"""Who is invited to an agency: the place, and what was approved for this person."""

from __future__ import annotations

from django.db.backends.postgresql.psycopg_any import DateRange

from portals.access import Desk
from portals.invitations import kinds as invitation_kinds
from portals.models import Invitation, User
from portals.parties import InvitationKind
from portals.plan import clock
from portals.scope import PartyRef
from producers.enums import InvitedAs
from producers.models import Agency, EntitlementGrant, ProducerUser
from producers.queries import people
from producers.rules import grantable


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
    roles=InvitedAs.choices,
    desk_permission=Desk.INVITE_PRODUCERS,
    desk_roles=(InvitedAs.BARE.value,),
    with_access=people.with_access,
    accept=_accept,
)
