"""Gate two: client management opens a client to an agency, never automatically, and closes it (P6, P11)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from audit.enums import Kind
from employers.producer_grants import CannotEnd
from members.queries import clients
from portals import permissions
from portals.access import Desk
from portals.plan import clock
from portals.scope import Portal, Scope
from producers.actions import intervals
from producers.enums import EndReason
from producers.models import Agency, BookEntry, ClientGrant


class UnknownClient(LookupError):
    """No client has this id."""


def grant(
    *, by: Scope, agency_id: int, client_id: int, first: dt.date, today: dt.date, last: dt.date | None = None
) -> ClientGrant:
    """The client (our id) from `first` to `last`, both included; it enters the agency's book if it was not there. The
    same once more changes nothing. Raises `Refused`, NotPossible, Agency.DoesNotExist, UnknownClient."""
    _require(by)
    with transaction.atomic():
        agency = Agency.objects.select_for_update().get(pk=agency_id)
        if not clients.named([client_id]):
            raise UnknownClient(client_id)
        row, made = intervals.begin(
            ClientGrant, by=by, first=first, last=last, today=today, agency=agency, client_id=client_id
        )
        if made:
            BookEntry.objects.get_or_create(agency=agency, client_id=client_id)
            _record(Kind.CREATE, "producers.clients.grant", row, by)
        return row


def end(*, by: Scope, grant_id: int, why: EndReason, today: dt.date, last: dt.date | None = None) -> ClientGrant:
    """At once (who works as the client now is stopped on the next click), or after `last`. The client stays in the
    book, closed. Raises `Refused`, NotPossible, ClientGrant.DoesNotExist."""
    _require(by)
    with transaction.atomic():
        row = ClientGrant.objects.select_for_update().get(pk=grant_id)
        intervals.stop(row, by=by, today=today, why=why, last=last)
        _record(Kind.CHANGE, "producers.clients.end", row, by)
        return row


def end_as_asked(by: Scope, grant_id: int, last_day: dt.date) -> None:
    """As the employer asked (`employers.producer_grants`): after a last day, which is included. Raises `Refused`, and
    `CannotEnd` where the grant ends on that day or earlier already, or begins later."""
    row = ClientGrant.objects.get(pk=grant_id)
    if row.first_day is None or row.first_day > last_day or row.last_day == last_day:
        raise CannotEnd(f"{row.effective} is not longer than until {last_day}")
    try:
        end(by=by, grant_id=grant_id, why=EndReason.ASKED, today=clock.today(), last=last_day)
    except intervals.GrantNotPossible as problem:
        raise CannotEnd(str(problem)) from problem


def _require(by: Scope) -> None:
    if by.portal is not Portal.SYSTEM:
        permissions.require(by, Desk.GRANT_CLIENTS)


def _record(kind: Kind, action: str, row: ClientGrant, by: Scope) -> None:
    about = [("agency", row.agency_id), ("client", row.client_id)]
    intervals.record(kind, action, row, by=by, about=about, agency=f"agency:{row.agency_id}", client=row.client_id)
