"""The plan's business date, kept apart from the clock: it decides coverage, due dates and statements.

Audit, sessions and tokens go by the database's `clock_timestamp()` instead.
"""

import datetime as dt

from django.conf import settings
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind
from portals.models import PlanClock, PlanClosing
from portals.page_cache import forget, once_per_page
from portals.plan.periods import PLAN_ZONE
from portals.scope import Scope


@once_per_page
def today() -> dt.date:
    """The business date: in the demo the stored day, elsewhere the calendar day in the plan's zone."""
    if settings.DEMO:
        stored = PlanClock.objects.filter(id=1).values_list("business_date", flat=True).first()
        if stored:
            return stored
    return timezone.localdate(timezone=PLAN_ZONE)


def now() -> dt.datetime:
    """The business instant: the business date at this time of day, in the plan's zone. One look at the clock: two of
    them, around midnight, would be a day apart."""
    at = timezone.localtime(timezone=PLAN_ZONE)
    return dt.datetime.combine(today(), at.time(), tzinfo=PLAN_ZONE) if movable() else at


def closings() -> frozenset[dt.date]:
    return frozenset(PlanClosing.objects.values_list("day", flat=True))


def movable() -> bool:
    """Only a demo has a date of its own."""
    return bool(settings.DEMO)


def move_to(day: dt.date, *, by: Scope) -> None:
    """Set the demo's business date. It never goes back: what was known stays known."""
    if not movable():
        raise RuntimeError("the business date of a real plan is the calendar's")
    PlanClock.objects.update_or_create(id=1, defaults={"business_date": day})
    forget()
    audit.record(kind=Kind.CHANGE, action="clock.move_to", detail={"business_date": day.isoformat()}, **by.audit())
