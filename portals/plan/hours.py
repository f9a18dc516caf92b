"""When a telephone is answered: a week of opening hours in a time zone, and whether it is open at an instant. Pure:
the instant and the plan's closings are passed in.

A week is seven days, Monday first; a day is a list of spans `["08:00", "20:00"]` in the wall time of the zone, the end
not included. "24:00" is midnight after the day; a line open past midnight has a span on both days, and they join.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from portals.plan.periods import is_bank_holiday

Span = tuple[int, int]  # minutes since midnight
Day = tuple[Span, ...]

MIDNIGHT = 24 * 60
AHEAD = 21  # days looked at for the next opening: longer than any closing
ROUND_THE_CLOCK = [[["00:00", "24:00"]]] * 7
_TIME = re.compile(r"^(\d{1,2})(?::(\d{2}))?\s*([ap])?\.?\s*(?:m\.?)?$")
_NAMED = {"noon": 12 * 60, "mediodía": 12 * 60, "midnight": MIDNIGHT, "medianoche": MIDNIGHT}


@dataclass(frozen=True, slots=True)
class Hours:
    """`holidays_off`: closed on banking holidays and on the plan's own closings."""

    week: tuple[Day, ...]
    zone: ZoneInfo
    holidays_off: bool = True

    @property
    def known(self) -> bool:
        return any(self.week)

    @property
    def round_the_clock(self) -> bool:
        return not self.holidays_off and all(day == ((0, MIDNIGHT),) for day in self.week)


@dataclass(frozen=True, slots=True)
class State:
    """`until` is the next change, in the line's own zone: closing while open, opening while closed. None: open at any
    hour, or closed with no opening in sight."""

    is_open: bool
    now: dt.datetime
    until: dt.datetime | None


def state(hours: Hours, *, at: dt.datetime, closings: Collection[dt.date] = ()) -> State:
    """Open or closed at that instant, and when that changes."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    here = at.astimezone(hours.zone)
    if hours.round_the_clock:
        return State(True, here, None)
    for begins, ends in _openings(hours, here.date(), closings):
        # Compared as instants: two wall times of one zone would be compared by their figures, wrong around a DST step.
        if ends.astimezone(dt.UTC) <= at:
            continue
        if begins.astimezone(dt.UTC) <= at:
            return State(True, here, ends)
        return State(False, here, begins)
    return State(False, here, None)


def _openings(hours: Hours, day: dt.date, closings: Collection[dt.date]) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    """Openings from the day before on, in order; two that touch at midnight are one."""
    held: tuple[dt.datetime, dt.datetime] | None = None
    for ahead in range(-1, AHEAD):
        candidate = day + dt.timedelta(days=ahead)
        if hours.holidays_off and (is_bank_holiday(candidate) or candidate in closings):
            continue
        for first, last in hours.week[candidate.weekday()]:
            begins, ends = _instant(candidate, first, hours.zone), _instant(candidate, last, hours.zone)
            if held is not None and held[1] == begins:
                held = (held[0], ends)
                continue
            if held is not None:
                yield held
            held = (begins, ends)
    if held is not None:
        yield held


def _instant(day: dt.date, minutes: int, zone: ZoneInfo) -> dt.datetime:
    days, minutes = divmod(minutes, MIDNIGHT)
    return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(minutes // 60, minutes % 60), tzinfo=zone)


# As stored and as typed ---------------------------------------------------------------------------------------------


def read_week(stored: Any) -> tuple[Day, ...]:
    """A stored week; ValueError for what is none."""
    if not isinstance(stored, list) or len(stored) != 7:
        raise ValueError("a week has seven days")
    return tuple(_checked(tuple((_clock(first), _clock(last)) for first, last in day)) for day in stored)


def write_week(week: Collection[Day]) -> list[list[list[str]]]:
    return [[[f"{minute // 60:02}:{minute % 60:02}" for minute in span] for span in day] for day in week]


def read_day(text: str) -> Day:
    """Typed hours of one day: "8 am - 5:30 pm", "8:00-12:00, 13:00-17:00", nothing for a closed day. ValueError."""
    spans = []
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        ends = re.split(r"\s*(?:-|–|\bto\b|\ba\b(?!\s*\.?\s*m))\s*", part.lower())
        if len(ends) != 2:
            raise ValueError(part)
        spans.append((_typed(ends[0]), _typed(ends[1])))
    return _checked(tuple(spans))


def write_day(day: Day) -> str:
    """As a person types it: "8:00 am - 5:30 pm"."""
    return ", ".join(f"{_twelve(first)} - {_twelve(last)}" for first, last in day)


def _checked(day: Day) -> Day:
    ends = [minute for span in day for minute in span]
    if any(later <= earlier for earlier, later in itertools.pairwise(ends)) or (ends and ends[-1] > MIDNIGHT):
        raise ValueError("a day's hours go forward")
    return day


def _clock(text: str) -> int:
    hour, _, minute = text.partition(":")
    if int(minute) >= 60:
        raise ValueError(text)
    return int(hour) * 60 + int(minute)


def _typed(text: str) -> int:
    if text in _NAMED:
        return _NAMED[text]
    found = _TIME.match(text)
    if found is None:
        raise ValueError(text)
    hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
    if minute >= 60 or hour > (12 if half else 24) or (half and not hour):
        raise ValueError(text)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return hour * 60 + minute


def _twelve(minutes: int) -> str:
    if minutes == MIDNIGHT:
        return "midnight"
    hour, minute = divmod(minutes, 60)
    return f"{hour % 12 or 12}:{minute:02} {'am' if hour < 12 else 'pm'}"
