"""Opening hours in the reader's language. Derived from the data alone, so that words and data cannot differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, npgettext, pgettext

from portals.plan.hours import MIDNIGHT, Day, Hours, State

ZONES: dict[str, Any] = {
    "America/New_York": gettext_lazy("Eastern"),
    "America/Chicago": gettext_lazy("Central"),
    "America/Denver": gettext_lazy("Mountain"),
    "America/Phoenix": gettext_lazy("Mountain, standard time all year"),
    "America/Los_Angeles": gettext_lazy("Pacific"),
    "America/Anchorage": gettext_lazy("Alaska"),
    "Pacific/Honolulu": gettext_lazy("Hawaii"),
}


def of_week(hours: Hours) -> str:
    """ "Monday to Friday, 8 am to 11 pm; Saturday, 8 am to 5 pm Eastern". Nothing while no hours are entered."""
    if not hours.known:
        return ""
    if all(day == ((0, MIDNIGHT),) for day in hours.week):
        words = _("24 hours a day, 7 days a week")
        return words if not hours.holidays_off else _("%(hours)s, except holidays") % {"hours": words}
    parts = [
        _("%(days)s, %(hours)s") % {"days": _days(first, last), "hours": _spans(spans)}
        for first, last, spans in _runs(hours.week)
    ]
    return capfirst(_in_zone("; ".join(parts), hours))


def of_state(hours: Hours, state: State) -> str:
    """ "open until 8 pm Eastern", "closed now, opens Monday 8 am Eastern"."""
    if state.is_open and state.until is None:
        return _("open at any hour")
    if state.is_open:
        return _("open until %(time)s") % {"time": _in_zone(_closing(state), hours)}
    if state.until is None:
        return _("closed now")
    return _("closed now, opens %(time)s") % {"time": _in_zone(_opening(state), hours)}


def _in_zone(time: str, hours: Hours) -> str:
    return _("%(time)s %(zone)s") % {"time": time, "zone": ZONES.get(hours.zone.key, hours.zone.key)}


def _closing(state: State) -> str:
    assert state.until is not None
    last = state.until - dt.timedelta(minutes=1)
    time = _in_sentence((last.hour * 60 + last.minute) + 1)
    return time if last.date() == state.now.date() else _on_day(last.date(), time, state)


def _opening(state: State) -> str:
    assert state.until is not None
    time = _in_sentence(state.until.hour * 60 + state.until.minute)
    return (
        _("at %(time)s") % {"time": time}
        if state.until.date() == state.now.date()
        else _on_day(state.until.date(), time, state)
    )


def _on_day(day: dt.date, time: str, state: State) -> str:
    away = (day - state.now.date()).days
    if away == 1:
        return _("tomorrow %(time)s") % {"time": time}
    name = str(WEEKDAYS[day.weekday()])
    if away < 7:
        return _("%(weekday)s %(time)s") % {"weekday": name, "time": time}
    written = date_format(day, pgettext("date format without year", "M j"))
    return _("%(weekday)s, %(day)s, %(time)s") % {"weekday": name, "day": written, "time": time}


def clock(minutes: int) -> str:
    """A time of day: 8 am, 5:30 pm, noon, midnight."""
    if minutes == MIDNIGHT:
        return _("midnight")
    if minutes == MIDNIGHT // 2:
        return _("noon")
    hour, minute = divmod(minutes, 60)
    half = pgettext("before noon", "am") if hour < 12 else pgettext("after noon", "pm")
    return f"{hour % 12 or 12}{f':{minute:02}' if minute else ''} {half}"


def _in_sentence(minutes: int) -> str:
    """As `clock`, with the article that an hour has in Spanish: la 1 p.m., las 8 p.m., but mediodía."""
    time = clock(minutes)
    if minutes in (MIDNIGHT, MIDNIGHT // 2):
        return time
    hour = minutes // 60 % 12
    return npgettext("an hour within a sentence", "%(time)s", "%(time)s", hour) % {"time": time}


def _spans(day: Day) -> str:
    if day == ((0, MIDNIGHT),):
        return _("24 hours")
    spans = [_("%(first)s to %(last)s") % {"first": clock(first), "last": clock(last)} for first, last in day]
    return _(" and ").join(spans)


def _days(first: int, last: int) -> str:
    if first == last:
        return str(WEEKDAYS[first])
    return _("%(first)s to %(last)s") % {"first": WEEKDAYS[first], "last": WEEKDAYS[last]}


def _runs(week: tuple[Day, ...]) -> Iterator[tuple[int, int, Day]]:
    """Neighboring days of the same hours; closed days are left out."""
    first = 0
    for day in range(1, 8):
        if day == 7 or week[day] != week[first]:
            if week[first]:
                yield first, day - 1, week[first]
            first = day
