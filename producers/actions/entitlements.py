"""Gate one. Channel compensation grants entitlements; Agency Reports is the general agency's to give where the
person's agency writes through one (P5)."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from audit.enums import Kind
from portals import permissions
from portals.access import Desk
from portals.permissions import Answer, Refused
from portals.scope import Portal, Scope
from producers.access import Producer
from producers.actions import intervals
from producers.actions.intervals import GrantNotPossible, GrantProblem
from producers.enums import OPENERS, EndReason, Entitlement, Gate
from producers.models import EntitlementGrant, ProducerUser
from producers.queries import people


def grant(
    *,
    by: Scope,
    place_id: int,
    entitlement: Entitlement,
    first: dt.date,
    today: dt.date,
    last: dt.date | None = None,
) -> EntitlementGrant:
    """By the plan, from `first` to `last` (both included). The same once more changes nothing. Raises `Refused` (also
    for Agency Reports of an agency that is no direct writer: its general agency grants that), NotPossible,
    ProducerUser.DoesNotExist."""
    _require_plan(by)
    with transaction.atomic():
        place = ProducerUser.objects.select_related("agency").select_for_update(of=("self",)).get(pk=place_id)
        if entitlement is Entitlement.AGENCY_REPORTS and not place.agency.direct_writer:
            raise Refused(Answer(False, gate=Gate.REPORTS_GENERAL, owner=OPENERS[Gate.REPORTS_GENERAL]))
        return _grant(by, place, entitlement, first, last, today)


def end(*, by: Scope, grant_id: int, why: EndReason, today: dt.date, last: dt.date | None = None) -> EntitlementGrant:
    """By the plan, any entitlement: at once, or after `last`. Raises `Refused`, NotPossible,
    EntitlementGrant.DoesNotExist."""
    _require_plan(by)
    with transaction.atomic():
        row = EntitlementGrant.objects.select_related("place").select_for_update(of=("self",)).get(pk=grant_id)
        return _end(by, row, why, last, today)


def grant_reports(
    *, by: Scope, place_id: int, first: dt.date, today: dt.date, last: dt.date | None = None
) -> EntitlementGrant:
    """By a contact of the general agency, to a person of an agency that writes through it and not directly. Raises
    `Refused`, NotPossible, ProducerUser.DoesNotExist for anybody else's people."""
    permissions.require(by, Producer.GRANT_REPORTS)
    assert by.home is not None
    with transaction.atomic():
        place = people.under_it(by.home.id).select_for_update(of=("self",)).get(pk=place_id)
        return _grant(by, place, Entitlement.AGENCY_REPORTS, first, last, today)


def end_reports(
    *, by: Scope, grant_id: int, why: EndReason, today: dt.date, last: dt.date | None = None
) -> EntitlementGrant:
    """By a contact of the general agency, whoever granted it. Raises `Refused`, NotPossible,
    EntitlementGrant.DoesNotExist."""
    permissions.require(by, Producer.GRANT_REPORTS)
    assert by.home is not None
    with transaction.atomic():
        rows = EntitlementGrant.objects.filter(
            entitlement=Entitlement.AGENCY_REPORTS, place__in=people.under_it(by.home.id)
        )
        row = rows.select_related("place").select_for_update(of=("self",)).get(pk=grant_id)
        return _end(by, row, why, last, today)


def _require_plan(by: Scope) -> None:
    if by.portal is not Portal.SYSTEM:
        permissions.require(by, Desk.GRANT_ENTITLEMENTS)


def _grant(
    by: Scope, place: ProducerUser, entitlement: Entitlement, first: dt.date, last: dt.date | None, today: dt.date
) -> EntitlementGrant:
    if place.ended_at is not None:
        raise GrantNotPossible(GrantProblem.ENDED_PLACE)
    row, made = intervals.begin(
        EntitlementGrant, by=by, first=first, last=last, today=today, place=place, entitlement=entitlement.value
    )
    if made:
        intervals.record(
            Kind.CREATE,
            "producers.entitlements.grant",
            row,
            by=by,
            about=[("user", place.user_id)],
            entitlement=row.entitlement,
        )
    return row


def _end(by: Scope, row: EntitlementGrant, why: EndReason, last: dt.date | None, today: dt.date) -> EntitlementGrant:
    intervals.stop(row, by=by, today=today, why=why, last=last)
    intervals.record(
        Kind.CHANGE,
        "producers.entitlements.end",
        row,
        by=by,
        about=[("user", row.place.user_id)],
        entitlement=row.entitlement,
    )
    return row
