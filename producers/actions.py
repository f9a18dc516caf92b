"""Writes of the producer portal: who works for an agency."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import BooleanField, CharField, ExpressionWrapper, F, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audit import actions as audit
from audit.enums import Kind
from portals import access_reviews, clock, invitations, jurisdictions
from portals.access import Desk
from portals.access_reviews import Reviewed
from portals.enums import Team
from portals.invitations import AlreadyThere, InvitationKind, Organization
from portals.models import Invitation, User
from portals.scope import PartyRef, Portal, Scope
from producers import queries
from producers.access import Producer
from producers.enums import InvitedAs
from producers.models import Agency, EntitlementGrant, ProducerUser


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


# --- Ending a place -----------------------------------------------------------------------------------------------

# The last day is yesterday, or the first one where that is today; what has ended before, or is still to come and so
# never will hold, stays as it is.
_END_ENTITLEMENTS = """
UPDATE producers_entitlementgrant
SET effective = daterange(lower(effective), greatest(lower(effective) + 1, %(today)s))
WHERE place_id = ANY(%(places)s) AND (lower_inf(effective) OR lower(effective) <= %(today)s)
  AND (upper_inf(effective) OR upper(effective) > greatest(lower(effective) + 1, %(today)s))
"""


class LastAdministrator(access_reviews.LastManager):
    """An agency keeps somebody who decides who works for it; channel compensation names the next one."""


def end_places(*, by: Scope, party_id: int, place_ids: Collection[int]) -> None:
    """End these places at an agency, all or none, whoever decided it: open sessions are dead on the next click, also
    those that act for a client; entitlements are over, and the invitations that these people sent. The people, places
    elsewhere and the history stay. Raises ProducerUser.DoesNotExist where one is not there any more,
    LastAdministrator."""
    today = clock.today()
    manages = ExpressionWrapper(queries.managing(today), output_field=BooleanField())
    with transaction.atomic():
        places = list(
            ProducerUser.objects.visible_to(by)
            .filter(agency_id=party_id, ended_at=None)
            .annotate(manages=manages)
            .select_for_update(of=("self",))
            .order_by("pk")
        )
        ended = [place for place in places if place.pk in place_ids]
        if len(ended) != len(set(place_ids)):
            raise ProducerUser.DoesNotExist
        managers = [place for place in places if place.manages]
        if managers and all(place in ended for place in managers):
            raise LastAdministrator
        keys = [place.pk for place in ended]
        ProducerUser.objects.filter(pk__in=keys).update(ended_at=timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(_END_ENTITLEMENTS, {"places": keys, "today": today})
        audit.record(
            kind=Kind.DELETE,
            action="producers.people.remove",
            subjects=[("user", place.user_id) for place in ended],
            object_kind="producer_user",
            object_id=",".join(str(key) for key in keys),
            **by.audit(),
        )
        invitations.end_sent_by(*(place.user_id for place in ended), to=PartyRef("agency", party_id), by=by)


# --- Access reviews -----------------------------------------------------------------------------------------------


def _places(as_of: dt.date, ids: Collection[int] | None) -> QuerySet[ProducerUser, Any]:
    """Who has access now, and who manages it on that day."""
    rows = ProducerUser.objects.filter(ended_at=None)
    if ids is not None:
        rows = rows.filter(agency_id__in=list(ids))
    manages = ExpressionWrapper(queries.managing(as_of), output_field=BooleanField())
    return rows.annotate(
        party=F("agency_id"), place=F("id"), role=Value("", output_field=CharField()), manages=manages
    ).values_list("party", "place", "user_id", "role", "manages")


REVIEWED = Reviewed(
    portal=Portal.PRODUCER,
    party="agency",
    number_label=INVITATIONS.number_label,
    team=Team.CHANNEL_COMPENSATION,
    desk_permission=Desk.REVIEW_AGENCIES,
    own_permission=Producer.MANAGE_PEOPLE,
    url="producers:people_review",
    places=_places,
    end=end_places,
    role_label=lambda role: "",
    numbered=_find,
    search=queries.found,
    named=_named,
    last_manager=_("An agency keeps somebody who administers it, and this is the last one."),
)
