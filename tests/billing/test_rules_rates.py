"""Tiers (F2) and age rates (F5) as given."""

import datetime as dt

import pytest

from billing.enums import Tier
from billing.rules import age_rates, tiers

PA = age_rates.price_rows(412_36)
DE = age_rates.price_rows(400_00)


@pytest.mark.parametrize(
    ("relationships", "tier"),
    [
        (["18"], Tier.SINGLE),
        (["18", "01"], Tier.COUPLE),
        (["18", "53"], Tier.COUPLE),
        (["18", "19"], Tier.PARENT),
        (["18", "19", "19", "19", "19"], Tier.PARENT),
        (["18", "01", "19"], Tier.FAMILY),
        (["53", "19", "19", "19", "19"], Tier.FAMILY),
    ],
)
def test_the_tier_follows_from_who_is_covered(relationships: list[str], tier: Tier) -> None:
    assert tiers.tier_of(relationships) is tier


def test_new_york_factors_give_the_filed_amounts() -> None:
    filed = {Tier.SINGLE: 812_37, Tier.COUPLE: 1_624_74, Tier.PARENT: 1_381_03, Tier.FAMILY: 2_315_25}
    assert tiers.by_factor(812_37) == filed
    assert sum(filed.values()) == 6_133_39
    assert tiers.check_filed(filed) == []
    assert tiers.by_factor(771_04) == {
        Tier.SINGLE: 771_04,
        Tier.COUPLE: 1_542_08,
        Tier.PARENT: 1_310_77,
        Tier.FAMILY: 2_197_46,
    }


def test_a_filed_amount_that_is_off_is_shown_and_stays() -> None:
    filed = {Tier.SINGLE: 812_37, Tier.COUPLE: 1_624_74, Tier.PARENT: 1_381_02, Tier.FAMILY: 2_315_25}
    assert tiers.check_filed(filed) == [tiers.TierDifference(Tier.PARENT, 1_381_02, 1_381_03)]


def test_the_curve_has_every_age_and_the_published_points() -> None:
    curve = age_rates.FEDERAL_CURVE
    assert list(curve) == list(range(14, 65))
    points = {14: ".765", 15: ".833", 20: ".970", 21: "1.000", 24: "1.000", 25: "1.004", 29: "1.119", 30: "1.135",
              35: "1.222", 40: "1.278", 45: "1.444", 50: "1.786", 55: "2.230", 60: "2.714", 63: "2.952",
              64: "3.000"}  # fmt: skip
    assert {age: str(curve[age]).lstrip("0") for age in points} == points
    assert (age_rates.band(0), age_rates.band(14), age_rates.band(63), age_rates.band(90)) == (14, 14, 63, 64)


def test_a_family_of_the_age_rates_member_by_member() -> None:
    rates = age_rates.member_rates(PA, zip("abcdef", [45, 43, 19, 16, 12, 9], strict=True))
    assert [rate.cents for rate in rates] == [595_45, 559_57, 388_03, 354_22, 315_46, 0]
    assert [rate.member for rate in rates if not rate.charged] == ["f"]


@pytest.mark.parametrize(
    ("ages", "monthly"),
    [
        ([45, 43, 19, 16, 12, 9], 2_212_73),
        ([45, 43, 19, 16, 12], 2_212_73),  # the 9-year-old leaves
        ([45, 43, 19, 16, 12, 9, 0], 2_212_73),  # a fifth child is born
        ([45, 43, 16, 12, 9], 2_140_16),  # the 19-year-old leaves
        ([45, 43, 22, 19, 16, 12, 9], 2_625_09),  # a child of 22 is an adult for the cap
        ([46, 44, 20, 17, 13, 10], 2_275_00),
        ([47, 45, 21, 18, 14, 11], 2_659_73),
    ],
)
def test_the_three_oldest_under_21_are_charged(ages: list[int], monthly: int) -> None:
    assert age_rates.family_cents(PA, ages) == monthly
    assert age_rates.family_cents(PA, list(reversed(ages))) == monthly


def test_without_a_cap_every_child_is_charged() -> None:
    rates = age_rates.member_rates(PA, enumerate([45, 43, 19, 16, 12, 9]), charged_children=None)
    assert sum(rate.cents for rate in rates) == 2_212_73 + 315_46


def test_delaware_averages_keep_the_list_bill() -> None:
    families = [[45, 43, 16, 9], [28], [60]]
    assert [DE[age_rates.band(age)] for age in (45, 43, 28, 60, 16, 9)] == [
        577_60,
        542_80,
        434_80,
        1_085_60,
        343_60,
        306_00,
    ]
    averages = age_rates.average_rates(DE, families)
    assert averages == age_rates.AverageRates(adult_cents=660_20, child_cents=324_80)
    bills = [age_rates.average_family_cents(averages, ages) for ages in families]
    assert bills == [1_970_00, 660_20, 660_20]
    assert sum(bills) == 3_290_40 == sum(age_rates.family_cents(DE, ages) for ages in families)
    assert age_rates.average_family_cents(averages, [63]) == 660_20  # a hire in May
    assert age_rates.average_family_cents(averages, [40, 15, 12, 9, 3]) == 660_20 + 3 * 324_80


def test_an_age_is_that_of_the_day() -> None:
    born = dt.date(2006, 1, 2)
    assert age_rates.age_on(born, dt.date(2027, 1, 1)) == 20
    assert age_rates.age_on(born, dt.date(2027, 1, 2)) == 21
    assert age_rates.age_on(dt.date(2004, 2, 29), dt.date(2027, 2, 28)) == 22
