"""Rules that look for what a privacy officer should look into: what each seeks, why, and with which limits. Pure: how
the ledger is read for them stands with whoever registers them (`portals.privacy.alerts.ledger_sql`, and the floors
above).

A rule says that something was seen, never that it was wrong.
"""

from __future__ import annotations

import datetime as dt
import statistics
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from portals.plan import hours
from portals.plan.periods import PLAN_ZONE

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Number:
    """A limit that is a whole number between `least` and `most`, both included."""

    name: str
    label: Any
    default: int
    least: int = 1
    most: int = 100_000


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Hours of a day as people type them, "7 am - 8 pm"; nothing is a closed day."""

    name: str
    label: Any
    default: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a rule saw of one user or party. `key` is its natural key below the rule: the same cause has the same key,
    whenever and however often it is looked for. `events` are ids in the ledger with their instants."""

    key: str
    user_id: int | None
    party: str
    portal: str
    subject: tuple[str, int] | None
    amount: int
    detail: Mapping[str, Any]
    events: Sequence[tuple[int, dt.datetime]]

    @property
    def first_at(self) -> dt.datetime:
        return min(at for _id, at in self.events)

    @property
    def last_at(self) -> dt.datetime:
        return max(at for _id, at in self.events)


Find = Callable[[Values], list[Found]]


@dataclass(frozen=True, slots=True)
class Rule:
    """`seen` says an alert in one sentence, with the names of its figures: `amount` and what `detail` holds."""

    code: str
    title: Any
    seeks: Any
    why: Any
    seen: Any
    parameters: Sequence[Number | OpenHours]
    find: Find
    group: Literal["amount", "person", "time", "access"]

    @property
    def defaults(self) -> dict[str, Any]:
        return {each.name: each.default for each in self.parameters}


def is_off_hours(at: dt.datetime, week: Sequence[hours.Day], closings: Collection[dt.date]) -> bool:
    """Is the plan closed at that instant: outside the week's hours (Monday first, the end not included), on a bank
    holiday or on one of its own closings?"""
    return not hours.state(hours.Hours(tuple(week), PLAN_ZONE), at=at, closings=closings).is_open


def week_of(values: Values) -> tuple[hours.Day, ...]:
    """Seven days from the hours of weekdays, Saturday and Sunday. Raises ValueError for what are no hours."""
    weekday = hours.read_day(values["weekday"])
    return (*[weekday] * 5, hours.read_day(values["saturday"]), hours.read_day(values["sunday"]))


def usual(history: Sequence[int]) -> float:
    """The median of the days on which there was anything; 0 without any."""
    days = [count for count in history if count]
    return float(statistics.median(days)) if days else 0.0


def is_unusual(count: int, history: Sequence[int], *, factor: int, least: int) -> bool:
    """At least `least`, and at least `factor` times the usual day. Both included."""
    return count >= least and count >= factor * usual(history)
