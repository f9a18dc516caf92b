"""A producer's book and the gates before each client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower

from members.queries import clients
from members.queries.clients import ClientRow
from portals.scope import PartyRef, Scope
from producers.enums import Entitlement, Gate
from producers.models import Agency, BookEntry, ClientGrant, EntitlementGrant, ProducerUser
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


def managing(as_of: dt.date) -> Q:
    """Of places that stand: whose person decides who works for the agency on that day. It is who holds General Agency
    Administrator then, or who is the agency's only person."""
    administers = EntitlementGrant.objects.filter(
        place=OuterRef("pk"), entitlement=Entitlement.GA_ADMINISTRATOR, effective__contains=as_of
    )
    others = ProducerUser.objects.filter(agency=OuterRef("agency"), ended_at=None).exclude(pk=OuterRef("pk"))
    return Q(Exists(administers)) | ~Q(Exists(others))


def found(text: str) -> list[int]:
    """Agencies that have this in their name or agent ID; for the plan's own people."""
    where = Q(name__icontains=text) | Q(agent_id__icontains=text)
    return list(Agency.objects.filter(where).values_list("pk", flat=True))


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
