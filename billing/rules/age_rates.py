"""Age rates: the federal curve since plan year 2018 (45 CFR 147.102), per member (PA, WV) or averaged (DE).

Ages are those at the plan year's start, or at entry for a person added later; a birthday in the year changes nothing.
"""

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from billing import money

ADULT_AGE = 21
CHARGED_CHILDREN = 3
YOUNGEST_BAND = 14  # 0 to 14
OLDEST_BAND = 64  # 64 and over

_FACTORS = """
    .765
    .833 .859 .885 .913 .941 .970
    1.000 1.000 1.000 1.000
    1.004 1.024 1.048 1.087 1.119
    1.135 1.159 1.183 1.198 1.214
    1.222 1.230 1.238 1.246 1.262
    1.278 1.302 1.325 1.357 1.397
    1.444 1.500 1.563 1.635 1.706
    1.786 1.865 1.952 2.040 2.135
    2.230 2.333 2.437 2.548 2.603
    2.714 2.810 2.873 2.952
    3.000
"""  # ages 0-14, 15-20, 21-24, then five a row, 64 and over

FEDERAL_CURVE: Mapping[int, Decimal] = {
    YOUNGEST_BAND + years: Decimal(factor) for years, factor in enumerate(_FACTORS.split())
}


@dataclass(frozen=True, slots=True)
class MemberRate:
    """`cents` is 0 for a child beyond the three oldest."""

    member: Hashable
    age: int
    cents: int
    charged: bool


@dataclass(frozen=True, slots=True)
class AverageRates:
    adult_cents: int
    child_cents: int


def age_on(birth_date: dt.date, day: dt.date) -> int:
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def band(age: int) -> int:
    """The key of an age in the curve and in price rows: 14 stands for 0 to 14, 64 for 64 and over."""
    return min(max(age, YOUNGEST_BAND), OLDEST_BAND)


def price_rows(base_cents: int, curve: Mapping[int, Decimal] = FEDERAL_CURVE) -> dict[int, int]:
    """Cents by age band from the base rate (that of age 21), each rounded once: what is loaded as price rows."""
    return {age: money.times(base_cents, factor) for age, factor in curve.items()}


def member_rates(
    prices: Mapping[int, int], members: Iterable[tuple[Hashable, int]], charged_children: int | None = CHARGED_CHILDREN
) -> list[MemberRate]:
    """Each covered member's (key, age) rate in the order given. Everyone of 21 and over is charged; of those under 21
    only the three oldest (`charged_children` None: all, as in dental products).
    """
    people = list(members)
    children = sorted((index for index, (_, age) in enumerate(people) if age < ADULT_AGE), key=lambda i: -people[i][1])
    free = set(children[charged_children:]) if charged_children is not None else set()
    return [
        MemberRate(member, age, 0 if index in free else prices[band(age)], index not in free)
        for index, (member, age) in enumerate(people)
    ]


def family_cents(prices: Mapping[int, int], ages: Sequence[int]) -> int:
    """What a family costs a month: the sum of rates that were rounded one by one."""
    return sum(rate.cents for rate in member_rates(prices, enumerate(ages)))


def average_rates(prices: Mapping[int, int], families: Iterable[Sequence[int]]) -> AverageRates:
    """Delaware: a group's average per adult and per *charged* child, made at issue and at renewal only, so that the
    total is that of the list bill. `families` are ages at the plan year's start; 0 where the group has no such member.
    """
    rates = [rate for ages in families for rate in member_rates(prices, enumerate(ages)) if rate.charged]
    return AverageRates(
        _average([rate.cents for rate in rates if rate.age >= ADULT_AGE]),
        _average([rate.cents for rate in rates if rate.age < ADULT_AGE]),
    )


def average_family_cents(rates: AverageRates, ages: Sequence[int]) -> int:
    """What a family costs at the group's averages, whatever the exact ages (a hire of 63 pays the adult average)."""
    adults = sum(age >= ADULT_AGE for age in ages)
    return adults * rates.adult_cents + min(len(ages) - adults, CHARGED_CHILDREN) * rates.child_cents


def _average(cents: Sequence[int]) -> int:
    return money.half_up(Fraction(sum(cents), len(cents))) if cents else 0
