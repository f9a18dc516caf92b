"""Ends, months, banking days and business days: the figures as given, and the rule that most calendars get wrong."""

import datetime as dt

import pytest

from portals.plan import periods
from portals.plan.periods import Period, Window


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def test_an_end_is_stored_as_the_day_after_the_last_day_covered() -> None:
    assert periods.from_last_day(day("2027-01-31")) == day("2027-02-01")
    assert periods.last_day_covered(day("2027-02-01")) == day("2027-01-31")
    assert periods.from_last_day(None) is None
    assert periods.last_day_covered(None) is None


def test_a_period_covers_its_start_and_not_its_end() -> None:
    january = periods.month_of(day("2027-01-20"))
    assert january == Period(day("2027-01-01"), day("2027-02-01"))
    assert january.covers(day("2027-01-01"))
    assert january.covers(day("2027-01-31"))
    assert not january.covers(day("2027-02-01"))
    assert not january.overlaps(Period(day("2027-02-01"), None))
    assert january.overlaps(Period(day("2026-05-01"), day("2027-01-02")))
    assert Period(day("2020-01-01"), None).overlaps(january)


def test_months_are_added_without_leaving_the_month() -> None:
    assert periods.add_months(day("2027-01-31"), 1) == day("2027-02-28")
    assert periods.add_months(day("2028-03-31"), -1) == day("2028-02-29")
    assert periods.add_months(day("2026-12-15"), 1) == day("2027-01-15")
    assert periods.add_months(day("2027-01-15"), -13) == day("2025-12-15")
    assert list(periods.months(day("2026-11-20"), day("2027-02-01"))) == [
        day("2026-11-01"),
        day("2026-12-01"),
        day("2027-01-01"),
    ]


@pytest.mark.parametrize("friday", ["2026-07-03", "2027-06-18", "2027-12-24", "2027-12-31", "2021-12-31", "2010-12-31"])
def test_a_saturday_holiday_does_not_close_the_friday(friday: str) -> None:
    assert periods.is_banking_day(day(friday))


@pytest.mark.parametrize("closed", ["2027-01-01", "2027-02-15", "2027-07-05", "2022-06-20", "2023-01-02", "2026-11-26"])
def test_holidays_and_the_mondays_after_sunday_holidays_are_closed(closed: str) -> None:
    assert not periods.is_banking_day(day(closed))


def test_counting_starts_the_day_after_and_runs_both_ways() -> None:
    assert periods.next_banking_day(day("2026-12-24")) == day("2026-12-28")
    assert periods.add_banking_days(day("2026-12-26"), 1) == day("2026-12-28")
    assert periods.add_banking_days(day("2027-02-11"), 2) == day("2027-02-16")
    assert periods.add_banking_days(day("2027-01-04"), -1) == day("2026-12-31")
    assert periods.banking_day_on_or_after(day("2027-01-01")) == day("2027-01-04")
    assert periods.banking_day_on_or_after(day("2027-01-04")) == day("2027-01-04")


def test_a_card_arrives_seven_to_ten_business_days_after_the_day_recorded() -> None:
    recorded = day("2026-12-21")
    assert periods.business_day_window(recorded, 7, 10) == Window(day("2026-12-31"), day("2027-01-06"))
    closings = {day("2026-12-24"), day("2026-12-31")}  # the plan's own
    assert periods.business_day_window(recorded, 7, 10, closings) == Window(day("2027-01-05"), day("2027-01-08"))


def test_a_day_is_eastern_and_a_naive_instant_has_none() -> None:
    assert periods.plan_date(dt.datetime(2027, 1, 12, 4, 59, tzinfo=dt.UTC)) == day("2027-01-11")
    assert periods.plan_date(dt.datetime(2027, 7, 12, 4, 0, tzinfo=dt.UTC)) == day("2027-07-12")
    with pytest.raises(ValueError, match="time zone"):
        periods.plan_date(dt.datetime(2027, 1, 12, 4, 59))
