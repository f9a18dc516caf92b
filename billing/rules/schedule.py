"""When an invoice is made, due and late, and when money paid by ACH counts. Days are US Eastern, and passed in."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from portals.plan import periods

ACH_CUTOFF = dt.time(17)
PAID_AFTER_SETTLEMENT = 2  # banking days: a corporate debit may be returned until the opening of the second


# Invoices -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DaysBeforeDue:
    """Made this many calendar days before the due date (20: Dec 12 for Jan 1)."""

    days: int

    def __post_init__(self) -> None:
        if self.days < 1:
            raise ValueError("an invoice is made before it is due")


@dataclass(frozen=True, slots=True)
class FixedDay:
    """Made on this day of the month before the coverage month; on its last day where it is shorter."""

    day: int

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31:
            raise ValueError("a fixed day is a day of a month")

    def in_month(self, day: dt.date) -> dt.date:
        return day.replace(day=min(self.day, periods.days_in_month(day)))


GenerationRule = DaysBeforeDue | FixedDay


def due_date(period: dt.date, due_day: int = 1) -> dt.date:
    """The due day (1 to 28) of the coverage month."""
    return period.replace(day=due_day)


def generation_date(period: dt.date, rule: GenerationRule, due_day: int = 1) -> dt.date:
    """The calendar day on which the invoice of a coverage month is made, be it a holiday or not."""
    if isinstance(rule, DaysBeforeDue):
        return due_date(period, due_day) - dt.timedelta(days=rule.days)
    return rule.in_month(periods.add_months(periods.month_start(period), -1))


def invoice_period(as_of: dt.date, rule: GenerationRule, due_day: int = 1) -> dt.date:
    """The latest coverage month (its first day) whose invoice is made on or before `as_of`."""
    if isinstance(rule, DaysBeforeDue):
        latest_due = as_of + dt.timedelta(days=rule.days)
        return periods.add_months(periods.month_start(latest_due), 0 if latest_due.day >= due_day else -1)
    return periods.add_months(periods.month_start(as_of), 1 if as_of >= rule.in_month(as_of) else 0)


def changes_until_at(generated_on: dt.date) -> dt.datetime:
    """Changes accepted before this instant (00:00 Eastern of the generation date) are on the invoice."""
    return dt.datetime.combine(generated_on, dt.time(0), tzinfo=periods.PLAN_ZONE)


def grace_end(due: dt.date, grace_days: int) -> dt.date:
    """The last day of grace; the clock starts the day after the due date."""
    return due + dt.timedelta(days=grace_days)


# Payments -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AchDates:
    """`accepted_date` decides timeliness; `file_date` is the day of the file, which `settlement_date` follows;
    on `paid_date` the payment is shown as paid unless it was returned.
    """

    accepted_date: dt.date
    file_date: dt.date
    settlement_date: dt.date
    paid_date: dt.date


@dataclass(frozen=True, slots=True)
class AutopayDates:
    """`change_until_at`: the last instant (included) to change or skip the draw."""

    change_until_at: dt.datetime
    file_date: dt.date
    settlement_date: dt.date
    paid_date: dt.date


def paid_date(settlement_date: dt.date) -> dt.date:
    return periods.add_banking_days(settlement_date, PAID_AFTER_SETTLEMENT)


def ach_dates(accepted_at: dt.datetime, cutoff: dt.time = ACH_CUTOFF) -> AchDates:
    """A payment accepted after the cut-off, or on a day the banks are closed, counts as the next banking day."""
    local = periods.plan_time(accepted_at)
    day = local.date()
    in_time = periods.is_banking_day(day) and local.time() <= cutoff
    file_date = day if in_time else periods.next_banking_day(day)
    settlement = periods.next_banking_day(file_date)
    return AchDates(day, file_date, settlement, paid_date(settlement))


def autopay_dates(due: dt.date, cutoff: dt.time = ACH_CUTOFF) -> AutopayDates:
    """The draw of an invoice: on the due date or the next banking day, which is on time."""
    settlement = periods.banking_day_on_or_after(due)
    file_date = periods.add_banking_days(settlement, -1)
    last_day = periods.add_banking_days(file_date, -1)
    return AutopayDates(
        dt.datetime.combine(last_day, cutoff, tzinfo=periods.PLAN_ZONE), file_date, settlement, paid_date(settlement)
    )


def last_day_to_pay(invoice_date: dt.date, business_days: int = 3, closings: Collection[dt.date] = ()) -> dt.date:
    """The day by which a payment is accepted so that the invoice made on `invoice_date` shows it."""
    return periods.add_business_days(invoice_date, -business_days, closings)


def shows_on(invoice_date: dt.date, settlement_date: dt.date) -> bool:
    """An invoice shows money that settled before the day of its run, even if it is not called paid yet."""
    return settlement_date < invoice_date
