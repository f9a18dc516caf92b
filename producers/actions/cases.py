"""Gate three: a contact of the agency that holds a case names its case manager (P7)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from audit.enums import Kind
from portals import permissions
from portals.scope import Scope
from producers.access import Producer
from producers.actions import intervals
from producers.actions.intervals import GrantNotPossible, GrantProblem
from producers.enums import EndReason
from producers.models import CaseManagerGrant
from producers.queries import people


def name(
    *, by: Scope, place_id: int, client_id: int, first: dt.date, today: dt.date, last: dt.date | None = None
) -> CaseManagerGrant:
    """A person of this agency or of one under it, for a client (our id) whose case it holds, from `first` to `last`
    (both included). The same once more changes nothing. Raises `Refused`, NotPossible (NOT_OURS for another's client
    or person)."""
    permissions.require(by, Producer.NAME_CASE_MANAGERS)
    assert by.home is not None
    agency_id = by.home.id
    with transaction.atomic():
        place = people.candidates(by).select_for_update(of=("self",)).filter(pk=place_id).first()
        if place is None or client_id not in people.cases_of([agency_id])[agency_id]:
            raise GrantNotPossible(GrantProblem.NOT_OURS)
        row, made = intervals.begin(
            CaseManagerGrant,
            by=by,
            first=first,
            last=last,
            today=today,
            agency_id=agency_id,
            place=place,
            client_id=client_id,
        )
        if made:
            _record(Kind.CREATE, "producers.cases.name", row, by)
        return row


def end(*, by: Scope, grant_id: int, why: EndReason, today: dt.date, last: dt.date | None = None) -> CaseManagerGrant:
    """At once, or after `last`. Raises `Refused`, NotPossible, CaseManagerGrant.DoesNotExist out of scope."""
    permissions.require(by, Producer.NAME_CASE_MANAGERS)
    with transaction.atomic():
        rows = CaseManagerGrant.objects.visible_to(by).select_related("place")
        row = rows.select_for_update(of=("self",)).get(pk=grant_id)
        intervals.stop(row, by=by, today=today, why=why, last=last)
        _record(Kind.CHANGE, "producers.cases.end", row, by)
        return row


def _record(kind: Kind, action: str, row: CaseManagerGrant, by: Scope) -> None:
    about = [("user", row.place.user_id), ("client", row.client_id)]
    intervals.record(kind, action, row, by=by, about=about, client=row.client_id)
