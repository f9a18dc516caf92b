"""The people of an agency, and who opens which of the three gates for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import BooleanField, CharField, Exists, ExpressionWrapper, F, OuterRef, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from portals.access import Own
from portals.enums import Topic
from portals.memberships import Managed, Manager, Membership, Memberships
from portals.plan import clock
from portals.scope import PartyRef, Portal
from producers.access import EVERYBODY, HOLDS_CASES, Producer
from producers.enums import Entitlement
from producers.models import Agency, EntitlementGrant, ProducerUser
from producers.queries import gates, people
from producers.queries.people import ContactRow


def current(user_id: int) -> list[Membership]:
    """One query."""
    administers = EntitlementGrant.objects.filter(
        place=OuterRef("pk"), entitlement=Entitlement.GA_ADMINISTRATOR, effective__contains=clock.today()
    )
    rows = ProducerUser.objects.filter(user_id=user_id, ended_at=None).annotate(
        administers=Exists(administers),
        reviews=ExpressionWrapper(people.managing(clock.today()), output_field=BooleanField()),
    )
    return [_membership(row, _held(row)) for row in rows.select_related("agency").order_by("-id")]


def _held(place: ProducerUser) -> frozenset[str]:
    held: set[str] = {*EVERYBODY, Own.ASK}
    if place.contact or place.administers:  # type: ignore[attr-defined]  # annotated by current
        held.add(Producer.SEE_AGENCY)
    if place.reviews:  # type: ignore[attr-defined]  # as above
        held.add(Producer.REVIEW_PEOPLE)
    if place.contact:
        held.add(Producer.MANAGE_PEOPLE)
        if place.agency.general_agency_id is None:
            held |= HOLDS_CASES
    return frozenset(held)


def history(user_ids: Collection[int]) -> list[Membership]:
    """One query."""
    rows = ProducerUser.objects.filter(user_id__in=user_ids).select_related("agency").order_by("-id")
    return [_membership(row, frozenset()) for row in rows]


def _membership(row: ProducerUser, held: frozenset[str]) -> Membership:
    return Membership(
        row.user_id,
        Portal.PRODUCER,
        PartyRef("agency", row.agency_id),
        organization=row.agency.name,
        number=row.agency.agent_id,
        role=_("Producer, contact of the agency") if row.contact else _("Producer"),
        since=row.started_at,
        until=row.ended_at,
        ended_by=row.ended_by,
        manages=Producer.REVIEW_PEOPLE in held,
        permissions=held,
    )


def managers(user_id: int, memberships: Sequence[Membership]) -> Mapping[PartyRef, Sequence[Managed]]:
    """The plan opens entitlements and clients; of the rest, a contact of the agency that holds the case. Two
    queries."""
    parties = [each.party for each in memberships if each.party]
    contacts = gates.openers(Agency.objects.filter(pk__in=[party.id for party in parties]))
    plan = (
        Managed(Topic.CHANNEL_COMPENSATION, _("Entitlements")),
        Managed(Topic.CLIENT_MANAGEMENT, _("Clients")),
    )
    return {party: [*plan, _general(contacts[party.id])] for party in parties}


def _general(contacts: list[ContactRow]) -> Managed:
    return Managed(
        Topic.CHANNEL_COMPENSATION,
        _("Case managers, and Agency Reports through a general agency"),
        [Manager(each.user_id, f"{each.name}, {each.agency}", each.phone) for each in contacts],
    )


def spans() -> QuerySet[ProducerUser, Any]:
    return ProducerUser.objects.order_by().values_list("user_id", "started_at", "ended_at")


def reviewed(as_of: dt.date, ids: Collection[int] | None) -> QuerySet[ProducerUser, Any]:
    """Who has access now, and who manages it on that day."""
    rows = ProducerUser.objects.filter(ended_at=None)
    if ids is not None:
        rows = rows.filter(agency_id__in=list(ids))
    manages = ExpressionWrapper(people.managing(as_of), output_field=BooleanField())
    return rows.annotate(
        party=F("agency_id"), place=F("id"), role=Value("", output_field=CharField()), manages=manages
    ).values_list("party", "place", "user_id", "role", "manages")


MEMBERSHIPS = Memberships(current=current, history=history, managers=managers, spans=spans, reviewed=reviewed)
