"""Agencies and clients as the plan's own people look after them: who works there, who holds what."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from employers.producer_grants import Access
from members.queries import clients
from members.queries.clients import ClientRow
from portals.scope import PartyRef, Portal, Scope
from producers.models import Agency, ClientGrant, EntitlementGrant, ProducerUser


def agencies(scope: Scope, *, search: str = "") -> QuerySet[Agency]:
    """Every agency by name, with how many people work there (`people_count`); for the desk."""
    if scope.portal is not Portal.DESK:
        return Agency.objects.none()
    rows = Agency.objects.select_related("general_agency").annotate(
        people_count=Count("people", filter=Q(people__ended_at=None))
    )
    text = search.replace("\0", "").strip()
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(agent_id__icontains=text))
    return rows.order_by("name", "id")


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A person of an agency, of now or before, with every entitlement that ever was."""

    place: ProducerUser
    grants: list[EntitlementGrant]


def people(agency: Agency) -> list[PlaceRow]:
    """Those of now first. Two queries."""
    places = agency.people.select_related("user").order_by("user__family_name", "user__given_name", "id")
    found = {place.pk: PlaceRow(place, []) for place in places}
    for grant in EntitlementGrant.objects.filter(place__in=list(found)).order_by("entitlement", "id"):
        found[grant.place_id].grants.append(grant)
    return sorted(found.values(), key=lambda row: row.place.ended_at is not None)


@dataclass(frozen=True, slots=True)
class GrantRow:
    grant: ClientGrant
    client: ClientRow


def granted_to(agency: Agency) -> list[GrantRow]:
    """Every client grant of an agency, past ones too. Two queries."""
    grants = list(agency.client_grants.order_by("-effective", "-id"))
    named = clients.named(grant.client_id for grant in grants)
    return [GrantRow(grant, named[grant.client_id]) for grant in grants]


def granted_on(client_id: int) -> list[ClientGrant]:
    """Every grant on a client (our id), past ones too, with its agency. One query."""
    return list(ClientGrant.objects.filter(client_id=client_id).select_related("agency").order_by("-effective", "-id"))


def agencies_with(client_ids: list[int], *, as_of: dt.date) -> dict[int, list[str]]:
    """Client (our id) to the names of agencies that may work for it on that day. One query."""
    found: dict[int, list[str]] = {pk: [] for pk in client_ids}
    rows = ClientGrant.objects.filter(client_id__in=client_ids, effective__contains=as_of)
    for client_id, name in rows.order_by("agency__name").values_list("client_id", "agency__name"):
        found[client_id].append(name)
    return found


def accesses_to(client_id: int) -> list[Access]:
    """Every agency's access to a client, now and before, the latest first; for the employer's page of its producer
    (`employers.producer_grants`). One query."""
    return [
        Access(
            grant_id=grant.pk,
            agency=PartyRef("agency", grant.agency_id),
            agency_name=grant.agency.name,
            agent_id=grant.agency.agent_id,
            first_day=grant.first_day,
            last_day=grant.last_day,
        )
        for grant in granted_on(client_id)
        if grant.first_day is not None
    ]
