"""The plan's business date, kept apart from the clock: it decides coverage, due dates and statements.

Audit, sessions and tokens go by the database's `clock_timestamp()` instead.
"""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from portals.models import PlanClock, PlanClosing
from portals.periods import PLAN_ZONE


def today() -> dt.date:
    """The business date: in the demo the stored day, elsewhere the calendar day in the plan's zone."""
    if settings.DEMO:
        stored = PlanClock.objects.filter(id=1).values_list("business_date", flat=True).first()
        if stored:
            return stored
    return timezone.localdate(timezone=PLAN_ZONE)


def now() -> dt.datetime:
    """The business instant: the business date at this time of day, in the plan's zone."""
    return dt.datetime.combine(today(), timezone.localtime(timezone=PLAN_ZONE).time(), tzinfo=PLAN_ZONE)


def closings() -> frozenset[dt.date]:
    return frozenset(PlanClosing.objects.values_list("day", flat=True))
