"""What a contract's coverage means for billing: the reference in plain Python for the SQL of `billable_segments`."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from billing.rules import tiers
from portals.plan.periods import Period

SUBSCRIBER_SUFFIX = "01"


@dataclass(frozen=True, slots=True)
class Covered:
    """One coverage row of a contract. `account` is where its package bills it (COBRA already decided)."""

    line: str
    suffix: str
    relationship: str
    product: int
    account: int
    period: Period


@dataclass(frozen=True, slots=True)
class CoverageStretch:
    """Days on which everything that a bill depends on stays the same."""

    line: str
    product: int
    account: int
    price_key: str
    members_count: int
    period: Period


def stretches(rows: Sequence[Covered]) -> list[CoverageStretch]:
    """Billable stretches of one contract, by line and day. Who leads the contract on a day, the subscriber or else the
    lowest suffix, decides product and account; everyone covered decides tier and count."""
    found: list[CoverageStretch] = []
    for line in sorted({row.line for row in rows}):
        of_line = [row for row in rows if row.line == line]
        for period in _spans(row.period for row in of_line):
            held = sorted((r for r in of_line if r.period.covers(period.start)), key=lambda row: row.suffix)
            if not held:
                continue
            tier = tiers.tier_of([row.relationship for row in held])
            stretch = CoverageStretch(line, held[0].product, held[0].account, tier.value, len(held), period)
            last = found[-1] if found else None
            if last and last.period.end == period.start and replace(last, period=period) == stretch:
                found[-1] = replace(last, period=Period(last.period.start, period.end))
            else:
                found.append(stretch)
    return found


def _spans(periods: Iterable[Period]) -> list[Period]:
    """The pieces between all starts and ends, in order; the last is open when a period is."""
    points: set[dt.date] = set()
    is_open = False
    for period in periods:
        points.add(period.start)
        if period.end is None:
            is_open = True
        else:
            points.add(period.end)
    ordered = sorted(points)
    ends: list[dt.date | None] = [*ordered[1:]]
    if is_open:
        ends.append(None)
    return [Period(start, end) for start, end in zip(ordered, ends, strict=False)]
