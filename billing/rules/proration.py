"""What a month costs for one contract, and the retro line that repairs what was billed before.

This is the reference: readable, slow, and the measure of the bill run's SQL.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from billing import money
from billing.enums import Proration
from portals.plan import periods


@dataclass(frozen=True, slots=True)
class CoveredSegment:
    """A stretch of one contract's coverage: half-open, one product and price key (tier or rate), one bill account.

    `line` is the line of coverage (medical, dental): continuity runs within it, across products and accounts.
    """

    start: dt.date
    end: dt.date | None
    product: str
    price_key: str
    line: str
    account: str

    @property
    def period(self) -> periods.Period:
        return periods.Period(self.start, self.end)


class BilledKey(NamedTuple):
    """What retro compares for one contract. The account is part of it: a move is a credit here and a charge there."""

    account: str
    product: str
    month: dt.date


@dataclass(frozen=True, slots=True)
class Charge:
    account: str
    product: str
    price_key: str
    line: str
    month: dt.date
    cents: int

    @property
    def key(self) -> BilledKey:
        return BilledKey(self.account, self.product, self.month)


@dataclass(frozen=True, slots=True)
class RetroLine:
    """`cents` is `recomputed_cents` minus `billed_cents`, never zero."""

    account: str
    product: str
    month: dt.date
    cents: int
    billed_cents: int
    recomputed_cents: int


class OverlapError(ValueError):
    """Two segments of one contract and line hold on the same day; the account is parked, not billed."""


PriceOf = Callable[[CoveredSegment, dt.date], int]
"""Cents of a full month: the segment and the month's first day, priced at the rate of that month's plan year."""


def charge_for_month(
    segments: Sequence[CoveredSegment], month: dt.date, method: Proration, price_of: PriceOf
) -> list[Charge]:
    """The charges of one contract for the month of `month`, one per line of coverage (per price under `DAILY`).

    `FIFTEENTH`: in full if the line is covered on both the 15th and the 16th, by whatever segments; the segment of the
    15th gives product, price and account. `DAILY`: rate x days / days in the month, rounded once per price. `NONE`:
    every touched month in full, at what held on its first covered day.
    """
    whole = periods.month_of(month)
    by_line: dict[str, list[CoveredSegment]] = defaultdict(list)
    for segment in segments:
        if segment.period.overlaps(whole) and (segment.end is None or segment.start < segment.end):
            by_line[segment.line].append(segment)
    charges: list[Charge] = []
    for line in sorted(by_line):
        held = sorted(by_line[line], key=lambda segment: segment.start)
        if any(one.period.overlaps(other.period) for one, other in pairwise(held)):
            raise OverlapError(line)
        if method is Proration.DAILY:
            charges += _daily(held, whole.start, price_of)
        elif method is Proration.NONE:
            charges.append(_in_full(held[0], whole.start, price_of))
        else:
            charges += _fifteenth(held, whole.start, price_of)
    return charges


def retro_lines(recomputed: Iterable[Charge], billed: Mapping[BilledKey, int]) -> list[RetroLine]:
    """Months recomputed as known now minus what was already billed for the same contract; nothing where they agree.

    Pass every month that is open to repair: a billed key that is not recomputed is taken back whole.
    """
    now: dict[BilledKey, int] = defaultdict(int)
    for charge in recomputed:
        now[charge.key] += charge.cents
    lines = []
    for key in sorted(now.keys() | billed.keys(), key=lambda key: (key.month, key.account, key.product)):
        before, after = billed.get(key, 0), now.get(key, 0)
        if before != after:
            lines.append(RetroLine(*key, cents=after - before, billed_cents=before, recomputed_cents=after))
    return lines


def _in_full(segment: CoveredSegment, month: dt.date, price_of: PriceOf) -> Charge:
    cents = price_of(segment, month)
    return Charge(segment.account, segment.product, segment.price_key, segment.line, month, cents)


def _fifteenth(held: Sequence[CoveredSegment], month: dt.date, price_of: PriceOf) -> list[Charge]:
    fifteenth = month.replace(day=15)
    on_15th = [segment for segment in held if segment.period.covers(fifteenth)]
    on_16th = [segment for segment in held if segment.period.covers(month.replace(day=16))]
    return [_in_full(on_15th[0], month, price_of)] if on_15th and on_16th else []


def _daily(held: Sequence[CoveredSegment], month: dt.date, price_of: PriceOf) -> list[Charge]:
    whole = periods.month_of(month)
    assert whole.end is not None
    days: dict[tuple[str, str, str, int], int] = defaultdict(int)
    line = held[0].line
    for segment in held:
        until = whole.end if segment.end is None else min(segment.end, whole.end)
        key = (segment.account, segment.product, segment.price_key, price_of(segment, month))
        days[key] += (until - max(segment.start, whole.start)).days
    days_of = periods.days_in_month(month)
    return [
        Charge(account, product, price_key, line, month, money.prorate(price, count, days_of))
        for (account, product, price_key, price), count in days.items()
    ]
