"""Grace and what follows it. The clock runs per bill account; two dates matter: earliest action and coverage end."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from billing.rules import schedule
from portals.plan import periods


@dataclass(frozen=True, slots=True)
class ArrearsRule:
    """Settings by state and contract; calendar days after the due date."""

    grace_days: int = 30
    reminder_days: int = 5
    delinquency_days: int = 15
    ignore_below_cents: int = 500


@dataclass(frozen=True, slots=True)
class ArrearsDates:
    reminder: dt.date
    delinquency: dt.date
    grace_end: dt.date
    proposal: dt.date


@dataclass(frozen=True, slots=True)
class NoticeDates:
    """`earliest_action`: nothing is ended before it; `copies_by`: the employees hold their copy by then."""

    earliest_action: dt.date
    copies_by: dt.date


def arrears_dates(due: dt.date, rule: ArrearsRule) -> ArrearsDates:
    last_day_of_grace = schedule.grace_end(due, rule.grace_days)
    return ArrearsDates(
        reminder=due + dt.timedelta(days=rule.reminder_days),
        delinquency=due + dt.timedelta(days=rule.delinquency_days),
        grace_end=last_day_of_grace,
        proposal=last_day_of_grace + dt.timedelta(days=1),
    )


def notice_dates(mailed: dt.date, notice_days: int = 30, copies_days_before: int = 9) -> NoticeDates:
    """New York, 11 NYCRR 55.2 and Labor Law 217: written notice, and the certificate holders' copies before it ends."""
    action = mailed + dt.timedelta(days=notice_days)
    return NoticeDates(action, action - dt.timedelta(days=copies_days_before))


def starts_arrears(past_due_premium_cents: int, rule: ArrearsRule) -> bool:
    """A few dollars of past-due premium start nothing."""
    return past_due_premium_cents >= rule.ignore_below_cents


def coverage_end(unpaid_months: Iterable[dt.date]) -> dt.date | None:
    """Last day covered if nothing more is paid: the end of the last fully paid month. A part payment leaves its month
    unpaid and so moves nothing. None where no month is unpaid.
    """
    first = min(unpaid_months, default=None)
    return periods.last_day_covered(None if first is None else periods.month_start(first))
