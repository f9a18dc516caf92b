"""A producer's book and the gates before each client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models.functions import Lower

from employers.producer_access import Access
from members.queries import clients
from members.queries.clients import ClientRow
from portals import periods
from portals.scope import PartyRef, Scope
from producers.enums import Entitlement, Gate
from producers.models import BookEntry, ClientGrant, EntitlementGrant, ProducerUser
from producers.rules import closed_gate


@dataclass(frozen=True, slots=True)
class BookRow:
    client: ClientRow
    gate: Gate | None  # the first closed gate to logging in as this client; None: open


def entitlements(user_id: int, agency_id: int, *, as_of: dt.date) -> frozenset[str]:
    """What this person may do in this agency on that day."""
    return frozenset(
        EntitlementGrant.objects.filter(
            place__user_id=user_id, place__agency_id=agency_id, place__ended_at=None, effective__contains=as_of
        ).values_list("entitlement", flat=True)
    )


def granted_clients(agency_id: int, *, as_of: dt.date) -> dict[int, int]:
    """Client to grant, of the grants that stand on that day."""
    rows = ClientGrant.objects.filter(agency_id=agency_id, effective__contains=as_of).values_list("client_id", "pk")
    return dict(rows)


def book(scope: Scope, *, as_of: dt.date, search: str = "") -> list[BookRow]:
    """The agency's clients by name, those still on the previous system too, each with its first closed gate.

    Four queries whatever the number of clients. `search` looks into name and Client ID.
    """
    assert scope.home is not None and scope.user_id is not None
    held = entitlements(scope.user_id, scope.home.id, as_of=as_of)
    granted = granted_clients(scope.home.id, as_of=as_of)
    known = BookEntry.objects.visible_to(scope).values_list("client_id", flat=True)
    rows = sorted(clients.named({*known, *granted}).values(), key=lambda row: row.name.casefold())
    wanted = search.strip().casefold()
    return [
        BookRow(
            client=row,
            gate=closed_gate(
                entitled=Entitlement.CLIENT_ADMINISTRATION in held, granted=row.id in granted, migrated=row.migrated
            ),
        )
        for row in rows
        if wanted in row.name.casefold() or wanted in row.client_id
    ]


def gate_to(user_id: int, agency: PartyRef, client: PartyRef, *, as_of: dt.date) -> tuple[Gate | None, int | None]:
    """The first closed gate, and the client grant that stands."""
    place = ProducerUser.objects.filter(user_id=user_id, agency_id=agency.id, ended_at=None).exists()
    held = entitlements(user_id, agency.id, as_of=as_of) if place else frozenset()
    grant = granted_clients(agency.id, as_of=as_of).get(client.id)
    row = clients.named([client.id]).get(client.id)
    gate = closed_gate(
        entitled=Entitlement.CLIENT_ADMINISTRATION in held,
        granted=grant is not None,
        migrated=row is not None and row.migrated,
    )
    return gate, grant


def with_access(agency_ids: Iterable[int], emails: Iterable[str]) -> set[tuple[int, str]]:
    """Which of these addresses belong to someone with a place in which of these agencies; in lower case. One query."""
    places = ProducerUser.objects.filter(agency_id__in=list(agency_ids), ended_at=None)
    found = places.annotate(address=Lower("user__email")).filter(address__in=list(emails))
    return set(found.values_list("agency_id", "address"))


def accesses_to(client_id: int) -> list[Access]:
    """Every agency's access to a client, now and before, the latest first; for the employer's page of its producer
    (`employers.producer_access`). One query."""
    grants = ClientGrant.objects.filter(client_id=client_id).select_related("agency").order_by("-effective", "-id")
    return [
        Access(
            grant_id=grant.pk,
            agency=PartyRef("agency", grant.agency_id),
            agency_name=grant.agency.name,
            agent_id=grant.agency.agent_id,
            first_day=grant.effective.lower,
            last_day=periods.last_day_covered(grant.effective.upper),
        )
        for grant in grants
        if not grant.effective.isempty
    ]
