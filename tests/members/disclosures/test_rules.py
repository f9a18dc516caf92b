"""The accounting's rules, from the text of 45 CFR 164.528."""

from __future__ import annotations

import datetime as dt

import pytest

from members.disclosures import rules
from members.disclosures.rules import Days
from members.enums import SUSPENDABLE, Purpose

D = dt.date


# (a)(1): "in the six years prior to the date on which the accounting is requested"


@pytest.mark.parametrize(
    ("requested", "earliest"),
    [
        (D(2026, 12, 14), D(2020, 12, 14)),
        (D(2026, 1, 1), D(2020, 1, 1)),
        (D(2026, 2, 28), D(2020, 2, 28)),
        (D(2026, 3, 1), D(2020, 3, 1)),  # a leap year six years before: its February 29 lies outside
        (D(2028, 2, 29), D(2022, 2, 28)),  # a leap day: no day is lost to the person
        (D(2030, 2, 28), D(2024, 2, 28)),  # February 29, 2024 lies within
    ],
)
def test_six_years_are_counted_to_the_day(requested: D, earliest: D) -> None:
    assert rules.earliest_day(requested) == earliest
    days = rules.period(requested, first=None, last=None)
    assert days == Days(earliest, requested)
    assert rules.in_period(earliest, earliest, days)
    before = earliest - dt.timedelta(days=1)
    assert not rules.in_period(before, before, days)
    assert rules.in_period(requested, requested, days)


def test_a_leap_day_six_years_ago_is_within() -> None:
    leap = D(2024, 2, 29)
    assert rules.in_period(leap, leap, rules.period(D(2030, 2, 28), first=None, last=None))
    assert not rules.in_period(leap, leap, rules.period(D(2030, 3, 1), first=None, last=None))


# (a)(3): "may request an accounting ... for a period of time less than six years"


def test_a_shorter_period_is_kept_and_what_reaches_beyond_is_cut() -> None:
    asked = D(2026, 12, 14)
    assert rules.period(asked, first=D(2025, 1, 1), last=D(2025, 12, 31)) == Days(D(2025, 1, 1), D(2025, 12, 31))
    assert rules.period(asked, first=D(2001, 1, 1), last=D(2040, 1, 1)) == Days(D(2020, 12, 14), asked)
    for first, last in ((D(2027, 1, 1), None), (None, D(2020, 12, 13)), (D(2026, 2, 1), D(2026, 1, 1))):
        with pytest.raises(ValueError, match="no day"):
            rules.period(asked, first=first, last=last)


def test_one_that_was_repeated_is_in_every_period_that_it_touches() -> None:
    days = Days(D(2025, 1, 1), D(2025, 12, 31))
    assert rules.in_period(D(2024, 6, 1), D(2025, 1, 1), days)
    assert rules.in_period(D(2025, 12, 31), D(2026, 6, 1), days)
    assert rules.in_period(D(2024, 6, 1), D(2026, 6, 1), days)
    assert not rules.in_period(D(2024, 6, 1), D(2024, 12, 31), days)
    assert not rules.in_period(D(2026, 1, 1), D(2026, 6, 1), days)


# (c)(1): "no later than 60 days after receipt"; (ii) "by no more than 30 days", once, within the first 60


def test_sixty_days_and_thirty_more() -> None:
    due = rules.due_date(D(2026, 12, 14))
    assert due == D(2027, 2, 12)
    assert rules.due_date(D(2024, 1, 1)) == D(2024, 3, 1)  # over February 29
    assert rules.latest_extension(due) == D(2027, 3, 14)
    assert rules.may_extend(due, extended=False, as_of=due)
    assert not rules.may_extend(due, extended=False, as_of=due + dt.timedelta(days=1))
    assert not rules.may_extend(due, extended=True, as_of=D(2026, 12, 20))


@pytest.mark.parametrize(
    ("extended", "closed", "today", "late"),
    [
        (None, None, D(2027, 2, 12), False),
        (None, None, D(2027, 2, 13), True),
        (D(2027, 3, 14), None, D(2027, 3, 14), False),
        (D(2027, 3, 14), None, D(2027, 3, 15), True),
        (None, D(2027, 2, 12), D(2028, 1, 1), False),
        (None, D(2027, 2, 13), D(2028, 1, 1), True),
    ],
)
def test_the_last_day_is_still_in_time(extended: D | None, closed: D | None, today: D, late: bool) -> None:
    assert rules.is_late(due=D(2027, 2, 12), extended_to=extended, closed_on=closed, as_of=today) is late


# (c)(2): "the first accounting to an individual in any 12 month period without charge"


@pytest.mark.parametrize(
    ("requested", "free_before", "free"),
    [
        (D(2026, 12, 14), [], True),
        (D(2026, 12, 14), [D(2025, 12, 14)], True),  # its 12 months ended on December 13
        (D(2026, 12, 14), [D(2025, 12, 15)], False),
        (D(2026, 12, 14), [D(2026, 12, 14)], False),
        (D(2028, 2, 29), [D(2027, 2, 28)], True),
        (D(2028, 2, 29), [D(2027, 3, 1)], False),
        (D(2026, 12, 14), [D(2020, 1, 1), D(2026, 6, 1)], False),
    ],
)
def test_the_first_of_twelve_months_is_free(requested: D, free_before: list[D], free: bool) -> None:
    assert rules.must_be_free(requested, free_before) is free


# (a)(2): suspension for health oversight and law enforcement; oral ones "no longer than 30 days"


def test_only_two_purposes_are_ever_suspended() -> None:
    assert {purpose for purpose in Purpose if rules.may_suspend(purpose)} == set(SUSPENDABLE)
    assert set(SUSPENDABLE) == {Purpose.OVERSIGHT, Purpose.LAW_ENFORCEMENT}


@pytest.mark.parametrize(
    ("form", "until", "fits"),
    [
        ("oral", D(2027, 1, 13), True),  # 30 days from December 14
        ("oral", D(2027, 1, 14), False),
        ("oral", D(2026, 12, 13), False),
        ("oral", None, False),
        ("written", D(2031, 1, 1), True),
        ("written", D(2026, 12, 14), True),
        ("written", D(2026, 12, 13), False),
        ("written", None, False),
        ("withdrawn", None, True),
        ("withdrawn", D(2027, 1, 1), False),
    ],
)
def test_a_statement_names_a_time_that_fits(form: str, until: D | None, fits: bool) -> None:
    assert rules.fits(form=form, stated_on=D(2026, 12, 14), until=until) is fits


def test_it_holds_from_its_day_to_its_last_day() -> None:
    def holds(form: str, day: D) -> bool:
        until = None if form == "withdrawn" else D(2027, 1, 13)
        return rules.is_suspended(form=form, stated_on=D(2026, 12, 14), until=until, as_of=day)

    assert not holds("oral", D(2026, 12, 13))
    assert holds("oral", D(2026, 12, 14)) and holds("oral", D(2027, 1, 13))
    assert not holds("oral", D(2027, 1, 14))
    assert not holds("withdrawn", D(2026, 12, 20))


# Ruling 16: for whom the subscriber may ask


@pytest.mark.parametrize(
    ("relationship", "born", "confidential", "may"),
    [
        ("19", D(2016, 5, 1), False, True),
        ("19", D(2008, 12, 15), False, True),  # 18 tomorrow
        ("19", D(2008, 12, 14), False, False),  # 18 today
        ("19", D(2016, 5, 1), True, False),
        ("01", D(2010, 5, 1), False, False),
        ("53", D(2010, 5, 1), False, False),
        ("G8", D(2016, 5, 1), False, False),
        ("18", D(2016, 5, 1), False, False),
    ],
)
def test_only_for_a_child_under_18_whose_mail_is_not_confidential(
    relationship: str, born: D, confidential: bool, may: bool
) -> None:
    asked = rules.may_ask_for(
        relationship=relationship, birth_date=born, confidential_address=confidential, as_of=D(2026, 12, 14)
    )
    assert asked is may
