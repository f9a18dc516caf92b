"""Periods, months, banking days and business days of the plan. Pure: the day is always passed in.

Stored periods are half-open: `end` is the first day *not* covered, None is open. On the wire and on screens an end is
the last day covered (349 = Jan 31 is stored as Feb 1).

A banking day is a weekday on which the Federal Reserve is open: a Sunday holiday closes the Monday, a Saturday holiday
does *not* close the Friday. A business day is a banking day that is not among the plan's own closings.
Counting starts the day after.
"""

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import holidays

PLAN_ZONE = ZoneInfo("America/New_York")

_FED_HOLIDAYS = holidays.financial_holidays("FED")
_ONE_DAY = dt.timedelta(days=1)


class Period(NamedTuple):
    """Days from `start` up to, not including, `end`; None is open."""

    start: dt.date
    end: dt.date | None

    def covers(self, day: dt.date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "Period") -> bool:
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)


class Window(NamedTuple):
    """Two days, both included, as a page says "between ... and ..."."""

    first: dt.date
    last: dt.date


# Ends ---------------------------------------------------------------------------------------------------------------


# Systems that must write some day write one that never comes for "no end": Dec 31 of 2099, 2999 or 9999. No plan agrees
# on anything that far.
NO_END: Final = dt.date(2099, 12, 31)


def last_day_covered(end: dt.date | None) -> dt.date | None:
    """What screens and files say for a stored, half-open `end`."""
    return None if end is None else end - _ONE_DAY


def from_last_day(last_day: dt.date | None) -> dt.date | None:
    """What is stored for a last day covered; from NO_END on a last day means that there is none."""
    return None if last_day is None or last_day >= NO_END else last_day + _ONE_DAY


# Months -------------------------------------------------------------------------------------------------------------


def month_start(day: dt.date) -> dt.date:
    return day.replace(day=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or that month's last day where it is shorter (Jan 31 + 1 is Feb 28)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    first = dt.date(year, month + 1, 1)
    return first.replace(day=min(day.day, days_in_month(first)))


def month_of(day: dt.date) -> Period:
    first = month_start(day)
    return Period(first, (first + dt.timedelta(days=32)).replace(day=1))


def days_in_month(day: dt.date) -> int:
    first = month_start(day)
    return ((first + dt.timedelta(days=32)).replace(day=1) - first).days


def months(first: dt.date, end: dt.date) -> Iterator[dt.date]:
    """First days of the months that the half-open period touches."""
    month = month_start(first)
    while month < end:
        yield month
        month = add_months(month, 1)


# Instants -----------------------------------------------------------------------------------------------------------


def plan_date(instant: dt.datetime) -> dt.date:
    """The Eastern calendar day of an instant; a naive instant is refused, since its day is not known."""
    return plan_time(instant).date()


def plan_time(instant: dt.datetime) -> dt.datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(PLAN_ZONE)


# Banking and business days ------------------------------------------------------------------------------------------


def is_banking_day(day: dt.date) -> bool:
    return day.weekday() < 5 and day not in _FED_HOLIDAYS


def is_bank_holiday(day: dt.date) -> bool:
    """A holiday of the Federal Reserve's calendar, on whichever weekday it falls."""
    return day in _FED_HOLIDAYS


def is_business_day(day: dt.date, closings: Collection[dt.date] = ()) -> bool:
    return is_banking_day(day) and day not in closings


def next_banking_day(day: dt.date) -> dt.date:
    """The first banking day after `day`."""
    return add_banking_days(day, 1)


def banking_day_on_or_after(day: dt.date) -> dt.date:
    """`day` itself if the banks are open, else the next day they are."""
    return day if is_banking_day(day) else next_banking_day(day)


def add_banking_days(day: dt.date, count: int) -> dt.date:
    """The `count`-th banking day after `day`; before it, where `count` is negative. 0 is the day itself."""
    return _count(day, count, is_banking_day)


def add_business_days(day: dt.date, count: int, closings: Collection[dt.date] = ()) -> dt.date:
    """As `add_banking_days`, leaving out the plan's own `closings` too."""
    return _count(day, count, lambda candidate: is_business_day(candidate, closings))


def business_day_window(day: dt.date, first: int, last: int, closings: Collection[dt.date] = ()) -> Window:
    """From the `first` to the `last` business day after `day` (new cards: 7 to 10 from the day recorded)."""
    return Window(add_business_days(day, first, closings), add_business_days(day, last, closings))


def _count(day: dt.date, count: int, is_open: Callable[[dt.date], bool]) -> dt.date:
    step = _ONE_DAY if count >= 0 else -_ONE_DAY
    left = abs(count)
    while left:
        day += step
        left -= is_open(day)
    return day
