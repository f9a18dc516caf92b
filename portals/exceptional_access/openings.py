"""One opening of a record or portal beyond a person's role: how long it is open and when it is reviewed."""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from portals.enums import ExceptionalAccessKind
from portals.models import BreakGlass, ViewAs
from portals.plan import clock
from portals.plan.periods import add_business_days

Opening: TypeAlias = BreakGlass | ViewAs


def kind_of(row: Opening) -> ExceptionalAccessKind:
    return ExceptionalAccessKind.BREAK_GLASS if isinstance(row, BreakGlass) else ExceptionalAccessKind.VIEW_AS


def grant(row: Opening) -> str:
    """Under what every audit row of this opening stands: `break-glass:12`, `view-as:7`."""
    return f"{kind_of(row).value}:{row.pk}"


def closed_at(row: Opening) -> dt.datetime:
    """When it was over, or will be."""
    return min(row.ended_at, row.expires_at) if row.ended_at else row.expires_at


def is_open(row: Opening) -> bool:
    return closed_at(row) > timezone.now()


def minutes_left(row: Opening) -> int:
    """Begun minutes count whole."""
    return max(0, -int((timezone.now() - closed_at(row)).total_seconds() // 60))


def open_now() -> Q:
    return Q(ended_at=None, expires_at__gt=timezone.now())


def review_by(today: dt.date) -> dt.date:
    """The last business day for a review of what was opened today."""
    return add_business_days(today, settings.EXCEPTIONAL_ACCESS_REVIEW_DAYS, clock.closings())


def overdue_until(today: dt.date) -> dt.date:
    """The latest day whose openings should have been reviewed before today."""
    closings, day = clock.closings(), today
    while add_business_days(day, settings.EXCEPTIONAL_ACCESS_REVIEW_DAYS, closings) >= today:
        day -= dt.timedelta(days=1)
    return day


def request_key(row: Opening) -> str:
    """The natural key of the request that asks for this opening's review: one for each."""
    return f"look:{grant(row)}"


def review_due() -> dt.date:
    """`review_by` of the business date: the due day of a request that is opened now."""
    return review_by(clock.today())
