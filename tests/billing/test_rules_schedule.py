"""When invoices are made and money counts: figures F1, F7 and F8 as given."""

import datetime as dt

import pytest

from billing.rules import arrears, schedule
from billing.rules.schedule import DaysBeforeDue, FixedDay
from portals.plan.periods import PLAN_ZONE

NEW_YORK = DaysBeforeDue(20)
FIFTEENTH = FixedDay(15)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=PLAN_ZONE)


@pytest.mark.parametrize(
    ("period", "rule", "made"),
    [
        ("2027-01-01", NEW_YORK, "2026-12-12"),
        ("2027-02-01", NEW_YORK, "2027-01-12"),
        ("2027-02-01", FIFTEENTH, "2027-01-15"),
        ("2027-03-01", FIFTEENTH, "2027-02-15"),  # a bank holiday: runs anyway
        ("2027-01-01", FIFTEENTH, "2026-12-15"),
    ],
)
def test_an_invoice_is_made_on_the_day_of_its_rule(period: str, rule: schedule.GenerationRule, made: str) -> None:
    assert schedule.generation_date(day(period), rule) == day(made)
    assert schedule.due_date(day(period)) == day(period)
    assert schedule.invoice_period(day(made), rule) == day(period)
    assert schedule.invoice_period(day(made) - dt.timedelta(days=1), rule) < day(period)


def test_a_later_due_day_moves_the_invoice_with_it() -> None:
    assert schedule.due_date(day("2027-02-01"), 10) == day("2027-02-10")
    assert schedule.generation_date(day("2027-02-01"), NEW_YORK, 10) == day("2027-01-21")
    assert schedule.invoice_period(day("2027-01-21"), NEW_YORK, 10) == day("2027-02-01")
    assert schedule.invoice_period(day("2027-01-20"), NEW_YORK, 10) == day("2027-01-01")


def test_changes_of_the_day_itself_are_not_on_the_invoice() -> None:
    limit = schedule.changes_until_at(schedule.generation_date(day("2027-02-01"), FIFTEENTH))
    assert limit == dt.datetime(2027, 1, 15, 5, 0, tzinfo=dt.UTC)


def test_a_rule_that_some_month_cannot_keep_is_refused() -> None:
    with pytest.raises(ValueError, match="before it is due"):
        DaysBeforeDue(0)
    for day_of_month in (0, 32):
        with pytest.raises(ValueError, match="day of a month"):
            FixedDay(day_of_month)


def test_a_fixed_day_beyond_the_month_is_its_last_day() -> None:
    assert schedule.generation_date(day("2027-03-01"), FixedDay(31)) == day("2027-02-28")
    assert schedule.invoice_period(day("2027-02-27"), FixedDay(31)) == day("2027-02-01")
    assert schedule.invoice_period(day("2027-02-28"), FixedDay(31)) == day("2027-03-01")


@pytest.mark.parametrize(
    ("accepted", "settles", "paid"),
    [
        ("2027-01-11T10:00", "2027-01-12", "2027-01-14"),
        ("2027-01-11T17:00", "2027-01-12", "2027-01-14"),
        ("2027-01-11T17:00:01", "2027-01-13", "2027-01-15"),
        ("2027-01-11T18:00", "2027-01-13", "2027-01-15"),
        ("2026-12-24T10:00", "2026-12-28", "2026-12-30"),
        ("2026-07-02T10:00", "2026-07-03", "2026-07-07"),
        ("2027-07-02T10:00", "2027-07-06", "2027-07-08"),
        ("2027-01-29T14:10", "2027-02-01", "2027-02-03"),  # F6
        ("2027-02-10T12:00", "2027-02-11", "2027-02-16"),
        ("2027-01-09T12:00", "2027-01-12", "2027-01-14"),  # a Saturday counts as Monday
    ],
)
def test_a_payment_settles_the_next_banking_day_and_is_paid_two_later(accepted: str, settles: str, paid: str) -> None:
    dates = schedule.ach_dates(at(accepted))
    assert dates.accepted_date == at(accepted).date()
    assert (dates.settlement_date, dates.paid_date) == (day(settles), day(paid))


def test_the_cut_off_is_eastern_wherever_the_instant_was_taken() -> None:
    assert schedule.ach_dates(dt.datetime(2027, 1, 11, 22, 0, tzinfo=dt.UTC)).file_date == day("2027-01-11")
    assert schedule.ach_dates(dt.datetime(2027, 1, 11, 22, 1, tzinfo=dt.UTC)).file_date == day("2027-01-12")


def test_autopay_on_a_holiday_draws_the_next_banking_day() -> None:
    dates = schedule.autopay_dates(day("2027-01-01"))
    assert dates.change_until_at == at("2026-12-30T17:00")
    assert dates.file_date == day("2026-12-31")
    assert dates.settlement_date == day("2027-01-04")
    assert dates.paid_date == day("2027-01-06")


@pytest.mark.parametrize(
    ("invoice", "accepted_by"),
    [("2027-01-15", "2027-01-12"), ("2027-02-15", "2027-02-10"), ("2023-01-12", "2023-01-09")],
)
def test_three_business_days_before_the_invoice_are_enough_to_show_on_it(invoice: str, accepted_by: str) -> None:
    assert schedule.last_day_to_pay(day(invoice)) == day(accepted_by)
    accepted = dt.datetime.combine(day(accepted_by), dt.time(12), tzinfo=PLAN_ZONE)
    assert schedule.shows_on(day(invoice), schedule.ach_dates(accepted).settlement_date)


def test_calendar_days_would_have_been_too_late() -> None:
    assert schedule.ach_dates(at("2027-02-12T12:00")).settlement_date == day("2027-02-16")
    assert not schedule.shows_on(day("2027-02-15"), day("2027-02-16"))


def test_the_dates_of_an_unpaid_invoice() -> None:
    dates = arrears.arrears_dates(day("2027-01-01"), arrears.ArrearsRule())
    assert dates.reminder == day("2027-01-06")
    assert dates.delinquency == day("2027-01-16")
    assert dates.grace_end == day("2027-01-31")
    assert dates.proposal == day("2027-02-01")
    assert schedule.grace_end(day("2027-02-01"), 30) == day("2027-03-03")  # F6


def test_new_york_notice_delays_any_action() -> None:
    notice = arrears.notice_dates(day("2027-01-06"))
    assert notice.earliest_action == day("2027-02-05")
    assert notice.copies_by == day("2027-01-27")


def test_coverage_ends_with_the_last_fully_paid_month() -> None:
    assert arrears.coverage_end([day("2027-02-01"), day("2027-01-01")]) == day("2026-12-31")
    assert arrears.coverage_end([]) is None


def test_under_five_dollars_past_due_starts_nothing() -> None:
    rule = arrears.ArrearsRule()
    assert not arrears.starts_arrears(4_99, rule)
    assert arrears.starts_arrears(5_00, rule)
