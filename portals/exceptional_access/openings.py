"""One opening of a record or portal beyond a person's role: how long it is open and when it is reviewed."""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from portals.enums import LookKind
from portals.models import BreakGlass, ViewAs
from portals.plan import clock
from portals.plan.periods import add_business_days

Look: TypeAlias = BreakGlass | ViewAs


def kind_of(row: Look) -> LookKind:
    return LookKind.BREAK_GLASS if isinstance(row, BreakGlass) else LookKind.VIEW_AS


def grant(row: Look) -> str:
    """Under what every audit row of this look stands: `break-glass:12`, `view-as:7`."""
    return f"{kind_of(row).value}:{row.pk}"


def closed_at(row: Look) -> dt.datetime:
    """When it was over, or will be."""
    return min(row.ended_at, row.expires_at) if row.ended_at else row.expires_at


def is_open(row: Look) -> bool:
    return closed_at(row) > timezone.now()


def minutes_left(row: Look) -> int:
    """Begun minutes count whole."""
    return max(0, -int((timezone.now() - closed_at(row)).total_seconds() // 60))


def open_now() -> Q:
    return Q(ended_at=None, expires_at__gt=timezone.now())


def review_by(today: dt.date) -> dt.date:
    """The last business day for a review of what was opened today."""
    return add_business_days(today, settings.LOOK_REVIEW_DAYS, clock.closings())


def overdue_until(today: dt.date) -> dt.date:
    """The latest day whose looks should have been reviewed before today."""
    closings, day = clock.closings(), today
    while add_business_days(day, settings.LOOK_REVIEW_DAYS, closings) >= today:
        day -= dt.timedelta(days=1)
    return day


def request_key(row: Look) -> str:
    """The natural key of the request that asks for this look's review: one for each look."""
    return f"look:{grant(row)}"


def review_due() -> dt.date:
    """`review_by` of the business date: the due day of a request that is opened now."""
    return review_by(clock.today())
