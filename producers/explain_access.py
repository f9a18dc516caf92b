"""What the desk is told of a producer's access: the same rule and the same words as the producer's own page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from members.queries import clients
from members.queries.clients import ClientRow
from portals.models import User
from portals.scope import Scope
from producers import grant_texts
from producers.enums import Capability
from producers.grant_texts import Teller
from producers.queries import gates
from producers.queries.gates import Access
from producers.rules import OF_CLIENT, OF_PERSON


def panel(scope: Scope, user: User, as_of: dt.date, asked: str) -> dict[str, Any] | None:
    """Every row of table F9 for each agency, and for the client that was asked for by its Client ID. A constant
    number of queries; None for who is no producer."""
    rows = gates.places_of(user)
    if not rows:
        return None
    client = clients.numbered([asked]).get(asked) if asked else None
    accesses = gates.of_places(scope, rows, as_of=as_of, clients=[client] if client else [])
    teller = grant_texts.teller(accesses, as_of=as_of)
    named = clients.named(grant_texts.clients_of(accesses))
    return {
        "asked": asked,
        "known": client is not None,
        "places": [_part(access, teller, named, client) for access in accesses],
    }


def _part(access: Access, teller: Teller, named: dict[int, ClientRow], client: ClientRow | None) -> dict[str, Any]:
    ended = access.place.ended_at is not None
    known = client is not None and access.verdict(Capability.IN_LIST, client).closed is None
    return {
        "agency": access.place.agency.name,
        "ended": ended,
        "deeds": [] if ended else [teller.capability(access, deed) for deed in OF_PERSON],
        "client": client if known else None,  # another agency's client has no name here
        "client_deeds": []
        if ended or client is None
        else [teller.capability(access, deed, client) for deed in OF_CLIENT],
        "history": teller.history(access, named),
        "granted": teller.clients(access, named),
    }
