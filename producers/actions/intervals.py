"""How every dated grant begins and ends: no day is rewritten, a double is refused, and the end is signed."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import TypeVar

from django.contrib.postgres.fields import DateRangeField
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Case, DateField, F, Func, Q, QuerySet, Value, When
from django.db.models.functions import Lower

from audit import actions as audit
from audit.enums import Kind
from portals.plan import periods
from portals.scope import Scope
from producers.enums import EndReason
from producers.models import Interval

_Grant = TypeVar("_Grant", bound=Interval)


class GrantProblem(StrEnum):
    PAST = "past"  # a day before today: nothing is granted or ended backwards
    ORDER = "order"  # the last day lies before the first
    TAKEN = "taken"  # the same grant holds on one of these days
    OVER = "over"  # it has ended, perhaps by somebody else meanwhile
    EARLIER = "earlier"  # it ends before that day already
    NOT_OURS = "not_ours"  # the agency does not hold this client's case, or the person works elsewhere
    ENDED_PLACE = "ended_place"  # the person no longer works for the agency


class GrantNotPossible(ValueError):
    def __init__(self, problem: GrantProblem) -> None:
        super().__init__(problem)
        self.problem = problem


def begin(
    model: type[_Grant], *, by: Scope, first: dt.date, last: dt.date | None, today: dt.date, **key: object
) -> tuple[_Grant, bool]:
    """A grant from `first` to `last`, both included; no end for None. The very same grant, asked again, is the one
    that stands, and False. Raises NotPossible (PAST, ORDER, TAKEN)."""
    if first < today:
        raise GrantNotPossible(GrantProblem.PAST)
    if last is not None and last < first:
        raise GrantNotPossible(GrantProblem.ORDER)
    effective = DateRange(first, periods.from_last_day(last))
    same = model._default_manager.filter(effective=effective, **key).first()
    if same is not None:
        return same, False
    try:
        with transaction.atomic():
            return model._default_manager.create(effective=effective, granted_by=by.actor, **key), True
    except IntegrityError as overlap:
        raise GrantNotPossible(GrantProblem.TAKEN) from overlap


def stop(grant: Interval, *, by: Scope, today: dt.date, why: EndReason, last: dt.date | None = None) -> None:
    """End a locked row: at once (`last` None: today no longer counts), or after a day that is still included. What
    has not begun by then never holds. Raises NotPossible (PAST, OVER, EARLIER)."""
    if last is not None and last < today:
        raise GrantNotPossible(GrantProblem.PAST)
    if grant.is_over(today):
        raise GrantNotPossible(GrantProblem.OVER)
    end = today if last is None else last + dt.timedelta(days=1)
    first, until = grant.effective.lower, grant.effective.upper
    if until is not None and end > until:
        raise GrantNotPossible(GrantProblem.EARLIER)
    grant.effective = DateRange(first, end) if end > first else DateRange(empty=True)
    grant.ended_on, grant.ended_by, grant.ended_why = today, by.actor, why.value
    grant.save(update_fields=["effective", "ended_on", "ended_by", "ended_why"])


def stop_all(grants: QuerySet[_Grant], *, by: Scope, today: dt.date, why: EndReason) -> int:
    """End at once whatever of these is not over, as `stop` does for one; answers how many. One statement."""
    open_ended = Q(effective__upper_inf=True) | Q(effective__endswith__gt=today)
    live = grants.filter(open_ended, effective__isempty=False)
    begun = Q(effective__startswith__lt=today)
    day = Value(today, output_field=DateField())
    cut = Func(Lower(F("effective")), day, function="daterange", output_field=DateRangeField())
    nothing = Value("empty", output_field=DateRangeField())
    return live.update(
        effective=Case(When(begun, then=cut), default=nothing),
        ended_on=today,
        ended_by=by.actor,
        ended_why=why.value,
    )


def record(
    kind: Kind, action: str, grant: Interval, *, by: Scope, about: list[tuple[str, int]], **detail: object
) -> None:
    """The grant's row in the ledger, with its days and, for an end, the reason."""
    days: dict[str, object] = {"first_day": grant.first_day, "last_day": grant.last_day}
    audit.record(
        kind=kind,
        action=action,
        subjects=about,
        object_kind=grant._meta.db_table,
        object_id=str(grant.pk),
        detail={**days, **({"why": grant.ended_why} if grant.ended_why else {}), **detail},
        **by.audit(),
    )
