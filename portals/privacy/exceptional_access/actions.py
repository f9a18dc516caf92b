"""Exceptional access of plan staff: what both kinds share, and the review by somebody else.

`break_glass` opens one record in an emergency, `view_as` shows a portal as one of its users; both leave rows here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from audit import actions as audit
from audit import queries as ledger
from audit.enums import Kind
from audit.queries import EventRow
from portals import permissions
from portals.access import OWN_EXCEPTIONAL_ACCESS, Desk
from portals.desk import actions as desk
from portals.enums import REQUEST_OVER, ExceptionalAccessKind, Finding, RequestStatus
from portals.exceptional_access.openings import Opening, grant, is_open, request_key
from portals.models import BreakGlass, DeskRequest, ViewAs
from portals.permissions import Answer, Refused
from portals.privacy.ledger import labels as ledger_labels
from portals.privacy.ledger.subjects import names_of, subject_label
from portals.scope import Scope

OWN = Answer(False, gate=OWN_EXCEPTIONAL_ACCESS, owner="privacy")
AT_ONCE = 500  # events that are read in one query


class ReviewedAlready(ValueError):
    """Somebody else was quicker; the first review stands."""


class StillOpen(ValueError):
    """What is not over yet cannot be reviewed."""


# --- Reading ------------------------------------------------------------------------------------------------------


def of_kind(by: Scope, kind: ExceptionalAccessKind) -> QuerySet[BreakGlass] | QuerySet[ViewAs]:
    """All of that kind, the latest first; for whoever reviews them. Raises `Refused`."""
    permissions.require(by, Desk.REVIEW_EXCEPTIONAL_ACCESS)
    latest = ("-opened_at", "-id")
    if kind is ExceptionalAccessKind.VIEW_AS:
        return ViewAs.objects.select_related("user", "reviewed_by", "viewed").order_by(*latest)
    return BreakGlass.objects.select_related("user", "reviewed_by").order_by(*latest)


@dataclass(frozen=True, slots=True)
class Seen:
    """One event of the ledger under an opening, in words, with the names of whom it was about."""

    event: EventRow
    subjects: list[str]
    what: str
    fields: list[str]


def labeled(event: EventRow, subjects: Iterable[tuple[str, int]], names: Mapping[tuple[str, int], str]) -> Seen:
    """An event as whoever reviews it reads it."""
    return Seen(
        event,
        [subject_label(subject, names) for subject in subjects],
        ledger_labels.action(event.action),
        ledger_labels.fields(event.fields),
    )


def _events(row: Opening) -> Iterator[EventRow]:
    """All of them, the latest first: whoever reviews must not miss the first because many came after it."""
    before: ledger.Place | None = None
    while True:
        found = ledger.events(
            actor=f"user:{row.user_id}",
            grant=grant(row),
            since=row.opened_at - dt.timedelta(minutes=1),
            before=before,
            limit=AT_ONCE,
        )
        yield from found
        if len(found) < AT_ONCE:
            return
        before = (found[-1].recorded_at, found[-1].id)


def looked_at(row: Opening) -> tuple[list[Seen], list[tuple[str, int]]]:
    """Exactly what the ledger holds under this opening, the earliest first, and all its subjects (kind, id)."""
    events = list(_events(row))
    events.reverse()
    by_event = ledger.subjects_of(events)
    everybody = sorted({subject for listed in by_event.values() for subject in listed})
    names = names_of(everybody)
    return [labeled(event, by_event[event.id], names) for event in events], everybody


# --- Reviewing ----------------------------------------------------------------------------------------------------


def review(*, by: Scope, kind: ExceptionalAccessKind, ids: Iterable[int], finding: Finding, note: str = "") -> int:
    """The finding on one or several openings that are over; answers how many. None is changed where one may not be:
    raises `Refused` for one's own, `StillOpen`, `ReviewedAlready`. Requests at the desk about them are done."""
    permissions.require(by, Desk.REVIEW_EXCEPTIONAL_ACCESS)
    assert by.user_id is not None
    with transaction.atomic():
        rows = of_kind(by, kind).filter(pk__in=list(ids)).select_for_update(of=("self",)).order_by("pk")
        listed: list[Opening] = list(rows)
        for row in listed:
            if row.user_id == by.user_id:
                raise Refused(OWN)
            if is_open(row):
                raise StillOpen
            if row.reviewed_at is not None:
                raise ReviewedAlready
            row.reviewed_by_id, row.reviewed_at, row.finding, row.note = by.user_id, timezone.now(), finding, note
            row.save(update_fields=["reviewed_by", "reviewed_at", "finding", "note"])
            audit.record(
                kind=Kind.CHANGE,
                action="looks.review",
                object_kind=kind.value,
                object_id=str(row.pk),
                detail={"finding": finding.value},
                **by.audit(),
            )
            _close_request(row, by)
    return len(listed)


def _close_request(row: Opening, by: Scope) -> None:
    request = DeskRequest.objects.filter(key=request_key(row)).exclude(status__in=REQUEST_OVER).first()
    if request is not None:
        desk.change_status(request_id=request.pk, status=RequestStatus.DONE, by=by)
