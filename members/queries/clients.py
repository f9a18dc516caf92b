"""What other parties may know of a client: no person in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from members.enums import ClientStatus
from members.models import Client


@dataclass(frozen=True, slots=True)
class ClientRow:
    """`id` is ours, `client_id` the Client ID under which everyone knows the client."""

    id: int
    client_id: str
    name: str
    state: str
    migrated: bool
    migrated_on: dt.date | None


def named(ids: Iterable[int]) -> dict[int, ClientRow]:
    """Clients by our id. The caller has established that it may know of them."""
    rows = Client.objects.filter(pk__in=list(ids))
    return {
        row.pk: ClientRow(
            id=row.pk,
            client_id=row.client_id,
            name=row.name,
            state=row.state,
            migrated=row.status == ClientStatus.MIGRATED,
            migrated_on=row.migrated_on,
        )
        for row in rows
    }
