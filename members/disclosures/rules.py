"""The accounting of disclosures: what goes into it, by when it is due, what may be charged (45 CFR 164.528).

Days are calendar days; every period here names its first and last day, both included.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from members.enums import ACT_DAYS, EXTENSION_DAYS, ORAL_DAYS, SUSPENDABLE, Relationship, Statement
from members.rules.ages import is_adult

YEARS = 6  # (a)(1): "in the six years prior to the date on which the accounting is requested"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Days:
    """From the first to the last day, both included."""

    first: dt.date
    last: dt.date


def years_before(day: dt.date, years: int) -> dt.date:
    """The same day of an earlier year; for February 29 of a year without one February 28, since that leaves no day out
    that a person could claim."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def earliest_day(requested_on: dt.date) -> dt.date:
    """The first day of the six years before the request."""
    return years_before(requested_on, YEARS)


def period(requested_on: dt.date, *, first: dt.date | None, last: dt.date | None) -> Days:
    """The days that an accounting covers: all six years, or less if the person asks for less ((a)(3)). What reaches
    beyond them is cut, for nothing else may be promised. Raises ValueError where no day is left."""
    days = Days(
        max(first or dt.date.min, earliest_day(requested_on)),
        min(last or dt.date.max, requested_on),
    )
    if days.first > days.last:
        raise ValueError("no day is left")
    return days


def in_period(first_on: dt.date, last_on: dt.date, days: Days) -> bool:
    """Did a disclosure, or one of a repeated one, fall into the period?"""
    return first_on <= days.last and last_on >= days.first


def due_date(requested_on: dt.date) -> dt.date:
    """The last day to give the accounting, or to extend the time ((c)(1): "no later than 60 days after receipt")."""
    return requested_on + ACT_DAYS * _DAY


def latest_extension(due: dt.date) -> dt.date:
    """The last day that an extension may name ((c)(1)(ii): "by no more than 30 days")."""
    return due + EXTENSION_DAYS * _DAY


def may_extend(due: dt.date, *, extended: bool, as_of: dt.date) -> bool:
    """Once, and only while the first time still runs ((c)(1)(ii)(A) and (B))."""
    return not extended and as_of <= due


def is_late(*, due: dt.date, extended_to: dt.date | None, closed_on: dt.date | None, as_of: dt.date) -> bool:
    """Was it, or is it, not given by its last day?"""
    return (closed_on or as_of) > (extended_to or due)


def must_be_free(requested_on: dt.date, free_before: Iterable[dt.date]) -> bool:
    """Is this "the first accounting in any 12 month period" ((c)(2))? `free_before`: days on which the person asked for
    those that cost nothing. The 12 months run from the last free one: a paid one never puts the next free one off."""
    return not any(years_before(requested_on, 1) < day <= requested_on for day in free_before)


def may_suspend(purpose: str) -> bool:
    """Only a health oversight agency or a law enforcement official may ask for it ((a)(2))."""
    return purpose in SUSPENDABLE


def latest_suspension(form: str, stated_on: dt.date) -> dt.date | None:
    """The last day that a statement may name ((a)(2)(ii)(C): an oral one holds "no longer than 30 days from the date of
    the oral statement"); none: as long as the agency writes."""
    return stated_on + ORAL_DAYS * _DAY if form == Statement.ORAL else None


def is_suspended(*, form: str, stated_on: dt.date, until: dt.date | None, as_of: dt.date) -> bool:
    """Does the latest statement about a disclosure keep it out of an accounting that is made on this day?"""
    return form != Statement.WITHDRAWN and until is not None and stated_on <= as_of <= until


def may_ask_for(*, relationship: str, birth_date: dt.date, confidential_address: bool, as_of: dt.date) -> bool:
    """May the subscriber ask for this dependent, as personal representative? A child under 18 whose mail goes where all
    mail goes (ruling 16); never a spouse, and nobody who has grown up."""
    return relationship == Relationship.CHILD and not is_adult(birth_date, as_of) and not confidential_address


def fits(*, form: str, stated_on: dt.date, until: dt.date | None) -> bool:
    """Does the time that a statement names fit its form?"""
    if form == Statement.WITHDRAWN:
        return until is None
    latest = latest_suspension(form, stated_on)
    return until is not None and stated_on <= until and (latest is None or until <= latest)
