"""Opening hours: worked cases over closings, banking holidays, midnight and the two days a year of another length."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from portals.plan import hours, hours_text
from portals.plan.hours import Hours

EASTERN = ZoneInfo("America/New_York")
OFFICE = Hours((*[hours.read_day("8 am - 8 pm")] * 5, (), ()), EASTERN)
ACCREDO = Hours((*[hours.read_day("8 am - 11 pm")] * 5, hours.read_day("8 am - 5 pm"), ()), EASTERN)
ALWAYS = Hours(hours.read_week(hours.ROUND_THE_CLOCK), EASTERN, holidays_off=False)
CLOSINGS = {dt.date(2026, 11, 27)}


def now(line: Hours, text: str, zone: ZoneInfo = EASTERN) -> str:
    at = dt.datetime.fromisoformat(text).replace(tzinfo=zone)
    return hours_text.of_state(line, hours.state(line, at=at, closings=CLOSINGS))


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-12-14 08:00", "open until 8 pm Eastern"),  # a Monday
        ("2026-12-14 19:59", "open until 8 pm Eastern"),
        ("2026-12-14 20:00", "closed now, opens tomorrow 8 am Eastern"),
        ("2026-12-14 07:59", "closed now, opens at 8 am Eastern"),
        ("2026-12-11 20:00", "closed now, opens Monday 8 am Eastern"),  # a Friday evening
        ("2026-12-24 20:00", "closed now, opens Monday 8 am Eastern"),  # Christmas Day is a Friday
        ("2026-12-25 10:00", "closed now, opens Monday 8 am Eastern"),
        ("2027-01-15 21:00", "closed now, opens Tuesday 8 am Eastern"),  # Martin Luther King's day is Monday
        ("2026-11-25 21:00", "closed now, opens Monday 8 am Eastern"),  # Thanksgiving, and the plan's own closing
    ],
)
def test_an_office_is_open_on_business_days(at: str, said: str) -> None:
    assert now(OFFICE, at) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-12-14 22:59", "open until 11 pm Eastern"),
        ("2026-12-19 16:00", "open until 5 pm Eastern"),  # Saturday
        ("2026-12-19 17:00", "closed now, opens Monday 8 am Eastern"),
        ("2026-12-18 23:00", "closed now, opens tomorrow 8 am Eastern"),
        ("2026-07-04 10:00", "closed now, opens Monday 8 am Eastern"),  # a holiday on a Saturday closes it
        ("2026-07-03 10:00", "open until 11 pm Eastern"),  # and leaves the Friday open, as the banks do
    ],
)
def test_the_specialty_pharmacy_keeps_its_saturday(at: str, said: str) -> None:
    assert now(ACCREDO, at) == said
    assert hours_text.of_week(ACCREDO) == "Monday to Friday, 8 am to 11 pm; Saturday, 8 am to 5 pm Eastern"


def test_a_line_around_the_clock_never_closes() -> None:
    assert now(ALWAYS, "2026-12-25 03:00") == "open at any hour"
    assert hours_text.of_week(ALWAYS) == "24 hours a day, 7 days a week"


def test_around_the_clock_except_holidays_says_until_when() -> None:
    line = Hours(ALWAYS.week, EASTERN)
    assert hours_text.of_week(line) == "24 hours a day, 7 days a week, except holidays"
    assert now(line, "2026-12-23 12:00") == "open until tomorrow midnight Eastern"
    assert now(line, "2026-12-25 12:00") == "closed now, opens tomorrow 12 am Eastern"


def test_a_span_past_midnight_is_one_opening() -> None:
    friday = ((8 * 60, hours.MIDNIGHT),)
    line = Hours(((), (), (), (), friday, hours.read_day("0:00 - 2:00"), ()), EASTERN)
    assert now(line, "2026-12-18 23:30") == "open until tomorrow 2 am Eastern"
    assert now(line, "2026-12-19 01:59") == "open until 2 am Eastern"


@pytest.mark.parametrize(
    ("utc", "is_open"),
    [
        ("2026-03-06T12:59", False),  # the Friday before clocks go forward: 7:59 Eastern standard
        ("2026-03-06T13:00", True),
        ("2026-03-09T11:59", False),  # the Monday after: 7:59 Eastern daylight
        ("2026-03-09T12:00", True),
        ("2026-11-02T13:00", True),  # the Monday after clocks go back
        ("2026-11-02T12:59", False),
    ],
)
def test_the_hour_of_opening_is_the_wall_clocks_in_winter_and_summer(utc: str, is_open: bool) -> None:
    at = dt.datetime.fromisoformat(utc).replace(tzinfo=dt.UTC)
    assert hours.state(OFFICE, at=at).is_open is is_open


def test_a_night_line_counts_both_of_the_repeated_hours() -> None:
    line = Hours(((), (), (), (), (), (), hours.read_day("0:00 - 3:00")), EASTERN)
    first = dt.datetime(2026, 11, 1, 1, 30, tzinfo=EASTERN)
    for at in (first, first.replace(fold=1)):
        assert hours.state(line, at=at).is_open
    ends = hours.state(line, at=first).until
    assert ends is not None and ends.astimezone(dt.UTC) == dt.datetime(2026, 11, 1, 8, tzinfo=dt.UTC)


def test_another_zone_is_said_in_its_own_time() -> None:
    pacific = Hours(OFFICE.week, ZoneInfo("America/Los_Angeles"))
    assert now(pacific, "2026-12-14 08:30") == "closed now, opens at 8 am Pacific"
    assert now(pacific, "2026-12-14 22:30") == "open until 8 pm Pacific"


def test_no_opening_in_sight_is_closed_and_no_hours_say_nothing() -> None:
    line = Hours(((),) * 7, EASTERN)
    assert now(line, "2026-12-14 10:00") == "closed now"
    assert hours_text.of_week(line) == ""


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        hours.state(OFFICE, at=dt.datetime(2026, 12, 14, 10))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("8 am - 8 pm", [["08:00", "20:00"]]),
        ("8:30am–5:15 p.m.", [["08:30", "17:15"]]),
        ("8:00-12:00, 13:00-17:00", [["08:00", "12:00"], ["13:00", "17:00"]]),
        ("12 am to noon", [["00:00", "12:00"]]),
        ("noon - midnight", [["12:00", "24:00"]]),
        ("0:00 - 24:00", [["00:00", "24:00"]]),
        ("", []),
    ],
)
def test_typed_hours_are_read_and_written_back(typed: str, stored: list[list[str]]) -> None:
    day = hours.read_day(typed)
    assert hours.write_week([day])[0] == stored
    assert hours.read_day(hours.write_day(day)) == day


@pytest.mark.parametrize("typed", ["8 am", "5 pm - 8 am", "8 - 25", "13 pm - 14 pm", "8:75 - 9", "8-12, 11-13", "x-y"])
def test_hours_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        hours.read_day(typed)


@pytest.mark.parametrize(
    "stored", [None, [[]] * 6, [[["08:00", "07:00"]]] + [[]] * 6, [[["08:60", "09:00"]]] + [[]] * 6]
)
def test_a_stored_week_that_is_none_is_refused(stored: object) -> None:
    with pytest.raises(ValueError):
        hours.read_week(stored)


def test_days_of_the_same_hours_stand_together() -> None:
    week = [hours.read_day(text) for text in ("8-17", "8-17", "", "8-12, 13-17", "8-17", "", "")]
    assert hours_text.of_week(Hours(tuple(week), EASTERN)) == (
        "Monday to Tuesday, 8 am to 5 pm; Thursday, 8 am to noon and 1 pm to 5 pm; Friday, 8 am to 5 pm Eastern"
    )


@pytest.mark.parametrize(
    ("line", "at", "said"),
    [
        (OFFICE, "2026-12-14 08:00", "abierto hasta las 8 p.m., hora del Este"),
        (OFFICE, "2026-12-14 07:59", "cerrado ahora, abre a las 8 a.m., hora del Este"),
        (OFFICE, "2026-12-14 20:00", "cerrado ahora, abre mañana a las 8 a.m., hora del Este"),
        (OFFICE, "2026-12-11 20:00", "cerrado ahora, abre el lunes a las 8 a.m., hora del Este"),
        (
            Hours((hours.read_day("8 am - 1 pm"),) * 7, EASTERN),
            "2026-12-14 09:00",
            "abierto hasta la 1 p.m., hora del Este",
        ),
        (
            Hours((hours.read_day("8 am - noon"),) * 7, EASTERN),
            "2026-12-14 09:00",
            "abierto hasta mediodía, hora del Este",
        ),
        (ALWAYS, "2026-12-25 03:00", "abierto a toda hora"),
    ],
)
def test_spanish_says_an_hour_with_its_article(line: Hours, at: str, said: str) -> None:
    with translation.override("es"):
        assert now(line, at) == said


def test_spanish_has_its_own_names_of_days() -> None:
    with translation.override("es"):
        assert hours_text.of_week(OFFICE) == "De lunes a viernes, de 8 a.m. a 8 p.m., hora del Este"
