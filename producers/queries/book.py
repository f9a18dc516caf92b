"""A producer's book and the gates before each client."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from members.queries import clients
from members.queries.clients import ClientRow
from portals.scope import PartyRef, Scope
from producers.enums import Capability, Gate
from producers.models import BookEntry, CaseManagerGrant, ClientGrant, EntitlementGrant, ProducerUser
from producers.rules import ClientFacts, Facts, may


@dataclass(frozen=True, slots=True)
class BookRow:
    client: ClientRow
    gate: Gate | None  # the first closed gate to logging in as this client; None: open
    case_manager: bool  # this person is named for the client


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


def managed_clients(user_id: int, agency_id: int, *, as_of: dt.date) -> frozenset[int]:
    """The clients whose case manager this person is on that day, named by whichever agency holds the case."""
    return frozenset(
        CaseManagerGrant.objects.filter(
            place__user_id=user_id, place__agency_id=agency_id, place__ended_at=None, effective__contains=as_of
        ).values_list("client_id", flat=True)
    )


SORTS: dict[str, Callable[[BookRow], tuple[str, str]]] = {
    "name": lambda row: (row.client.name.casefold(), row.client.client_id),
    "id": lambda row: (row.client.client_id, ""),
    "state": lambda row: (row.client.state, row.client.name.casefold()),
}


def book(scope: Scope, *, as_of: dt.date, sort: str = "name") -> list[BookRow]:
    """The agency's clients, those still on the previous system too, each with its first closed gate.

    Five queries whatever the number of clients. `sort` is a key of SORTS, with a minus for the other way around.
    """
    assert scope.home is not None and scope.user_id is not None
    held = entitlements(scope.user_id, scope.home.id, as_of=as_of)
    granted = granted_clients(scope.home.id, as_of=as_of)
    managed = managed_clients(scope.user_id, scope.home.id, as_of=as_of)
    known = BookEntry.objects.visible_to(scope).values_list("client_id", flat=True)
    rows = [
        BookRow(client, _act(held, client.id in granted, client), client.id in managed)
        for client in clients.named({*known, *granted}).values()
    ]
    order = SORTS.get(sort.removeprefix("-"), SORTS["name"])
    return sorted(rows, key=order, reverse=sort.startswith("-"))


def filtered(rows: Iterable[BookRow], *, search: str = "", access: str = "", state: str = "") -> list[BookRow]:
    """What search (in name and Client ID), access ("open", "closed", or "case" for one's own cases) and state leave."""
    text = search.strip().casefold()
    fits: dict[str, Callable[[BookRow], bool]] = {
        "open": lambda row: row.gate is None,
        "closed": lambda row: row.gate is not None,
        "case": lambda row: row.case_manager,
    }
    return [
        row
        for row in rows
        if (text in row.client.name.casefold() or text in row.client.client_id)
        and state in ("", row.client.state)
        and (access not in fits or fits[access](row))
    ]


def _act(held: frozenset[str], granted: bool, client: ClientRow | None) -> Gate | None:
    facts = ClientFacts(granted=granted, migrated=client is not None and client.migrated)
    return may(Capability.ACT, Facts(entitlements=held, client=facts)).closed


def gate_to(user_id: int, agency: PartyRef, client: PartyRef, *, as_of: dt.date) -> tuple[Gate | None, int | None]:
    """The first closed gate to logging in, and the client grant that stands."""
    place = ProducerUser.objects.filter(user_id=user_id, agency_id=agency.id, ended_at=None).exists()
    held = entitlements(user_id, agency.id, as_of=as_of) if place else frozenset()
    grant = granted_clients(agency.id, as_of=as_of).get(client.id)
    row = clients.named([client.id]).get(client.id)
    return _act(held, grant is not None, row), grant
