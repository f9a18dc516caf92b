"""What the desk is told of a producer's access: the same rule and the same words as the producer's own page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from members.queries import clients
from members.queries.clients import ClientRow
from portals.explain_access.queries import Managed, Manager, Place
from portals.help import directory as help_directory
from portals.models import User
from portals.scope import Portal, Scope
from producers import grant_texts
from producers.enums import Capability
from producers.grant_texts import GrantTexts
from producers.queries import gates
from producers.queries.gates import Access
from producers.queries.people import ContactRow
from producers.rules import OF_CLIENT, OF_PERSON


def places(scope: Scope, user: User, as_of: dt.date) -> list[Place]:
    """Who opens which of the three gates for this person. Three queries."""
    rows = gates.places_of(user)
    if not rows:
        return []
    contacts = gates.openers(row.agency for row in rows)
    directory = help_directory.by_topic("producer", "", as_of)
    plan = [
        Managed(_("Entitlements"), contact=directory.get("channel-compensation")),
        Managed(_("Clients"), contact=directory.get("client-management")),
    ]
    return [
        Place(
            portal=Portal.PRODUCER,
            organization=row.agency.name,
            number=row.agency.agent_id,
            role=_("Producer, contact of the agency") if row.contact else _("Producer"),
            since=row.started_at,
            until=row.ended_at,
            ended_by=row.ended_by,
            managed=[] if row.ended_at else [*plan, _general(contacts[row.agency_id], directory)],
        )
        for row in rows
    ]


def _general(contacts: list[ContactRow], directory: dict[str, help_directory.Contact]) -> Managed:
    people = [Manager(each.user_id, f"{each.name}, {each.agency}", each.phone) for each in contacts]
    return Managed(
        _("Case managers, and Agency Reports through a general agency"),
        people=people,
        contact=None if people else directory.get("channel-compensation"),
    )


def panel(scope: Scope, user: User, as_of: dt.date, asked: str) -> dict[str, Any] | None:
    """Every row of table F9 for each agency, and for the client that was asked for by its Client ID. A constant
    number of queries; None for who is no producer."""
    rows = gates.places_of(user)
    if not rows:
        return None
    client = clients.numbered([asked]).get(asked) if asked else None
    accesses = gates.of_places(scope, rows, as_of=as_of, clients=[client] if client else [])
    texts = grant_texts.read(accesses, as_of=as_of)
    named = clients.named(grant_texts.clients_of(accesses))
    return {
        "asked": asked,
        "known": client is not None,
        "places": [_part(access, texts, named, client) for access in accesses],
    }


def _part(access: Access, texts: GrantTexts, named: dict[int, ClientRow], client: ClientRow | None) -> dict[str, Any]:
    ended = access.place.ended_at is not None
    known = client is not None and access.verdict(Capability.IN_LIST, client).closed is None
    return {
        "agency": access.place.agency.name,
        "ended": ended,
        "capabilities": [] if ended else [texts.capability(access, each) for each in OF_PERSON],
        "client": client if known else None,  # another agency's client has no name here
        "client_capabilities": []
        if ended or client is None
        else [texts.capability(access, each, client) for each in OF_CLIENT],
        "history": texts.history(access, named),
        "granted": texts.clients(access, named),
    }
